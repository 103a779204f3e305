"""Check-in: the screen in the room, and those who scan or type its code."""

from typing import Any

from django.utils import timezone

from programmes.models import Kiosk
from programmes.models.check_ins import code_of
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, in_hours
from tests.world import World


def extend(world: World) -> None:
    """A session of Amara's group that has just begun, and one that Ben has checked in to."""
    ben = world.memberships["ben"]
    for name, hours in (("on_now", -0.1), ("been_in", -0.2)):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(hours))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
        world.extra[name] = session
    make.CheckInFactory(session=world.extra["been_in"], membership=ben)
    world.extra["desk"] = Kiosk.objects.create(cycle=world.cycle, name="Desk", opened_by=world.rhian, opened_at=NOW)


def grow(world: World, times: int) -> None:
    """More who are in, and more sessions that are on now."""
    for _ in range(times):
        newcomer = make.MembershipFactory(cycle=world.cycle)
        make.CheckInFactory(session=world.extra["on_now"], membership=newcomer)
        make.CheckInFactory(session=world.extra["been_in"], membership=make.MembershipFactory(cycle=world.cycle))
        make.SessionFactory(group=world.group, starts_at=in_hours(-0.3))
        make.SessionFactory(starts_at=in_hours(-0.3))
        Kiosk.objects.create(cycle=world.cycle, name="One more", opened_by=world.rhian, opened_at=NOW)


def on_now(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["on_now"].uuid}


def typed(world: World) -> dict[str, Any]:
    """What the screen shows at this moment: the cells take minutes, a code does not live so long."""
    return {"code": code_of(world.extra["on_now"].uuid, timezone.now())}


def of_cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def of_desk(world: World) -> dict[str, Any]:
    return {**of_cycle(world), "uuid": world.extra["desk"].uuid}


def desk_link(world: World) -> dict[str, Any]:
    return {"token": world.extra["desk"].token}


# The screen is for those who may save the register; its participants know of the session, others do not.
SHOWS = {"anonymous": LOGIN, "participant": 403, "leader": 200, "coordinator": 200, "supervisor": 403}
# Desks: a coordinator's; those who may open the workspace besides them are told no.
DESKS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
ROWS = [
    Row("programmes:kiosk_list", expect(404, **DESKS), kwargs=of_cycle),
    Row(
        "programmes:kiosk_open",
        expect(404, **DESKS | {"coordinator": 302}),
        kwargs=of_cycle,
        method="POST",
        data=lambda w: {"name": "Front door"},
    ),
    Row("programmes:kiosk_close", expect(404, **DESKS | {"coordinator": 302}), kwargs=of_desk, method="POST"),
    # The tablet: nobody is signed in on it, and without the desk's cookie there is nothing.
    Row("programmes:kiosk_link", expect(403, anonymous=303), kwargs=desk_link),
    Row("programmes:kiosk", expect(404)),
    Row("programmes:kiosk", expect(404), method="POST", data=lambda w: {"number": "00417733"}),
    Row("programmes:session_code", expect(404, **SHOWS), kwargs=on_now),
    Row("programmes:session_code", expect(404, **SHOWS), kwargs=lambda w: {"uuid": w.past.uuid}, note="over"),
    Row("programmes:session_code_now", expect(404, **SHOWS), kwargs=on_now),
    Row("programmes:check_in", expect(200, anonymous=LOGIN)),
    # Only who takes part is let in; the others read why not.
    Row("programmes:check_in", expect(422, anonymous=LOGIN, participant=302), method="POST", data=typed),
    Row("programmes:check_in", expect(422, anonymous=LOGIN), method="POST", data=lambda w: {"code": "3"}, note="wrong"),
    Row("programmes:check_in_link", expect(303), kwargs=typed),
    Row("programmes:check_in_scanned", expect(302, anonymous=LOGIN), note="nothing scanned"),
    Row("programmes:check_in_scanned", expect(302, anonymous=LOGIN), method="POST", note="nothing scanned"),
    Row(
        "programmes:check_in_done",
        expect(404, anonymous=LOGIN, participant=200),
        kwargs=lambda w: {"uuid": w.extra["been_in"].uuid},
    ),
]
