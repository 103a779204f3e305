"""Handbook, agreement and briefings of PASS in Engineering, and who has read them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from peerhub.demo import handbook_texts as texts
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.handbook_texts import Part
from programmes.models import Cycle, Group, Membership, Role
from training.models import (
    BriefingGiven,
    Handbook,
    HandbookAcknowledgement,
    HandbookKind,
    HandbookSection,
    HandbookVersion,
    Reader,
)
from training.services.handbooks import digest_of

SLUG = "pass-engineering"
STILL_READING = 4  # leaders who have the first version only


def write_handbooks(*, anchor: Anchor, people: People) -> None:
    """All leaders read the first version and agreed; a new one came out on Monday, and most have read it."""
    cycle = Cycle.objects.get(programme__slug=SLUG, code=anchor.year_code())
    start = anchor.term_starts_on
    rhian = people.cast["rhian"]
    leaders = _leaders(cycle, first=people.cast["amara"].pk)

    handbook = _document(cycle, HandbookKind.HANDBOOK, Reader.LEADER, "Handbook for PASS leaders")
    first = _publish(handbook, (1, 0), texts.HANDBOOK, at(start - timedelta(days=21), 10), by=rhian.pk)
    newer = [Part(one.key, one.title, texts.CHANGED.get(one.key, one.text)) for one in texts.HANDBOOK]
    monday = anchor.today - timedelta(days=anchor.today.weekday() + 7)
    second = _publish(
        handbook, (2, 0), newer, at(monday, 9, 30), by=rhian.pk, summary=texts.SUMMARY,
        due=anchor.today + timedelta(days=9),
    )  # fmt: skip
    agreement = _document(cycle, HandbookKind.AGREEMENT, Reader.LEADER, "Agreement with PASS leaders")
    agreed = _publish(agreement, (1, 0), texts.AGREEMENT, at(start - timedelta(days=21), 10), by=rhian.pk)

    _read(first, leaders, at(start - timedelta(days=12), 15))
    _read(agreed, leaders, at(start - timedelta(days=12), 16))
    _read(second, leaders[:-STILL_READING], at(monday + timedelta(days=2), 18))
    _brief(cycle, anchor, rhian.pk)


def _leaders(cycle: Cycle, *, first: int) -> list[int]:
    """Users who lead, Amara before all others."""
    rows = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).order_by("pk")
    found = list(rows.values_list("user_id", flat=True))
    return sorted(found, key=lambda user_id: user_id != first)


def _brief(cycle: Cycle, anchor: Anchor, by: int) -> None:
    """Students heard it in their first session, group by group; two groups have not yet. Staff read it."""
    start = anchor.term_starts_on
    told = _document(cycle, HandbookKind.BRIEFING, Reader.PARTICIPANT, "What PASS is, and how it works")
    version = _publish(told, (1, 0), texts.FOR_STUDENTS, at(start - timedelta(days=14), 11), by=by)
    staff = _document(cycle, HandbookKind.BRIEFING, Reader.STAFF, "PASS for module leaders")
    _publish(staff, (1, 0), texts.FOR_STAFF, at(start - timedelta(days=14), 11), by=by)
    groups = list(Group.objects.active().filter(cycle=cycle).order_by("pk"))[:-2]
    BriefingGiven.objects.bulk_create(
        BriefingGiven(
            uuid=stable_uuid("briefing", group.uuid),
            version=version,
            group=group,
            on=start + timedelta(days=number % 5),
            noted_by_id=by,
            noted_at=at(start + timedelta(days=5), 12),
        )
        for number, group in enumerate(groups)
    )


def _document(cycle: Cycle, kind: str, reader: str, title: str) -> Handbook:
    return Handbook.objects.create(
        uuid=stable_uuid("handbook", SLUG, cycle.code, kind, reader),
        cycle=cycle,
        kind=kind,
        reader=reader,
        title=title,
        created_at=cycle.created_at,
    )


def _publish(
    handbook: Handbook,
    number: tuple[int, int],
    parts: Sequence[Part],
    when: datetime,
    *,
    by: int,
    summary: str = "",
    due: date | None = None,
) -> HandbookVersion:
    """As the use case leaves it: written as a draft, then numbered and frozen."""
    major, minor = number
    version = HandbookVersion.objects.create(
        uuid=stable_uuid("handbook-version", handbook.uuid, major, minor),
        handbook=handbook,
        created_at=when - timedelta(days=2),
        changed_at=when - timedelta(hours=1),
    )
    HandbookSection.objects.bulk_create(
        HandbookSection(
            version=version,
            key=stable_uuid("handbook-section", handbook.uuid, part.key),
            position=place,
            title=part.title,
            text=part.text,
        )
        for place, part in enumerate(parts, start=1)
    )
    HandbookVersion.objects.filter(pk=version.pk).update(
        major=major, minor=minor, summary=summary, due_on=due, published_at=when, published_by=by,
        digest=digest_of(version),
    )  # fmt: skip
    return version


def _read(version: HandbookVersion, users: Sequence[int], since: datetime) -> None:
    HandbookAcknowledgement.objects.bulk_create(
        HandbookAcknowledgement(version=version, user_id=user_id, at=since + timedelta(minutes=7 * place))
        for place, user_id in enumerate(users)
    )
