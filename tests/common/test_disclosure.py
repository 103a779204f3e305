"""Numbers of people, as published rules say them."""

from fractions import Fraction

import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.disclosure import HESA, OFQUAL, OFS, PROFILES, US, US_5, Told, half_up, profile_in_use

PROFILE = st.sampled_from(sorted(PROFILES.values(), key=lambda one: one.code))


# --- rounding -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        (Fraction(5, 2), 5, 5),
        (Fraction(15, 2), 5, 10),
        (Fraction(45, 2), 5, 25),
        (15, 10, 20),
        (Fraction(1, 20), Fraction(1, 10), Fraction(1, 10)),
        (-Fraction(5, 2), 5, 0),
    ],
)
def test_half_up_sends_halves_up(value, step, rounded):
    assert half_up(value, step) == rounded


@pytest.mark.parametrize("value", [2.5, "3", None])
def test_half_up_refuses_what_is_not_exact(value):
    with pytest.raises(TypeError):
        half_up(value, 5)


@given(value=st.fractions(0, 5000), step=st.sampled_from([1, 5, 10, Fraction(1, 10)]))
def test_half_up_is_near_and_stays_where_it_is(value, step):
    rounded = half_up(value, step)
    assert rounded % step == 0
    assert -Fraction(step) / 2 < rounded - value <= Fraction(step) / 2
    assert half_up(rounded, step) == rounded


@given(one=st.fractions(0, 5000), other=st.fractions(0, 5000), step=st.sampled_from([1, 5, 10, Fraction(1, 10)]))
def test_half_up_keeps_the_order(one, other, step):
    low, high = sorted([one, other])
    assert half_up(low, step) <= half_up(high, step)


# --- HESA ---------------------------------------------------------------------------------------
# hesa.ac.uk/about/regulation/data-protection/rounding-and-suppression-anonymise-statistics
@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"),
        (1, "0"),
        (2, "0"),
        (3, "5"),
        (4, "5"),
        (7, "5"),
        (8, "10"),
        (22, "20"),
        (1903, "1,905"),
        (Fraction(5, 2), "5"),
        (Fraction(15, 2), "10"),
        (Fraction(45, 2), "25"),
        (Fraction(249, 100), "0"),
    ],
)
def test_hesa_rounds_people_and_full_time_equivalents_to_fives(count, said):
    assert str(HESA.count(count)) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(11, 22, ".."), (0, 0, ".."), (12, 23, "52%"), (1, 200, "1%"), (23, 23, "100%")]
)
def test_hesa_says_no_percentage_of_fewer_than_22_and_a_half_people(part, whole, said):
    assert HESA.percentage(part, whole).cell == said


@pytest.mark.parametrize(("people", "said"), [(0, ".."), (7, ".."), (8, "12.5")])
def test_hesa_says_no_average_over_seven_or_fewer(people, said):
    assert HESA.average(100, people).cell == said


# --- OfS ----------------------------------------------------------------------------------------
# The transparency return as published: essex.ac.uk/governance-and-strategy/transparency-return (2021).
@pytest.mark.parametrize(
    ("count", "said"), [(0, "N"), (20, "N"), (24, "N"), (25, "30"), (34, "30"), (35, "40"), (1004, "1,000")]
)
def test_ofs_rounds_to_tens_and_says_n_where_that_is_20_or_less(count, said):
    assert OFS.count(count).cell == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (26, 54, "50%"),
        (27, 55, "49%"),
        (500, 1004, "50%"),
        (335, 1005, "33.3%"),
        (12, 24, "N"),
        (24, 90, "N"),
        (25, 90, "28%"),
        (2, 90, "DP"),
        (0, 90, "DP"),
        (88, 90, "DP"),
        (87, 90, "97%"),
        (90, 90, "DP"),
    ],
)
def test_ofs_rounds_percentages_by_their_denominator(part, whole, said):
    assert OFS.percentage(part, whole).cell == said


def test_ofs_rounds_percentages_by_the_smallest_denominator_beside_them():
    assert OFS.percentage(335, 1005, smallest=48).cell == "35%"
    assert OFS.percentage(335, 1005, smallest=12).cell == "35%"  # suppressed itself; it is no finer than the least told


