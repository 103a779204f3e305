"""Who has gone quiet, who is away for a while, and what coordinators write to people."""

from datetime import datetime, timedelta
from typing import Any

from peerhub.common.mail import notifications
from peerhub.common.models import Message
from programmes.models import Announcement, Audience
from programmes.queries.audiences import readers
from programmes.services.announcements import Draft, write_down
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, TODAY, in_days
from tests.world import World


def extend(world: World) -> None:
    """Amara mentors Kai and has not been in touch; Ben missed twice."""
    _quiet_pair(world, "Kai")
    _missed(world, "ben", 3)
    _missed(world, "ben", 2)
    world.extra["announcement"] = _written(world, "out", NOW - timedelta(days=1))
    world.extra["held"] = _written(world, "held", NOW)


def grow(world: World, times: int) -> None:
    for number in range(times):
        member = _quiet_pair(world, f"Kai{number}")
        make.GroupMemberFactory(group=world.group, membership=member)
        _written(world, f"again {number}", NOW - timedelta(days=2))


def _written(world: World, subject: str, now: datetime) -> Announcement:
    """Rhian wrote to everybody who takes part; it was told ten minutes later."""
    draft = Draft(Audience.PARTICIPANTS, subject, "See https://example.org/ before you come.")
    found = readers(world.cycle, draft.audience, None, now=now)
    one = write_down(world.rhian, world.cycle, draft, found, now=now)
    if one.sends_at <= NOW:
        notifications.deliver_due(NOW)
        mails = Message.objects.filter(kind="programmes.announcement", channel="email", not_before=one.sends_at)
        mails.update(state="sent", finished_at=one.sends_at)
    return one


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


def _held(world: World) -> dict[str, Any]:
    return {**_cycle(world), "uuid": world.extra["held"].uuid}


def _out(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["announcement"].uuid}


def _words(then: str) -> Any:
    return lambda world: {"audience": "participants", "subject": "Room", "text": "We meet in B2.14.", "then": then}


# Names of people: for who coordinates or supervises. Others who run the cycle open its workspace, but not this.
READS = expect(404, anonymous=LOGIN, coordinator=200, supervisor=200, institution_lead=403)
COORDINATES = {"supervisor": 403, "institution_lead": 403}

WRITES = expect(404, anonymous=LOGIN, coordinator=200, **COORDINATES)

ROWS = [
    *(
        Row("programmes:quiet_list", READS, kwargs=_cycle, query=query)
        for query in ("", "?show=silent", "?show=absent", "?show=unlogged", "?show=empty", "?show=tailing")
    ),
    Row("programmes:quiet_export", expect(404, anonymous=LOGIN, coordinator=200, **COORDINATES), kwargs=_cycle),
    Row("programmes:announcement_list", WRITES, kwargs=_cycle),
    Row("programmes:announcement_write", WRITES, kwargs=_cycle),
    Row("programmes:announcement_write", WRITES, kwargs=_cycle, query="?to=absent"),
    Row("programmes:announcement_write", WRITES, kwargs=_cycle, method="POST", data=_words("preview"), note="a look"),
    Row(
        "programmes:announcement_write",
        expect(404, anonymous=LOGIN, coordinator=302, **COORDINATES),
        kwargs=_cycle,
        method="POST",
        data=_words("send"),
        note="sent",
    ),
    Row(
        "programmes:announcement_take_back",
        expect(404, anonymous=LOGIN, coordinator=302, **COORDINATES),
        kwargs=_held,
        method="POST",
    ),
    Row(
        "programmes:announcement_read",
        expect(404, anonymous=LOGIN, coordinator=200, participant=200),
        kwargs=_out,
    ),
    Row(
        "programmes:announcement_read",
        expect(404, anonymous=LOGIN, coordinator=200),
        kwargs=lambda world: {"uuid": world.extra["held"].uuid},
        note="held",
    ),
    Row("my_quiet", expect(404, anonymous=LOGIN, leader=200)),
    Row(
        "programmes:member_pause",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403),
        kwargs=_ben,
        method="POST",
        data=lambda world: {"until": (TODAY + timedelta(days=9)).isoformat()},
    ),
]
