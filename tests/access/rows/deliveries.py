"""Dates of a live module of Bio PASS: Amara has the only place on one to come; one that has begun is given by Dev."""

from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.training import CHANGES_OWN, OWN, moves, of, said
from tests.factories import in_days, in_hours
from tests.world import World
from training.models import Delivery


def extend(world: World) -> None:
    module = make.ModuleFactory(owner=world.programme, title="First aid", mode="live")
    soon = make.DeliveryFactory(module=module, capacity=1, link="https://meet.example/aid")
    make.DeliveryPlaceFactory(delivery=soon, user=world.amara)
    make.DeliveryPlaceFactory(delivery=soon, user=world.imran, state="waiting", had_place=False)
    begun = make.DeliveryFactory(module=module, starts_at=in_hours(-1), trainer=world.dev, trainer_name="Dev")
    make.DeliveryPlaceFactory(delivery=begun, user=world.amara)
    world.extra |= {
        "live": module,
        "date": soon,
        "begun": begun,
        "free_date": make.DeliveryFactory(module=module, starts_at=in_days(9)),
        "off": make.DeliveryFactory(module=module, called_off_at=in_days(-2), called_off_why="Snow"),
    }


def grow(world: World, times: int) -> None:
    """More dates to come, over and called off, people on them, and dates of one who leads."""
    extra = world.extra
    for _ in range(times):
        number = Delivery.objects.count()
        make.DeliveryFactory(module=extra["live"], starts_at=in_days(10 + number), trainer=world.dev)
        make.DeliveryFactory(module=extra["live"], starts_at=in_days(-10 - number), registered_at=in_days(-9))
        later = make.DeliveryFactory(module=extra["day"], starts_at=in_days(20 + number))
        for who in (world.amara, extra["tomos"].user):
            make.DeliveryPlaceFactory(delivery=later, user=who)
        for state in ("booked", "waiting"):
            make.DeliveryPlaceFactory(delivery=extra["date"], state=state)
            make.DeliveryPlaceFactory(delivery=extra["begun"], state=state)


PLAN = {"on": "2026-12-01", "start": "10:00", "end": "12:00", "where": "B2.01", "capacity": "8"}
GIVES = {name: 403 if status == 200 else status for name, status in OWN.items()} | {
    "coordinator": 200,
    "elsewhere": 200,
}


def came(world: World) -> dict[str, Any]:
    return {"came": [str(world.extra["begun"].places.get(user=world.amara).uuid)]}


ROWS = [
    Row("training:delivery_list", expect(404, **OWN), of("live")),
    Row("training:delivery_create", expect(404, **CHANGES_OWN), of("live")),
    Row("training:delivery_create", expect(404, **moves(CHANGES_OWN)), of("live"), method="POST", data=said(PLAN)),
    Row("training:delivery_detail", expect(404, **OWN), of("date")),
    Row("training:delivery_detail", expect(404, **OWN | {"elsewhere": 200}), of("begun"), note="begun"),
    Row("training:delivery_detail", expect(404, **OWN), of("off"), note="called off"),
    Row("training:delivery_edit", expect(404, **CHANGES_OWN), of("date")),
    Row("training:delivery_edit", expect(404, **moves(CHANGES_OWN)), of("date"), method="POST", data=said(PLAN)),
    Row("training:delivery_call_off", expect(404, **CHANGES_OWN), of("date")),
    Row(
        "training:delivery_call_off", expect(404, **moves(CHANGES_OWN)), of("date"), method="POST",
        data=said({"reason": "Snow"}),
    ),
    Row(
        "training:delivery_calendar", expect(404, anonymous=LOGIN, leader=200, coordinator=200), of("date"),
    ),
    Row("training:place_book", expect(404, **moves(OWN)), of("free_date"), method="POST"),
    Row("training:place_give_back", expect(404, **moves(OWN)), of("date"), method="POST"),
    Row("training:register_take", expect(404, **GIVES), of("begun")),
    Row("training:register_take", expect(404, **moves(GIVES)), of("begun"), method="POST", data=came),
    Row(
        "training:register_add", expect(404, **moves(GIVES)), of("begun"), method="POST",
        data=lambda world: {"address": world.imran.email},
    ),
]  # fmt: skip
