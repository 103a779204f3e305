"""Four fifths and Fisher against values worked out elsewhere; funnels from which nothing small follows."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerhub.common.disclosure import PROFILES
from peerhub.common.disclosure.funnels import FEW, Share, tell_funnel
from training.queries.fairness import FEWEST, strict
from training.queries.selection_rates import (
    BELOW,
    CHANCE,
    HARDLY_CHANCE,
    HIGHEST,
    NEAR,
    Verdict,
    compared,
    fisher_exact,
    has_small_cell,
    impact_ratio,
    is_below_four_fifths,
)


# --- four fifths: truestephr.com, "Four-fifths rule" (domain.md, 4.3) -----------------------------
@pytest.mark.parametrize(("part", "whole", "ratio", "below"), [(21, 50, "7/10", True), (24, 50, "4/5", False)])
def test_four_fifths_of_the_published_example(part, whole, ratio, below):
    """48 of 80 are 60%; 21 of 50 are 0.70 of it and flagged, 24 of 50 exactly 0.80 and not."""
    found = impact_ratio(part, whole, Fraction(48, 80))
    assert (found, is_below_four_fifths(found)) == (Fraction(ratio), below)


def test_four_fifths_is_exact_where_rounded_numbers_would_flag():
    """12 of 45 over 1 of 3: 0.8 exactly; in percent 27 over 33 is 0.818, in floats 0.7999999."""
    assert not is_below_four_fifths(impact_ratio(12, 45, Fraction(1, 3)))
    assert is_below_four_fifths(impact_ratio(7_999_999, 10_000_000, Fraction(1)))


def told(part, whole):
    return Share(part, whole, is_told=True)


def standings(*column, skipped=()):
    rows = compared([[one] for one in column], [n not in skipped for n in range(len(column))])
    return [row[0].standing for row in rows]


def test_groups_are_compared_with_the_highest_that_is_told():
    assert standings(told(48, 80), told(24, 50), told(21, 50)) == [HIGHEST, NEAR, BELOW]
    assert standings(Share(75, 80, is_told=False), told(48, 80), told(24, 50)) == ["", HIGHEST, NEAR]
    assert standings(told(75, 80), told(48, 80), told(40, 80), skipped=[0]) == ["", HIGHEST, NEAR]
    assert standings(told(48, 80), told(24, 50), skipped=[1]) == ["", ""]  # nobody to compare with


def test_a_group_under_two_percent_of_the_pool_is_left_out():
    assert standings(told(19, 19), told(500, 1000)) == ["", ""]
    assert standings(told(21, 21), told(500, 1000)) == [HIGHEST, BELOW]


def test_a_part_that_is_not_said_is_flagged_only_where_the_most_of_few_would_be():
    few = Share(0, 30, is_told=False, at_most=4)
    assert standings(told(60, 80), few) == [HIGHEST, BELOW]
    assert standings(told(60, 80), replace(few, part=4)) == [HIGHEST, BELOW]
    assert standings(told(12, 80), replace(few, part=0)) == ["", ""]  # 4 of 30 would be near 12 of 80


# --- Fisher's exact test --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "p"),
    [
        ((3, 1, 1, 3), "0.4857"),  # Fisher's tea, The Design of Experiments (1935): 34/70, two-sided
        ((1, 9, 11, 3), "0.002759"),  # Wikipedia, "Fisher's exact test": studying men and women
        ((8, 2, 1, 5), "0.03497"),  # scipy.stats.fisher_exact's own example: whales and sharks in two oceans
        ((10, 2, 3, 15), "0.0005367"),  # R, ?fisher.test, Convictions of like-sex twins (Fisher 1962)
        ((0, 5, 0, 5), "1"),
    ],
)
def test_fisher_agrees_with_published_values(cells, p):
    assert float(fisher_exact(*cells)) == pytest.approx(float(p), rel=5e-4)


def test_fisher_is_exact_and_the_same_whichever_way_the_table_is_turned():
    assert fisher_exact(3, 1, 1, 3) == Fraction(34, 70) == fisher_exact(1, 3, 3, 1)
    assert fisher_exact(8, 2, 1, 5) == fisher_exact(8, 1, 2, 5)


def test_fisher_is_asked_where_an_expected_cell_is_under_five():
    assert has_small_cell(5, 25, 9, 21) is False  # 14 of 60: expected 7
    assert has_small_cell(2, 28, 6, 24) is True  # 8 of 60: expected 4
    [[_top], [low]] = compared([[told(10, 12)], [told(5, 11)]], [True, True])
    assert low == Verdict(BELOW, CHANCE)
    [[_top], [low]] = compared([[told(40, 44)], [told(2, 11)]], [True, True])
    assert low == Verdict(BELOW, HARDLY_CHANCE)
    [[_top], [low]] = compared([[told(60, 80)], [told(30, 80)]], [True, True])
    assert low == Verdict(BELOW)


# --- what is told ---------------------------------------------------------------------------------
def tell(table, profile, verdicts=None):
    return tell_funnel(table, profile, fewest=FEWEST, verdicts=verdicts or judge(len(table)))


def judge(rows):
    return lambda shares: compared(shares, [True] * rows)


def test_tell_funnel_says_numbers_shares_and_verdicts():
    top, low, other = tell([(30, 0, 60), (60, 0, 40), (35, 2, 51)], strict(PROFILES["hesa"]))
    assert (top.reached, top.rates, top.verdicts[0].standing) == ((90, 60), (67, 67), HIGHEST)
    assert (low.reached, low.rates, low.verdicts[0].standing) == ((100, 40), (40, 40), BELOW)
    assert (other.reached, other.rates[0]) == ((90, 50), 59)  # 51 of 86: the two who withdrew are left out


def test_tell_funnel_never_tells_of_a_group_under_ten_nor_of_four_nor_of_nobody():
    rows = tell([(4, 0, 5), (26, 0, 4), (20, 0, 0), (12, 0, 20)], strict(PROFILES["hesa"]))
    assert [row.reached for row in rows] == [(FEW, None), (30, FEW), (20, FEW), (30, 20)]


def test_tell_funnel_hides_a_second_group_where_subtraction_would_tell_the_first():
    """US numbers would be exact; 33 of group one and everybody's 36 leave three: unless more is hidden."""
    exact = replace(strict(PROFILES["us"]), base=1)
    rows = tell([(10, 0, 23), (1, 0, 2)], exact)
    assert rows is None or all(cell is None or cell == FEW for row in rows for cell in row.reached)


