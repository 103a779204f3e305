"""Rules of the house that no linter knows. Each names what it found, so that mending is a minute's work."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
APPS = ("peerhub", "programmes", "training", "recognition", "safeguarding", "evaluation")
TOP = {
    "manage.py", "peerhub", "programmes", "training", "recognition", "safeguarding", "evaluation", "templates",
    "static", "tests", "docs", "pyproject.toml", "docker-compose.yml", "README.md", "requirements.txt",
    "requirements-dev.txt",
    "Dockerfile", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md", "Makefile", "locale", ".ci", ".gitignore", ".git",
    ".pre-commit-config.yaml",
}  # fmt: skip
GENERATED = {".venv", "var", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
             ".hypothesis", ".coverage", "__pycache__", ".grimp_cache"}  # fmt: skip


def sources() -> Iterator[tuple[str, ast.Module, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text()
                yield str(path.relative_to(ROOT)), ast.parse(text), text


SOURCES = list(sources())


def found(pattern: str, *, allowed: tuple[str, ...] = ()) -> list[str]:
    """Lines of our own code that match, outside the allowed files."""
    matcher = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()}"
        for name, _tree, text in SOURCES
        if not name.startswith(allowed or ("\0",))
        for number, line in enumerate(text.splitlines(), 1)
        if matcher.search(line) and not line.lstrip().startswith("#")
    ]


def test_the_top_level_holds_only_what_it_may():
    strange = {path.name for path in ROOT.iterdir()} - TOP - GENERATED
    assert not strange


def test_no_file_is_longer_than_400_lines():
    long = [f"{name}: {len(text.splitlines())}" for name, _tree, text in SOURCES if len(text.splitlines()) > 400]
    assert not [line for line in long if not line.startswith("peerhub/settings.py")]


def test_no_function_is_longer_than_45_lines():
    long = [
        f"{name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1}"
        for name, tree, _text in SOURCES
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno + 1 > 45
    ]
    assert not long


def test_no_template_is_longer_than_160_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "templates").rglob("*.html")
        if (lines := len(path.read_text().splitlines())) > 160
    }
    assert not long


def test_no_model_overrides_save_and_nobody_listens_to_signals():
    saves = [
        f"{name}:{node.lineno} {owner.name}.save"
        for name, tree, _text in SOURCES
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef) and "/models/" in name
        for node in owner.body
        if isinstance(node, ast.FunctionDef) and node.name == "save"
    ]
    assert not saves
    assert not found(r"\b(post_save|pre_save|post_delete|pre_delete|m2m_changed)\b")


def test_nothing_is_imported_inside_a_function():
    inside = [
        f"{name}:{inner.lineno}"
        for name, tree, text in SOURCES
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
        # Heavy libraries load when they are used: openpyxl alone costs 20 MB a process (docs/adr).
        and "noqa: PLC0415" not in text.splitlines()[inner.lineno - 1]
    ]
    assert not inside


def test_only_the_doorbell_talks_to_celery():
    assert not found(
        r"\.delay\(|apply_async\(|send_task\(",
        allowed=("peerhub/common/mail/", "peerhub/common/doorbell", "peerhub/common/watchdog"),
    )
    assert not found(r"\b(countdown|eta)=")


def test_nobody_trusts_text_as_html_but_the_ui_floor():
    assert not found(r"\bmark_safe\(|SafeString\(", allowed=("peerhub/common/",))
    unsafe = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "templates").rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\|\s*safe\b|autoescape off", line)
    ]
    assert not unsafe


def test_csrf_is_only_waived_for_one_click_unsubscribe():
    assert len({line.split(":")[0] for line in found(r"@csrf_exempt")}) <= 1


def test_the_clock_is_read_at_the_edges_only():
    edges = re.compile(r"/(views|tasks|management|admin|middleware|build|adapter|run|beats?|demo|context)")
    inside = [line for line in found(r"timezone\.now\(\)|datetime\.now\(") if not edges.search(line.split(":")[0])]
    allowed = (
        "peerhub/common/mail/",
        "peerhub/common/watchdog.py",
        "peerhub/common/dates.py",
        "peerhub/accounts/models/users.py",
    )
    assert not [line for line in inside if not line.startswith(allowed)]


def test_models_keep_no_default_ordering():
    ours = [model for model in apps.get_models() if model.__module__.startswith(APPS)]
    assert not [model._meta.label for model in ours if model._meta.ordering]


def test_every_char_field_knows_no_null():
    """Two ways to say nothing are one too many; e-mail is the exception, where "" could not be unique."""
    both = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith(APPS)
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField) and field.null
    ]
    assert set(both) <= {"accounts.User.email"}


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "coming soon", "lorem ipsum", "raise NotImplementedError"])
def test_nothing_is_left_for_later(word):
    pages = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    hits = found(rf"\b{word}\b")
    anyhow = 0 if word.isupper() else re.IGNORECASE  # "todo" is a kind of tag
    hits += [str(path.relative_to(ROOT)) for path in pages if re.search(rf"\b{word}\b", path.read_text(), anyhow)]
    assert not hits
