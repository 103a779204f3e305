"""Certification and people's own logs: schemes for those who keep the shared site, awards for those who coordinate."""

from datetime import date, timedelta
from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.training import COORDINATES, EVERYONE, KEEPS, RUNS, SHARED, leader, moves, said
from tests.factories import NOW
from tests.world import World
from training.models import (
    CertificationAward,
    CertificationLevel,
    CertificationScheme,
    CertificationTopic,
    DevelopmentEntry,
)

EVIDENCE = {
    "scheme": "Ladder", "source": "A standard", "level": "One", "number": 1, "led_hours": "3", "log_hours": "0",
    "needs": [{"what": "Training", "have": "3", "want": "0", "words": "3 of 0 hours"}],
    "topics": [{"topic": "Listening", "modules": ["Role and boundaries"]}], "modules": [],
}  # fmt: skip


def extend(world: World) -> None:
    """A ladder: everybody meets its first level; Amara and Tomos hold one of another; Amara keeps a log."""
    scheme, other = (
        CertificationScheme.objects.create(title=title, source="A standard", created_at=NOW)
        for title in ("Ladder", "Other ladder")
    )
    level = CertificationLevel.objects.create(scheme=scheme, number=1, title="One", hours=0)
    top = CertificationLevel.objects.create(scheme=scheme, number=2, title="Two", hours=5, live_hours=1)
    topic = CertificationTopic.objects.create(level=top, title="Listening")
    topic.modules.add(world.extra["read"])
    held = CertificationLevel.objects.create(scheme=other, number=1, title="Held", hours=1)
    tomos = world.extra["tomos"]
    world.extra |= {
        "scheme": scheme,
        "level": level,
        "top_level": top,
        "award": award(world.amara, held, world),
        "award_of_tomos": award(tomos.user, held, world),
        "entry": entry(world, world.memberships["amara"]),
        "changed_entry": entry(world, None, before=BEFORE),
        "deleted_entry": entry(world, None, deleted_at=NOW),
    }


BEFORE = {
    "on": "2026-10-01", "what": "Before", "kind": "reading", "hours": "1.0", "learned": "", "will_do": "",
    "shared_with_id": None,
}  # fmt: skip


def award(user: Any, level: CertificationLevel, world: World, day: date = date(2026, 10, 1)) -> CertificationAward:
    return CertificationAward.objects.create(
        user=user, level=level, cycle=world.cycle, granted_on=day, granted_by=world.rhian, granted_at=NOW,
        evidence=EVIDENCE,
    )  # fmt: skip


def entry(world: World, shared_with: Any, **more: Any) -> DevelopmentEntry:
    return DevelopmentEntry.objects.create(
        **{
            "user": world.amara, "on": date(2026, 10, 2), "what": "Watched Luca", "kind": "practice", "hours": 1,
            "learned": "To wait", "will_do": "Wait", "shared_with": shared_with, "created_at": NOW, **more,
        }
    )  # fmt: skip


def grow(world: World, times: int) -> None:
    """More schemes, levels, topics, awards and entries."""
    held = world.extra["award"].level
    for _number in range(times):
        count = CertificationScheme.objects.count()
        made = CertificationScheme.objects.create(title=f"Ladder {count}", source="x", created_at=NOW)
        level = CertificationLevel.objects.create(scheme=made, number=1, title="More", hours=1)
        CertificationTopic.objects.create(level=level, title="More").modules.add(make.ModuleFactory())
        number = world.extra["scheme"].levels.count() + 1
        CertificationLevel.objects.create(scheme=world.extra["scheme"], number=number, title="Higher", hours=9)
        topics = world.extra["top_level"].topics
        topics.create(title=f"Topic {topics.count()}").modules.add(world.extra["read"])
        for who in (world.amara, world.extra["tomos"].user):
            day = date(2026, 9, 1) - timedelta(days=count)
            award(who, held, world, day)
        entry(world, world.memberships["amara"])
        entry(world, world.extra["tomos"], user=world.extra["tomos"].user)
        entry(world, None, deleted_at=NOW)


def of(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


def covers(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["scheme"].uuid, "module": world.extra["read"].uuid}


def level(world: World) -> dict[str, str]:
    return {"level": str(world.extra["level"].uuid)}


AWARD = {"anonymous": LOGIN, "leader": 200, "coordinator": 200, "supervisor": 200}
MINE = {"anonymous": LOGIN, "leader": 200}
SCHEME = {"title": "New ladder", "source": "A committee"}
LEVEL = {"title": "Next", "hours": "9", "live_hours": "1", "experience_hours": "2", "topics": "Asking"}
ENTRY = {"on": "2026-10-02", "what": "Read a book", "kind": "reading", "hours": "2", "shared_with": ""}

ROWS = [
    # --- certification ---
    Row("training:certification", expect(LOGIN, **EVERYONE)),
    Row("training:scheme_standing", expect(404, **SHARED), of("scheme")),
    Row("training:award_detail", expect(404, **AWARD), of("award")),
    Row("training:award_grant", expect(404, **RUNS), leader()),
    Row("training:award_grant", expect(404, **moves(COORDINATES)), leader(), method="POST", data=level),
    Row("training:award_withdraw", expect(404, **COORDINATES), leader(award="award_of_tomos")),
    Row(
        "training:award_withdraw", expect(404, **moves(COORDINATES)), leader(award="award_of_tomos"), method="POST",
        data=said({"reason": "Somebody else"}),
    ),
    # --- schemes ---
    Row("training:scheme_list", expect(403, **KEEPS)),
    Row("training:scheme_create", expect(403, **KEEPS)),
    Row("training:scheme_create", expect(403, **moves(KEEPS)), method="POST", data=said(SCHEME)),
    Row("training:scheme_edit", expect(403, **KEEPS), of("scheme")),
    Row("training:scheme_edit", expect(403, **moves(KEEPS)), of("scheme"), method="POST", data=said(SCHEME)),
    Row("training:scheme_close", expect(403, **moves(KEEPS)), of("scheme"), method="POST"),
    Row("training:level_create", expect(403, **KEEPS), of("scheme")),
    Row("training:level_create", expect(403, **moves(KEEPS)), of("scheme"), method="POST", data=said(LEVEL)),
    Row("training:level_edit", expect(403, **KEEPS), of("top_level")),
    Row("training:level_edit", expect(403, **moves(KEEPS)), of("top_level"), method="POST", data=said(LEVEL)),
    Row("training:level_remove", expect(403, **moves(KEEPS)), of("top_level"), method="POST"),
    Row("training:module_cover", expect(403, **KEEPS), covers),
    Row("training:module_cover", expect(403, **moves(KEEPS)), covers, method="POST", data=said({})),
    # --- one's own log ---
    Row("training:log_list", expect(LOGIN, **EVERYONE)),
    Row("training:log_write", expect(LOGIN, **EVERYONE)),
    Row("training:log_write", expect(LOGIN, **moves(EVERYONE)), method="POST", data=said(ENTRY)),
    Row("training:log_export", expect(LOGIN, **EVERYONE)),
    Row("training:log_edit", expect(404, **MINE), of("entry")),
    Row("training:log_edit", expect(404, **moves(MINE)), of("entry"), method="POST", data=said(ENTRY)),
    Row("training:log_undo", expect(404, **moves(MINE)), of("changed_entry"), method="POST"),
    Row("training:log_delete", expect(404, **moves(MINE)), of("entry"), method="POST"),
    Row("training:log_restore", expect(404, **moves(MINE)), of("deleted_entry"), method="POST"),
]  # fmt: skip
