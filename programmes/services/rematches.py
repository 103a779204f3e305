"""Wishes for another match: asked by either side, taken back, answered by who coordinates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import (
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    RematchRequest,
    RematchState,
    Role,
    Shape,
)
from programmes.services import letters
from programmes.services.closings import ask_both, has_planned, lock_group, note_ending
from programmes.services.group_places import end_places, refuse_misfit, refuse_uncleared, start_places


class RematchRefused(DomainError):
    """Codes: not_in, answered, gone, has_sessions, same_group, group_ended, not_free."""


@transaction.atomic(durable=True)
def ask_rematch(
    *, actor: Any, group_id: int, note: str = "", form_key: UUID | None = None, now: datetime
) -> RematchRequest:
    """Ask for another match. Only those who coordinate hear of it. Asked again while it waits, it is the same wish."""
    once.spend(user=actor, key=form_key, now=now)
    group = lock_group(group_id)
    rows = GroupMember.objects.filter(group=group, ended_at=None, membership__user=actor)
    place = rows.filter(membership__status=MembershipStatus.ACTIVE).select_related("membership").first()
    if place is None:
        raise RematchRefused("not_in", _("You are not in this group now."))
    waiting = RematchRequest.objects.open().filter(place=place).first()
    if waiting is not None:
        return waiting
    wish = RematchRequest.objects.create(place=place, note=note.strip(), asked_at=now)
    # Who asked stands in no mail and not on the timeline: the wish is the target, and only it knows.
    audit.record(actor=None, action="programmes.rematch_asked", target=wish, cycle_id=group.cycle_id, now=now)
    letters.to_coordinators("rematch_asked", place.membership, now=now)
    return wish


@transaction.atomic(durable=True)
def withdraw_rematch(*, actor: Any, rematch_id: int, now: datetime) -> RematchRequest:
    """Take one's own wish back while nobody has answered it."""
    wish = RematchRequest.objects.select_for_update().get(pk=rematch_id, place__membership__user=actor)
    if wish.state == RematchState.WITHDRAWN:
        return wish  # pressed twice
    _refuse_answered(wish)
    return _decide(actor, wish, RematchState.WITHDRAWN, now)


@transaction.atomic(durable=True)
def close_rematch(*, actor: Any, rematch_id: int, now: datetime) -> RematchRequest:
    """Answer a wish without a change: who asked is told that it was looked at, and nobody else."""
    wish = RematchRequest.objects.select_for_update().get(pk=rematch_id)
    if wish.state == RematchState.CLOSED:
        return wish  # pressed twice
    _refuse_answered(wish)
    _decide(actor, wish, RematchState.CLOSED, now)
    place = GroupMember.objects.select_related("membership").get(pk=wish.place_id)
    letters.to_person("rematch_closed", place.membership, now=now)
    return wish


@transaction.atomic(durable=True)
def match_again(
    *, actor: Any, rematch_id: int, group_id: int | None = None, partner_id: int | None = None, now: datetime
) -> Group:
    """Answer a wish with another match: a running group with room, or a new pair with `partner_id` (a membership).

    The pair they were in ends for both, as quietly as any: the other side learns that it ended, not who wished it.
    """
    group_ids = RematchRequest.objects.values_list("place__group_id", flat=True)
    origin = lock_group(group_ids.get(pk=rematch_id), ended=True)
    wish = RematchRequest.objects.select_for_update().get(pk=rematch_id)
    _refuse_answered(wish)
    place = GroupMember.objects.select_related("membership__user").get(pk=wish.place_id)
    asker = place.membership
    if asker.status != MembershipStatus.ACTIVE:
        raise RematchRefused("gone", _("Who asked is not part of this programme any more. Close the request."))
    if group_id is None:
        group, coming = _new_pair(origin, asker, partner_id, now)
    else:
        group, coming = _other_group(origin, group_id), [asker]
    inside = GroupMember.objects.filter(group=group, ended_at=None).select_related("membership")
    refuse_misfit(group, [one.membership for one in inside], coming)
    refuse_uncleared([one for one in coming if one.role == Role.LEADER], now=now)
    _leave_origin(actor, origin, place, now)
    start_places(group, coming, now=now)
    _decide(actor, wish, RematchState.MATCHED, now)
    return group


def _refuse_answered(wish: RematchRequest) -> None:
    if wish.state != RematchState.OPEN:
        raise RematchRefused("answered", _("This was answered or taken back in the meantime."))


def _decide(actor: Any, wish: RematchRequest, state: RematchState, now: datetime) -> RematchRequest:
    wish.state, wish.decided_at, wish.decided_by = state, now, actor
    wish.save(update_fields=["state", "decided_at", "decided_by"])
    by = None if state == RematchState.WITHDRAWN else actor
    cycle_id = Group.objects.values_list("cycle_id", flat=True).get(members=wish.place_id)
    audit.record(actor=by, action=f"programmes.rematch_{state}", target=wish, cycle_id=cycle_id, now=now)
    return wish


def _other_group(origin: Group, group_id: int) -> Group:
    if group_id == origin.pk:
        raise RematchRefused("same_group", _("They are in this group already."))
    group = Group.objects.select_for_update().filter(pk=group_id, cycle=origin.cycle_id, ended_at=None).first()
    if group is None:
        raise RematchRefused("group_ended", _("This group has ended."))
    return group


def _new_pair(
    origin: Group, asker: Membership, partner_id: int | None, now: datetime
) -> tuple[Group, list[Membership]]:
    """An empty pair named for the two, and the two: one leads, one takes part, both of this cycle now."""
    wanted = Role.LEADER if asker.role == Role.PARTICIPANT else Role.PARTICIPANT
    free = Membership.objects.active().filter(pk=partner_id, cycle=origin.cycle_id, role=wanted)
    partner = free.select_related("user").first()
    if partner is None:
        raise RematchRefused("not_free", _("Choose somebody who is part of this programme now."))
    leader, other = (partner, asker) if wanted == Role.LEADER else (asker, partner)
    name = _("%(leader)s and %(other)s") % {"leader": leader.user.short_name, "other": other.user.short_name}
    pair = Group.objects.create(cycle_id=origin.cycle_id, name=name[:120], shape=Shape.PAIR, created_at=now)
    return pair, [leader, other]


def _leave_origin(actor: Any, origin: Group, place: GroupMember, now: datetime) -> None:
    """Out of where they were. A pair cannot go on with one; those left in it hear that it has ended."""
    if origin.ended_at or place.ended_at:
        return
    is_pair = origin.shape == Shape.PAIR
    if is_pair and has_planned(origin, now=now):
        message = _("The two still have something planned together. Call it off or move it first.")
        raise RematchRefused("has_sessions", message)
    running = GroupMember.objects.filter(group=origin, ended_at=None).select_related("membership")
    ending = list(running if is_pair else running.filter(pk=place.pk))
    end_places(GroupMember.objects.filter(pk__in=[one.pk for one in ending]), now=now)
    note_ending(origin, actor=actor, place=None if is_pair else place, now=now)
    ask_both(ending, now=now)
    letters.to_closed([one for one in ending if one.pk != place.pk], now=now)
    if is_pair:
        origin.ended_at = now
        origin.save(update_fields=["ended_at"])
