"""Marks of many sessions in one save: the log's rules, its history, and what somebody else saved meanwhile."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import (
    Attendance,
    Booking,
    BookingPause,
    BookingRules,
    Cycle,
    CycleState,
    GroupMember,
    LogRevision,
    Session,
    SessionLog,
    SessionStatus,
)
from programmes.queries.attendance_grid import PEOPLE, SESSIONS, Asked, attendance_grid
from programmes.queries.register import register
from programmes.queries.registers import registers
from programmes.services.logs import LogEntry, log_session
from programmes.services.marks import Marked, MarksRefused, record_marks
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = pytest.mark.django_db


def record(world, said, *, actor=None, reason="", key=None, now=NOW, versions=None):
    """`said`: session to {membership: mark}."""
    changes = {
        session.uuid: Marked(
            (versions or {}).get(session, Session.objects.get(pk=session.pk).log_version),
            {one.uuid: mark for one, mark in marks.items()},
        )
        for session, marks in said.items()
    }
    cycle = Cycle.objects.select_related("programme__owner_unit").get(pk=world.cycle.pk)
    return record_marks(actor=actor or world.rhian, cycle=cycle, changes=changes, reason=reason, key=key, now=now)


def refused(world, said, **more):
    with pytest.raises(MarksRefused) as refusal:
        record(world, said, **more)
    return refusal.value.code


def rows(session):
    return {
        row.membership.user.given_name: (row.status, row.recorded_how)
        for row in Attendance.objects.filter(session=session).select_related("membership__user")
    }


def marks(session):
    return {name: status for name, (status, _how) in rows(session).items()}


@pytest.fixture
def ben(world):
    return world.memberships["ben"]


@pytest.fixture
def owen(world):
    """A second participant of Amara's group."""
    membership = make.MembershipFactory(cycle=world.cycle, user__given_name="Owen")
    make.GroupMemberFactory(group=world.group, membership=membership)
    return membership


@pytest.fixture
def open_session(world):
    """Open to all of the cycle, an hour ago."""
    return make.SessionFactory(cycle=world.cycle, starts_at=in_hours(-1))


# --- saving -----------------------------------------------------------------------------------------------------------
def test_record_marks_in_a_session_without_a_log_is_its_log(world, ben, owen):
    done = record(world, {world.today: {ben: "late"}})

    world.today.refresh_from_db()
    log = SessionLog.objects.get(session=world.today)
    assert (done.logged, done.corrected, done.marks) == (1, 0, 2)
    assert (world.today.status, world.today.log_version) == (SessionStatus.HELD, 1)
    assert (log.author, log.minutes, log.logged_at) == (world.rhian, 60, NOW)
    assert rows(world.today) == {"Ben": ("late", "coordinator"), "Owen": ("absent", "coordinator")}
    event = AuditEvent.objects.get(action="programmes.marks_recorded")
    assert event.detail == {"sessions": [world.today.pk], "logged": 1, "marks": 2}


def test_record_marks_by_a_leader_says_so(world, ben, owen):
    record(world, {world.today: {ben: "present"}}, actor=world.amara)
    assert rows(world.today)["Ben"] == ("present", "leader")


def test_record_marks_when_nobody_came_says_so(world, ben, owen):
    record(world, {world.today: {ben: "absent", owen: "excused"}})
    world.today.refresh_from_db()
    assert (world.today.status, marks(world.today)) == ("nobody_came", {"Ben": "absent", "Owen": "excused"})


def test_record_marks_keeps_check_ins_of_a_session_without_a_log(world, ben, owen):
    make.CheckInFactory(session=world.today, membership=owen, at=world.today.starts_at)
    record(world, {world.today: {ben: "present"}})
    assert rows(world.today) == {"Ben": ("present", "coordinator"), "Owen": ("present", "code")}


