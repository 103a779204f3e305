"""Workshops of a design, and replies to what students said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Decision, DesignPartner, DesignReply, DesignWorkshop
from programmes.services.changes import locked_cycle, put

ADJUSTMENTS_KEPT = timedelta(days=30)  # after the workshop: what people needed to take part has served its purpose


class WorkshopRefused(DomainError):
    """Codes: not_yet, no_words."""


@dataclass(frozen=True)
class Notes:
    """A workshop as it is written down. Who came and what came of it are known once it was."""

    title: str
    on: date
    agenda: str = ""
    outputs: str = ""
    adjustments: str = ""
    other_students: int = 0
    other_staff: int = 0
    came: Sequence[UUID] = ()


@dataclass(frozen=True)
class Reply:
    """What students said and what became of it; `decision` is the number of an entry of the ledger."""

    you_said: str
    kind: str
    answer: str
    decision: int | None = None
    is_published: bool = False


@transaction.atomic(durable=True)
def write_workshop(
    *,
    actor: Any,
    cycle_id: int,
    notes: Notes,
    workshop_id: int | None = None,
    form_key: UUID | None = None,
    now: datetime,
) -> DesignWorkshop:
    """Plan a workshop, or write down how it was. Refuses `not_yet`: nobody came to what is still to come."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = locked_cycle(cycle_id)
    values = {name: value for name, value in vars(notes).items() if name != "came"}
    has_been = notes.on <= cycle.today(now=now)
    if not has_been and (notes.came or notes.outputs.strip() or notes.other_students or notes.other_staff):
        raise WorkshopRefused("not_yet", _("It is still to come: who came and what came of it is written down after."))
    if workshop_id is None:
        workshop = DesignWorkshop.objects.create(cycle=cycle, written_at=now, **values)
    else:
        workshop = DesignWorkshop.objects.get(pk=workshop_id, cycle=cycle)
        put(workshop, **values)
    came = DesignPartner.objects.filter(cycle=cycle, uuid__in=list(notes.came), joined_at__isnull=False)
    workshop.came.set(came)
    action = "programmes.workshop_planned" if workshop_id is None else "programmes.workshop_written"
    audit.record(actor=actor, action=action, target=workshop, cycle_id=cycle.pk, now=now)
    return workshop


@transaction.atomic(durable=True)
def write_reply(
    *, actor: Any, cycle_id: int, reply: Reply, reply_id: int | None = None, form_key: UUID | None = None, now: datetime
) -> DesignReply:
    """Say what became of what students said; published it stands on the programme's page."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = locked_cycle(cycle_id)
    words = {"you_said": reply.you_said.strip(), "answer": reply.answer.strip(), "kind": reply.kind}
    if not (words["you_said"] and words["answer"]):
        raise WorkshopRefused("no_words", _("Write what students said, and what became of it."))
    values: dict[str, Any] = {
        **words,
        "decision": Decision.objects.filter(cycle=cycle, number=reply.decision).first() if reply.decision else None,
    }
    if reply_id is None:
        published_at = now if reply.is_published else None
        row = DesignReply.objects.create(cycle=cycle, written_at=now, published_at=published_at, **values)
    else:
        row = DesignReply.objects.get(pk=reply_id, cycle=cycle)
        put(row, published_at=(row.published_at or now) if reply.is_published else None, **values)
    detail = {"published": reply.is_published}
    audit.record(actor=actor, action="programmes.reply_written", target=row, cycle_id=cycle.pk, detail=detail, now=now)
    return row


def forget_adjustments(*, now: datetime) -> int:
    """Notes on access of workshops that are a month past go. Safe to run twice, or late."""
    before = now.date() - ADJUSTMENTS_KEPT
    return DesignWorkshop.objects.filter(on__lt=before).exclude(adjustments="").update(adjustments="")
