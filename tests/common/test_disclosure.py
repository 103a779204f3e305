"""Small numbers of people."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.disclosure import FEWEST, Concealed, conceal, is_small, small_count, vague_count


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1905, "1,905")],
)
def test_small_count_says_only_what_hides_everyone(count, words):
    assert small_count(count) == words
    assert is_small(count) is (words == "fewer than 5")


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (4, "fewer than 5"), (5, "5 or more"), (1905, "5 or more")])
def test_vague_count_says_only_whether_it_is_small(count, words):
    assert vague_count(count) == words


# --- a table with totals ------------------------------------------------------------------------
TOTALS = {"row_totals": True, "column_totals": True, "total": True}


def hidden(table, **named):
    return sorted(conceal(table, **named).cells)


def test_conceal_hides_small_numbers_alone_where_no_total_is_named():
    assert hidden([[3, 40, 0], [12, 9, 4]]) == [(0, 0), (1, 2)]


def test_conceal_hides_a_second_number_of_the_row_that_has_a_total():
    assert hidden([[3, 40, 12], [20, 30, 40]], row_totals=True) == [(0, 0), (0, 2)]


def test_conceal_hides_a_square_where_rows_and_columns_have_totals():
    assert hidden([[3, 40, 12], [20, 30, 41], [50, 60, 70]], **TOTALS) == [(0, 0), (0, 2), (1, 0), (1, 2)]


def test_conceal_leaves_small_numbers_that_hide_each_other():
    assert hidden([[3, 2, 40]], row_totals=True) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(("row", "cells"), [([4, 4, 40], 3), ([1, 1, 40], 3), ([1, 5, 6, 40], 3)])
def test_conceal_reckons_with_what_hidden_numbers_are_known_to_be(row, cells):
    """Two of at most four that make eight are four each; one of at least five and one more that make six are plain."""
    assert len(hidden([row], total=True)) == cells


def test_conceal_never_hides_nought_and_gives_up_the_total_instead():
    assert conceal([[4, 4, 0]], total=True) == Concealed(frozenset({(0, 0), (0, 1)}), says_totals=False)
    assert conceal([[3, 0, 0]], total=True).says_totals  # the total is small itself
    assert conceal([], total=True) == Concealed(frozenset(), says_totals=True)


def possible(table, found, named):
    """For each hidden cell the values it has in some table that says the same, as soon as there are two of each."""
    cells = sorted(found.cells)
    said = said_of(table, named)
    values = {cell: set() for cell in cells}
    ranges = [range(1, FEWEST) if is_small(table[r][c]) else range(FEWEST, table[r][c] + 4) for r, c in cells]
    for guess in product(*ranges):
        other = [list(row) for row in table]
        for (row, column), count in zip(cells, guess, strict=True):
            other[row][column] = count
        if said_of(other, named) == said:
            for cell, count in zip(cells, guess, strict=True):
                values[cell].add(count)
            if all(len(seen) > 1 for seen in values.values()):
                break
    return values


def said_of(table, named):
    sums = {
        "row_totals": [sum(row) for row in table],
        "column_totals": [sum(column) for column in zip(*table, strict=True)],
        "total": [sum(map(sum, table))],
    }
    return {name: [small_count(count) for count in sums[name]] for name in named}


NAMED = st.sets(st.sampled_from(["row_totals", "column_totals", "total"]))
TABLES = st.sampled_from([(1, 4), (2, 2), (2, 3), (3, 2)]).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 9]), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@given(table=TABLES, named=NAMED)
def test_no_hidden_number_follows_from_what_is_shown(table, named):
    found = conceal(table, **dict.fromkeys(named, True))
    assert {cell for cell in product(range(len(table)), range(len(table[0]))) if is_small(table[cell[0]][cell[1]])} <= (
        found.cells
    )
    assert all(table[row][column] for row, column in found.cells)
    said = named if found.says_totals else set()
    assert all(len(values) > 1 for values in possible(table, found, said).values())
