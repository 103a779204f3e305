"""Colour, computed: every pair the pages use, in light and dark, read from the style sheet itself."""

import itertools
import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common import contrast
from peerhub.common.contrast import SHAPE, TEXT, ratio

CSS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()


def tokens(after: str) -> dict[str, str]:
    block = CSS.split(after, 1)[1].split("{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--ph-([\w-]+):\s*(#[0-9a-fA-F]{6})", block))


LIGHT = tokens("/* 2 Tokens")
CHOSEN_DARK = tokens("@media screen {")  # the first rule inside
SYSTEM_DARK = tokens("@media screen and (prefers-color-scheme: dark) {")
THEMES = {"light": LIGHT, "dark": {**LIGHT, **CHOSEN_DARK}}
LONG_TEXT = 7.0
PAIRS = [
    *(("ink", ground, LONG_TEXT) for ground in ("canvas", "surface", "sunken")),
    *(("ink-2", ground, TEXT) for ground in ("canvas", "surface", "sunken", "tag-soft")),
    *(("link", ground, TEXT) for ground in ("canvas", "surface", "sunken")),
    *(("link", f"{tone}-soft", TEXT) for tone in ("tarn", "amber", "heather", "brick")),
    ("on-primary", "primary", TEXT), ("on-primary", "primary-hover", TEXT),
    ("on-bar", "bar", LONG_TEXT), ("on-bar-2", "bar", TEXT), ("amber", "bar", SHAPE), ("bar-focus", "bar", SHAPE),
    ("on-bar", "next", LONG_TEXT), ("on-bar-2", "next", TEXT), ("bar-focus", "next", SHAPE),
    ("on-amber", "amber", TEXT), ("on-amber", "amber-hover", TEXT),
    *((f"{tone}-text", f"{tone}-soft", TEXT) for tone in ("tarn", "amber", "fern", "brick", "heather")),
    *((f"{tone}-text", "surface", TEXT) for tone in ("amber", "fern", "brick", "heather")),
    ("brick-text", "canvas", TEXT), ("ink", "halo", TEXT),
    *(("ink", f"{tone}-soft", TEXT) for tone in ("tarn", "amber", "fern", "brick", "heather")),
    *((name, ground, SHAPE) for name in ("line-strong", "focus") for ground in ("canvas", "surface")),
    ("wheel-done", "surface", SHAPE), ("wheel-now", "surface", SHAPE), ("wheel-done", "wheel-track", SHAPE),
    ("on-wheel-done", "wheel-done", TEXT), ("ink", "wheel-track", TEXT),
    *((f"c{number}", "surface", SHAPE) for number in range(1, 6)),
    ("on-h1", "h1", TEXT), ("on-h1", "h2", TEXT), ("on-h3", "h3", TEXT), ("on-h4", "h4", TEXT), ("on-h4", "h5", TEXT),
]  # fmt: skip
# How colours look with each kind of colour vision (Machado, Oliveira and Fernandes, 2009, severity 1.0).
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def oklab(colour: str, vision: str) -> tuple[float, float, float]:
    light = [contrast.linear(part) for part in contrast.channels(colour)]
    r, g, b = (max(0.0, min(1.0, sum(a * c for a, c in zip(row, light, strict=True)))) for row in VISION[vision])
    l_ = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    m_ = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s_ = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l_ + 0.793617785 * m_ - 0.0040720468 * s_,
        1.9779984951 * l_ - 2.428592205 * m_ + 0.4505937099 * s_,
        0.0259040371 * l_ + 0.7827717662 * m_ - 0.808675766 * s_,
    )


def distance(one: str, other: str, vision: str) -> float:
    return 100 * sum((a - b) ** 2 for a, b in zip(oklab(one, vision), oklab(other, vision), strict=True)) ** 0.5


@pytest.mark.parametrize("theme", THEMES)
def test_every_pair_of_colours_can_be_read(theme):
    colours = THEMES[theme]
    faint = {
        f"{front} on {back}": round(ratio(colours[front], colours[back]), 2)
        for front, back, least in PAIRS
        if ratio(colours[front], colours[back]) < least
    }
    assert not faint


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_chart_colours_can_be_told_apart(theme, vision):
    colours = THEMES[theme]
    nearest = min(
        distance(colours[a], colours[b], vision) for a, b in itertools.combinations(["c1", "c2", "c3", "c4", "c5"], 2)
    )
    assert nearest >= 8
    assert distance(colours["wheel-done"], colours["wheel-now"], vision) >= 15


def test_both_dark_blocks_are_the_same():
    assert CHOSEN_DARK
    assert CHOSEN_DARK == SYSTEM_DARK


def test_the_grounds_for_a_brand_colour_are_those_of_the_style_sheet():
    names = ("canvas", "surface", "sunken", "tarn-soft", "amber-soft", "heather-soft", "brick-soft")
    assert tuple(LIGHT[name] for name in names) == contrast.LIGHT_GROUNDS
    assert tuple(CHOSEN_DARK[name] for name in names) == contrast.DARK_GROUNDS
    assert {name: CHOSEN_DARK[name] for name in contrast.DARK_BAR} == contrast.DARK_BAR


def test_ratio_matches_the_guideline():
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@given(st.integers(0, 0xFFFFFF))
def test_any_brand_colour_ends_up_readable(number):
    css = contrast.brand_css(f"#{number:06X}")
    light, dark, system_dark = (dict(re.findall(r"--ph-([\w-]+):(#[0-9A-Fa-f]{6})", line)) for line in css.splitlines())
    assert dark == system_dark
    for own, colours in ((light, {**LIGHT, **light}), (dark, {**THEMES["dark"], **light, **dark})):
        pairs = [pair for pair in PAIRS if set(pair[:2]) & set(own)]
        assert [pair for pair in pairs if ratio(colours[pair[0]], colours[pair[1]]) < pair[2] - 0.01] == []


def test_a_colour_that_already_reads_stays_as_it_is():
    assert "--ph-primary:#0D5661;" in contrast.brand_css("#0D5661")


def test_no_brand_colour_changes_nothing():
    assert contrast.brand_css("") == ""


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456;}body{display:none}", "#123456\n"])
def test_what_is_not_a_colour_is_refused(colour):
    with pytest.raises(ValueError, match="is not a colour"):
        contrast.brand_css(colour)