def test_record_marks_says_not_here_of_somebody_who_checked_in(world, ben, owen):
    make.CheckInFactory(session=world.today, membership=owen, at=world.today.starts_at)
    record(world, {world.today: {ben: "present", owen: "absent"}})
    assert rows(world.today)["Owen"] == ("absent", "coordinator")


def test_record_marks_corrects_a_log_and_keeps_what_it_said(world, ben, owen):
    done = record(world, {world.past: {ben: "absent", owen: "present"}}, reason="From paper")

    revision = LogRevision.objects.get(session=world.past)
    assert (done.logged, done.corrected, done.marks) == (0, 1, 2)
    assert marks(world.past) == {"Ben": "absent", "Owen": "present"}
    assert (revision.by, revision.reason, revision.number) == (world.rhian, "From paper", 0)
    assert revision.before["register"] == {str(ben.pk): "present"}
    assert revision.before["outcome"] == "held"
    assert SessionLog.objects.get(session=world.past).changed_at == NOW


def test_record_marks_changes_only_what_was_marked_in_a_logged_session(world, ben, owen):
    """Unlike a first log: who has no mark in an old register is not made absent by a change beside them."""
    record(world, {world.past: {ben: "late"}}, reason="r")
    assert marks(world.past) == {"Ben": "late"}


def test_record_marks_clears_a_mark(world, ben, owen):
    record(world, {world.past: {owen: "present"}}, reason="r")
    record(world, {world.past: {ben: ""}}, reason="r")
    assert marks(world.past) == {"Owen": "present"}


def test_record_marks_turns_the_outcome_with_the_marks(world, ben):
    record(world, {world.past: {ben: "absent"}}, reason="r")
    world.past.refresh_from_db()
    assert world.past.status == "nobody_came"
    record(world, {world.past: {ben: "late"}}, reason="r")
    world.past.refresh_from_db()
    assert (world.past.status, world.past.log_version) == ("held", 2)


def test_record_marks_of_several_sessions_in_the_same_queries_as_one(world, ben, owen):
    def cost(sessions):
        said = {session: {ben: "present", owen: "late"} for session in sessions}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            record(world, said)
        return len(captured) - len(sessions)  # the helper looks up each version

    one = [make.SessionFactory(group=world.group, starts_at=in_hours(-3))]
    many = [make.SessionFactory(group=world.group, starts_at=in_hours(-4 - n)) for n in range(8)]
    cost([make.SessionFactory(group=world.group, starts_at=in_hours(-20))])
    assert cost(many) == cost(one) <= 18


def test_record_marks_twice_is_once(world, ben):
    key = uuid.uuid4()
    record(world, {world.today: {ben: "late"}}, key=key)
    with pytest.raises(Repeated):
        record(world, {world.today: {ben: "late"}}, key=key)
    assert LogRevision.objects.count() == 0


def test_record_marks_again_from_an_old_page_to_the_same_effect_is_no_clash(world, ben):
    record(world, {world.today: {ben: "late"}}, versions={world.today: 0})
    done = record(world, {world.today: {ben: "late"}}, versions={world.today: 0}, actor=world.amara)
    assert (done.clashes, done.marks) == ([], 0)
    assert LogRevision.objects.count() == 0


def test_record_marks_of_a_register_without_a_log(world, ben):
    """Imported history: it gets its log when it is first corrected."""
    session = make.SessionFactory(group=world.group, starts_at=in_days(-30), status="held")
    make.AttendanceFactory(session=session, membership=ben)
    record(world, {session: {ben: "late"}}, reason="r")
    assert (marks(session), LogRevision.objects.get().before["register"]) == ({"Ben": "late"}, {str(ben.pk): "present"})
    assert SessionLog.objects.get(session=session).author is None


def test_record_marks_in_a_session_open_to_all_takes_whoever_takes_part(world, ben, open_session):
    walker = make.MembershipFactory(cycle=world.cycle, user__given_name="Walker")
    record(world, {open_session: {walker: "present"}})
    assert marks(open_session) == {"Walker": "present"}
    assert Attendance.objects.get(session=open_session).is_walk_in


