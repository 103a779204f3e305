"""Classes of a roster, or names in a list's group column, as groups of the cycle."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from programmes.models import Cycle, Group
from programmes.rosters.records import GroupRow
from programmes.services.rosters.outcome import CREATED, DEACTIVATED, GROUPS, UNCHANGED, UPDATED
from programmes.services.rosters.run import Run

COLUMNS: Final = ("cycle", "name", "shape", "subject", "place", "external_ref", "created_at")
CHANGEABLE: Final = ("name", "subject", "place", "ended_at")
REF_LIMIT: Final = 160


class KnownGroup(NamedTuple):
    """A group the cycle has."""

    id: int
    external_ref: str
    name: str
    subject: str
    place: str
    ended_at: datetime | None


class GroupLoader:
    """Afterwards `ids` maps the roster's keys to groups, `ended` holds groups the roster says are over."""

    def __init__(self, run: Run, cycle: Cycle) -> None:
        self.ids: dict[str, int] = {}
        self.of_source: set[int] = set()
        self.ended: set[int] = set()
        self._cycle, self._now = cycle, run.options.now
        self._source, self._outcome, self._hand = run.source, run.outcome, run.hand
        rows = Group.objects.filter(cycle=self._cycle).order_by("pk").values_list(*KnownGroup._fields)  # noqa: SLF001 - public
        known = [KnownGroup(*row) for row in rows]
        self._by_ref = {group.external_ref: group for group in known if group.external_ref}
        self._by_name = {
            group.name.casefold(): group for group in known if not group.external_ref and not group.ended_at
        }
        self.of_source.update(group.id for ref, group in self._by_ref.items() if ref.startswith(f"{run.source}:"))

    def load(self, groups: Iterable[GroupRow]) -> None:
        """Match by the roster's key, then by name with groups made by hand; make the rest."""
        new: list[tuple[GroupRow, str]] = []
        before: list[list[Any]] = []
        after: list[list[Any]] = []
        for row in groups:
            ref = self._ref(row.key)
            known = self._by_ref.get(ref) or self._by_name.get(row.name.casefold())
            if known is not None:
                self.ids[row.key] = known.id
                self._compare(row, known, before, after)
            elif row.is_active:
                new.append((row, ref))
            else:
                self._outcome.skipped["over_before_known"] += 1
        self._create(new)
        self._hand.update(Group, CHANGEABLE, before, after)

    def resolve(self, keys: Iterable[str]) -> None:
        """Groups that enrolments name but this file does not describe (a delta)."""
        for key in keys:
            known = self._by_ref.get(self._ref(key))
            if key not in self.ids and known is not None:
                self.ids[key] = known.id

    def _ref(self, key: str) -> str:
        return f"{self._source}:{key}"[:REF_LIMIT]

    def _compare(self, row: GroupRow, known: KnownGroup, before: list[list[Any]], after: list[list[Any]]) -> None:
        """A group made by hand keeps its own words; one of this roster follows it."""
        ends = None if row.is_active else known.ended_at or self._now
        if not row.is_active:
            self.ended.add(known.id)
        wanted: tuple[Any, ...] = known[2:5] if not known.external_ref else self._words(row, known)
        if (*wanted, ends) == known[2:]:
            self._outcome.count(GROUPS, UNCHANGED)
            return
        before.append([known.id, *known[2:]])
        after.append([known.id, *wanted, ends])
        self._outcome.count(GROUPS, DEACTIVATED if ends and not known.ended_at else UPDATED)

    @staticmethod
    def _words(row: GroupRow, known: KnownGroup) -> tuple[str, str, str]:
        return row.name or known.name, row.subject or known.subject, row.place or known.place

    def _create(self, new: list[tuple[GroupRow, str]]) -> None:
        shape = self._cycle.programme.activity_type.shape
        rows = [(self._cycle.pk, row.name, shape, row.subject, row.place, ref, self._now) for row, ref in new]
        keys = self._hand.create(Group, COLUMNS, rows)
        for (row, _ref), key in zip(new, keys, strict=True):
            self.ids[row.key] = key
            self.of_source.add(key)
        self._outcome.count(GROUPS, CREATED, len(new))
