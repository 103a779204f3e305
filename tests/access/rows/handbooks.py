"""Handbooks: Amara's, which she has not read in its newest version, a draft, and a briefing that was given."""

from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.delivery import cycle
from tests.factories import TODAY, in_days
from tests.training.handbooks import begin, next_version, published, read
from tests.world import World
from training.models import BriefingGiven
from training.services import handbooks


def extend(world: World) -> None:
    """Amara is cleared: she has read version 1.0, and 2.0 has time."""
    first = published(world.cycle)
    read(first, world.amara)
    next_version(first.handbook)
    handbooks.start_draft(actor=world.rhian, handbook_id=first.handbook_id, now=in_days(-1))
    briefing = published(world.cycle, "briefing", "participant")
    given = BriefingGiven.objects.create(version=briefing, group=world.group, on=TODAY, noted_at=in_days(-1))
    draft = begin(world.cycle, "briefing", "staff")
    section = first.handbook.versions.get(published_at=None).sections.order_by("position").last()
    world.extra |= {"handbook": first.handbook, "briefing": briefing.handbook, "given": given, "unpublished": draft}
    world.extra |= {"section": section}


def as_it_is(world: World) -> dict[str, Any]:
    """The form of a draft that is published as it was looked at."""
    return {"seen": handbooks.digest_of(world.extra["unpublished"].versions.get())}


def grow(world: World, times: int) -> None:
    """More who lead, sections to read, briefings given."""
    version = world.extra["briefing"].versions.get()
    for number in range(times):
        make.MembershipFactory(cycle=world.cycle, role="leader")
        group = make.GroupFactory(cycle=world.cycle)
        BriefingGiven.objects.create(version=version, group=group, on=TODAY, noted_at=in_days(-1))
        handbook = world.extra["handbook"]
        words = handbooks.Words(f"More {number} {group.pk}", "Words")
        handbooks.write_section(actor=world.rhian, handbook_id=handbook.pk, key=None, words=words, now=in_days(-1))


def of(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


def section(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["handbook"].uuid, "key": world.extra["section"].key}


# The desk: who may open the workspace and neither coordinates nor supervises is told that it is not theirs.
DESK = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 403}
WRITES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403}
CHANGES = {"anonymous": LOGIN, "coordinator": 302, "supervisor": 403}
RUNS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200}
READS = RUNS | {"leader": 200}
WORDS = {"title": "Expectations", "text": "Come."}

ROWS = [
    Row("training:handbook_read", expect(404, **READS), kwargs=of("handbook")),
    Row("training:handbook_read", expect(404, **READS), of("handbook"), query="?q=time", note="search"),
    Row("training:handbook_read", expect(404, **RUNS | {"participant": 200}), of("briefing"), note="a briefing"),
    Row("training:handbook_read", expect(404, anonymous=LOGIN), of("unpublished"), note="a draft"),
    Row("training:handbook_changes", expect(404, **READS), kwargs=of("handbook")),
    Row(
        "training:handbook_acknowledge",
        expect(404, anonymous=LOGIN, leader=302, coordinator=302, supervisor=302),
        of("handbook"),
        "POST",
        lambda w: {"version": "2.0"},
    ),
    Row("training:handbook_desk", expect(404, **DESK), kwargs=cycle),
    Row("training:handbook_create", expect(404, **DESK | {"supervisor": 403}), kwargs=cycle),
    Row(
        "training:handbook_create",
        expect(404, **DESK | {"supervisor": 403, "coordinator": 302}),
        cycle,
        "POST",
        lambda w: {"kind": "agreement", "reader": "leader", "title": "What we promise"},
    ),
    Row("training:handbook_edit", expect(404, **WRITES), kwargs=of("handbook")),
    Row("training:draft_start", expect(404, **CHANGES), of("briefing"), "POST"),
    Row("training:draft_discard", expect(404, **WRITES), kwargs=of("handbook")),
    Row("training:draft_discard", expect(404, **CHANGES), of("handbook"), "POST"),
    Row("training:section_add", expect(404, **WRITES), kwargs=of("handbook")),
    Row("training:section_add", expect(404, **CHANGES), of("handbook"), "POST", lambda w: WORDS),
    Row("training:section_edit", expect(404, **WRITES), kwargs=section),
    Row(
        "training:section_edit",
        expect(404, **WRITES),
        section,
        "POST",
        lambda w: {**WORDS, "then": "look"},
        note="look first",
    ),
    Row("training:section_step", expect(404, **CHANGES), section, "POST", lambda w: {"step": "up"}),
    Row("training:handbook_publish", expect(404, **WRITES), kwargs=of("handbook")),
    Row(
        "training:handbook_publish",
        expect(404, **WRITES | {"coordinator": 422}),
        of("handbook"),
        "POST",
        lambda w: {"size": "major"},
        note="without a day",
    ),
    Row("training:handbook_publish", expect(404, **CHANGES), of("unpublished"), "POST", as_it_is),
    Row("training:handbook_people", expect(404, **RUNS), kwargs=of("handbook")),
    Row("training:handbook_nudge", expect(404, **CHANGES), of("handbook"), "POST"),
    Row("training:briefing_note", expect(404, **CHANGES), of("briefing"), "POST", lambda w: {"on": TODAY.isoformat()}),
    Row("training:briefing_take_back", expect(404, **CHANGES), of("given"), "POST"),
]
