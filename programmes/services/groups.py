"""Groups and pairs themselves: made, changed, ended. Who is in them: group_places."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState, EndedHow, Group, Role, Session, SessionStatus, Shape
from programmes.services import letters
from programmes.services.closings import ask_both, note_ending
from programmes.services.group_places import end_all_places
from programmes.services.letters import UNDO_WINDOW


class GroupRefused(DomainError):
    """Codes: cycle_closed, ended, has_sessions, too_small, one_leader."""


@dataclass(frozen=True)
class GroupFields:
    """What a person can say about a group. `capacity` counts participants; None: no limit (a pair: one)."""

    name: str
    shape: str
    subject: str = ""
    place: str = ""
    link: str = ""
    capacity: int | None = None


@transaction.atomic(durable=True)
def create_group(
    *, actor: Any, cycle_id: int, fields: GroupFields, form_key: UUID | None = None, now: datetime
) -> Group:
    """A new, empty group."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = Cycle.objects.get(pk=cycle_id)
    if cycle.state == CycleState.CLOSED:
        raise GroupRefused("cycle_closed", _("This cycle is closed. Groups are made in the next one."))
    group = Group.objects.create(cycle=cycle, created_at=now, **vars(fields))
    audit.record(actor=actor, action="programmes.group_created", target=group, cycle_id=cycle.pk, now=now)
    return group


@transaction.atomic(durable=True)
def change_group(*, actor: Any, group_id: int, fields: GroupFields, now: datetime) -> Group:
    """Change what a group is called, where it meets and how many it takes. It cannot become too small for who is in."""
    group = _lock_running(group_id)
    _refuse_too_small(group, fields)
    changed = [name for name, value in vars(fields).items() if getattr(group, name) != value]
    for name in changed:
        setattr(group, name, getattr(fields, name))
    if changed:
        group.save(update_fields=changed)
        audit.record(
            actor=actor,
            action="programmes.group_changed",
            target=group,
            cycle_id=group.cycle_id,
            detail={"fields": changed},
            now=now,
        )
    return group


@transaction.atomic(durable=True)
def end_group(*, actor: Any, group_id: int, how: str = EndedHow.COMPLETED, reason: str = "", now: datetime) -> Group:
    """End a group: nobody is in it from now on; its registers stay. Planned sessions must be settled first.

    The reason is private to those who coordinate. The two of a pair are told once it can no longer be undone, and asked
    how it was.
    """
    group = Group.objects.select_for_update().get(pk=group_id)
    if group.ended_at:
        return group  # pressed twice
    planned = Session.objects.filter(group=group, status=SessionStatus.PLANNED, starts_at__gt=now).count()
    if planned:
        message = ngettext(
            "This group still has %(count)s planned session. Cancel or move it first.",
            "This group still has %(count)s planned sessions. Cancel or move them first.",
            planned,
        )
        raise GroupRefused("has_sessions", message % {"count": planned})
    ended = end_all_places(group, now=now)
    group.ended_at = now
    group.save(update_fields=["ended_at"])
    note_ending(group, actor=actor, how=how, reason=reason, now=now)
    if group.shape == Shape.PAIR:
        places = list(group.members.filter(ended_at=now).select_related("membership").order_by("pk"))
        ask_both(places, now=now)
        letters.to_closed(places, now=now, hold=UNDO_WINDOW)
    audit.record(
        actor=actor,
        action="programmes.group_ended",
        target=group,
        cycle_id=group.cycle_id,
        detail={"memberships": ended},
        now=now,
    )
    return group


def _lock_running(group_id: int) -> Group:
    group = Group.objects.select_for_update().get(pk=group_id)
    if group.ended_at:
        raise GroupRefused("ended", _("This group has ended. Make a new one instead."))
    return group


def _refuse_too_small(group: Group, fields: GroupFields) -> None:
    roles = list(group.members.filter(ended_at=None).values_list("membership__role", flat=True))
    participants, leaders = roles.count(Role.PARTICIPANT), roles.count(Role.LEADER)
    limit = fields.capacity or (1 if fields.shape == Shape.PAIR else None)
    if limit is not None and participants > limit:
        message = _("%(count)s people are in this group. Give it at least that many places, or move somebody first.")
        raise GroupRefused("too_small", message % {"count": participants})
    if fields.shape == Shape.PAIR and leaders > 1:
        raise GroupRefused("one_leader", _("A pair has one person who leads. Take the others out first."))
