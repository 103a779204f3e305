"""Endings of pairs and of places in groups: with a private reason, a kind question, and ten minutes to think again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import (
    ClosingAnswer,
    Cycle,
    CycleState,
    EndedHow,
    Ending,
    Group,
    GroupMember,
    MembershipStatus,
    Role,
    Session,
    SessionStatus,
    Shape,
)
from programmes.services import letters
from programmes.services.group_places import end_places, refuse_misfit, refuse_uncleared, take_up_sessions
from programmes.services.letters import UNDO_WINDOW


class ClosingRefused(DomainError):
    """Codes: cycle_closed, not_in, leads, too_late, gone, full."""


@transaction.atomic(durable=True)
def leave_group(
    *, actor: Any, group_id: int, reason: str = "", form_key: UUID | None = None, now: datetime
) -> ClosingAnswer:
    """Leave a group one takes part in. A pair ends with it for both. Returns the question the person may answer.

    Who leads does not just go: others count on them, so they ask the coordinator for another match.
    """
    once.spend(user=actor, key=form_key, now=now)
    group = lock_group(group_id)
    place = _own_place(actor, group)
    if place.membership.role == Role.LEADER:
        raise ClosingRefused("leads", _("Others count on you here. Ask the coordinator for another match instead."))
    ends_pair = group.shape == Shape.PAIR and not has_planned(group, now=now)
    places = list(_running(group)) if ends_pair else [place]
    end_places(GroupMember.objects.filter(pk__in=[one.pk for one in places]), now=now)
    if ends_pair:
        group.ended_at = now
        group.save(update_fields=["ended_at"])
    note_ending(group, actor=actor, place=None if ends_pair else place, reason=reason, now=now)
    questions = ask_both(places, now=now)
    letters.to_coordinators("group_left", place.membership, now=now, channels=("inapp",), hold=UNDO_WINDOW)
    letters.to_closed([one for one in places if one.pk != place.pk], now=now, hold=UNDO_WINDOW)
    audit.record(actor=actor, action="programmes.group_left", target=group, cycle_id=group.cycle_id, now=now)
    return questions[place.pk]


@transaction.atomic(durable=True)
def take_back_ending(*, actor: Any, ending_id: int, now: datetime) -> Group:
    """Undo an ending while nobody has been told of it (ten minutes): those who were in are in again, as they were."""
    ending = Ending.objects.filter(pk=ending_id).first()
    if ending is None:
        raise ClosingRefused("gone", _("This was taken back already."))
    group = lock_group(ending.group_id, ended=True)
    if now - ending.at > UNDO_WINDOW:
        raise ClosingRefused("too_late", _("Those concerned have been told by now. Ask for a new match instead."))
    _restore(group, ending, now)
    audit.record(actor=actor, action="programmes.ending_undone", target=group, cycle_id=group.cycle_id, now=now)
    ending.delete()
    return group


@transaction.atomic(durable=True)
def answer_closing(*, actor: Any, closing_id: int, feeling: str, helped: str, now: datetime) -> ClosingAnswer:
    """What somebody says at the end, in their own words or not at all. A later answer replaces the earlier one."""
    closing = ClosingAnswer.objects.select_for_update().get(pk=closing_id, place__membership__user=actor)
    closing.feeling, closing.helped, closing.answered_at = feeling, helped.strip(), now
    closing.save(update_fields=["feeling", "helped", "answered_at"])
    cycle_id = Group.objects.values_list("cycle_id", flat=True).get(members=closing.place_id)
    audit.record(actor=actor, action="programmes.closing_answered", target=closing, cycle_id=cycle_id, now=now)
    return closing


# --- steps ------------------------------------------------------------------------------------------------------------
def lock_group(group_id: int, *, ended: bool = False) -> Group:
    """A step: the cycle and then the group, held, as every change of places takes them. Refuses a closed cycle."""
    cycle = Cycle.objects.select_for_update(of=("self",)).get(groups=group_id)
    if cycle.state == CycleState.CLOSED:
        raise ClosingRefused("cycle_closed", _("This cycle is closed. Its people stay as they were."))
    group = Group.objects.select_for_update().get(pk=group_id)
    if group.ended_at and not ended:
        raise ClosingRefused("not_in", _("This has ended already."))
    return group


def note_ending(
    group: Group,
    *,
    actor: Any,
    place: GroupMember | None = None,
    how: str = EndedHow.EARLY,
    reason: str = "",
    now: datetime,
) -> Ending:
    """A step of ending: that it ended, how, and the private reason, if one was given."""
    return Ending.objects.create(group=group, place=place, how=how, reason=reason.strip(), given_by=actor, at=now)


def ask_both(places: Collection[GroupMember], *, now: datetime) -> dict[int, ClosingAnswer]:
    """A step of ending: the closing question to everybody whose place ended; by place."""
    ClosingAnswer.objects.bulk_create(
        [ClosingAnswer(place=place, asked_at=now) for place in places], ignore_conflicts=True
    )
    rows = ClosingAnswer.objects.filter(place__in=[place.pk for place in places])
    return {row.place_id: row for row in rows}


def has_planned(group: Group, *, now: datetime) -> bool:
    """Whether it still has sessions to come, which somebody has to move or call off first."""
    return Session.objects.filter(group=group, status=SessionStatus.PLANNED, starts_at__gt=now).exists()


def _running(group: Group) -> Any:
    return GroupMember.objects.filter(group=group, ended_at=None).select_related("membership").order_by("pk")


def _own_place(actor: Any, group: Group) -> GroupMember:
    place = next((one for one in _running(group) if one.membership.user_id == actor.pk), None)
    if place is None or place.membership.status != MembershipStatus.ACTIVE:
        raise ClosingRefused("not_in", _("You are not in this group now."))
    return place


def _restore(group: Group, ending: Ending, now: datetime) -> None:
    """The same rows run on: nobody was told that they had stopped."""
    ended = GroupMember.objects.filter(group=group, ended_at=ending.at, membership__status=MembershipStatus.ACTIVE)
    if ending.place_id:
        ended = ended.filter(pk=ending.place_id)
    back = list(ended.select_related("membership"))
    inside = [one.membership for one in _running(group)]
    if not back:
        raise ClosingRefused("gone", _("The people have gone other ways since."))
    refuse_misfit(group, inside, [one.membership for one in back])
    refuse_uncleared([one.membership for one in back if one.membership.role == Role.LEADER], now=now)
    keys = [one.pk for one in back]
    GroupMember.objects.filter(pk__in=keys).update(ended_at=None)
    take_up_sessions(keys, now=now)
    ClosingAnswer.objects.filter(place__in=keys, answered_at=None).delete()
    if group.ended_at:
        group.ended_at = None
        group.save(update_fields=["ended_at"])