def test_record_marks_says_not_here_of_who_booked_and_is_left_blank(world, ben, owen, open_session):
    Booking.objects.create(session=open_session, membership=owen, made_at=NOW)
    record(world, {open_session: {ben: "present"}})
    assert marks(open_session) == {"Ben": "present", "Owen": "absent"}
    cells = {line.name.split()[0]: line.cells for line in shown(world, group="all").lines}
    assert cells["Owen"][-1] == "a"


def test_grid_shows_who_has_booked(world, ben, owen, open_session):
    Booking.objects.create(session=open_session, membership=owen, made_at=NOW)
    assert {line.name.split()[0]: line.cells[-1] for line in shown(world, group="all").lines} == {
        "Ben": "",
        "Owen": "b",
    }


def test_record_marks_counts_who_missed_a_booked_seat(world, ben, owen, open_session):
    """As the log sheet does: who missed too often cannot book for a while, until it is put right."""
    BookingRules.objects.create(cycle=world.cycle, misses=1)
    Booking.objects.create(session=open_session, membership=owen, made_at=NOW)
    record(world, {open_session: {ben: "present"}}, now=in_hours(1))
    assert BookingPause.objects.get().membership == owen
    record(world, {open_session: {owen: "late"}}, now=in_hours(2))
    assert BookingPause.objects.get().lifted_at


# --- conflicts --------------------------------------------------------------------------------------------------------
def test_record_marks_leaves_a_session_somebody_else_saved_and_saves_the_others(world, ben, owen):
    other = make.SessionFactory(group=world.group, starts_at=in_hours(-5))
    record(world, {world.today: {ben: "present"}}, actor=world.amara)

    done = record(world, {world.today: {ben: "late"}, other: {ben: "late"}}, versions={world.today: 0})

    [clash] = done.clashes
    assert (clash.session, done.logged) == (world.today, 1)
    assert [(one.name.split()[0], one.saved, one.wanted) for one in clash.differs] == [("Ben", "present", "late")]
    assert (marks(world.today)["Ben"], marks(other)["Ben"]) == ("present", "late")


def test_record_marks_and_the_log_sheet_keep_one_version(world, ben):
    """What the sheet saved is a conflict for the grid, and the other way round."""
    sheet = Session.objects.select_related("cycle").get(pk=world.today.pk)
    entry = LogEntry(outcome="held", version=0, marks={ben.uuid: "present"})
    log_session(actor=world.amara, session=sheet, entry=entry, key=None, now=NOW)
    done = record(world, {world.today: {ben: "late"}}, versions={world.today: 0})
    assert [one.session for one in done.clashes] == [world.today]


# --- refusals ---------------------------------------------------------------------------------------------------------
def test_record_marks_refuses_a_closed_cycle(world, ben):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=CycleState.CLOSED)
    assert refused(world, {world.today: {ben: "late"}}) == "closed"


def test_record_marks_refuses_what_has_not_begun(world, ben):
    assert refused(world, {world.upcoming: {ben: "late"}}) == "not_started"


@pytest.mark.parametrize(("status", "code"), [("cancelled", "cancelled"), ("not_held", "not_held")])
def test_record_marks_refuses_what_did_not_happen(world, ben, status, code):
    Session.objects.filter(pk=world.today.pk).update(status=status)
    assert refused(world, {world.today: {ben: "late"}}) == code


def test_record_marks_refuses_ones_own(world):
    mine = make.MembershipFactory(cycle=world.cycle, user=world.rhian)
    make.GroupMemberFactory(group=world.group, membership=mine)
    assert refused(world, {world.today: {mine: "present"}}) == "own_attendance"


def test_record_marks_refuses_a_leaders_own_place(world):
    """Whoever leads it is not on its register, as a participant either."""
    mine = make.MembershipFactory(cycle=world.cycle, user=world.amara)
    assert refused(world, {world.today: {mine: "present"}}, actor=world.amara) == "own_attendance"


