"""A small Aberwen in which every persona has a place: what the access matrix and page tests run against.

Biosciences runs a PASS programme: Rhian coordinates it, Imran supervises, Elin is a partner, Amara leads a group in
which Ben takes part. History runs its own: Owain coordinates, Lena leads, Dev takes part. Carys leads the institution,
Helen is its safeguarding lead, Sam is a superuser with no role anywhere.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from peerhub.accounts.models import PersonKind, User
from peerhub.institution.models import OrgUnit, SupportService, UnitKind
from programmes.models import (
    Cycle,
    Group,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    Session,
    SessionStatus,
    Topic,
)
from tests import factories as make
from tests.factories import in_days, in_hours


@dataclass
class World:
    """Named rows. Attributes other areas add for their own pages go into `extra`."""

    amara: User
    ben: User
    rhian: User
    imran: User
    elin: User
    dev: User
    lena: User
    owain: User
    carys: User
    helen: User
    sam: User
    zoe: User  # has asked to join
    ines: User  # is on the waiting list
    institution: OrgUnit
    biosciences: OrgUnit
    history: OrgUnit
    service: SupportService
    programme: Programme
    cycle: Cycle
    group: Group
    topic: Topic
    upcoming: Session  # Amara's group, tomorrow
    today: Session  # Amara's group, over for an hour, not logged
    past: Session  # Amara's group, held last week, logged
    memberships: dict[str, Membership]  # by given name, lower case
    other_programme: Programme
    other_cycle: Cycle
    other_group: Group
    other_session: Session
    draft_programme: Programme  # Biosciences, nobody may find it yet
    extra: dict[str, Any] = field(default_factory=dict)

    def refresh(self) -> None:
        """Forget what requests changed on the Python objects (the database was rolled back)."""
        for value in [*vars(self).values(), *self.memberships.values(), *self.extra.values()]:
            if isinstance(value, models.Model):
                value.refresh_from_db()


def person(given: str, family: str, kind: str = PersonKind.STUDENT, **more: Any) -> User:
    domain = "student.aberwen.ac.uk" if kind == PersonKind.STUDENT else "aberwen.ac.uk"
    return make.UserFactory(
        given_name=given, family_name=family, kind=kind, email=f"{given}.{family}@{domain}".lower(), **more
    )


def build_world() -> World:
    """Make all rows in the current transaction."""
    staff = PersonKind.STAFF
    people = {
        "amara": person("Amara", "Okafor"),
        "ben": person("Ben", "Hughes"),
        "rhian": person("Rhian", "Pugh", staff),
        "imran": person("Imran", "Qureshi", staff),
        "elin": person("Elin", "Vaughan", staff),
        "dev": person("Dev", "Patel"),
        "lena": person("Lena", "Novak"),
        "owain": person("Owain", "Rees", staff),
        "carys": person("Carys", "Morgan", staff),
        "helen": person("Helen", "Clarke", staff),
        "sam": person("Sam", "Root", staff, is_staff=True, is_superuser=True),
        "zoe": person("Zoe", "Marchetti"),
        "ines": person("Ines", "Duarte"),
    }
    institution = make.OrgUnitFactory(name="University of Aberwen", kind=UnitKind.INSTITUTION)
    biosciences = make.OrgUnitFactory(name="Biosciences", parent=institution)
    history = make.OrgUnitFactory(name="History", parent=institution)
    make.RoleGrantFactory(user=people["carys"], role="lead", unit=institution)
    make.RoleGrantFactory(user=people["helen"], role="safeguarding_lead", unit=institution)
    make.RoleGrantFactory(user=people["rhian"], role="programme_owner", unit=biosciences)
    return World(
        **people,
        institution=institution,
        biosciences=biosciences,
        history=history,
        service=make.SupportServiceFactory(name="Wellbeing", owner_unit=institution),
        **_home(people, biosciences),
        **_elsewhere(people, history),
        draft_programme=make.ProgrammeFactory(
            slug="bio-buddies", name="Bio Buddies", owner_unit=biosciences, visibility="draft"
        ),
    )


def _home(people: dict[str, User], unit: OrgUnit) -> dict[str, Any]:
    programme = make.ProgrammeFactory(slug="bio-pass", name="Bio PASS", owner_unit=unit)
    cycle = make.CycleFactory(programme=programme, capacity=30)
    roles = {
        "rhian": Role.COORDINATOR,
        "imran": Role.SUPERVISOR,
        "elin": Role.PARTNER,
        "amara": Role.LEADER,
        "ben": Role.PARTICIPANT,
    }
    memberships = {
        name: make.MembershipFactory(cycle=cycle, user=people[name], role=role, is_point_person=name == "rhian")
        for name, role in roles.items()
    }
    waiting = {"status": MembershipStatus.WAITING, "waiting_since": in_days(-2), "joined_at": None}
    asked = {"status": MembershipStatus.REQUESTED, "joined_at": None}
    memberships["zoe"] = make.MembershipFactory(cycle=cycle, user=people["zoe"], **asked)
    memberships["ines"] = make.MembershipFactory(cycle=cycle, user=people["ines"], **waiting)
    group = make.GroupFactory(cycle=cycle, name="Group A")
    for name in ("amara", "ben"):
        make.GroupMemberFactory(group=group, membership=memberships[name])
    upcoming, today, past = (make.SessionFactory(group=group, starts_at=in_hours(h)) for h in (24, -2, -168))
    for session in (upcoming, today, past):
        make.SessionLeaderFactory(session=session, membership=memberships["amara"])
    make.AttendanceFactory(session=past, membership=memberships["ben"])
    make.SessionLogFactory(session=past, author=people["amara"], logged_at=in_days(-6))
    Session.objects.filter(pk=past.pk).update(status=SessionStatus.HELD)
    past.refresh_from_db()
    return {
        "programme": programme,
        "cycle": cycle,
        "memberships": memberships,
        "group": group,
        "topic": make.TopicFactory(programme=programme, name="Cell membranes"),
        "upcoming": upcoming,
        "today": today,
        "past": past,
    }


def _elsewhere(people: dict[str, User], unit: OrgUnit) -> dict[str, Any]:
    programme = make.ProgrammeFactory(slug="history-mentors", name="History mentors", owner_unit=unit)
    cycle = make.CycleFactory(programme=programme)
    make.MembershipFactory(cycle=cycle, user=people["owain"], role=Role.COORDINATOR, is_point_person=True)
    lena = make.MembershipFactory(cycle=cycle, user=people["lena"], role=Role.LEADER)
    dev = make.MembershipFactory(cycle=cycle, user=people["dev"])
    group = make.GroupFactory(cycle=cycle, name="History group")
    for membership in (lena, dev):
        make.GroupMemberFactory(group=group, membership=membership)
    session = make.SessionFactory(group=group, starts_at=in_hours(26))
    make.SessionLeaderFactory(session=session, membership=lena)
    return {"other_programme": programme, "other_cycle": cycle, "other_group": group, "other_session": session}


def grow_world(world: World, times: int) -> None:
    """Add `times` more of everything a page may list, for every persona."""
    for _ in range(times):
        _another_programme(world)
        newcomer = make.MembershipFactory(cycle=world.cycle)
        make.GroupMemberFactory(group=world.group, membership=newcomer)
        make.AttendanceFactory(session=world.past, membership=newcomer)
        make.MembershipFactory(cycle=world.cycle, status=MembershipStatus.REQUESTED, joined_at=None)
        waiting = {"status": MembershipStatus.WAITING, "waiting_since": in_days(-1), "joined_at": None}
        make.MembershipFactory(cycle=world.cycle, **waiting)
        make.TopicFactory(programme=world.programme)
        make.SupportServiceFactory(owner_unit=world.institution)
        for hours in (2, 50, -50, -400):
            _another_session(world, hours)
        group = make.GroupFactory(cycle=world.cycle)
        leader = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
        for membership in (leader, make.MembershipFactory(cycle=world.cycle)):
            make.GroupMemberFactory(group=group, membership=membership)


def _another_session(world: World, hours: int) -> None:
    """Of Amara's group: upcoming, or over and logged with Ben there."""
    session = make.SessionFactory(group=world.group, starts_at=in_hours(hours))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    if hours < -100:
        make.AttendanceFactory(session=session, membership=world.memberships["ben"])
        make.SessionLogFactory(session=session, author=world.amara)
        Session.objects.filter(pk=session.pk).update(status=SessionStatus.HELD)


def _another_programme(world: World) -> None:
    """Everybody has the same part in it as at home, and it has met once and will meet again."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(owner_unit=world.biosciences))
    group = make.GroupFactory(cycle=cycle)
    for name in ("rhian", "imran", "elin", "amara", "ben"):
        role = world.memberships[name].role
        membership = make.MembershipFactory(cycle=cycle, user=getattr(world, name), role=role)
        if role in {Role.LEADER, Role.PARTICIPANT}:
            make.GroupMemberFactory(group=group, membership=membership)
        if role == Role.LEADER:
            for hours in (30, -30):
                session = make.SessionFactory(group=group, starts_at=in_hours(hours))
                make.SessionLeaderFactory(session=session, membership=membership)
