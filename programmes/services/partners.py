"""The partnership: asking people to design a cycle, their answer, what they get for it, their hours, and leaving."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import PersonKind
from peerhub.common import audit, mail, once
from peerhub.common.errors import DomainError
from programmes.models import CycleState, DesignPartner, DesignSignature, PartnerHours, Side
from programmes.services.changes import locked_cycle, put


class PartnerRefused(DomainError):
    """Codes: already, over, not_asked, unpaid_reward, cap_below_hours, not_student, other_side."""


class HoursRefused(DomainError):
    """Codes: not_in, over_cap, not_yet, closed, day_full."""


@dataclass(frozen=True)
class Terms:
    """What was agreed with a partner. `reward` is in words; paid needs one. `hours_cap` None is no cap."""

    side: str
    is_paid: bool = False
    reward: str = ""
    hours_cap: int | None = None


@transaction.atomic(durable=True)
def ask_partner(
    *, actor: Any, cycle_id: int, user: Any, terms: Terms, form_key: UUID | None = None, now: datetime
) -> DesignPartner:
    """Ask somebody with an account to design the cycle. Whoever asks themselves is in at once.

    Refuses `already`, `not_student` (only students speak for students), `other_side` (who signed for one side in this
    cycle never speaks for the other: the two signatures are two people's).
    """
    once.spend(user=actor, key=form_key, now=now)
    cycle = locked_cycle(cycle_id)
    _refuse_unsaid_pay(terms)
    _refuse_side(cycle.pk, user, terms.side)
    if DesignPartner.objects.current().filter(cycle=cycle, user=user).exists():
        raise PartnerRefused("already", _("They are asked already, or in."))
    is_self = user.pk == actor.pk
    partner = DesignPartner.objects.create(
        cycle=cycle, user=user, asked_by=actor, asked_at=now, joined_at=now if is_self else None, **vars(terms)
    )
    _record(actor, "partner_joined" if is_self else "partner_asked", partner, now)
    if not is_self:
        mail.queue(
            "programmes.partner_asked",
            to=partner.user_id,
            key=f"partner_asked:{partner.pk}",
            about={"partner": partner.pk, "cycle": cycle.pk},
            now=now,
        )
    return partner


@transaction.atomic(durable=True)
def answer_partnership(*, actor: Any, partner_id: int, joins: bool, now: datetime) -> DesignPartner:
    """Yes or no to being asked. A second yes changes nothing. Refuses `over` when it was ended meanwhile."""
    partner = _locked(partner_id)
    if partner.user_id != actor.pk:
        raise PartnerRefused("not_asked", _("Only they can answer this."))
    if partner.left_at is not None:
        raise PartnerRefused("over", _("This was ended in the meantime."))
    if partner.joined_at is not None and joins:
        return partner
    put(partner, **({"joined_at": now} if joins else {"left_at": now}))
    _record(actor, "partner_joined" if joins else "partner_declined", partner, now)
    return partner


@transaction.atomic(durable=True)
def end_partnership(*, actor: Any, partner_id: int, now: datetime) -> DesignPartner:
    """Somebody steps out, or a coordinator ends it. What they signed, proposed and gave stays on record."""
    partner = _locked(partner_id)
    if partner.left_at is None:
        put(partner, left_at=now)
        _record(actor, "partner_left", partner, now)
    return partner


@transaction.atomic(durable=True)
def change_terms(*, actor: Any, partner_id: int, terms: Terms, now: datetime) -> DesignPartner:
    """Change what was agreed with a partner. The cap cannot go below the hours they gave already."""
    partner = _locked(partner_id)
    if partner.left_at is not None:
        raise PartnerRefused("over", _("This was ended in the meantime."))
    _refuse_unsaid_pay(terms)
    _refuse_side(partner.cycle_id, partner.user, terms.side)
    if terms.hours_cap is not None and minutes_of(partner) > terms.hours_cap * 60:
        raise PartnerRefused("cap_below_hours", _("They gave more hours than this already."))
    changed = put(partner, **vars(terms))
    if changed:
        _record(actor, "partner_terms_changed", partner, now, changed=changed)
    return partner


@transaction.atomic(durable=True)
def log_hours(
    *,
    actor: Any,
    partner_id: int,
    on: date,
    minutes: int,
    what: str,
    form_key: UUID | None = None,
    now: datetime,
) -> PartnerHours:
    """Write down time one gave. Nobody works past what was agreed: `over_cap` asks to speak with the coordinator."""
    once.spend(user=actor, key=form_key, now=now)
    partner = _locked(partner_id)
    if partner.user_id != actor.pk or not partner.is_active:
        raise HoursRefused("not_in", _("Only partners write down hours."))
    if on > partner.cycle.today(now=now):
        raise HoursRefused("not_yet", _("This day is still to come."))
    cap = partner.hours_cap
    if cap is not None and minutes_of(partner) + minutes > cap * 60:
        raise HoursRefused(
            "over_cap",
            _("That is more than the %(hours)s hours you agreed. Speak with the coordinator before you give more.")
            % {"hours": cap},
        )
    that_day = PartnerHours.objects.filter(partner=partner, on=on).aggregate(n=Sum("minutes"))["n"] or 0
    if that_day + minutes > 24 * 60:
        raise HoursRefused("day_full", _("A day has 24 hours."))
    row = PartnerHours.objects.create(partner=partner, on=on, minutes=minutes, what=what.strip(), logged_at=now)
    _record(actor, "design_hours_logged", partner, now, minutes=minutes)
    return row


@transaction.atomic(durable=True)
def take_back_hours(*, actor: Any, hours_id: int, now: datetime) -> None:
    """Take back what one wrote down. Twice has one effect."""
    row = PartnerHours.objects.select_related("partner").filter(pk=hours_id, partner__user=actor).first()
    if row is None:
        return
    partner, minutes = _locked(row.partner_id), row.minutes
    deleted, _rows = PartnerHours.objects.filter(pk=row.pk).delete()
    if deleted:
        _record(actor, "design_hours_taken_back", partner, now, minutes=minutes)


def minutes_of(partner: DesignPartner) -> int:
    """All a partner wrote down."""
    return PartnerHours.objects.filter(partner=partner).aggregate(n=Sum("minutes"))["n"] or 0


# --- steps ------------------------------------------------------------------------------------------------------------
def _locked(partner_id: int) -> DesignPartner:
    """The partner, held, in a cycle that is not closed."""
    partner = DesignPartner.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=partner_id)
    if partner.cycle.state == CycleState.CLOSED:
        raise HoursRefused("closed", _("This cycle is closed. Its record stays as it is."))
    return partner


def _refuse_unsaid_pay(terms: Terms) -> None:
    if terms.is_paid and not terms.reward.strip():
        raise PartnerRefused("unpaid_reward", _("Say what they are paid."))


def _record(actor: Any, action: str, partner: DesignPartner, now: datetime, **detail: Any) -> None:
    side = {"side": str(Side(partner.side))}
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=partner,
        cycle_id=partner.cycle_id,
        detail={**side, **detail},
        now=now,
    )


def _refuse_side(cycle_id: int, user: Any, side: str) -> None:
    if side == Side.STUDENT and user.kind != PersonKind.STUDENT:
        raise PartnerRefused("not_student", _("Only students speak for students. Ask them for staff."))
    signed = DesignSignature.objects.filter(partner__user=user, version__document__cycle=cycle_id)
    if signed.exclude(partner__side=side).exists():
        raise PartnerRefused("other_side", _("They have signed for the other side in this cycle."))