def test_record_marks_never_writes_down_whoever_saves(world, ben):
    mine = make.MembershipFactory(cycle=world.cycle, user=world.rhian)
    make.GroupMemberFactory(group=world.group, membership=mine)
    record(world, {world.today: {ben: "present"}})
    assert marks(world.today) == {"Ben": "present"}


def test_record_marks_refuses_people_of_elsewhere(world):
    dev = world.other_cycle.memberships.get(user=world.dev)
    assert refused(world, {world.today: {dev: "present"}}) == "unknown_person"


def test_record_marks_refuses_who_was_not_in_the_group_then(world, ben, owen):
    """Owen moved in after last week's session; he is on no register of before."""
    GroupMember.objects.filter(membership=owen).update(started_at=in_days(-1))
    assert refused(world, {world.past: {owen: "present"}}, reason="r") == "unknown_person"
    record(world, {world.today: {owen: "present"}})


def test_record_marks_refuses_sessions_of_elsewhere_and_of_other_leaders(world, ben):
    assert refused(world, {world.other_session: {ben: "present"}}) == "unknown_session"
    other = make.SessionFactory(group=world.group, starts_at=in_hours(-5))
    assert refused(world, {other: {ben: "present"}}, actor=world.amara) == "unknown_session"
    assert refused(world, {world.today: {ben: "present"}}, actor=world.imran) == "unknown_session"


def test_record_marks_refuses_an_old_log_without_a_reason_and_saves_nothing(world, ben):
    assert refused(world, {world.past: {ben: "late"}, world.today: {ben: "late"}}) == "no_reason"
    assert (marks(world.past), marks(world.today)) == ({"Ben": "present"}, {})


def test_record_marks_asks_for_no_reason_within_a_day(world, ben):
    record(world, {world.today: {ben: "late"}})
    record(world, {world.today: {ben: "present"}}, now=NOW + timedelta(hours=23))
    assert refused(world, {world.today: {ben: "late"}}, now=NOW + timedelta(hours=48)) == "no_reason"


def test_record_marks_refuses_an_empty_register(world, ben):
    assert refused(world, {world.past: {ben: ""}}, reason="r") == "nobody_marked"


@pytest.mark.parametrize(("said", "code"), [({}, "nothing"), ({"ben": "asleep"}, "unknown_choice")])
def test_record_marks_refuses_nonsense(world, said, code):
    assert refused(world, {world.today: {world.memberships[name]: mark for name, mark in said.items()}}) == code


def test_record_marks_refuses_more_than_a_page(world, ben):
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    changes = {uuid.uuid4(): Marked(0, {ben.uuid: "late"}) for _ in range(SESSIONS + 1)}
    with pytest.raises(MarksRefused) as refusal:
        record_marks(actor=world.rhian, cycle=cycle, changes=changes, now=NOW)
    assert refusal.value.code == "too_many"


# --- who is on it -----------------------------------------------------------------------------------------------------
WHO = st.sampled_from(["in", "moved", "late", "out", "marked", "entered", "leads", "walks", "books"])


