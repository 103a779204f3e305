"""The organisation tree, in reading order."""

from collections import defaultdict
from dataclasses import dataclass

from peerhub.institution.models import OrgUnit


@dataclass(frozen=True)
class TreeRow:
    """A unit with its depth below the root (0), and whether it stands on something."""

    unit: OrgUnit
    depth: int
    children: int


def unit_tree(*, only_active: bool = False) -> list[TreeRow]:
    """The whole tree, depth first, siblings by name. One query."""
    units = OrgUnit.objects.active() if only_active else OrgUnit.objects.all()
    below: dict[int | None, list[OrgUnit]] = defaultdict(list)
    rows = list(units.order_by("name", "pk"))
    known = {unit.pk for unit in rows}
    for unit in rows:
        below[unit.parent_id if unit.parent_id in known else None].append(unit)
    found: list[TreeRow] = []
    waiting = [(unit, 0) for unit in reversed(below[None])]
    while waiting:
        unit, depth = waiting.pop()
        found.append(TreeRow(unit, depth, len(below[unit.pk])))
        waiting.extend((child, depth + 1) for child in reversed(below[unit.pk]))
    return found
