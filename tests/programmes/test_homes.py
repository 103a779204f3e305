"""Home pages: what a person needs now; several roles without losing one's place."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.institution.models import Branding
from peerhub.institution.permissions import grants_of, is_institution_lead
from peerhub.institution.queries.branding import forget_branding
from programmes.models import Role, Session, SessionKind, SessionStatus
from programmes.queries.home_roles import homes_of
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def page(response):
    return response.content.decode()


def url(name, *args):
    return reverse(name, args=args)


@pytest.fixture
def pair(world):
    group = make.GroupFactory(cycle=world.cycle, name="Amara and Kai", shape="pair", created_at=in_days(-20))
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai", user__family_name="Davies")
    for membership in (world.memberships["amara"], kai):
        make.GroupMemberFactory(group=group, membership=membership, started_at=in_days(-20))
    return group


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("amara", "home_leader"),
        ("ben", "home_student"),
        ("rhian", "home_coordinator"),
        ("imran", "home_supervisor"),
        ("elin", "home_staff"),
        ("helen", "home_staff"),
    ],
)
def test_home_leads_to_the_likeliest_role(world, client_of, who, name):
    assert client_of(getattr(world, who)).get(url("home")).url == url(name)


def test_home_remembers_the_role_used_last(world, client_of):
    amara = client_of(world.amara)
    amara.get(url("home_student"))
    assert amara.get(url("home")).url == url("home_student")


def test_changing_role_comes_back_to_where_one_was(world, client_of):
    """Amara leads and takes part: from a session's page to her student home and back to that page."""
    amara = client_of(world.amara)
    place = url("programmes:session_detail", world.upcoming.uuid)
    body = page(amara.get(place))
    to_student = next(part for part in body.split('"') if part.startswith(url("home_as", "student"))).replace(
        "&amp;", "&"
    )
    assert parse_qs(urlsplit(to_student).query)["from"] == [place]
    assert amara.get(to_student).url == url("home_student")
    back = page(amara.get(url("home_student")))
    to_leader = next(part for part in back.split('"') if part.startswith(url("home_as", "leader"))).replace(
        "&amp;", "&"
    )
    assert amara.get(to_leader).url == place


@pytest.mark.parametrize(
    "bad", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/no/such/page/", "x" * 400]
)
def test_changing_role_goes_nowhere_else(world, client_of, bad):
    amara = client_of(world.amara)
    amara.get(url("home_as", "student"), {"was": "leader", "from": bad})
    assert amara.get(url("home_as", "leader")).url == url("home_leader")


def test_a_role_one_does_not_have_has_no_page(world, client_of):
    ben = client_of(world.ben)
    for name in ("home_leader", "home_coordinator", "home_supervisor", "my_students"):
        assert ben.get(url(name)).status_code == 404
    assert ben.get(url("home_as", "leader")).status_code == 404
    assert ben.get(url("home_as", "emperor")).status_code == 404


def test_roles_of_closed_cycles_are_over(world, client_of):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(state="closed")
    assert client_of(world.amara).get(url("home_leader")).status_code == 404


def test_leader_sees_what_to_log_what_is_next_and_whom_to_greet(world, client_of, pair):
    body = page(client_of(world.amara).get(url("home_leader")))
    assert url("programmes:session_log", world.today.uuid) in body
    assert url("programmes:session_detail", world.upcoming.uuid) in body
    assert "Kai Davies" in body
    assert "Not in touch yet. First contact was due" in body
    assert "Imran Qureshi" in body
    assert "hours" not in body.lower()  # what no stage knows yet is not shown


def test_a_contact_takes_two_taps(world, client_of, pair):
    """Met (beside the name), then Save."""
    amara = client_of(world.amara)
    home = page(amara.get(url("home_leader")))
    tap = f"{url('programmes:contact_log', pair.uuid)}?did=met"
    assert tap in home
    opened = page(amara.get(tap))
    assert 'value="met" checked' in opened
    response = amara.post(url("programmes:contact_log", pair.uuid), {"did": "met", "next": "home"})
    assert response.url == url("home_leader")
    assert "Kai Davies" not in page(amara.get(url("home_leader"))).partition("After that")[0]


