"""The Heartwood ring: one geometry, four sizes, and the same five stages unrolled as a strip.

Inner: 3 arcs, the contexts. Middle: 5 segments, the stages of the framework. Outer: 10 arcs, its values.
(Chilvers and McConnell, 2025, Advance HE.) Everything is a class or a presentation attribute, so a strict
Content-Security-Policy holds. Pure functions of their arguments; what repeats is remembered.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from math import asin, cos, degrees, radians, sin
from typing import Literal, NamedTuple, get_args

from django.utils.html import conditional_escape

Size = Literal["full", "mark", "ctx", "mini"]
State = Literal["done", "now", "part", "none"]
SIZES: tuple[str, ...] = get_args(Size)
STATES: tuple[str, ...] = get_args(State)


class Fill(NamedTuple):
    """How full one stage is: 0 to 100, and what the colour says."""

    percent: int
    state: State


class _Shape(NamedTuple):
    box: int
    values: tuple[float, float] | None  # inner and outer radius
    stages: tuple[float, float] | None
    contexts: tuple[float, float]
    gap: float
    core: float | None


_SHAPES: dict[str, _Shape] = {
    "full": _Shape(360, (164, 174), (104, 153), (73, 92), 8, None),
    "mark": _Shape(64, (28.4, 31), (16.9, 25.4), (9.9, 13.9), 2.3, 6.1),
    "ctx": _Shape(64, None, None, (17.5, 30), 3.6, 11),
    "mini": _Shape(48, None, (13.5, 23), (5.6, 10), 2.1, None),
}
_CONTEXT_TURN = 60  # the context ring is turned so that one arc sits at the top: gaps never line up into a cross
ALL_DONE: tuple[Fill, ...] = (Fill(100, "done"),) * 5
BRAND: tuple[Fill, ...] = (Fill(100, "now"), *(Fill(100, "done"),) * 4)
EMPTY: tuple[Fill, ...] = (Fill(0, "none"),) * 5


def fill(done: int, total: int, *, now: bool = False) -> Fill:
    """The fill of a stage with `done` of `total` tasks finished. Never 100 until the last one is."""
    if total <= 0 or done <= 0:
        return Fill(0, "now" if now else "none")
    if done >= total:
        return Fill(100, "done")
    return Fill(min(99, max(1, round(100 * done / total))), "now" if now else "part")


def fills(progress: Sequence[tuple[int, int]], *, now: int = 0) -> tuple[Fill, ...]:
    """Five (done, total) pairs to five fills; `now` is the number (1 to 5) of the stage you are in, or 0."""
    return tuple(fill(done, total, now=number == now) for number, (done, total) in enumerate(progress, 1))


def _point(centre: float, radius: float, angle: float) -> str:
    return f"{centre + radius * sin(radians(angle)):.2f} {centre - radius * cos(radians(angle)):.2f}"


@lru_cache(maxsize=2048)
def sector(  # noqa: PLR0917 - six numbers and how full
    centre: float, inner: float, outer: float, start: float, end: float, gap: float, percent: int = 100
) -> str:
    """Path of an annular sector, clockwise from 12 o'clock, set back by half a gap at each side.

    Below 100 % the start edge keeps the parallel gap and the far edge is radial.
    """
    turn_out, turn_in = degrees(asin(gap / 2 / outer)), degrees(asin(gap / 2 / inner))
    from_out, from_in = start + turn_out, start + turn_in
    to_out = from_out + (end - turn_out - from_out) * percent / 100
    to_in = from_in + (end - turn_in - from_in) * percent / 100
    big_out, big_in = int(to_out - from_out > 180), int(to_in - from_in > 180)
    return (
        f"M{_point(centre, outer, from_out)}A{outer} {outer} 0 {big_out} 1 {_point(centre, outer, to_out)}"
        f"L{_point(centre, inner, to_in)}A{inner} {inner} 0 {big_in} 0 {_point(centre, inner, from_in)}Z"
    )


def _half(centre: float, radius: float, facing: float) -> str:
    turn = degrees(asin(0.5 / 3.6))
    edge_a, edge_b = _point(centre, radius, facing - 90 + turn), _point(centre, radius, facing + 90 - turn)
    return f"M{edge_a}A{radius} {radius} 0 0 1 {edge_b}Z"


def _value_arcs(shape: _Shape, lit: Collection[int]) -> list[str]:
    if shape.values is None:
        return []
    return [
        f'<path class="ph-ring__v{" is-on" if number + 1 in lit else ""}" '
        f'd="{sector(shape.box / 2, *shape.values, 36 * number, 36 * number + 36, shape.gap)}"/>'
        for number in range(10)
    ]


def _stage_arcs(shape: _Shape, stages: Sequence[Fill], numbered: bool) -> list[str]:
    if shape.stages is None:
        return []
    centre, parts = shape.box / 2, []
    middle = sum(shape.stages) / 2
    for number, (percent, state) in enumerate(stages):
        start, end = 72 * number, 72 * number + 72
        track = sector(centre, *shape.stages, start, end, shape.gap)
        parts.append(f'<path class="ph-ring__track{" is-none" if state == "none" else ""}" d="{track}"/>')
        if percent:
            filled = sector(centre, *shape.stages, start, end, shape.gap, percent)
            parts.append(f'<path class="ph-ring__fill is-{state}" d="{filled}"/>')
        if numbered:
            x, y = map(float, _point(centre, middle, start + 36).split())
            parts.append(f'<circle class="ph-ring__disc" cx="{x:.1f}" cy="{y:.1f}" r="14"/>')
            parts.append(f'<text class="ph-ring__no" x="{x:.1f}" y="{y + 5.5:.1f}">{number + 1}</text>')
    return parts


def _context_arcs(shape: _Shape, lit: Collection[int]) -> list[str]:
    starts = [120 * number - _CONTEXT_TURN for number in range(3)]
    return [
        f'<path class="ph-ring__c{" is-on" if number in lit else ""}" '
        f'd="{sector(shape.box / 2, *shape.contexts, start, start + 120, shape.gap)}"/>'
        for number, start in enumerate(starts, 1)
    ]


def _core(shape: _Shape) -> list[str]:
    """Two halves of one disc: two people learning from each other."""
    if shape.core is None:
        return []
    centre = shape.box / 2
    return [
        f'<path class="ph-ring__p1" d="{_half(centre, shape.core, 215)}"/>',
        f'<path class="ph-ring__p2" d="{_half(centre, shape.core, 35)}"/>',
    ]


def _words(title: str, desc: str) -> tuple[str, list[str]]:
    if not title:
        return 'aria-hidden="true"', []
    parts = [f"<title>{conditional_escape(title)}</title>"]
    if desc:
        parts.append(f"<desc>{conditional_escape(desc)}</desc>")
    return 'role="img"', parts


def ring(
    size: Size = "full",
    *,
    contexts: Collection[int] = (),
    stages: Sequence[Fill] = ALL_DONE,
    values: Collection[int] = (),
    title: str = "",
    desc: str = "",
    big: str = "",
    small: str = "",
    brand: bool = False,
) -> str:
    """The ring as an <svg>.

    `contexts` holds numbers 1 to 3, `values` 1 to 10: the arcs that are lit. `stages`: five fills. With a `title` it
    is an image with a name (and `desc`); without, decoration. `big` and `small` stand in the middle of a full ring.
    """
    if len(stages) != 5:
        raise ValueError("The ring has five stages.")
    shape = _SHAPES[size]
    aria, parts = _words(title, desc)
    parts += _value_arcs(shape, values)
    parts += _stage_arcs(shape, stages, numbered=size == "full" and bool(title))
    parts += _context_arcs(shape, contexts)
    if big and size == "full":
        parts.append(f'<text class="ph-ring__big" x="180" y="186">{conditional_escape(big)}</text>')
        parts.append(f'<text class="ph-ring__small" x="180" y="207">{conditional_escape(small)}</text>')
    parts += _core(shape)
    classes = f"ph-ring ph-ring--{size}{' is-brand' if brand else ''}"
    opening = f'<svg class="{classes}" viewBox="0 0 {shape.box} {shape.box}" {aria} focusable="false">'
    return opening + "".join(parts) + "</svg>"


def strip(stages: Sequence[Fill], label: str) -> str:
    """The ring unrolled: five segments for tables and cards. `label` says the numbers."""
    opening = '<svg class="ph-strip" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" focusable="false"'
    parts = [f'{opening} aria-label="{conditional_escape(label)}">']
    for number, (percent, state) in enumerate(stages):
        x = number * 20.4
        none = " is-none" if state == "none" else ""
        parts.append(f'<rect class="ph-ring__track{none}" x="{x:.1f}" y="0" width="18.4" height="8"/>')
        if percent:
            width = 18.4 * percent / 100
            parts.append(f'<rect class="ph-ring__fill is-{state}" x="{x:.1f}" y="0" width="{width:.2f}" height="8"/>')
    return "".join(parts) + "</svg>"