@settings(max_examples=20)
@given(who=st.lists(WHO, min_size=1, max_size=5), is_open=st.booleans())
def test_several_registers_are_what_each_says(who, is_open):
    """The bulk read, the one of a session, and the cells of the grid agree on who is listed, whatever people did."""
    cycle = make.CycleFactory()
    group, other = (make.GroupFactory(cycle=cycle) for _ in range(2))
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator").user
    sessions = [
        make.SessionFactory(cycle=cycle, group=None if is_open else group, starts_at=in_hours(-hours))
        for hours in (2, 100)
    ]
    walkers = []
    for kind in who:
        one = make.MembershipFactory(cycle=cycle)
        if kind in {"in", "late", "leads"}:
            make.GroupMemberFactory(group=group, membership=one, started_at=in_hours(-50 if kind == "late" else -900))
        if kind == "moved":
            make.GroupMemberFactory(group=group, membership=one, ended_at=in_hours(-60))
            make.GroupMemberFactory(group=other, membership=one, started_at=in_hours(-60))
        if kind == "marked":
            make.AttendanceFactory(session=sessions[0], membership=one, status="late", is_walk_in=True)
        if kind == "entered":
            make.CheckInFactory(session=sessions[1], membership=one)
        if kind == "leads":
            make.SessionLeaderFactory(session=sessions[0], membership__user=one.user)
        if kind == "books" and is_open:
            Booking.objects.create(session=sessions[0], membership=one, made_at=NOW)
        if kind == "walks":
            walkers.append(one.uuid)
    found = registers(sessions, viewer=rhian, walk_ins={one.pk: walkers for one in sessions})
    for one in sessions:
        assert found[one.pk] == register(one, viewer=rhian, walk_ins=walkers)
    grid = attendance_grid(cycle, viewer=rhian, asked=Asked(group="all"), now=NOW)
    for place, column in enumerate(grid.columns):
        open_to = {line.uuid for line in grid.lines if line.cells[place] not in {"-", "+"}}
        listed = {one.uuid for one in registers(sessions, viewer=rhian, walk_ins={})[column.pk]}
        everyone = {line.uuid for line in grid.lines if line.cells[place] != "+"}
        assert open_to == (everyone if is_open else listed)


# --- the page ---------------------------------------------------------------------------------------------------------
def address(world, query=""):
    return reverse("programmes:attendance_grid", args=[world.programme.slug, world.cycle.code]) + query


def shown(world, viewer=None, **asked):
    cycle = Cycle.objects.select_related("programme__activity_type", "programme__owner_unit").get(pk=world.cycle.pk)
    return attendance_grid(cycle, viewer=viewer or world.rhian, asked=Asked(**asked), now=NOW)


def test_grid_says_what_registers_say(world, ben, owen):
    make.CheckInFactory(session=world.today, membership=owen, at=world.today.starts_at + timedelta(hours=1))
    grid = shown(world)
    assert [one.uuid for one in grid.columns] == [world.past.uuid, world.today.uuid]
    assert {line.name.split()[0]: line.cells for line in grid.lines} == {"Ben": ["p", ""], "Owen": ["", "j"]}
    assert [(line.came, line.listed) for line in grid.lines] == [(1, 1), (0, 0)]
    assert [(one.came, one.listed) for one in grid.columns] == [(1, 1), (0, 0)]


def test_grid_tells_who_was_not_in_the_group_then(world, ben, owen):
    GroupMember.objects.filter(membership=owen).update(started_at=in_days(-1))
    assert [line.cells for line in shown(world).lines if line.uuid == owen.uuid] == [["-", ""]]


def test_grid_shows_leaders_what_they_lead(world, ben):
    other = make.GroupFactory(cycle=world.cycle, name="Another")
    make.SessionFactory(group=other, starts_at=in_hours(-3))
    make.GroupMemberFactory(group=other, membership=make.MembershipFactory(cycle=world.cycle))
    grid = shown(world, world.amara, group="all")
    assert [one.uuid for one in grid.columns] == [world.past.uuid, world.today.uuid]
    assert [one.name for one in grid.groups] == ["Group A"]
    assert [one.name for one in shown(world, group="all").groups] == ["Another", "Group A"]


def test_grid_is_read_only_for_supervisors_and_closed_cycles(world, ben):
    assert not shown(world, world.imran).takes_marks
    assert shown(world).takes_marks
    Cycle.objects.filter(pk=world.cycle.pk).update(state=CycleState.CLOSED)
    assert not shown(world).takes_marks


def test_grid_by_days(world, ben):
    day = world.past.starts_at.date()
    assert [one.uuid for one in shown(world, since=day, until=day).columns] == [world.past.uuid]


