"""Undoing an import within the day: what it made and nobody has used since goes; what it changed and nobody has changed
since is put back. The rest stays, is ended where that is possible, and is counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db import models

from peerhub.accounts.models import User
from peerhub.common import bulk, stages
from peerhub.institution.models import OrgUnit
from programmes.models import (
    Group,
    GroupMember,
    JournalAction,
    Membership,
    MembershipStatus,
    RosterImport,
    RosterJournal,
)
from programmes.services.group_places import take_up_sessions
from programmes.services.rosters.writing import keys_of, unpacked

REMOVED: Final = "removed"
RESTORED: Final = "restored"
ENDED: Final = "ended"
KEPT: Final = "kept"
# How a row that has been used is ended instead of removed; other models are left as they are.
_ENDINGS: Final[dict[type[models.Model], dict[str, Any]]] = {
    Membership: {"status": MembershipStatus.LEFT},
    Group: {},
    GroupMember: {},
}
_STILL_AS_MADE: Final[dict[type[models.Model], models.Q]] = {
    Membership: models.Q(status__in=[MembershipStatus.ACTIVE, MembershipStatus.WAITING], is_point_person=False),
    User: models.Q(last_login=None, is_staff=False, is_superuser=False),
}


def undo_journal(roster_import: RosterImport, *, now: datetime) -> dict[str, Counter[str]]:
    """Go back through the journal, last entry first. Returns {model: {removed, restored, ended, kept}}."""
    counts: dict[str, Counter[str]] = {}
    resumed: list[int] = []
    for entry in (
        RosterJournal.objects.filter(roster_import=roster_import).order_by("-position").iterator(chunk_size=10)
    ):
        model = apps.get_model(entry.model)
        content = unpacked(entry.payload)
        counter = counts.setdefault(entry.model, Counter())
        if entry.action == JournalAction.CREATED:
            _remove(model, keys_of(content["keys"]), counter, now=now)
        else:
            _restore(model, content["columns"], content["before"], content["after"], counter)
            if model is OrgUnit and "name" in content["columns"]:
                stages.units_renamed([row[0] for row in content["after"]])
            if model is GroupMember:
                resumed += [row[0] for row in content["after"]]
    take_up_sessions(resumed, now=now)
    return counts


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """Every row, whatever the model's own manager leaves out."""
    return model._base_manager.all()  # noqa: SLF001 - documented by Django


def _remove(model: type[models.Model], keys: Sequence[int], counter: Counter[str], *, now: datetime) -> None:
    there = _rows(model).filter(pk__anyof=list(keys))
    untouched = set(there.filter(_STILL_AS_MADE.get(model, models.Q())).values_list("pk", flat=True))
    used = untouched & _referred_to(model, sorted(untouched))
    free = sorted(untouched - used)
    bulk.delete_rows(model, free)
    counter[REMOVED] += len(free)
    if used and model in _ENDINGS:
        ended = _rows(model).filter(pk__anyof=sorted(used), ended_at=None).update(ended_at=now, **_ENDINGS[model])
        counter[ENDED] += ended
        counter[KEPT] += len(used) - ended
    else:
        counter[KEPT] += len(used)
    counter[KEPT] += len(keys) - len(untouched)


def _referred_to(model: type[models.Model], keys: list[int]) -> set[int]:
    """Keys that some row still refers to, in any app: whoever that is, uses them."""
    used: set[int] = set()
    if not keys:
        return used
    for relation in _relations(model):
        field = relation.field
        rows = _rows(relation.related_model).filter(**{f"{field.name}__anyof": keys})
        used.update(rows.values_list(field.attname, flat=True).distinct())
    return used


def _relations(model: type[models.Model]) -> Iterable[Any]:
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation


def _restore(
    model: type[models.Model],
    columns: Sequence[str],
    before: Sequence[Sequence[Any]],
    after: Sequence[Sequence[Any]],
    counter: Counter[str],
) -> None:
    """Put back rows that are still as the import left them."""
    fields = [model._meta.get_field(name) for name in columns]
    rows = _rows(model).filter(pk__anyof=[row[0] for row in after])
    current = {row[0]: list(row[1:]) for row in rows.values_list("pk", *columns)}
    back = []
    for old, new in zip(before, after, strict=True):
        if current.get(new[0]) == _typed(fields, new[1:]):
            back.append([old[0], *_typed(fields, old[1:])])
    bulk.update_rows(model, columns, back)
    counter[RESTORED] += len(back)
    counter[KEPT] += len(after) - len(back)


def _typed(fields: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """Values of the journal's JSON as the fields have them."""
    return [field.to_python(value) if value is not None else None for field, value in zip(fields, values, strict=True)]
