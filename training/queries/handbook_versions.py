"""Which versions of handbooks keep a leader from being cleared: for training.queries.clearance."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from peerhub.common import clock
from training.models import HandbookAcknowledgement, HandbookVersion, Reader
from training.models.handbooks import CLEARS


class Major(NamedTuple):
    """A major version of a document: the first asks everybody at once, later ones by a day."""

    handbook_id: int
    cycle_id: int
    kind: str
    title: str
    uuid: UUID
    major: int
    due_on: date | None
    published_at: datetime


def first_versions() -> QuerySet[HandbookVersion]:
    """Every x.0 that those who lead have to read."""
    return HandbookVersion.objects.published().filter(
        minor=0, handbook__kind__in=CLEARS, handbook__reader=Reader.LEADER
    )


def handbook_gap(day: Any) -> Exists:
    """A condition on memberships: a version that should be read on that day, and nothing as new is acknowledged."""
    read = HandbookAcknowledgement.objects.filter(
        user=OuterRef(OuterRef("user")),
        version__handbook=OuterRef("handbook"),
        version__major__gte=OuterRef("major"),
    )
    due = Q(due_on=None) | Q(due_on__lt=day)
    return Exists(first_versions().filter(~Exists(read), due, handbook__cycle=OuterRef("cycle")))


def majors_of(cycle_ids: Iterable[int]) -> dict[int, list[list[Major]]]:
    """Cycle to its documents, each as its major versions, oldest first. One query."""
    rows: Iterable[tuple[Any, ...]] = (
        first_versions()
        .filter(handbook__cycle__anyof=sorted(cycle_ids))
        .order_by("handbook", "major")
        .values_list(
            "handbook_id", "handbook__cycle_id", "handbook__kind", "handbook__title", "handbook__uuid", "major",
            "due_on", "published_at",
        )
    )  # fmt: skip
    found: dict[int, dict[int, list[Major]]] = {}
    for row in rows:
        one = Major(*row)
        found.setdefault(one.cycle_id, {}).setdefault(one.handbook_id, []).append(one)
    return {cycle_id: list(documents.values()) for cycle_id, documents in found.items()}


def read_majors(user_ids: Iterable[int], majors: dict[int, list[list[Major]]]) -> dict[tuple[int, int], int]:
    """(user, document) to the newest major version they acknowledged. One query."""
    handbooks = sorted({asked[0].handbook_id for documents in majors.values() for asked in documents})
    rows = HandbookAcknowledgement.objects.filter(
        user__anyof=sorted(user_ids), version__handbook__anyof=handbooks
    ).order_by()
    newest: Iterable[tuple[Any, ...]] = rows.values_list("user_id", "version__handbook_id").annotate(
        newest=Max("version__major")
    )
    return {(user_id, handbook_id): major for user_id, handbook_id, major in newest}


def missing_from(asked: Sequence[Major], read: int, zone: str) -> date | None:
    """The first day on which who acknowledged `read` (0: nothing) is not cleared; None when they have read it all."""
    if not read:
        return clock.local(asked[0].published_at, zone).date()
    days = [one.due_on + timedelta(days=1) for one in asked if one.major > read and one.due_on]
    return min(days, default=None)
