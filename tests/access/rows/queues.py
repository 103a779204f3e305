"""The queue of a drop-in: a centre of its own, in which everybody has the part they have at home."""

from datetime import timedelta
from typing import Any

from programmes.models import DropIn, EmptySearch, Kiosk, QueueEntry
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, in_hours
from tests.world import World

AT_HOME = ("rhian", "imran", "elin", "amara", "ben")


def extend(world: World) -> None:
    """A maths centre whose drop-in is on: Ben waits, and somebody before him has been called by Amara."""
    programme = make.ProgrammeFactory(slug="maths-centre", name="Maths centre", owner_unit=world.biosciences)
    cycle = make.CycleFactory(programme=programme, attendance_mode="queue")
    places = {
        name: make.MembershipFactory(cycle=cycle, user=getattr(world, name), role=world.memberships[name].role)
        for name in AT_HOME
    }
    session = make.SessionFactory(cycle=cycle, starts_at=in_hours(-0.2), ends_at=in_hours(2), title="Maths drop-in")
    make.SessionLeaderFactory(session=session, membership=places["amara"])
    DropIn.objects.create(session=session, last_number=2, last_turn=2)
    first = queued(session, make.MembershipFactory(cycle=cycle), 1)
    QueueEntry.objects.filter(pk=first.pk).update(state="called", called_by=places["amara"], called_at=NOW)
    queued(session, places["ben"], 2)
    coming = make.SessionFactory(cycle=cycle, starts_at=in_hours(48), title="Maths drop-in")
    EmptySearch.objects.create(week_on=NOW.date() - timedelta(days=9), words="robotics", searchers=4)
    screen = Kiosk.objects.create(cycle=cycle, kind="screen", name="Wall", opened_by=world.rhian, opened_at=NOW)
    world.extra |= {
        "drop_in": session, "centre": cycle, "first_ticket": first, "coming_drop_in": coming, "screen": screen,
    }  # fmt: skip


def queued(session: Any, membership: Any, number: int, **more: Any) -> QueueEntry:
    return QueueEntry.objects.create(
        session=session, membership=membership, number=number, turn=number, how="phone", joined_at=NOW, **more
    )


def grow(world: World, times: int) -> None:
    """More who wait, who are being helped and who have been; more drop-ins of the centre that are on."""
    session, amara = world.extra["drop_in"], world.extra["first_ticket"].called_by_id
    amara = QueueEntry.objects.get(pk=world.extra["first_ticket"].pk).called_by_id
    last = QueueEntry.objects.filter(session=session).count()
    for number in range(last + 1, last + 1 + 4 * times, 4):
        people = [make.MembershipFactory(cycle=world.extra["centre"]) for _ in range(4)]
        begun = {"called_by_id": amara, "called_at": NOW, "started_at": NOW - timedelta(minutes=9)}
        queued(session, people[0], number, topic=make.TopicFactory(programme=session.cycle.programme))
        queued(session, people[1], number + 1, state="helping", **begun)
        queued(session, people[2], number + 2, state="helped", ended_at=NOW, **begun, before={"state": "helping"},
               stepped_at=NOW)  # fmt: skip
        queued(session, people[3], number + 3, state="left", ended_at=NOW)
        EmptySearch.objects.create(
            week_on=NOW.date() - timedelta(days=9), words=f"chess {number}", searchers=3 + number
        )
        other = make.SessionFactory(cycle=world.extra["centre"], starts_at=in_hours(-0.5), ends_at=in_hours(1))
        queued(other, people[3], 1)
        make.SessionFactory(cycle=world.extra["centre"], starts_at=in_hours(60))
        Kiosk.objects.create(
            cycle=world.extra["centre"], kind="screen", name="One more", opened_by=world.rhian, opened_at=NOW
        )


def drop_in(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["drop_in"].uuid}


def ticket(world: World) -> dict[str, Any]:
    return {**drop_in(world), "entry": world.extra["first_ticket"].uuid}


