"""Sessions, logs, contacts, and everybody's home pages."""

import json
from datetime import timedelta
from typing import Any

from programmes.models import LogRevision
from tests import factories as make
from tests.access.matrix import LOGIN, PERSONAS, Row, expect
from tests.factories import NOW, in_days, in_hours
from tests.world import World

REVISION = {
    "outcome": "held", "status_note": "", "minutes": 50, "is_academic": True, "is_social": False,
    "is_emotional": False, "topics": [], "other_topic": "", "technique_id": None, "signposted_to_id": None,
    "shared_note": "Before", "register": {},
}  # fmt: skip
EVERYONE = {persona: 200 for persona in PERSONAS if persona != "anonymous"}


def extend(world: World) -> None:
    """A pair that Amara leads with a contact in it, and an online session of the group."""
    pair = make.GroupFactory(cycle=world.cycle, name="Amara and Kai", shape="pair", created_at=in_days(-20))
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai", user__family_name="Davies")
    for membership in (world.memberships["amara"], kai):
        make.GroupMemberFactory(group=pair, membership=membership, started_at=in_days(-20))
    contact = make.SessionFactory(
        group=pair,
        kind="contact",
        channel="call",
        status="held",
        starts_at=in_hours(-3),
        created_by=world.amara,
        created_at=in_hours(-3),
    )
    make.SessionLeaderFactory(session=contact, membership=world.memberships["amara"])
    make.SessionLogFactory(session=contact, author=world.amara)
    world.extra |= {"pair": pair, "contact": contact}


def grow(world: World, times: int) -> None:
    """More pairs and contacts, corrections of a log, walk-ins, and sessions of no group or of nobody."""
    amara = world.memberships["amara"]
    for number in range(times):
        pair = make.GroupFactory(cycle=world.cycle, shape="pair", created_at=in_days(-20))
        for membership in (amara, make.MembershipFactory(cycle=world.cycle)):
            make.GroupMemberFactory(group=pair, membership=membership, started_at=in_days(-20))
        for group in (pair, world.extra["pair"]):
            contact = make.SessionFactory(
                group=group,
                kind="contact",
                channel="met",
                status="held",
                starts_at=in_hours(-5),
                created_by=world.amara,
            )
            make.SessionLeaderFactory(session=contact, membership=amara)
            make.SessionLogFactory(session=contact, author=world.amara, signposted_to=world.service)
        last = LogRevision.objects.filter(session=world.past).count()
        LogRevision.objects.create(
            session=world.past, number=last + 1, by=world.rhian, at=in_hours(-number), before=REVISION
        )
        for session in (world.past, world.today):
            walk_in = make.MembershipFactory(cycle=world.cycle)
            make.AttendanceFactory(session=session, membership=walk_in, is_walk_in=True)
        make.SessionFactory(group=world.group, starts_at=in_hours(70))
        make.SessionLeaderFactory(session=make.SessionFactory(cycle=world.cycle), membership=amara)


def cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def session(name: str) -> Any:
    return lambda world: {"uuid": getattr(world, name).uuid}


def pair(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["pair"].uuid}


def contact(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["contact"].uuid}


def plan(world: World) -> dict[str, Any]:
    day = (NOW + timedelta(days=5)).date().isoformat()
    return {"group": world.group.pk, "on": day, "start": "14:00", "end": "15:00", "mode": "in_person", "place": "B2.14"}


def sheet(world: World) -> dict[str, Any]:
    return {"version": "0", "here": str(world.memberships["ben"].uuid)}


def marks(world: World) -> dict[str, Any]:
    changes = {str(world.today.uuid): {"version": 0, "marks": {str(world.memberships["ben"].uuid): "late"}}}
    return {"changes": json.dumps(changes)}


# Who may know the group's sessions exist: whoever runs the cycle, its leader, its participants.
SEES = {"anonymous": LOGIN, "participant": 200, "leader": 200, "coordinator": 200, "supervisor": 200}
RUNS = {"anonymous": LOGIN, "participant": 403, "leader": 200, "coordinator": 200, "supervisor": 403}
DOES = RUNS | {"leader": 302, "coordinator": 302}
# The list belongs to the workspace.
LISTS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 403}
# The grid: those who run the cycle, and those who lead in it, over what they lead.
GRID = LISTS | {"leader": 200}
# Planning: whoever has a place in the cycle may know of it, only its leaders and coordinators may plan.
PLANS = {"anonymous": LOGIN, "participant": 403, "partner": 403, "supervisor": 403, "leader": 200, "coordinator": 200}
STARTS = PLANS | {"coordinator": 403}
# A pair's contacts: its leader and the coordinator; its own supervisor and participants are told no.
PAIR = {"anonymous": LOGIN, "leader": 200, "coordinator": 200, "supervisor": 403}
HOMES = {
    "leader": {"leader": 200},
    "student": EVERYONE,
    "coordinator": {"coordinator": 200, "other_coordinator": 200},
    "supervisor": {"supervisor": 200},
    "staff": {"partner": 200, "safeguarding_lead": 200, "superuser": 200, "former": 200, "last_year": 200},
}

