"""Who has gone quiet, and who is away for a while."""

from datetime import timedelta
from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, TODAY, in_days
from tests.world import World


def extend(world: World) -> None:
    """Amara mentors Kai and has not been in touch; Ben missed twice."""
    _quiet_pair(world, "Kai")
    _missed(world, "ben", 3)
    _missed(world, "ben", 2)


def grow(world: World, times: int) -> None:
    for number in range(times):
        member = _quiet_pair(world, f"Kai{number}")
        make.GroupMemberFactory(group=world.group, membership=member)


def _quiet_pair(world: World, name: str) -> Any:
    group = make.GroupFactory(cycle=world.cycle, name=f"Amara and {name}", shape="pair", created_at=in_days(-30))
    member = make.MembershipFactory(cycle=world.cycle, user__given_name=name)
    for one in (world.memberships["amara"], member):
        make.GroupMemberFactory(group=group, membership=one, started_at=in_days(-30))
    return member


def _missed(world: World, name: str, days: int) -> None:
    session = make.SessionFactory(group=world.group, starts_at=NOW - timedelta(days=days))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    make.AttendanceFactory(session=session, membership=world.memberships[name], status="absent")
    type(session).objects.filter(pk=session.pk).update(status="held", log_version=1)


def _cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def _ben(world: World) -> dict[str, Any]:
    return {**_cycle(world), "uuid": world.memberships["ben"].uuid}


# Names of people: for who coordinates or supervises. Others who run the cycle open its workspace, but not this.
READS = expect(404, anonymous=LOGIN, coordinator=200, supervisor=200, institution_lead=403)
COORDINATES = {"supervisor": 403, "institution_lead": 403}

ROWS = [
    *(
        Row("programmes:quiet_list", READS, kwargs=_cycle, query=query)
        for query in ("", "?show=silent", "?show=absent", "?show=unlogged", "?show=tailing")
    ),
    Row("programmes:quiet_export", expect(404, anonymous=LOGIN, coordinator=200, **COORDINATES), kwargs=_cycle),
    Row("my_quiet", expect(404, anonymous=LOGIN, leader=200)),
    Row(
        "programmes:member_pause",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403),
        kwargs=_ben,
        method="POST",
        data=lambda world: {"until": (TODAY + timedelta(days=9)).isoformat()},
    ),
]
