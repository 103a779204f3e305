"""Organisations and courses of a OneRoster package as units of the organisation tree. Administrators' rosters only."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from peerhub.common import stages
from peerhub.institution.models import OrgExternalId, OrgUnit, UnitKind
from programmes.rosters import records
from programmes.rosters.errors import WARNING, Problem
from programmes.rosters.records import Unit
from programmes.services.rosters.outcome import CREATED, DEACTIVATED, UNCHANGED, UNITS, UPDATED
from programmes.services.rosters.run import Run

COLUMNS: Final = ("name", "code", "kind", "parent", "path")
CHANGEABLE: Final = ("name", "code", "parent", "path", "is_active")
PATH_LIMIT: Final = 240


class Node:
    """A unit as it is in the database (or will be), and as the roster wants it."""

    __slots__ = ("id", "is_new", "kind", "now", "was")

    def __init__(self, unit_id: int, kind: str, values: tuple[Any, ...], *, is_new: bool = False) -> None:
        self.id = unit_id
        self.kind = kind
        self.is_new = is_new
        self.was = values
        self.now = values  # name, code, parent, path, is_active


class UnitLoader:
    """The whole tree is held in memory while it is compared: thousands of units, not millions."""

    def __init__(self, run: Run) -> None:
        self._run, self._outcome, self._hand = run, run.outcome, run.hand
        rows = OrgUnit.objects.order_by("pk").values_list("pk", "kind", "name", "code", "parent", "path", "is_active")
        self._nodes = {row[0]: Node(row[0], row[1], tuple(row[2:])) for row in rows}
        found = OrgExternalId.objects.filter(source=run.source).values_list("value", "unit")
        self._by_key: dict[str, int] = dict(found)
        named = set(self._by_key.values())
        self._by_name = {(n.kind, n.was[0].casefold()): n.id for n in self._nodes.values() if n.id not in named}
        self._root = next((n for n in self._nodes.values() if n.kind == UnitKind.INSTITUTION), None)

    def load(self, units: Iterable[Unit]) -> None:
        """Parents come before children (the reader sees to it)."""
        ids: list[tuple[int, str, str]] = []
        for unit in units:
            known = self._find(unit)
            if known is None:
                self._make(unit, ids)
                continue
            if unit.key not in self._by_key:
                self._by_key[unit.key] = known.id
                ids.append((known.id, self._run.source, unit.key))
            self._compare(unit, known)
        self._follow_moves()
        self._hand.create(OrgExternalId, ("unit", "source", "value"), ids)
        changed = [node for node in self._nodes.values() if not node.is_new and node.now != node.was]
        before = [[node.id, *node.was] for node in changed]
        self._hand.update(OrgUnit, CHANGEABLE, before, [[node.id, *node.now] for node in changed])
        renamed = [node.id for node in changed if node.now[0] != node.was[0]]
        if renamed and self._hand.is_real:
            stages.units_renamed(renamed)

    def _find(self, unit: Unit) -> Node | None:
        """By the roster's key, else a unit of that kind and name that no key of this source names yet."""
        found = self._by_key.get(unit.key) or self._by_name.pop((unit.kind, unit.name.casefold()), None)
        return self._nodes[found] if found is not None else None

    def _parent(self, unit: Unit) -> int | None:
        if unit.parent and unit.parent in self._by_key:
            return self._by_key[unit.parent]
        if unit.parent:
            message = _("The organisation above this one is not in the file. It was placed at the top.")
            file = self._run.file(records.UNITS)
            self._outcome.warn(
                Problem(unit.row, "parentSourcedId", "unknown_parent", message, WARNING, unit.parent[:80], file)
            )
        return self._root.id if self._root is not None else None

    def _make(self, unit: Unit, ids: list[tuple[int, str, str]]) -> None:
        if not unit.is_active:
            self._outcome.skipped["over_before_known"] += 1
            return
        parent = self._parent(unit)
        above = self._nodes[parent].now[3] if parent is not None else ""
        if len(above) > PATH_LIMIT - 21:
            message = _("The organisation tree would become too deep.")
            self._outcome.reject(
                UNITS, Problem(unit.row, "parentSourcedId", "too_deep", message, file=self._run.file(records.UNITS))
            )
            return
        key = self._hand.reserve(OrgUnit, 1)[0]
        path = f"{above}{key}/"
        row = (unit.name, unit.code, unit.kind, parent, path)
        self._hand.create(OrgUnit, COLUMNS, [row], [key])
        self._nodes[key] = Node(key, unit.kind, (unit.name, unit.code, parent, path, True), is_new=True)
        self._by_key[unit.key] = key
        ids.append((key, self._run.source, unit.key))
        self._outcome.count(UNITS, CREATED)

    def _compare(self, unit: Unit, known: Node) -> None:
        name, code, parent, path, was_active = known.now
        if known.kind != UnitKind.INSTITUTION and unit.parent in self._by_key:
            above = self._nodes[self._by_key[unit.parent]]
            if not above.now[3].startswith(path):  # never below itself
                parent, path = above.id, f"{above.now[3]}{known.id}/"
        wanted = (unit.name or name, unit.code or code, parent, path, unit.is_active)
        action = UNCHANGED if wanted == known.now else UPDATED
        if was_active and not unit.is_active:
            action = DEACTIVATED
        known.now = wanted
        self._outcome.count(UNITS, action)

    def _follow_moves(self) -> None:
        """What lies below a moved unit moves along."""
        for node in sorted(self._nodes.values(), key=lambda node: len(node.now[3])):
            parent = node.now[2]
            path = f"{self._nodes[parent].now[3] if parent in self._nodes else ''}{node.id}/"
            if path != node.now[3]:
                node.now = (*node.now[:3], path, node.now[4])