ROWS = [
    Row("programmes:session_list", expect(404, **LISTS), kwargs=cycle),
    Row("programmes:session_list", expect(404, **LISTS), kwargs=cycle, query="?show=unlogged", note="unlogged"),
    Row("programmes:session_list", expect(404, **LISTS), kwargs=cycle, query="?show=past", note="past"),
    Row(
        "programmes:attendance_export",
        expect(404, anonymous=LOGIN, coordinator=200, supervisor=403, institution_lead=403),
        kwargs=cycle,
    ),
    Row("programmes:attendance_grid", expect(404, **GRID), kwargs=cycle),
    Row("programmes:attendance_grid", expect(404, **GRID), kwargs=cycle, query="?group=all", note="all groups"),
    Row(
        "programmes:attendance_grid",
        expect(404, **GRID | {"leader": 302, "coordinator": 302, "supervisor": 403}),
        kwargs=cycle,
        method="POST",
        data=marks,
    ),
    Row("programmes:grid_export", expect(404, **GRID | {"leader": 403, "supervisor": 403}), kwargs=cycle),
    Row("programmes:session_create", expect(404, **PLANS), kwargs=cycle),
    Row(
        "programmes:session_create",
        expect(404, **PLANS | {"leader": 302, "coordinator": 302}),
        kwargs=cycle,
        method="POST",
        data=plan,
    ),
    Row("programmes:adhoc_session", expect(404, **STARTS), kwargs=cycle),
    Row(
        "programmes:adhoc_session",
        expect(404, **STARTS | {"leader": 302}),
        kwargs=cycle,
        method="POST",
        data=lambda w: {"group": w.group.pk},
    ),
    Row("programmes:session_detail", expect(404, **SEES), kwargs=session("upcoming")),
    Row("programmes:session_detail", expect(404, **SEES), kwargs=session("past"), note="logged"),
    Row("programmes:session_edit", expect(404, **RUNS), kwargs=session("upcoming")),
    Row("programmes:session_edit", expect(404, **DOES), kwargs=session("upcoming"), method="POST", data=plan),
    Row("programmes:session_cancel", expect(404, **RUNS), kwargs=session("upcoming")),
    Row(
        "programmes:session_cancel",
        expect(404, **DOES),
        kwargs=session("upcoming"),
        method="POST",
        data=lambda w: {"reason": "The room is closed"},
    ),
    Row("programmes:session_restore", expect(404, **DOES), kwargs=session("upcoming"), method="POST"),
    Row("programmes:session_log", expect(404, **RUNS), kwargs=session("today")),
    Row("programmes:session_log", expect(404, **RUNS), kwargs=session("past"), note="correct"),
    Row("programmes:session_log", expect(404, **DOES), kwargs=session("today"), method="POST", data=sheet),
    Row("programmes:session_walk_ins", expect(404, **RUNS), kwargs=session("today"), query="?q=be"),
    Row("programmes:contact_log", expect(404, **PAIR), kwargs=pair),
    Row(
        "programmes:contact_log",
        expect(404, **PAIR | {"leader": 302, "coordinator": 403}),
        kwargs=pair,
        method="POST",
        data=lambda w: {"did": "met"},
    ),
    Row(
        "programmes:contact_withdraw",
        expect(404, **PAIR | {"leader": 302, "coordinator": 403}),
        kwargs=contact,
        method="POST",
    ),
    Row("home", expect(302, anonymous=LOGIN)),
    Row("home_as", expect(404, anonymous=LOGIN, leader=302), kwargs=lambda w: {"role": "leader"}),
    *(Row(f"home_{role}", expect(404, anonymous=LOGIN, **who)) for role, who in HOMES.items()),
    Row("my_sessions", expect(200, anonymous=LOGIN)),
    Row("my_sessions", expect(200, anonymous=LOGIN), query="?show=past", note="past"),
    Row("my_students", expect(404, anonymous=LOGIN, leader=200)),
]