# --- Ofqual -------------------------------------------------------------------------------------
# gov.uk/government/publications/ofquals-statistics-policies-and-procedures/rounding-policy (30 October 2025)
@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (7, "5"), (8, "10"), (26, "25"), (1903, "1,905")],
)
def test_ofqual_rounds_to_fives_and_says_fewer_than_five(count, said):
    assert str(OFQUAL.count(count)) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(7, 26, "26.9%"), (1, 8, "DP"), (5, 8, "DP"), (0, 26, "0.0%"), (2, 4, "..")]
)
def test_ofqual_says_percentages_of_unrounded_numbers_to_one_decimal(part, whole, said):
    assert OFQUAL.percentage(part, whole).cell == said


# --- United States --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("profile", "count", "said"),
    [
        (US, 0, "0"),
        (US, 9, "fewer than 10"),
        (US, 10, "10"),
        (US, 1903, "1,903"),
        (US_5, 4, "fewer than 5"),
        (US_5, 5, "5"),
    ],
)
def test_us_says_exactly_all_but_small_cells(profile, count, said):
    assert str(profile.count(count)) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(15, 30, "50%"), (9, 30, "DP"), (21, 30, "DP"), (0, 30, "0%"), (5, 9, "..")]
)
def test_us_says_no_share_that_gives_a_small_cell_away(part, whole, said):
    assert US.percentage(part, whole).cell == said


# --- every profile --------------------------------------------------------------------------------
@given(profile=PROFILE, one=st.integers(0, 3000), other=st.integers(0, 3000))
def test_counts_never_turn_order_round(profile, one, other):
    low, high = (profile.count(count).number or 0 for count in sorted([one, other]))
    assert low <= high


@given(profile=PROFILE, count=st.integers(0, 3000))
def test_a_rounded_count_is_rounded_already(profile, count):
    told = profile.count(count)
    assert told.number is None or profile.count(told.number) == told


@given(profile=PROFILE, count=st.integers(0, 200), is_hidden=st.booleans())
def test_span_is_what_a_reader_can_know(profile, count, is_hidden):
    """Exactly those numbers of people of which the same would be said."""

    def say(number):
        hides = is_hidden and (number or not profile.hides_few)
        return profile.vague(number) if hides else profile.count(number)

    if is_hidden and not count:
        return  # nobody is never hidden
    fewest, most = profile.span(count, is_hidden=is_hidden)
    same = [
        number for number in range(260) if say(number) == say(count) and (number or not is_hidden or profile.hides_none)
    ]
    assert (same[0], same[-1]) == (fewest, 259 if most is None else most)
    assert len(same) == same[-1] - same[0] + 1


@given(profile=PROFILE, whole=st.integers(0, 400), data=st.data())
def test_no_share_tells_of_a_few_where_these_are_hidden(profile, whole, data):
    part = data.draw(st.integers(0, whole))
    told = profile.percentage(part, whole)
    if told.number is not None and profile.hides_few and not profile.hides_none:
        assert not profile.is_few(part)
        assert not profile.is_few(whole - part)
    assert told.number is None or abs(told.number - Fraction(100 * part, whole)) <= Fraction(5, 2)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_impossible_numbers_are_refused(profile):
    for wrong in (lambda: profile.count(-1), lambda: profile.percentage(3, 2), lambda: profile.percentage(-1, 2)):
        with pytest.raises(ValueError, match="fewer people than none"):
            wrong()


# --- words ----------------------------------------------------------------------------------------
def test_told_chooses_no_word_that_gives_one_person_away():
    assert OFQUAL.count(1).plural == 2
    assert US.count(10).plural == 10
    assert str(US_5.vague(1905)) == "5 or more"
    assert (US_5.vague(1905).cell, US_5.count(3).cell) == ("≥5", "<5")
    assert str(OFS.percentage(12, 24)) == "too few to say"


@pytest.mark.parametrize(
    ("told", "cell"),
    [
        (Told(Fraction(1905)), "1,905"),
        (Told(Fraction(375, 10), places=1, unit="%"), "37.5%"),
        (Told(Fraction(-3, 10), places=1), "-0.3"),
        (Told(Fraction(4), places=1), "4.0"),
    ],
)
def test_told_writes_numbers_out(told, cell):
    assert told.cell == cell


# --- the setting ----------------------------------------------------------------------------------
def test_the_profile_is_a_setting(settings):
    assert profile_in_use() == HESA
    settings.PEERHUB_DISCLOSURE_PROFILE = "ofs"
    assert profile_in_use() == OFS
    assert run_checks(tags=["disclosure"]) == []
    settings.PEERHUB_DISCLOSURE_PROFILE = "none"
    assert [found.id for found in run_checks(tags=["disclosure"])] == ["peerhub.disclosure.E001"]


def test_every_rule_is_in_words():
    assert all(profile.rule and profile.title for profile in PROFILES.values())