def test_a_contact_page_says_whom_to_tell_and_how_lately_one_was_in_touch(world, client_of, pair):
    Branding.objects.create(
        institution_name="Aberwen",
        emergency_text="In danger call 999.",
        safeguarding_contact="Dr Helen Prosser, 01970 111 100",
    )
    forget_branding()
    amara = client_of(world.amara)
    address = url("programmes:contact_log", pair.uuid)
    assert "How were you in touch? Choose how you were in touch." in re.sub(
        r"<[^>]*>", "", page(amara.post(address, {}))
    )
    amara.post(address, {"did": "tried"})
    body = page(amara.get(address))
    assert "You tried today, no answer" in body
    assert 'Dr Helen Prosser, <a href="tel:01970111100">01970 111 100</a>' in body
    assert '<a href="tel:999">999</a>' in body


def test_a_contact_nobody_is_named_for_shows_nobody(world, client_of, pair):
    make.SessionFactory(
        group=pair,
        kind=SessionKind.CONTACT,
        channel="met",
        status=SessionStatus.HELD,
        starts_at=in_days(-3),
        created_by=None,
    )
    assert "Someone," not in page(client_of(world.amara).get(url("programmes:contact_log", pair.uuid)))


@pytest.mark.parametrize("who", ["amara", "ben", "rhian", "imran", "elin"])
def test_where_to_send_somebody_is_one_tap_away_on_a_phone(world, client_of, who):
    body = page(client_of(getattr(world, who)).get(url("home"), follow=True))
    bar = body.partition("ph-tabbar")[2].partition("</nav>")[0]
    assert url("institution:service_list") in bar


def test_every_programme_led_has_its_point_person_in_the_corner(world, client_of):
    for number in range(4):
        cycle = make.CycleFactory()
        make.MembershipFactory(cycle=cycle, user=world.amara, role=Role.LEADER)
        make.MembershipFactory(
            cycle=cycle, user__given_name=f"Point{number}", role=Role.COORDINATOR, is_point_person=True
        )
    body = page(client_of(world.amara).get(url("home_leader")))
    assert all(f"Point{number}" in body for number in range(4))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Choose how you were in touch."),
        ({"did": "smoke"}, "Select a valid choice"),
        ({"did": "met", "on": "2026-11-30"}, "in the future"),
        ({"did": "met", "at": "10:00"}, "Choose the day too."),
        ({"did": "met", "on": "yesterday"}, "valid date"),
        ({"did": "met", "minutes": "-1"}, "greater than or equal to 0"),
        ({"did": "met", "on": "2025-01-01"}, "before you were matched"),
    ],
)
def test_a_bad_contact_is_a_sentence_and_nothing_is_kept(world, client_of, pair, said, message):
    response = client_of(world.amara).post(url("programmes:contact_log", pair.uuid), said)
    assert response.status_code == 422
    assert message in page(response)
    assert not Session.objects.filter(group=pair).exists()


def test_student_sees_what_is_next_and_where_they_stand(world, client_of):
    body = page(client_of(world.ben).get(url("home_student")))
    assert url("programmes:session_detail", world.upcoming.uuid) in body
    assert "You have been to 1 of 1." in body
    assert "Your PASS leader is Amara." in body
    assert "Wellbeing" in body


def test_student_who_waits_reads_so(world, client_of):
    body = page(client_of(world.zoe).get(url("home_student")))
    assert "Asked to join" in body


def test_suggestions_have_a_reason_and_are_not_what_one_has(world, client_of):
    near = make.ProgrammeFactory(name="Bio mentoring", owner_unit=world.biosciences)
    make.CycleFactory(programme=near)
    closed = make.ProgrammeFactory(name="Closed one", owner_unit=world.biosciences)
    make.CycleFactory(programme=closed, joining_open=False)
    hidden = make.ProgrammeFactory(name="Hidden one", owner_unit=world.biosciences, visibility="draft")
    make.CycleFactory(programme=hidden)
    found = client_of(world.ben).get(url("home_student")).context["suggestions"]
    assert [(one.name, one.reason) for one in found] == [("Bio mentoring", "Also in Biosciences.")]


def test_coordinator_sees_missing_logs_and_programmes(world, client_of):
    Session.objects.filter(pk=world.today.pk).update(starts_at=in_hours(-60), ends_at=in_hours(-59))
    body = page(client_of(world.rhian).get(url("home_coordinator")))
    assert "1 study session is late with its log" in body
    assert url("programmes:cycle_workspace", world.programme.slug, world.cycle.code) in body


