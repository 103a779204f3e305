"""What the documents promise exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_FOR_OPERATORS = {"PORT", "HOST"}


def test_every_variable_is_in_the_operators_table_and_nothing_else() -> None:
    source = (ROOT / "peerhub" / "settings.py").read_text()
    read = set(re.findall(r'env(?:_flag|_list)?\(\s*"([A-Z_]+)"', source))
    table = (ROOT / "docs" / "operations.md").read_text().partition("## Environment variables")[2].partition("\n## ")[0]
    told = {
        name
        for line in table.splitlines()
        for name in re.findall(r"`([A-Z_]{4,})`", line.split("|")[1] if "|" in line else "")
    }
    assert told == read


def test_make_has_the_commands_of_the_readme() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "lint", "bench"} <= targets
    for command in re.findall(r"`?make (\w+)", (ROOT / "README.md").read_text()):
        assert command in targets


def test_every_document_named_in_the_readme_exists() -> None:
    for name in re.findall(r"\b(?:docs/[\w./-]+\.md|[A-Z]+\.md)", (ROOT / "README.md").read_text()):
        assert (ROOT / name).exists(), name
