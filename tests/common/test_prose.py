"""Markdown that people write: readable, and nothing in it runs."""

import pytest

from peerhub.common.prose import prose


def test_prose_reads_headings_lists_and_links():
    html = prose("# One\n\nSome *words*.\n\n### Two\n\n- a\n- b\n\n[Wellbeing](https://example.org/help)")
    assert "<h2>One</h2>" in html
    assert "<h3>Two</h3>" in html
    assert "<em>words</em>" in html
    assert "<li>a</li>" in html
    assert '<a href="https://example.org/help" rel="noopener noreferrer nofollow">Wellbeing</a>' in html


def test_prose_starts_at_the_level_of_its_page():
    assert "<h4>One</h4>" in prose("## One", 4)
    assert "<h6>Six</h6>" in prose("# a\n## b\n### c\n#### d\n##### e\n###### Six", 3)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/spy.gif)",
        '<a href="x" onclick="y">z</a>',
        "[x](<java\tscript:alert(1)>)",
    ],
)
def test_prose_runs_nothing(attack):
    html = prose(attack).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert "<a onclick" not in html
    assert not ("onclick=" in html and "<a href=" in html)


def test_prose_of_nothing_is_nothing():
    assert prose("") == prose(None) == ""
