"""What says who somebody is, taken out of what they wrote."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.queries.redaction import Identity, marked_parts, redact

ZOE = Identity(
    names=("Marchetti", "Zoë"), addresses=("zoe.m@student.aberwen.ac.uk", "zoe.m"), numbers=("00417733", "B12")
)
GRACE = Identity(names=("Grace", "Brown"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I am Zoë Marchetti.", "I am [name] [name]."),
        ("ZOE’s notes, zoe's notes", "[name]’s notes, [name]'s notes"),
        ("Zoeology is no name.", "Zoeology is no name."),
        ("Write to zoe.m@student.aberwen.ac.uk or zoe.m", "Write to [e-mail] or [e-mail]"),
        ("Or to my mother: ann@example.org", "Or to my [parent]: [e-mail]"),
        ("Ring +44 7700 900 123 or (01970) 111 000.", "Ring [phone] or [phone]."),
        ("My number is 00417733, hers 20191234.", "My number is [number], [theirs] [number]."),
        ("Card B12", "Card [number]"),
        ("I live in SY23 3BF.", "I live in [postcode]."),
        ("See https://me.example/zoe and @zoe_m", "See [link] and [handle]"),
        ("She/her. As a woman I led; he let her.", "[pronouns]. As a [person] I led; [they] let [them/their]."),
        ("As a Nigerian student aged 23, born in Lagos in 2003", "As a [nationality] student [age], [age]"),
        ("At Ysgol Penweddig and St Mary High School I tutored.", "At [school] and [school] I tutored."),
        ("I ran 12 sessions in 2024, 90 minutes each.", "I ran 12 sessions in 2024, 90 minutes each."),
        ("The method and the manual helped.", "The method and the manual helped."),
    ],
)
def test_redact_takes_out_what_says_who_it_is(text, left):
    assert redact(text, ZOE) == left


def test_names_that_are_words_go_only_with_a_capital():
    assert redact("Grace Brown had the grace to wear brown.", GRACE) == "[name] [name] had the grace to wear brown."


@given(st.text(max_size=300))
def test_redact_twice_is_redact_once_and_leaves_no_name(text):
    once = redact(f"{text} Marchetti {text}", ZOE)
    assert redact(once, ZOE) == once
    assert "marchetti " not in once.lower()


@given(st.text(max_size=200))
def test_marked_parts_are_the_whole_text(text):
    assert "".join(part for part, _is_mark in marked_parts(f"{text}[name] {text}")) == f"{text}[name] {text}"


@pytest.mark.parametrize("piece", ["a", "A ", "St ", "0", "+4", "@a", "a@a.", "[name", "born in ", "AA1", "Ysgol A"])
def test_hostile_text_takes_no_time(piece):
    started = time.perf_counter()
    redact(piece * (100_000 // len(piece)), ZOE)
    assert time.perf_counter() - started < 2
