"""Two states of a text in one."""

from hypothesis import given
from hypothesis import strategies as st

from peerhub.common import differences as module
from peerhub.common.differences import CAME, SAME, WENT, differences, drawn

TEXTS = st.text(st.sampled_from("ab \n<&é"), max_size=60)


def test_words_that_differ_are_told_apart():
    assert differences("They meet on Fridays.\nBring paper.", "They meet on Mondays.\nBring paper.") == [
        (SAME, "They meet on "), (WENT, "Fridays"), (CAME, "Mondays"), (SAME, ".\nBring paper."),
    ]  # fmt: skip


def test_lines_that_have_little_in_common_came_and_went_whole():
    assert differences("* Guide them.\n* Log it.", "* Listen.\n* Guide them well.\n* Log it.") == [
        (CAME, "* Listen.\n"), (SAME, "* Guide them"), (CAME, " well"), (SAME, ".\n* Log it."),
    ]  # fmt: skip
    assert differences("Come on Friday", "Ring whoever leads you") == [
        (WENT, "Come on Friday"), (CAME, "Ring whoever leads you"),
    ]  # fmt: skip


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_off(before, after):
    runs = differences(before, after)
    assert "".join(text for what, text in runs if what != CAME) == before
    assert "".join(text for what, text in runs if what != WENT) == after
    assert all(text for _what, text in runs)
    if before == after:
        assert {what for what, _text in runs} <= {SAME}


def test_a_stretch_that_is_too_long_is_told_as_a_whole(monkeypatch):
    monkeypatch.setattr(module, "MOST_WORDS", 3)
    assert differences("a b c", "a b d") == [(WENT, "a b c"), (CAME, "a b d")]


def test_drawn_escapes_and_says_in_words_what_is_marked():
    html = drawn(differences("x <a y", "x <c y"))
    assert "<c" not in html
    assert "&lt;<del>" in html
    assert "[added: </span>c<span" in html
    assert html.count("visually-hidden") == 4
    assert drawn([]) == ""
