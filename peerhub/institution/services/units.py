"""Planting and pruning the organisation tree. `path` is kept true here and nowhere else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Length, Substr
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, stages
from peerhub.common.errors import DomainError
from peerhub.institution.models import OrgUnit, RoleGrant, UnitKind

MAX_PATH = 240


class UnitRefused(DomainError):
    """Codes: one_institution, needs_parent, cycle, too_deep, has_children, has_roles, inactive_parent."""


@transaction.atomic(durable=True)
def create_unit(
    *, actor: Any, name: str, kind: str, parent: OrgUnit | None, now: datetime, short_name: str = "", code: str = ""
) -> OrgUnit:
    """Add a unit below `parent` (None only for the institution itself)."""
    _check_place(kind, parent)
    above = _lock_tree(parent)
    unit = OrgUnit.objects.create(
        name=name, short_name=short_name, code=code, kind=UnitKind(kind), parent=above, path=""
    )
    unit.path = _path_below(above, unit)
    unit.save(update_fields=["path"])
    audit.record(actor=actor, action="institution.unit_created", target=unit, now=now)
    return unit


@transaction.atomic(durable=True)
def change_unit(*, actor: Any, unit_id: int, details: Mapping[str, str], now: datetime) -> OrgUnit:
    """Change name, short name, code or kind. The institution stays the institution."""
    unit = OrgUnit.objects.select_for_update().get(pk=unit_id)
    kind = details.get("kind", unit.kind)
    if (kind == UnitKind.INSTITUTION) != (unit.kind == UnitKind.INSTITUTION):
        raise UnitRefused("one_institution", _("There is one institution, at the top of the tree."))
    before = (unit.name, unit.short_name)
    for field in ("name", "short_name", "code", "kind"):
        if field in details:
            setattr(unit, field, details[field])
    unit.save(update_fields=["name", "short_name", "code", "kind"])
    if before != (unit.name, unit.short_name):
        stages.units_renamed([unit.pk])
    audit.record(actor=actor, action="institution.unit_changed", target=unit, now=now)
    return unit


@transaction.atomic(durable=True)
def move_unit(*, actor: Any, unit_id: int, parent: OrgUnit, now: datetime) -> OrgUnit:
    """Put a unit, with everything below it, under another one. Roles and programmes move along.

    Refuses with `UnitRefused`: cycle (into itself or below itself), needs_parent (the institution does not move),
    inactive_parent, too_deep.
    """
    above = _lock_tree(parent)
    unit = OrgUnit.objects.get(pk=unit_id)
    if unit.kind == UnitKind.INSTITUTION:
        raise UnitRefused("needs_parent", _("The institution stays at the top of the tree."))
    if above is None or above.path.startswith(unit.path):
        raise UnitRefused("cycle", _("A unit cannot be part of itself or of something below it."))
    _check_place(unit.kind, above)
    before, after = unit.path, _path_below(above, unit)
    below = OrgUnit.objects.in_subtree_of(unit)
    longest = max(len(path) for path in below.values_list("path", flat=True))
    if longest - len(before) + len(after) > MAX_PATH:
        raise UnitRefused("too_deep", _("The tree would become too deep."))
    below.update(path=Concat(Value(after), Substr(F("path"), len(before) + 1, Length(F("path")))))
    OrgUnit.objects.filter(pk=unit.pk).update(parent=above)
    audit.record(actor=actor, action="institution.unit_moved", target=unit, detail={"parent": above.pk}, now=now)
    unit.refresh_from_db()
    return unit


@transaction.atomic(durable=True)
def deactivate_unit(*, actor: Any, unit_id: int, now: datetime) -> OrgUnit:
    """Take a unit out of use: it can no longer be chosen. History keeps it.

    Refuses with `UnitRefused`: has_children (something active is below it), has_roles, needs_parent (the institution).
    """
    unit = OrgUnit.objects.select_for_update().get(pk=unit_id)
    if unit.kind == UnitKind.INSTITUTION:
        raise UnitRefused("needs_parent", _("The institution itself stays in use."))
    if OrgUnit.objects.active().filter(parent=unit).exists():
        raise UnitRefused("has_children", _("Move or take out of use what is below it first."))
    if RoleGrant.objects.active().filter(unit=unit).exists():
        raise UnitRefused("has_roles", _("Somebody still holds a role here. End it first."))
    return _switch(actor, unit, is_active=False, action="institution.unit_deactivated", now=now)


@transaction.atomic(durable=True)
def reactivate_unit(*, actor: Any, unit_id: int, now: datetime) -> OrgUnit:
    """Bring a unit back into use. Refuses with `UnitRefused` (inactive_parent)."""
    unit = OrgUnit.objects.select_for_update(of=("self",)).select_related("parent").get(pk=unit_id)
    if unit.parent and not unit.parent.is_active:
        raise UnitRefused("inactive_parent", _("Bring back the unit above it first."))
    return _switch(actor, unit, is_active=True, action="institution.unit_reactivated", now=now)


def _switch(actor: Any, unit: OrgUnit, *, is_active: bool, action: str, now: datetime) -> OrgUnit:
    unit.is_active = is_active
    unit.save(update_fields=["is_active"])
    audit.record(actor=actor, action=action, target=unit, now=now)
    return unit


def _check_place(kind: str, parent: OrgUnit | None) -> None:
    if kind == UnitKind.INSTITUTION:
        if parent is not None or OrgUnit.objects.filter(kind=UnitKind.INSTITUTION).exists():
            raise UnitRefused("one_institution", _("There is one institution, at the top of the tree."))
    elif parent is None:
        raise UnitRefused("needs_parent", _("Say what this unit is part of."))
    elif not parent.is_active:
        raise UnitRefused("inactive_parent", _("That unit is out of use. Choose another one."))


def _lock_tree(parent: OrgUnit | None) -> OrgUnit | None:
    """Lock the top of the tree, so that two moves happen one after the other, and read the parent as it is now."""
    list(OrgUnit.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk", flat=True))
    return OrgUnit.objects.get(pk=parent.pk) if parent else None


def _path_below(parent: OrgUnit | None, unit: OrgUnit) -> str:
    path = f"{parent.path if parent else ''}{unit.pk}/"
    if len(path) > MAX_PATH:
        raise UnitRefused("too_deep", _("The tree would become too deep."))
    return path