def coming(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["coming_drop_in"].uuid}


def centre(world: World) -> dict[str, Any]:
    return {"slug": "maths-centre", "code": world.extra["centre"].code}


# A place in it is for who takes part; those who run it are shown the line; the supervisor knows of the session.
PLACE = {"anonymous": LOGIN, "participant": 200, "leader": 302, "coordinator": 302, "supervisor": 403}
JOINS = {"anonymous": LOGIN, "participant": 302, "leader": 403, "coordinator": 403, "supervisor": 403}
RUNS = {"anonymous": LOGIN, "participant": 403, "leader": 200, "coordinator": 200, "supervisor": 403}
STEPS = RUNS | {"leader": 302, "coordinator": 302}
SEES = {"anonymous": LOGIN, "participant": 200, "leader": 200, "coordinator": 200, "supervisor": 200}
DESKS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
UNMET = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 403}
PLANS = {
    "anonymous": LOGIN,
    "coordinator": 200,
    "institution_lead": 200,
    "superuser": 200,
}  # Rhian owns the programmes of Biosciences
ROWS = [
    Row("programmes:queue_place", expect(404, **PLACE), kwargs=drop_in),
    Row("programmes:queue_place", expect(404, **PLACE | {"leader": 403}), kwargs=coming, note="to come"),
    Row("programmes:queue_join", expect(404, **JOINS), kwargs=drop_in, method="POST"),
    Row("programmes:queue_leave", expect(404, **JOINS), kwargs=drop_in, method="POST"),
    Row("programmes:queue_run", expect(404, **RUNS), kwargs=drop_in),
    Row("programmes:queue_run", expect(404, anonymous=LOGIN, participant=404), kwargs=lambda w: {"uuid": w.today.uuid},
        note="nobody queues"),
    Row("programmes:queue_next", expect(404, **STEPS), kwargs=drop_in, method="POST"),
    Row("programmes:queue_step", expect(404, **STEPS), kwargs=ticket, method="POST", data=lambda w: {"do": "start"}),
    Row("programmes:queue_add", expect(404, **RUNS), kwargs=drop_in, query="?q=give"),
    Row(
        "programmes:queue_add",
        expect(404, **STEPS),
        kwargs=drop_in,
        method="POST",
        data=lambda w: {"who": str(w.extra["first_ticket"].membership.uuid)},
    ),
    Row("programmes:queue_close", expect(404, **STEPS), kwargs=drop_in, method="POST", data=lambda w: {"do": "close"}),
    Row("programmes:session_detail", expect(404, **SEES), kwargs=drop_in, note="a drop-in"),
    Row("programmes:kiosk_list", expect(404, **DESKS), kwargs=centre, note="of a centre"),
    Row(
        "programmes:kiosk_open",
        expect(404, **DESKS | {"coordinator": 302}),
        kwargs=centre,
        method="POST",
        data=lambda w: {"name": "Wall two", "kind": "screen", "shows": "names"},
        note="a screen",
    ),
    Row("programmes:unmet_demand", expect(404, **UNMET), kwargs=centre),
    Row("programmes:unmet_demand", expect(404, **UNMET), kwargs=centre, query="?weeks=52", note="a year"),
    Row("programmes:unmet_export", expect(404, **UNMET), kwargs=centre),
    Row("programmes:empty_searches", expect(403, **PLANS)),
    Row("programmes:searches_export", expect(403, **PLANS)),
    # Looking for something in vain is counted, for those who are signed in: that is the point of it.
    Row("programmes:catalogue", expect(200), query="?q=quidditch", note="in vain", writes=True),
    # The screen in the room: anybody who has its address; without the cookie there is nothing.
    Row("programmes:screen_link", expect(303), kwargs=lambda w: {"token": w.extra["screen"].token}),
    Row("programmes:screen", expect(404)),
]  # fmt: skip
