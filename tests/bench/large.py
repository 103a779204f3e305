"""Rows for P3, P10 and P16 on a demo database: a grid of 58 people and 30 sessions, a register of 58, and a cycle with
100,000 attendances. Prints JSON.
"""

import itertools
import json
import os
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.urls import reverse

from peerhub.accounts.models import User
from programmes.models import Attendance, Cycle, Membership, Role, Session
from tests import factories as make
from tests.bench.cast import cast

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
REGISTER, SHEETS = 58, 45
PEOPLE, MEETINGS = 2000, 50
GRID_SESSIONS = 30
MARKS = ("present", "present", "absent", "late")


def sheets(amara: User) -> list[str]:
    """Addresses of sessions that are over and not logged, each with 58 expected."""
    mine = Membership.objects.active().filter(user=amara, role=Role.LEADER, cycle__state="running").order_by("pk")
    leader = mine.select_related("cycle").first()
    assert leader
    group = make.GroupFactory(cycle=leader.cycle, name="Bench group of 58")
    make.GroupMemberFactory(group=group, membership=leader)
    for number in range(REGISTER):
        user = make.UserFactory(given_name=f"Bench{number}", password="")
        make.GroupMemberFactory(group=group, membership=make.MembershipFactory(cycle=leader.cycle, user=user))
    found = []
    for number in range(SHEETS):
        session = make.SessionFactory(group=group, starts_at=NOW - timedelta(hours=2 + number))
        make.SessionLeaderFactory(session=session, membership=leader)
        found.append(reverse("programmes:session_log", kwargs={"uuid": session.uuid}))
    return found


def export_path(rhian: User) -> str:
    """The address of the export of a cycle with PEOPLE x MEETINGS attendances, which Rhian coordinates."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug="bench-export", name="Bench export"))
    make.MembershipFactory(cycle=cycle, user=rhian, role=Role.COORDINATOR)
    users = User.objects.bulk_create(
        User(given_name=f"Given{number}", family_name=f"Family{number}", password="!") for number in range(PEOPLE)
    )
    members = Membership.objects.bulk_create(
        Membership(cycle=cycle, user=user, role=Role.PARTICIPANT, created_at=NOW, joined_at=NOW) for user in users
    )
    group = make.GroupFactory(cycle=cycle)
    starts = [NOW - timedelta(days=number + 1) for number in range(MEETINGS)]
    sessions = Session.objects.bulk_create(
        Session(cycle=cycle, group=group, starts_at=at, ends_at=at + timedelta(hours=1), status="held", created_at=NOW)
        for at in starts
    )
    Attendance.objects.bulk_create(
        (
            Attendance(session=session, membership=member, status="present", recorded_at=NOW)
            for session, member in itertools.product(sessions, members)
        ),
        batch_size=5000,
    )
    assert isinstance(cycle, Cycle)
    return reverse("programmes:attendance_export", kwargs={"slug": "bench-export", "code": cycle.code})


def grid_path(rhian: User) -> str:
    """The address of the grid of a group of 58 with 30 logged sessions, all open for correction by Rhian."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug="bench-grid", name="Bench grid"))
    make.MembershipFactory(cycle=cycle, user=rhian, role=Role.COORDINATOR)
    leader = make.MembershipFactory(cycle=cycle, role=Role.LEADER)
    group = make.GroupFactory(cycle=cycle, name="Bench grid of 58")
    members = []
    for number in range(REGISTER):
        user = make.UserFactory(given_name=f"Grid{number}", password="")
        members.append(make.MembershipFactory(cycle=cycle, user=user))
        make.GroupMemberFactory(group=group, membership=members[-1], started_at=NOW - timedelta(days=400))
    for week in range(GRID_SESSIONS):
        session = make.SessionFactory(
            group=group, starts_at=NOW - timedelta(days=7 * week + 1), status="held", log_version=1
        )
        make.SessionLeaderFactory(session=session, membership=leader)
        make.SessionLogFactory(session=session, author=rhian, logged_at=session.ends_at)
        Attendance.objects.bulk_create(
            Attendance(session=session, membership=member, status=MARKS[(place + week) % 4], recorded_at=NOW)
            for place, member in enumerate(members)
        )
    return reverse("programmes:attendance_grid", kwargs={"slug": "bench-grid", "code": cycle.code})


if __name__ == "__main__":
    people = cast()
    rhian = people["rhian"]
    print(json.dumps({"sheets": sheets(people["amara"]), "export": export_path(rhian), "grid": grid_path(rhian)}))