def test_supervisor_sees_leaders_with_missing_logs_first(world, client_of):
    make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Aaron")
    rows = client_of(world.imran).get(url("home_supervisor")).context["page_obj"].object_list
    assert [(row.name.split()[0], row.unlogged) for row in rows] == [("Amara", 1), ("Aaron", 0)]


def test_my_students_shows_names_and_last_attendance_only(world, client_of):
    body = page(client_of(world.amara).get(url("my_students")))
    assert "Ben Hughes" in body
    assert "Last came Wed 28 Oct" in body
    assert world.ben.email not in body


def test_my_sessions_of_both_kinds(world, client_of):
    amara = client_of(world.amara)
    assert len(amara.get(url("my_sessions")).context["page_obj"].object_list) == 1
    assert len(amara.get(url("my_sessions"), {"as": "student"}).context["page_obj"].object_list) == 0
    ben = client_of(world.ben)
    assert [row.title for row in ben.get(url("my_sessions")).context["page_obj"].object_list] == ["Group A"]
    assert ben.get(url("my_sessions"), {"show": "past"}).context["page_obj"].object_list[0].uuid == world.today.uuid


def test_nobody_sees_other_peoples_sessions(world, client_of):
    assert client_of(world.dev).get(url("programmes:session_detail", world.upcoming.uuid)).status_code == 404


class Heard(HTMLParser):
    """What a screen reader calls the regions and links of a page's main part."""

    def __init__(self, body):
        super().__init__()
        self.texts, self.labels, self.links, self._open = {}, [], [], []
        self.feed(re.search(r"<main.*?</main>", body, re.DOTALL).group())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "section":
            self.labels.append(attrs["aria-labelledby"].split())
        if tag not in {"input", "br", "img", "meta"}:
            self._open.append((tag, attrs, []))

    def handle_data(self, data):
        for _tag, _attrs, text in self._open:
            text.append(data)

    def handle_endtag(self, tag):
        while self._open:
            opened, attrs, text = self._open.pop()
            said = " ".join("".join(text).split())
            if "id" in attrs:
                assert attrs["id"] not in self.texts
                self.texts[attrs["id"]] = said
            if opened == "a":
                self.links.append((said, attrs["href"]))
            if opened == tag:
                return

    @property
    def regions(self):
        return [" ".join(self.texts[part] for part in label) for label in self.labels]


@pytest.mark.parametrize(
    ("who", "name"), [("amara", "home_leader"), ("ben", "home_student"), ("rhian", "home_coordinator")]
)
def test_homes_call_no_two_things_the_same(world, client_of, pair, who, name):
    """Five meetings of one group share its name; who hears the page can tell them, and their links, apart."""
    for hours in (-26, -50, -74, 30, 50, 74):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(hours))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    heard = Heard(page(client_of(getattr(world, who)).get(url(name))))

    assert len(set(heard.regions)) == len(heard.regions)
    assert all(heard.regions)
    places = {}
    for said, href in heard.links:
        places.setdefault(said, set()).add(href)
    assert {said for said, hrefs in places.items() if len(hrefs) > 1} == set()


@pytest.mark.parametrize(
    ("who", "name", "most"),
    [
        ("amara", "home_leader", 15),
        ("ben", "home_student", 15),
        ("rhian", "home_coordinator", 15),
        ("imran", "home_supervisor", 15),
    ],
)
def test_homes_take_few_queries_and_no_more_with_more(world, client_of, pair, who, name, most):
    client, counts = client_of(getattr(world, who)), []
    client.get(url(name))
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(name)).status_code == 200
        counts.append(len(captured))
        for n in range(4):
            session = make.SessionFactory(group=world.group, starts_at=NOW + timedelta(hours=50 + n))
            make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
            make.SessionLeaderFactory(
                session=make.SessionFactory(
                    group=world.group, starts_at=in_hours(-99 - n), status=SessionStatus.PLANNED
                ),
                membership=world.memberships["amara"],
            )
            make.MembershipFactory(cycle=make.CycleFactory(), user=world.ben)
    assert counts[0] == counts[1]
    assert counts[0] <= most


