"""The lead's page: whose units, what it says, how it is filtered, and that it names nobody."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.common.disclosure import profile_in_use
from peerhub.institution.models import RoleGrant
from programmes.models import Cycle, Membership, Programme
from programmes.queries import institution as overview
from programmes.queries import trends
from programmes.services.unit_figures import count_units
from tests import factories as make
from tests.factories import NOW, TODAY
from tests.programmes.overview import aberwen, halfway
from tests.programmes.overview.aberwen import LAST_YEAR, THIS_YEAR, held, on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def exact_from_five(settings):
    """Numbers small enough to follow: the smallest cell is five, everything else is exact."""
    settings.PEERHUB_DISCLOSURE_PROFILE = "us5"


@pytest.fixture
def place():
    return aberwen.build()


@pytest.fixture
def counted(place):
    count_units(now=NOW)
    return place


def page(client_of, user, query=""):
    return client_of(user).get(reverse("home_institution") + query)


def file(client_of, user, table, query=""):
    response = client_of(user).get(reverse("institution_download", args=[table]) + query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [line.split(",") for line in text.splitlines()]


def lead_of(*units):
    user = make.UserFactory(kind="staff")
    for unit in units:
        make.RoleGrantFactory(user=user, unit=unit)
    return user


def people_and_grid(user):
    scope = overview.scope_of(user)
    tallied = overview.tally(scope, today=TODAY)
    people = overview.people(scope)
    return tallied, people, overview.coverage(scope, tallied, people, profile_in_use())


def numbers(grid):
    return {line.label: [(cell.programmes, cell.students) for cell in cells] for line, cells in grid.rows}


# --- whose units ------------------------------------------------------------------------------------
def test_overview_counts_the_whole_institution(counted):
    tallied, people, grid = people_and_grid(counted.carys)
    assert (tallied.total, people.students, people.leaders) == (2, 7, 2)
    assert numbers(grid) == {
        "Arts": [(0, 0), (0, 0), (0, 0)],
        "Science": [(0, 0), (1, 6), (1, 3)],
    }


def test_overview_of_a_faculty_lead_holds_only_its_subtree(client_of, counted):
    lead = lead_of(counted.science)
    _tallied, people, grid = people_and_grid(lead)
    assert numbers(grid) == {
        "Science as a whole": [(0, 0), (0, 0), (1, 3)],
        "Biology": [(0, 0), (1, 6), (0, 0)],
        "Chemistry": [(0, 0), (0, 0), (0, 0)],
    }
    assert people.students == 7
    html = page(client_of, lead).content.decode()
    assert "Biology PASS" in html
    assert "Art" not in html.partition("<main")[2]


def test_overview_of_several_grants_is_their_union_with_each_person_once(counted):
    both = lead_of(counted.biology, counted.arts)
    scope = overview.scope_of(both)
    assert [root.name for root in scope.roots] == ["Arts", "Biology"]
    make.MembershipFactory(cycle=make.CycleFactory(programme__owner_unit=counted.arts), user=counted.students[0].user)
    assert overview.people(scope).students == 6


def test_overview_of_nested_grants_is_that_of_the_outer(counted):
    scope = overview.scope_of(lead_of(counted.science, counted.biology))
    assert [root.name for root in scope.roots] == ["Science"]


def test_overview_is_refused_without_a_grant_and_after_it_ended(client_of, place):
    owner = make.UserFactory()
    make.RoleGrantFactory(user=owner, unit=place.root, role="programme_owner")
    RoleGrant.objects.filter(user=place.carys).update(ended_at=NOW + timedelta(days=1))
    assert [page(client_of, user).status_code for user in (owner, place.carys)] == [403, 403]


def test_overview_before_anything_was_counted_counts_now(place):
    _tallied, people, grid = people_and_grid(place.carys)
    assert (people.students, people.leaders) == (7, 2)
    assert numbers(grid)["Science"] == [(0, None), (1, None), (1, None)]


# --- what it says -----------------------------------------------------------------------------------
def test_overview_never_names_anybody_and_hides_small_numbers(client_of, counted):
    html = page(client_of, counted.carys).content.decode()
    assert "Hidden" not in html
    assert "fewer than 5 students" in html  # the three ambassadors
    assert "3 students" not in html
    rows = file(client_of, counted.carys, "coverage")
    assert ["Science", "Extra-curricular", "1", "0", "fewer than 5"] in rows


def test_overview_hides_what_would_give_a_small_number_away(client_of, counted):
    html = page(client_of, counted.carys).content.decode()
    assert "reaches 7 students" in html
    assert "5 or more students" in html  # the six of PASS: 7 less 6 would tell of the ambassadors
    assert "6 students" not in html
    rows = file(client_of, counted.carys, "coverage")
    assert ["Science", "Co-curricular", "1", "0", "5 or more"] in rows


def test_overview_gives_up_the_total_where_hiding_cells_cannot_help(client_of, counted):
    Membership.objects.filter(pk__in=[one.pk for one in counted.students[:2]]).update(status="left")
    make.MembershipFactory(cycle=counted.ambassadors)
    count_units(now=NOW)  # four and four: beside a total of eight, each would be plain
    html = page(client_of, counted.carys).content.decode()
    assert html.count("fewer than 5 students") == 2
    assert "reaches 5 or more students" in html
    assert "8 student" not in html


def test_numbers_that_nothing_gives_away_are_said(client_of, counted):
    for _ in range(2):
        make.MembershipFactory(cycle=counted.ambassadors)
    count_units(now=NOW)
    html = page(client_of, counted.carys).content.decode()
    assert ("6 students" in html, "5 students" in html, "or more" in html.partition("<table")[2]) == (True, True, False)


def test_overview_rounds_by_the_rule_of_the_institution(client_of, counted, settings):
    settings.PEERHUB_DISCLOSURE_PROFILE = "hesa"
    html = page(client_of, counted.carys).content.decode()
    assert "reaches 5 students" in html  # seven
    assert "Numbers of people are rounded to the nearest 5" in html
    rows = file(client_of, counted.carys, "coverage")
    assert ["Science", "Co-curricular", "1", "0", "5"] in rows  # six
    assert ["Science", "Extra-curricular", "1", "0", "5"] in rows  # three


def test_overview_chooses_no_word_by_a_number_it_hides(client_of, counted):
    Membership.objects.filter(cycle=counted.ambassadors, role="participant").exclude(
        pk=Membership.objects.filter(cycle=counted.ambassadors, role="participant").order_by("pk")[:1]
    ).update(status="left")
    count_units(now=NOW)
    assert "fewer than 5 student<" not in page(client_of, counted.carys).content.decode()


def test_finding_names_the_widest_gap(counted):
    tallied, _people, grid = people_and_grid(counted.carys)
    assert overview.finding(tallied, grid) == "Peer learning reaches 7 students. Arts has no programme yet."
    Cycle.objects.filter(pk=counted.crits.pk).update(state="running")
    tallied, _people, grid = people_and_grid(counted.carys)
    assert overview.finding(tallied, grid).endswith("1 of 2 units has nothing co-curricular.")


def test_finding_of_nothing_and_of_many_empty_units(counted):
    tallied, _people, grid = people_and_grid(lead_of(counted.arts))
    assert overview.finding(tallied, grid) == "No peer programme is running yet."
    for name in ("Law", "Music"):
        make.OrgUnitFactory(name=name, kind="faculty", parent=counted.root)
    tallied, _people, grid = people_and_grid(counted.carys)
    assert overview.finding(tallied, grid).endswith("3 of 4 units have no programme yet.")


def test_tally_compares_with_the_same_weekday_last_year(place):
    make.CycleFactory(
        programme=place.study.programme, code="2025-26", state="closed", starts_on=LAST_YEAR, ends_on=TODAY
    )
    make.CycleFactory(
        programme=place.crits.programme, code="2025-26", state="design", starts_on=LAST_YEAR, ends_on=TODAY
    )
    assert overview.tally(overview.scope_of(place.carys), today=TODAY).last_year == 1


def test_no_offer_names_the_highest_unit_and_what_there_is_above(counted):
    scope = overview.scope_of(counted.carys)
    gaps = overview.no_offer(scope, overview.tally(scope, today=TODAY))
    assert [(gap.unit.name, gap.parent, gap.above, gap.coming) for gap in gaps] == [
        ("Arts", "University of Aberwen", "", 1),
        ("Chemistry", "Science", "Science", 0),
    ]
    assert [group.names for group in overview.grouped(gaps)] == ["Arts", "Chemistry"]


def test_shades_follow_the_share_of_everyone(counted):
    _tallied, _people, grid = people_and_grid(counted.carys)
    shades = {line.label: [cell.shade for cell in cells] for line, cells in grid.rows}
    assert shades == {"Arts": [0, 0, 0], "Science": [0, 5, 5]}  # as of 5 and of 4, not as of 6 and of 3, of 7
    assert [words for _shade, words in overview.shade_key()] == ["1–9%", "10–19%", "20–34%", "35–49%", "50% or more"]


# --- trends -----------------------------------------------------------------------------------------
def charts(user):
    calendar = trends.terms(TODAY)
    kept = trends.figures(overview.scope_of(user), calendar, today=TODAY, now=NOW)
    return trends.charts(calendar, kept, profile_in_use(), today=TODAY)


def test_terms_find_this_week_and_the_term_a_year_before(place):
    calendar = trends.terms(TODAY)
    assert (calendar.now.year, calendar.before.year, calendar.week) == ("2026-27", "2025-26", 7)
    assert (calendar.now.mondays[0], len(calendar.now.mondays)) == (THIS_YEAR, 11)
    assert trends.terms(TODAY + timedelta(weeks=8)).week is None
    assert trends.terms(LAST_YEAR - timedelta(days=1)).now is None


def test_charts_compare_the_last_whole_week_and_hide_small_ones(place):
    old = make.CycleFactory(programme=place.study.programme, code="2025-26", state="closed")
    before = [make.MembershipFactory(cycle=old, user=member.user) for member in place.students]
    held(place.study, on(THIS_YEAR), *place.students[:2])
    held(place.study, on(THIS_YEAR + timedelta(weeks=5)), *place.students)
    held(old, on(LAST_YEAR + timedelta(weeks=5)), *before[:5])
    count_units(now=NOW)
    students, promptness = charts(place.carys)
    assert students.title == "More students are taking part"
    assert (students.week_shown, students.now_words, students.before_words) == (6, "6", "5")
    assert students.table[0] == (1, "fewer than 5", "0")
    assert students.now.values == [None, 0, 0, 0, 0, 6]
    assert students.table[6] == (7, "", "0")  # this week is still going on
    assert promptness.table[5] == (6, "too few sessions", "too few sessions")
    assert (promptness.title, promptness.latest) == ("How soon sessions are logged", None)


def test_promptness_is_a_share_of_what_was_due(place):
    for hours in (1, 1, 1, 30):
        held(place.study, on(THIS_YEAR), logged_after=hours)
    held(place.study, on(THIS_YEAR), status="planned", logged_after=None)
    count_units(now=NOW)
    assert charts(place.carys)[1].table[0] == (1, "60%", "")


def test_overview_without_a_calendar_says_so(client_of, world):
    html = page(client_of, world.carys).content.decode()
    assert "No term has begun yet" in html


# --- stages, filters, pages ---------------------------------------------------------------------------
def test_only_stages_that_ask_have_figures(client_of, settings, counted):
    settings.PEERHUB_STAGES = halfway.STAGES
    html = page(client_of, counted.carys).content.decode()
    assert "Design 50%, Train not asked yet" in html
    assert "Not asked of any of these yet: Train, Reward, Safe, Evaluate." in html
    assert "Action due" in html
    assert "Gate overdue" in html  # the crits should have begun
    rows = file(client_of, counted.carys, "programmes")
    assert rows[1][5:7] == ["50", "not asked yet"]


def test_standing_is_the_state_where_nothing_is_asked(client_of, settings, counted):
    settings.PEERHUB_STAGES = halfway.STAGES[1:] + halfway.STAGES[1:2]
    html = page(client_of, counted.carys).content.decode()
    assert "On track" not in html
    assert "Start overdue" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Art crits", "Biology PASS", "Science ambassadors"]),
        ("?q=pass", ["Biology PASS"]),
        ("?context=extra", ["Science ambassadors"]),
        ("?state=design", ["Art crits"]),
        ("?state=closed", []),
        ("?state=nonsense&context=none&unit=x&page=x", ["Art crits", "Biology PASS", "Science ambassadors"]),
        ("?context=co&state=design", []),
    ],
)
def test_list_is_filtered(client_of, counted, query, names):
    response = page(client_of, counted.carys, query)
    assert [row.name for row in response.context["page_obj"].object_list] == names
    assert response.context["page_obj"].paginator.count == len(names)
    assert [row[0] for row in file(client_of, counted.carys, "programmes", query)[1:]] == names


def test_list_is_filtered_by_unit(client_of, counted):
    html = page(client_of, counted.carys, f"?unit={counted.science.uuid}")
    assert [row.name for row in html.context["page_obj"].object_list] == ["Biology PASS", "Science ambassadors"]


def test_list_alone_answers_htmx(client_of, counted):
    response = client_of(counted.carys).get(reverse("home_institution"), headers={"hx-request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert "Biology PASS" in html


def test_files_say_what_the_page_says(client_of, counted):
    assert file(client_of, counted.carys, "no-offer")[1] == ["Arts", "Faculty", "University of Aberwen", "1", ""]
    assert file(client_of, counted.carys, "weeks")[0] == ["Trend", "Week", "2026-27", "2025-26"]


# --- cost -------------------------------------------------------------------------------------------
def add_programmes(place, number):
    kind = place.study.programme.activity_type
    common = {"activity_type": kind, "owner_unit": place.biology, "context": "co", "created_at": NOW}
    made = Programme.objects.bulk_create(Programme(slug=f"p-{n}", name=f"P {n:04d}", **common) for n in range(number))
    dates = {"starts_on": THIS_YEAR, "ends_on": THIS_YEAR + timedelta(weeks=30), "created_at": NOW}
    Cycle.objects.bulk_create(Cycle(programme=one, code="2026-27", state="running", **dates) for one in made)


def queries(client, query=""):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = client.get(reverse("home_institution") + query)
    assert response.status_code == 200
    repeated = Counter(query["sql"] for query in seen.captured_queries)
    assert max(repeated.values()) <= 2
    return len(seen), len(response.content)


def test_overview_costs_the_same_for_a_hundred_times_as_many_programmes(client_of, counted):
    client = client_of(counted.carys)
    add_programmes(counted, 22)
    client.get(reverse("home_institution"))
    few, small = queries(client)
    Cycle.objects.filter(programme__slug__startswith="p-").delete()
    Programme.objects.filter(slug__startswith="p-").delete()
    add_programmes(counted, 1200)
    many, large = queries(client)
    assert few == many <= 15
    assert large < small * 1.2
    assert queries(client, "?q=P&page=3")[0] <= 15


def test_overview_of_a_union_stays_within_the_queries_of_a_dashboard(client_of, counted):
    client = client_of(lead_of(counted.biology, counted.arts))
    client.get(reverse("home_institution"))  # notes the role in the browser session, once
    assert queries(client)[0] <= 15
