"""Filling patterns: the same as Django's format_html, whatever is put in."""

from typing import Any

from django.utils.functional import lazystr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.html import fill, fill_each


class Drawn:
    """Something that knows its own markup, as a form field does."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __html__(self) -> str:
        return f"<i>{self.words}</i>"


WORDS = st.text(alphabet=st.sampled_from("ab <>&\"'{}%é"), max_size=12)
PARTS = st.one_of(
    WORDS,
    WORDS.map(mark_safe),
    WORDS.map(lazystr),
    WORDS.map(lambda words: format_lazy("{}", words.replace("{", "").replace("}", ""))),
    WORDS.map(Drawn),
    st.integers(),
    st.none(),
)


@given(st.lists(PARTS, min_size=3, max_size=3))
def test_a_pattern_is_filled_as_django_would(parts: list[Any]) -> None:
    pattern = '<a title="{2}" href="{0}">{1}</a>'
    assert fill(pattern, *parts) == format_html(pattern, *parts)


@given(st.lists(st.tuples(PARTS, PARTS), max_size=4))
def test_rows_are_joined_as_django_would(rows: list[tuple[Any, Any]]) -> None:
    assert fill_each("<li>{}: {}</li>", rows, between=", ") == format_html_join(
        mark_safe(", "), "<li>{}: {}</li>", rows
    )


def test_what_comes_out_is_safe_and_goes_in_again_unchanged() -> None:
    inner = fill("<b>{}</b>", "Ben & Amara")

    assert isinstance(inner, SafeString)
    assert fill("<p>{}</p>", inner) == "<p><b>Ben &amp; Amara</b></p>"