COUNTS = st.sampled_from([0, 0, 1, 2, 3, 5, 6, 9, 12, 13, 17, 28, 60])
TABLES = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.tuples(*[COUNTS, st.sampled_from([0, 0, 1, 3])] * 2, COUNTS), min_size=size, max_size=size)
)


def reached(ways):
    return [sum(ways[2 * n :]) for n in range((len(ways) + 1) // 2)]


def published(table, profile, rows, hidden=frozenset()):
    """All a reader sees, said anew of another table with the same numbers and `hidden` shares (row, which) left out:
    written apart from the product's.
    """
    said = []
    shares = []
    for place, (ways, row) in enumerate(zip(table, rows, strict=True)):
        counts = reached(ways)
        steps = [*((counts[n + 1], counts[n] - ways[2 * n + 1]) for n in range(len(counts) - 1))]
        steps.append((counts[-1], counts[0] - sum(ways[1::2])))
        ends = [*((n, n + 1) for n in range(len(counts) - 1)), (0, len(counts) - 1)]
        cells = [
            None
            if cell is None
            else FEW
            if count < (max(FEWEST, profile.least) if n == 0 else profile.least)
            else profile.base * ((2 * count + profile.base) // (2 * profile.base))
            for n, (cell, count) in enumerate(zip(row.reached, counts, strict=True))
        ]
        rates = [
            profile.percentage(*step).number
            if (place, n) not in hidden and all(isinstance(cells[end], int) for end in pair)
            else None
            for n, (step, pair) in enumerate(zip(steps, ends, strict=True))
        ]
        said.append((cells, rates))
        shares.append(
            [
                Share(
                    *step,
                    rate is not None,
                    profile.least - 1 if isinstance(cells[start], int) and cells[end] == FEW else None,
                )
                for step, rate, (start, end) in zip(steps, rates, ends, strict=True)
            ]
        )
    return said, compared(shares, [True] * len(table))


def swaps(table):
    """Every table in which one or two people have changed groups, everybody's way being what it was."""
    places = [None, *range(len(table[0]))]
    for one in range(len(table)):
        for other in range(one + 1, len(table)):
            for away in places:
                for to in places:
                    new = [list(ways) for ways in table]
                    for group, (minus, plus) in ((one, (away, to)), (other, (to, away))):
                        if minus is not None:
                            new[group][minus] -= 1
                        if plus is not None:
                            new[group][plus] += 1
                    if away != to and min(map(min, new)) >= 0:
                        yield [tuple(ways) for ways in new]


@pytest.mark.parametrize("code", PROFILES)
@given(table=TABLES)
@settings(max_examples=10, deadline=None)
def test_no_suppressed_or_small_number_follows_from_what_is_told(code, table):
    """For every number that is not told, or is small, there is another funnel of which the same is told: with the same
    totals for everybody, which whoever recruited knows.
    """
    profile = strict(PROFILES[code])
    rows = tell(table, profile)
    if rows is None:
        return
    kept = {(g, "way", n) for g, ways in enumerate(table) for n, c in enumerate(ways) if 0 < c < profile.least}
    totals = [sum(counts) for counts in zip(*map(reached, table), strict=True)]
    kept |= {
        (g, "reached", n)
        for g, row in enumerate(rows)
        for n, cell in enumerate(row.reached)
        if totals[n] and (not isinstance(cell, int) or reached(table[g])[n] == totals[n])
    }
    full = published(table, profile, rows)
    hidden = {(g, n) for g, row in enumerate(rows) for n, rate in enumerate(row.rates) if rate != full[0][g][1][n]}
    assert not [rows[g].rates[n] for g, n in hidden if rows[g].rates[n] is not None]
    said = published(table, profile, rows, hidden)
    assert [list(row.reached) for row in rows] == [cells for cells, _rates in said[0]]
    for other in swaps(table):
        different = {
            (g, what, n)
            for g, (was, now) in enumerate(zip(table, other, strict=True))
            for what, before, after in (("way", was, now), ("reached", reached(was), reached(now)))
            for n, (x, y) in enumerate(zip(before, after, strict=True))
            if x != y
        }
        if different & kept and published(other, profile, rows, hidden) == said:
            kept -= different
        if not kept:
            return
    assert not kept
