"""Whether groups are chosen at different rates: the four-fifths rule and Fisher's exact test. Pure, on whole numbers.

A rate below four fifths of the highest is a reason to look, and no finding (29 CFR 1607.4(D); in the United Kingdom
there is no such rule, so it is indicative: Equality Act 2010). Exactly four fifths is not below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb

from peerhub.common.disclosure.funnels import Share

FOUR_FIFTHS = Fraction(4, 5)
SMALLEST_OF_POOL = Fraction(1, 50)  # smaller groups are not compared
SMALL_CELL = 5
LEVEL = Fraction(1, 20)
HIGHEST, BELOW, NEAR = "highest", "below", "near"
CHANCE, HARDLY_CHANCE = "chance", "hardly"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`standing`: HIGHEST, BELOW four fifths of it, NEAR it, or "" where groups are not compared. `chance`: what
    Fisher's test says of a gap between so few people that four fifths alone say little.
    """

    standing: str = ""
    chance: str = ""


def impact_ratio(part: int, whole: int, best: Fraction) -> Fraction:
    """The rate of a group over the highest rate, exactly."""
    return Fraction(part, whole) / best


def is_below_four_fifths(ratio: Fraction) -> bool:
    return ratio < FOUR_FIFTHS


@lru_cache(maxsize=4096)
def fisher_exact(a: int, b: int, c: int, d: int) -> Fraction:
    """The two-sided probability of a table [[a, b], [c, d]] or one as unlikely, its margins given: the sum over all
    tables that are no likelier, as R's fisher.test and scipy do, here without any rounding.
    """
    row, column, everybody = a + b, a + c, a + b + c + d
    ways = {
        x: comb(column, x) * comb(everybody - column, row - x)
        for x in range(max(0, row + column - everybody), min(row, column) + 1)
    }
    return Fraction(sum(count for count in ways.values() if count <= ways[a]), comb(everybody, row))


def has_small_cell(a: int, b: int, c: int, d: int) -> bool:
    """Whether a cell of the table is expected to hold fewer than five."""
    everybody = a + b + c + d
    return any(row * column < SMALL_CELL * everybody for row in (a + b, c + d) for column in (a + c, b + d))


def compared(shares: Sequence[Sequence[Share]], is_compared: Sequence[bool]) -> list[list[Verdict]]:
    """The verdict on every share of every group. Groups that are no groups ("prefer not to say") are not compared."""
    columns = [_column(column, tuple(is_compared)) for column in zip(*shares, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


@lru_cache(maxsize=16384)
def _column(column: tuple[Share, ...], is_compared: tuple[bool, ...]) -> list[Verdict]:
    pool = sum(one.whole for one in column)
    fits = [
        ok and one.whole > 0 and one.whole >= SMALLEST_OF_POOL * pool
        for one, ok in zip(column, is_compared, strict=True)
    ]
    told = [one for one, ok in zip(column, fits, strict=True) if ok and one.is_told]
    best = max(told, key=lambda one: Fraction(one.part, one.whole), default=None)
    if best is None or not best.part or sum(fits) < 2:
        return [Verdict() for _one in column]
    found = [_verdict(one, best) if ok else Verdict() for one, ok in zip(column, fits, strict=True)]
    return found if sum(1 for one in found if one.standing) > 1 else [Verdict() for _one in column]


def _verdict(one: Share, best: Share) -> Verdict:
    top = Fraction(best.part, best.whole)
    if one.is_told:
        ratio = impact_ratio(one.part, one.whole, top)
        if ratio == 1:
            return Verdict(HIGHEST)
        is_below = is_below_four_fifths(ratio)
        return Verdict(BELOW, _chance(one.part, one.whole, best)) if is_below else Verdict(NEAR)
    # So few went on that their number is not said; whether even the most of "few" were below can be.
    most = one.whole if one.at_most is None else min(one.at_most, one.whole)
    if is_below_four_fifths(impact_ratio(most, one.whole, top)):
        return Verdict(BELOW, _chance(most, one.whole, best))
    return Verdict()


def _chance(part: int, whole: int, best: Share) -> str:
    cells = (part, whole - part, best.part, best.whole - best.part)
    if not has_small_cell(*cells):
        return ""
    return CHANCE if fisher_exact(*cells) >= LEVEL else HARDLY_CHANCE