def test_grid_has_pages_of_sessions_and_people(world, ben):
    for number in range(SESSIONS):
        make.SessionFactory(group=world.group, starts_at=in_days(-10 - number))
    for _ in range(PEOPLE):
        make.GroupMemberFactory(group=world.group, membership=make.MembershipFactory(cycle=world.cycle))
    first, last = shown(world), shown(world, sessions=2, people=2)
    assert (len(first.columns), len(first.lines)) == (SESSIONS, PEOPLE)
    assert (len(last.columns), len(last.lines)) == (2, 1)
    assert first.columns[-1].uuid == world.today.uuid
    assert (len(shown(world, sessions=99, people=99).columns), last.sessions.paginator.count) == (SESSIONS, 32)


def test_page_saves_and_comes_back(world, client_of, ben, owen, frozen):
    changes = {str(world.today.uuid): {"version": 0, "marks": {str(ben.uuid): "present"}}}
    client = client_of(world.rhian)
    response = client.post(address(world, "?group=all"), {"changes": json.dumps(changes)}, follow=True)
    assert response.redirect_chain == [(address(world, "?group=all"), 302)]
    page = response.content.decode()
    assert "2 marks were changed" in page
    assert "1 session has its log now" in page


def test_page_shows_both_versions_of_what_somebody_saved_meanwhile(world, client_of, ben, frozen):
    record(world, {world.today: {ben: "present"}}, actor=world.amara)
    changes = {str(world.today.uuid): {"version": 0, "marks": {str(ben.uuid): "late"}}}
    response = client_of(world.rhian).post(address(world), {"changes": json.dumps(changes)})
    page = response.content.decode()
    assert response.status_code == 409
    assert "saved by Amara Okafor" in page
    assert '<td role="cell" data-label="Saved">Here</td><td role="cell" data-label="Yours">Late</td>' in page
    assert '<td class="l" data-was="p" aria-label="Late">L</td>' in page
    assert f'data-session="{world.today.uuid}" data-version="1"' in page


def test_page_keeps_marks_that_were_refused(world, client_of, ben, frozen):
    changes = {str(world.past.uuid): {"version": 0, "marks": {str(ben.uuid): "late"}}}
    response = client_of(world.rhian).post(address(world), {"changes": json.dumps(changes)})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Say in a few words why you change a log" in page
    assert '<td class="l" data-was="p" aria-label="Late">L</td>' in page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"x": 1}',
        '{"%s": {"version": "0", "marks": {}}}',
        '{"%s": {"version": 0, "marks": []}}',
        "[" * 9999,
    ],
)
def test_page_refuses_what_it_cannot_read(world, client_of, text, frozen):
    text = text.replace("%s", str(world.today.uuid))
    response = client_of(world.rhian).post(address(world), {"changes": text})
    assert response.status_code == 422


@pytest.mark.parametrize("query", ["?group=nobody&since=yesterday&page=0&sessions=-1", "?group=" + "0" * 50])
def test_page_reads_old_links(world, client_of, query, frozen):
    assert client_of(world.rhian).get(address(world, query)).status_code == 200


def test_page_names_are_escaped(world, client_of, ben, frozen):
    type(ben.user).objects.filter(pk=ben.user_id).update(given_name="<b>Ben", preferred_name="")
    Session.objects.filter(pk=world.today.pk).update(title="<i>Now")
    page = client_of(world.rhian).get(address(world)).content.decode()
    assert "&lt;b&gt;Ben" in page
    assert "&lt;i&gt;Now" in page


def test_export_is_the_page_that_is_shown(world, client_of, ben, owen, frozen):
    where = reverse("programmes:grid_export", args=[world.programme.slug, world.cycle.code])
    reply = client_of(world.rhian).get(where)
    lines = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["Ben Hughes,Here,Not recorded,1,1", f"{owen.user.display_name},Not recorded,Not recorded,0,0"]