def test_places_and_grants_are_read_together(world, django_assert_num_queries):
    """The frame of every page asks for both."""
    user = type(world.rhian).objects.get(pk=world.rhian.pk)
    make.RoleGrantFactory(user=world.rhian, role="lead", unit=world.institution)
    with django_assert_num_queries(1):
        assert homes_of(user)[0] == "coordinator"
        assert {grant.role for grant in grants_of(user)} == {"programme_owner", "lead"}
        assert is_institution_lead(user)
    assert {grant.unit.name for grant in grants_of(user)} == {"Biosciences", "University of Aberwen"}


@pytest.mark.parametrize("name", ["my_sessions", "my_students", "home_leader"])
def test_headings_follow_in_order_when_there_is_nothing_yet(world, client_of, name):
    new = make.MembershipFactory(cycle=make.CycleFactory(state="running"), role="leader").user
    levels = [int(level) for level in re.findall(r"<h([1-6])", page(client_of(new).get(url(name))))]
    assert levels[:2] == [1, 2]


# --- partners and who keeps people safe -----------------------------------------------------------
def test_a_partner_sees_counts_and_topics_and_nobodys_name(world, client_of):
    topic = make.TopicFactory(programme=world.programme, name="Krebs cycle")
    held = make.SessionFactory(cycle=world.cycle, group=world.group, starts_at=in_days(-9), status=SessionStatus.HELD)
    make.SessionLogFactory(session=held).topics.add(topic)
    for number in range(6):
        make.AttendanceFactory(
            session=held,
            membership=make.MembershipFactory(cycle=world.cycle, user__given_name=f"Guest{number}"),
            status="present",
        )
    body = page(client_of(world.elin).get(url("home_staff")))
    assert "Bio PASS" in body
    assert "Krebs cycle" in body
    assert "Study sessions that took place" in body
    assert not [name for name in ("Guest", "Ben Hughes", "Amara") if name in body]


def test_few_visits_are_not_told_exactly(world, client_of, settings):
    assert "Numbers of people are rounded to the nearest 5" in page(client_of(world.elin).get(url("home_staff")))
    settings.PEERHUB_DISCLOSURE_PROFILE = "us5"
    assert "fewer than 5" in page(client_of(world.elin).get(url("home_staff")))


def test_a_safeguarding_lead_is_told_which_services_nobody_checked_and_checks_them(world, client_of):
    world.service.last_verified_on = None
    world.service.save(update_fields=["last_verified_on"])
    helen = client_of(world.helen)
    body = page(helen.get(url("home_staff")))
    assert "Never checked" in body
    assert f"service-{world.service.uuid}" in body
    helen.post(url("institution:service_verify", world.service.uuid))
    assert "Nothing to do." in page(helen.get(url("home_staff")))


def test_an_administrator_of_an_empty_house_finds_what_comes_first(world, client_of):
    type(world.service).objects.update(is_active=False)
    body = page(client_of(world.sam).get(url("home_staff")))
    for name in ("institution:unit_list", "institution:role_list", "institution:branding_edit", "admin:index"):
        assert url(name) in body
    assert "No services yet." in body
    assert url("institution:unit_list") not in page(client_of(world.helen).get(url("home_staff")))


def test_staff_without_a_part_in_anything_are_not_taken_for_students(world, client_of):
    newcomer = make.UserFactory(kind="staff")
    client = client_of(newcomer)
    assert client.get(url("home")).url == url("home_staff")
    body = page(client.get(url("home_staff")))
    assert "Nothing is yours to do here yet" in body
    assert "You are not in a programme yet" not in body


def test_a_cycle_in_the_making_leads_to_where_its_set_up_goes_on(world, client_of):
    address = url("programmes:cycle_setup", world.programme.slug, world.cycle.code, "check")
    assert address not in page(client_of(world.rhian).get(url("home_coordinator")))
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(state="preparing")
    assert address in page(client_of(world.rhian).get(url("home_coordinator")))


def test_a_supervisor_finds_the_sessions_whose_logs_are_missing(world, client_of):
    late = make.SessionFactory(group=world.group, starts_at=in_hours(-99))
    make.SessionLeaderFactory(session=late, membership=world.memberships["amara"])
    imran = client_of(world.imran)
    listed = url("programmes:session_list", world.programme.slug, world.cycle.code) + "?show=unlogged"
    assert listed in page(imran.get(url("home_supervisor")))
    assert url("programmes:session_detail", late.uuid) in page(imran.get(listed))
