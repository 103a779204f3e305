"""Who may know of sessions, groups, logs and contacts: active roles only, and each role no more than it says."""

import pytest
from django.urls import reverse

from peerhub.common.access import can
from programmes.models import Group, Membership, Role, Session, SessionLog
from programmes.queries.sessions import sessions_for
from programmes.services.joining import leave_programme
from programmes.services.memberships import remove_member
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone(world):
    """A session of no group: open to the whole cycle."""
    return make.SessionFactory(cycle=world.cycle, starts_at=in_hours(3))


@pytest.fixture
def pair(world):
    """Amara mentors Kai; they have been in touch once."""
    group = make.GroupFactory(cycle=world.cycle, shape="pair", created_at=in_days(-20))
    kai = make.MembershipFactory(cycle=world.cycle)
    for membership in (world.memberships["amara"], kai):
        make.GroupMemberFactory(group=group, membership=membership, started_at=in_days(-20))
    contact = make.SessionFactory(group=group, kind="contact", channel="call", status="held", starts_at=in_hours(-3))
    make.SessionLeaderFactory(session=contact, membership=world.memberships["amara"])
    make.SessionLogFactory(session=contact, author=world.amara, shared_note="Kai settles in")
    return group


def seen(user):
    return set(Session.objects.visible_to(user)), set(Group.objects.visible_to(user))


@pytest.mark.parametrize("who", ["amara", "ben", "rhian", "imran"])
@pytest.mark.parametrize("how", ["left", "removed"])
def test_whoever_left_or_was_removed_sees_nothing(world, everyone, pair, who, how):
    user = getattr(world, who)
    assert all(seen(user))
    if who == "amara":  # history keeps their name on what they led
        Membership.objects.filter(pk=world.memberships["amara"].pk).update(status=how, ended_at=NOW)
        assert world.past.leaders.exists()
    else:
        place = Membership.objects.filter(user=user, cycle=world.cycle)
        place.update(status=how, ended_at=NOW, is_point_person=False)
    assert seen(user) == (set(), set())
    assert sessions_for(user, show="past", page="1", now=NOW).paginator.count == 0


def test_leaving_and_removing_close_the_door_at_once(world, everyone, pair):
    leave_programme(actor=world.amara, membership_id=world.memberships["amara"].pk, now=NOW)
    remove_member(actor=world.rhian, membership_id=world.memberships["ben"].pk, reason="Asked to.", now=NOW)
    assert seen(world.amara) == seen(world.ben) == (set(), set())


def test_whoever_moved_group_still_sees_where_they_were(world):
    world.memberships["ben"].group_places.update(ended_at=NOW)
    assert seen(world.ben) == ({world.past}, set())


def test_partners_never_see_sessions_or_groups(world, everyone):
    assert seen(world.elin) == (set(), set())


def test_a_supervisor_sees_their_own_cycle_only(world, everyone, pair):
    sessions, groups = seen(world.imran)
    assert {one.cycle_id for one in [*sessions, *groups]} == {world.cycle.pk}
    assert world.other_session not in sessions


def test_a_supervisor_looks_and_changes_nothing(world):
    about = {
        "view_workspace", "view_counts", "view_people", "view_sessions",
        "change_cycle", "move_cycle", "waive_check", "roll_over_cycle", "change_people", "export_people",
        "appoint_coordinator", "import_roster", "change_groups", "plan_session", "lead_session",
        "export_attendance", "view_messages", "change_messages",
    }  # fmt: skip
    allowed = {name for name in about if can(world.imran, f"programmes.{name}", world.cycle)}
    assert allowed == {"view_workspace", "view_counts", "view_people", "view_sessions"}
    for name in ("change_session", "log_session"):
        assert not can(world.imran, f"programmes.{name}", world.past)
    for name in ("view_contacts", "log_contact"):
        assert not can(world.imran, f"programmes.{name}", world.group)


# --- what a log says, on the pages --------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status", "reads"),
    [
        ("amara", 200, True),
        ("rhian", 200, True),
        ("imran", 200, True),
        ("ben", 200, False),
        ("elin", 404, False),
        ("dev", 404, False),
    ],
)
def test_shared_notes_are_the_teams(world, client_of, frozen, who, status, reads):
    SessionLog.objects.filter(session=world.past).update(shared_note="Membranes were hard")
    reply = client_of(getattr(world, who)).get(reverse("programmes:session_detail", args=[world.past.uuid]))
    assert (reply.status_code, "Membranes were hard" in reply.content.decode()) == (status, reads)


def test_private_reflections_are_their_authors_alone(world, client_of, frozen):
    second = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
    make.SessionLeaderFactory(session=world.past, membership=second)
    SessionLog.objects.filter(session=world.past).update(private_reflection="I spoke too fast")
    pages = [reverse(f"programmes:session_{page}", args=[world.past.uuid]) for page in ("detail", "log")]

    def reading(user):
        browser = client_of(user)
        return ["I spoke too fast" in browser.get(page).content.decode() for page in pages]

    assert reading(world.amara) == [False, True]  # where they wrote it
    for other in (second.user, world.rhian, world.imran, world.ben, world.carys, world.helen, world.sam):
        assert reading(other) == [False, False]


@pytest.mark.parametrize(
    ("who", "status"), [("amara", 200), ("rhian", 200), ("imran", 403), ("ben", 404), ("elin", 404), ("dev", 404)]
)
def test_contacts_are_the_pairs_and_the_coordinators(world, pair, client_of, frozen, who, status):
    reply = client_of(getattr(world, who)).get(reverse("programmes:contact_log", args=[pair.uuid]))
    assert reply.status_code == status
    assert ("Kai settles in" in reply.content.decode()) is (status == 200)


def test_a_leader_who_left_reads_no_contacts_and_logs_none(world, pair, client_of, frozen):
    leave_programme(actor=world.amara, membership_id=world.memberships["amara"].pk, now=NOW)
    browser = client_of(world.amara)
    assert browser.get(reverse("programmes:contact_log", args=[pair.uuid])).status_code == 404
    for page in ("detail", "log", "edit"):
        assert browser.get(reverse(f"programmes:session_{page}", args=[world.past.uuid])).status_code == 404
