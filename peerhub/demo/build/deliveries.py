"""Dates of live modules: PASS's training day, over and to come, and a course shared by all that many want."""

from datetime import date, datetime, timedelta

from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from programmes.models import Cycle, CycleState, Membership, Role
from training.models import Completion, CompletionSource, Delivery, DeliveryPlace, Mode, Module

SLUG = "pass-engineering"
ILL, RETRAINING = 4, 6  # by their place in the list, as in training.py
COURSE = {
    "title": "Mental health: a first conversation",
    "summary": "What to say when somebody is not well, and where your part ends.",
    "hours": 2,
    "outcomes": "Open a conversation without prying\nName two services and how to reach them",
    "standard": "Aberwen standard for peer leaders, level 1",
    "content": "# Two hours, no slides\n\nWe practise in threes: one tells, one listens, one watches.\n\n"
    "Nobody plays a real story. Whoever wants to leave the room leaves it.",
    "mode": Mode.LIVE,
    "valid_months": 24,
}
ROOM, SEATS, WAIT = "Student Support, room 2 (step-free from Penglais Road)", 10, 3


def give_training(*, anchor: Anchor, people: People) -> None:
    """Dates with their places and registers."""
    cycle = Cycle.objects.get(programme__slug=SLUG, code=anchor.year_code())
    _training_days(cycle, anchor, people)
    _course(anchor, people)


def _training_days(cycle: Cycle, anchor: Anchor, people: People) -> None:
    """Before term everybody came but one who was ill; that one and one more come to the next."""
    module = Module.objects.get(uuid=stable_uuid("module", "facilitation"))
    leads = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).exclude(user=people.cast["amara"])
    others = list(leads.order_by("pk").values_list("user_id", flat=True))
    done = dict(Completion.objects.filter(module=module).values_list("user_id", "pk"))
    about = {"where": "Engineering, E1.14", "trainer": people.cast["imran"], "trainer_name": "Imran Yusuf"}
    before = anchor.year_start() - timedelta(days=19)
    past = _delivery("day", 0, module, at(before, 10), at(before, 13), 40, people.cast["rhian"], **about)
    rows = [_place(past, user, "came", completion_id=done[user]) for user in sorted(done)]
    if len(others) >= ILL:
        rows.append(_place(past, others[ILL - 1], "missed"))
    on = _monday(anchor) + timedelta(weeks=2, days=1)
    coming = _delivery(
        "day", 1, module, at(on, 14), at(on, 17), 8, people.cast["rhian"], **about,
        notes="For those who missed the day before term. Bring a problem from a first-year module you know well.",
    )  # fmt: skip
    rows += [_place(coming, others[place - 1], "booked") for place in (ILL, RETRAINING) if len(others) >= place]
    DeliveryPlace.objects.bulk_create(rows, batch_size=1000)
    Delivery.objects.filter(pk=past.pk).update(registered_at=past.ends_at)


def _course(anchor: Anchor, people: People) -> None:
    """Shared by all: last time ten came and two did not; the next is full, and three wait."""
    helen = people.cast["helen"]
    written = at(anchor.year_start() - timedelta(days=30), 10)
    course = Module.objects.create(
        uuid=stable_uuid("module", "mental-health"), created_by=helen, created_at=written, **COURSE
    )
    leads = Membership.objects.active().filter(role=Role.LEADER, cycle__state=CycleState.RUNNING)
    amara = people.cast["amara"].pk
    users = sorted({*leads.order_by("pk").values_list("user_id", flat=True)} - {amara})[: 12 + SEATS + WAIT]
    about = {"where": ROOM, "trainer": helen, "trainer_name": "Dr Helen Prosser"}
    day = _monday(anchor) - timedelta(weeks=2) + timedelta(days=2)
    past = _delivery("course", 0, course, at(day, 16), at(day, 18), 12, helen, **about, registered_at=at(day, 18))
    Completion.objects.bulk_create(
        Completion(
            uuid=stable_uuid("completion", course.uuid, user),
            user_id=user,
            module=course,
            version=1,
            completed_on=day,
            expires_on=course.expires_on(day),
            source=CompletionSource.REGISTER,
            assessor=helen,
            recorded_at=at(day, 18),
        )
        for user in users[:10]
    )
    done = dict(Completion.objects.filter(module=course).values_list("user_id", "pk"))
    on = _monday(anchor) + timedelta(weeks=1, days=2)
    coming = _delivery(
        "course", 1, course, at(on, 16), at(on, 18), SEATS, helen, **about, notes="Tea and biscuits are there."
    )
    wanting = [amara, *users[12:]]
    rows = [_place(past, user, "came", completion_id=done[user]) for user in users[:10]]
    rows += [_place(past, user, "missed") for user in users[10:12]]
    rows += [_place(coming, user, "booked") for user in wanting[:SEATS]]
    rows += [_place(coming, user, "waiting") for user in wanting[SEATS : SEATS + WAIT]]
    DeliveryPlace.objects.bulk_create(rows)


def _monday(anchor: Anchor) -> date:
    """Of this week."""
    return anchor.today - timedelta(days=anchor.today.weekday())


def _delivery(
    key: str, number: int, module: Module, starts: datetime, ends: datetime, capacity: int, by: object, **more: object
) -> Delivery:
    return Delivery.objects.create(
        uuid=stable_uuid("delivery", key, number),
        module=module,
        starts_at=starts,
        ends_at=ends,
        closes_at=starts,
        capacity=capacity,
        created_by=by,
        created_at=starts - timedelta(days=21),
        **more,
    )


def _place(delivery: Delivery, user_id: int, state: str, **more: object) -> DeliveryPlace:
    return DeliveryPlace(
        uuid=stable_uuid("delivery-place", delivery.uuid, user_id),
        delivery=delivery,
        user_id=user_id,
        state=state,
        had_place=state != "waiting",
        made_at=delivery.created_at + timedelta(days=1, minutes=user_id % 600),
        **more,
    )
