"""Forgetting a person, as far as the programmes' own records allow."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common.stages import Erasure, ErasureRefused
from programmes.models import (
    Attendance,
    CycleState,
    GroupMember,
    Membership,
    MembershipStatus,
    SessionLog,
)

ENDED = (MembershipStatus.DECLINED, MembershipStatus.LEFT, MembershipStatus.REMOVED)


def forget_deliveries(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account, in its transaction. Refuses a point person (`coordinates`): somebody must follow.

    Private reflections and words about the person go; places end. Registers and team notes stay without a name: they
    are also other people's record of what happened (UK GDPR, article 17(3)(d): archiving and statistics).
    """
    _refuse_point_person(user)
    kept_until = _("As long as the programme’s records are kept, without your name")
    reflections = SessionLog.objects.filter(author=user).exclude(private_reflection="").update(private_reflection="")
    notes = SessionLog.objects.filter(author=user).update(author=None)
    words = Membership.objects.filter(user=user).update(join_note="", end_reason="", decision_reason="")
    _end_places(user, now)
    places = Membership.objects.filter(user=user).count()
    attended = Attendance.objects.filter(membership__user=user).count()
    return [
        Erasure(_("Private reflections"), forgotten=reflections),
        Erasure(_("Logs you wrote: the note, without its author"), forgotten=0, kept=notes, kept_until=kept_until),
        Erasure(_("What was written about your place in programmes"), forgotten=words),
        Erasure(_("Places in programmes and groups, ended today"), forgotten=0, kept=places, kept_until=kept_until),
        Erasure(_("Attendance"), forgotten=0, kept=attended, kept_until=kept_until),
    ]


def _refuse_point_person(user: Any) -> None:
    leads_on = Membership.objects.filter(user=user, is_point_person=True).exclude(cycle__state=CycleState.CLOSED)
    first = leads_on.select_related("cycle__programme").order_by("pk").first()
    if first:
        words = {"programme": first.cycle.programme.name}
        raise ErasureRefused(
            "coordinates", _("You are the point person of %(programme)s. Name somebody else there first.") % words
        )


def _end_places(user: Any, now: datetime) -> None:
    """Nobody expects, plans with or offers a place to somebody who is gone."""
    GroupMember.objects.filter(membership__user=user, ended_at=None).update(ended_at=now)
    Membership.objects.filter(user=user).exclude(status__in=ENDED).update(
        status=MembershipStatus.LEFT, ended_at=now, waiting_since=None, offer_expires_at=None, is_point_person=False
    )
