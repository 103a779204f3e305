"""Styles, scripts, fonts and pictures: complete, hashed, light, nothing inline (the security policy is strict)."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
OWN_CSS = sorted((STATIC / "css").glob("*.css"))
PAGES = [
    path
    for folder in (ROOT / "templates", *ROOT.glob("*/templates"), *ROOT.glob("peerhub/*/templates"))
    for path in folder.rglob("*.html")
    if "emails" not in path.parts
]
MANIFEST = {
    "default": settings.STORAGES["default"],
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
INLINE = {
    "a style attribute": r"<[a-z][^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "a script of its own": r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/)",
    "an event attribute": r"<[a-z][^>]*\son[a-z]+\s*=",
    "a script address": r"javascript:",
    "a data address": r"(?:src|href)\s*=\s*[\"']data:",
    "hx-on": r"hx-on[:=]",
}


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Iterator[Path]:
    """Every static file as production serves it: named by its content."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STORAGES=MANIFEST, STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


def test_collectstatic_names_every_file_by_its_content(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    for wanted in ("css/tokens.css", "js/peerhub.js", "vendor/bootstrap/bootstrap.min.css"):
        assert names[wanted] != wanted
        assert (collected / names[wanted]).is_file()


@pytest.mark.parametrize("path", OWN_CSS, ids=lambda path: path.name)
def test_every_address_in_our_styles_is_a_file(path):
    addresses = re.findall(r"url\(\s*[\"']?([^\"')]+)", path.read_text())
    assert [address for address in addresses if not (path.parent / address).is_file()] == []
    assert not any(address.startswith("data:") for address in addresses)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_style_or_script(path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert [what for what, pattern in INLINE.items() if re.search(pattern, text, re.IGNORECASE)] == []


def test_styles_use_logical_directions():
    """Left and right turn around in Arabic; inline-start and inline-end do it by themselves."""
    physical = re.compile(r"[;{\s](?:margin|padding|border|inset)?-?(?:left|right)\s*:|text-align:\s*(?:left|right)")
    assert [path.name for path in OWN_CSS if physical.search(path.read_text())] == []


def test_vendored_files_bring_their_licence_and_no_source_map():
    for folder in filter(Path.is_dir, (STATIC / "vendor").iterdir()):
        assert (folder / "LICENSE").is_file()
        assert not any("sourceMappingURL" in path.read_text() for path in folder.glob("*.*s"))
    assert (ROOT / "peerhub/common/icons/LICENSE").is_file()
    assert len(list((STATIC / "fonts").glob("OFL-*.txt"))) == 2


@pytest.mark.django_db
def test_first_visit_weighs_less_than_100_kb_without_fonts_and_pictures(collected, settings):
    settings.STORAGES, settings.STATIC_ROOT = MANIFEST, collected
    request = RequestFactory().get("/")
    html = render_to_string("404.html", request=request)
    names = re.findall(r"(?:href|src)=\"/static/([^\"]+\.(?:css|js))\"", html)
    assert len(names) >= 8
    weight = len(gzip.compress(html.encode())) + sum(
        len(gzip.compress((collected / name).read_bytes())) for name in names
    )
    assert weight < 75_000  # leaves 25 kB for what the page itself says


def test_scripts_and_styles_are_of_a_readable_length():
    longest = {path.name: path.read_text().count("\n") for path in (*OWN_CSS, STATIC / "js/peerhub.js")}
    assert {name: lines for name, lines in longest.items() if lines > 400} == {}
