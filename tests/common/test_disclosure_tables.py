"""Small numbers of people in tables, beside their totals."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerhub.common.disclosure import HESA, OFQUAL, OFS, PROFILES, US_5, Concealed, Profile, conceal, tell_table

TOTALS = {"row_totals": True, "column_totals": True, "total": True}


def hidden(table, profile=US_5, **named):
    return sorted(conceal(table, profile, **named).cells)


def cells(rows):
    return [[told.cell for told in row] for row in rows]


def test_conceal_hides_small_numbers_alone_where_no_total_is_named():
    assert hidden([[3, 40, 0], [12, 9, 4]]) == [(0, 0), (1, 2)]


def test_conceal_hides_a_second_number_of_the_row_that_has_a_total():
    assert hidden([[3, 40, 12], [20, 30, 40]], row_totals=True) == [(0, 0), (0, 2)]


def test_conceal_hides_a_square_where_rows_and_columns_have_totals():
    assert hidden([[3, 40, 12], [20, 30, 41], [50, 60, 70]], **TOTALS) == [(0, 0), (0, 2), (1, 0), (1, 2)]


def test_conceal_leaves_small_numbers_that_hide_each_other():
    assert hidden([[3, 2, 40]], row_totals=True) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(("row", "count"), [([4, 4, 40], 3), ([1, 1, 40], 3), ([1, 5, 6, 40], 3)])
def test_conceal_reckons_with_what_hidden_numbers_are_known_to_be(row, count):
    """Two of at most four that make eight are four each; one of at least five and one more that make six are plain."""
    assert len(hidden([row], total=True)) == count


def test_conceal_never_hides_nought_and_gives_up_the_total_instead():
    assert conceal([[4, 4, 0]], US_5, total=True) == Concealed(frozenset({(0, 0), (0, 1)}), says_totals=False)
    assert conceal([[3, 0, 0]], US_5, total=True).says_totals  # the total is small itself
    assert conceal([], US_5, total=True) == Concealed(frozenset(), says_totals=True)


def test_rounding_leaves_most_tables_alone():
    assert hidden([[3, 40, 12], [20, 30, 41], [50, 60, 70]], HESA, **TOTALS) == []
    found = tell_table([[3, 40, 12], [20, 30, 41], [50, 60, 70]], HESA, **TOTALS)
    assert cells(found.cells) == [["5", "40", "10"], ["20", "30", "40"], ["50", "60", "70"]]
    assert cells([found.row_totals, found.column_totals, [found.total]]) == [
        ["55", "90", "180"],
        ["75", "130", "125"],
        ["325"],
    ]


def test_rounding_alone_can_give_small_numbers_away():
    """Four of at most two that make at least eight are two each: HESA's rule says nothing of this."""
    found = tell_table([[2, 2, 2, 2]], HESA, total=True)
    assert cells(found.cells) == [["<5", "0", "0", "0"]]
    assert found.total.cell == "10"


def test_tell_table_says_ns_and_the_totals_that_are_named():
    found = tell_table([[12, 40], [90, 100]], OFS, row_totals=True)
    assert cells(found.cells) == [["N", "40"], ["90", "100"]]
    assert cells([found.row_totals]) == [["50", "190"]]
    assert (found.column_totals, found.total) == ([], None)


def test_tell_table_gives_up_totals_where_nothing_else_helps():
    assert str(tell_table([[4, 4, 0]], US_5, total=True).total) == "5 or more"
    assert str(tell_table([[4, 0, 0]], OFQUAL, total=True).total) == "fewer than 5"


# --- a reader who tries every table -----------------------------------------------------------------
def possible(table, profile: Profile, found, named):
    """For each kept cell the values it has in some table that says the same, as soon as there are two of each."""
    kept = sorted(found.cells | {(r, c) for r, row in enumerate(table) for c, n in enumerate(row) if profile.is_few(n)})
    said = said_of(table, profile, named)
    values = {cell: set() for cell in kept}
    places = [(r, c) for r, row in enumerate(table) for c, _n in enumerate(row)]
    for guess in product(*(choices(table[r][c], profile, (r, c) in found.cells) for r, c in places)):
        other = [list(row) for row in table]
        for (row, column), count in zip(places, guess, strict=True):
            other[row][column] = count
        if said_of(other, profile, named) == said:
            for row, column in kept:
                values[row, column].add(other[row][column])
            if all(len(seen) > 1 for seen in values.values()):
                break
    return values


def choices(count, profile, is_hidden):
    """What a reader may believe of a cell: one more or one fewer is enough to be unsure of it."""
    fewest, most = profile.span(count, is_hidden=is_hidden)
    return [near for near in (count, count - 1, count + 1) if near >= fewest and (most is None or near <= most)]


def said_of(table, profile, named):
    sums = {
        "row_totals": [sum(row) for row in table],
        "column_totals": [sum(column) for column in zip(*table, strict=True)],
        "total": [sum(map(sum, table))],
    }
    return {name: [profile.count(count) for count in sums[name]] for name in named}


NAMED = st.sets(st.sampled_from(["row_totals", "column_totals", "total"]))
SIZES = st.sampled_from([(1, 4), (2, 2), (3, 1), (2, 3)])


def tables(counts):
    return SIZES.flatmap(
        lambda size: st.lists(
            st.lists(st.sampled_from(counts), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        )
    )


COUNTS = {"ofs": [0, 1, 12, 24, 25, 26, 35], "us": [0, 1, 5, 9, 10, 11]}


@pytest.mark.parametrize("code", PROFILES)
@given(data=st.data(), named=NAMED)
@settings(max_examples=60)
def test_no_hidden_number_follows_from_what_is_shown(code, data, named):
    profile = PROFILES[code]
    table = data.draw(tables(COUNTS.get(code, [0, 1, 2, 3, 4, 5, 6, 7, 9])))
    found = conceal(table, profile, **dict.fromkeys(named, True))
    assert all(table[row][column] for row, column in found.cells)
    said = named if found.says_totals else set()
    assert all(len(values) > 1 for values in possible(table, profile, found, said).values())
