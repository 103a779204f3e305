"""Certification: writing schemes, granting a level to somebody, and taking an award back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Membership
from training.models import (
    CertificationAward,
    CertificationLevel,
    CertificationScheme,
    CertificationTopic,
    Module,
)
from training.models.modules import months_after
from training.queries.certification import LevelStanding, SchemeStanding, standings_of
from training.services.completions import refuse_person


class CertificationRefused(DomainError):
    """Codes: title_taken, no_source, live, below, topics, has_awards, not_last, closed, not_met, have_it, no_reason."""


@dataclass(frozen=True, slots=True)
class SchemeText:
    title: str
    source: str
    summary: str = ""
    counts_log: bool = False


@dataclass(frozen=True, slots=True)
class LevelText:
    """Hours are those in all, not on top of the level below. Topics are one a line."""

    title: str
    hours: Decimal
    live_hours: Decimal = Decimal(0)
    experience_hours: Decimal = Decimal(0)
    valid_months: int | None = None
    topics: Sequence[str] = ()


# --- schemes ----------------------------------------------------------------------------------------------------------
@transaction.atomic(durable=True)
def save_scheme(
    *, actor: Any, text: SchemeText, scheme_id: int | None = None, key: UUID | None = None, now: datetime
) -> CertificationScheme:
    """Write a scheme, or change what it says of itself."""
    spend(user=actor, key=key, now=now)
    if CertificationScheme.objects.filter(title=text.title).exclude(pk=scheme_id or 0).exists():
        raise CertificationRefused("title_taken", _("There is a scheme with this title."))
    if not text.source.strip():
        raise CertificationRefused("no_source", _("Say where its requirements come from."))
    scheme = (
        CertificationScheme.objects.select_for_update().get(pk=scheme_id)
        if scheme_id
        else CertificationScheme(created_by=actor, created_at=now)
    )
    scheme.title, scheme.summary, scheme.source = text.title, text.summary, text.source.strip()
    scheme.counts_log = text.counts_log
    scheme.save()
    _note(actor, "training.scheme_saved", scheme, now)
    return scheme


@transaction.atomic(durable=True)
def close_scheme(*, actor: Any, scheme_id: int, is_open: bool = False, now: datetime) -> CertificationScheme:
    """Nobody is granted a level any more; what was granted stays. Or open it again."""
    scheme = CertificationScheme.objects.select_for_update().get(pk=scheme_id)
    if (scheme.closed_at is None) != is_open:
        scheme.closed_at = None if is_open else now
        scheme.save(update_fields=["closed_at"])
        _note(actor, "training.scheme_opened" if is_open else "training.scheme_closed", scheme, now)
    return scheme


@transaction.atomic(durable=True)
def save_level(
    *,
    actor: Any,
    scheme_id: int,
    text: LevelText,
    level_id: int | None = None,
    key: UUID | None = None,
    now: datetime,
) -> CertificationLevel:
    """Add a level at the top of a scheme, or change one. Topics that keep their words keep their modules."""
    spend(user=actor, key=key, now=now)
    scheme = CertificationScheme.objects.select_for_update().get(pk=scheme_id)
    levels = list(scheme.levels.order_by("number"))
    level = next((one for one in levels if one.pk == level_id), None)
    if level is None:
        level = CertificationLevel(scheme=scheme, number=len(levels) + 1)
    topics = list(dict.fromkeys(" ".join(one.split()) for one in text.topics if one.strip()))
    _refuse_level(level, text, topics, levels)
    level.title, level.valid_months = text.title, text.valid_months
    level.hours, level.live_hours, level.experience_hours = text.hours, text.live_hours, text.experience_hours
    level.save()
    level.topics.exclude(title__in=topics).delete()
    for position, title in enumerate(topics):
        CertificationTopic.objects.update_or_create(level=level, title=title, defaults={"position": position})
    _note(actor, "training.level_saved", scheme, now, level=level.number)
    return level


def _refuse_level(
    level: CertificationLevel, text: LevelText, topics: Sequence[str], levels: Sequence[CertificationLevel]
) -> None:
    if text.live_hours > text.hours:
        raise CertificationRefused("live", _("Live hours are part of the hours of training."))
    if any(len(one) > 120 for one in topics):
        raise CertificationRefused("topics", _("A topic is a few words, 120 characters at most."))
    for one in levels:
        wrong = one.number < level.number and (text.hours < one.hours or text.experience_hours < one.experience_hours)
        wrong |= one.number > level.number and (text.hours > one.hours or text.experience_hours > one.experience_hours)
        if wrong:
            said = _("Hours are those in all. Compare “%(level)s”: a higher level never asks for fewer.")
            raise CertificationRefused("below", said % {"level": one.title})


@transaction.atomic(durable=True)
def remove_level(*, actor: Any, level_id: int, now: datetime) -> None:
    """Take the highest level off a scheme, as long as nobody was ever granted it."""
    level = CertificationLevel.objects.select_for_update().select_related("scheme").get(pk=level_id)
    if level.scheme.levels.filter(number__gt=level.number).exists():
        raise CertificationRefused("not_last", _("Take the levels above off first."))
    if level.awards.exists():
        raise CertificationRefused("has_awards", _("Somebody was granted this level. Close the scheme instead."))
    _note(actor, "training.level_removed", level.scheme, now, level=level.number)
    level.delete()


@transaction.atomic(durable=True)
def cover_topics(*, actor: Any, scheme_id: int, module_id: int, topics: Sequence[UUID], now: datetime) -> None:
    """Say which topics of a scheme a module covers: these, and no others."""
    scheme = CertificationScheme.objects.select_for_update().get(pk=scheme_id)
    module = Module.objects.get(pk=module_id)
    for topic in CertificationTopic.objects.filter(level__scheme=scheme).order_by("pk"):
        if topic.uuid in topics:
            topic.modules.add(module)
        else:
            topic.modules.remove(module)
    _note(actor, "training.topics_covered", scheme, now, module=module.pk, topics=len(topics))


# --- awards -----------------------------------------------------------------------------------------------------------
@transaction.atomic(durable=True)
def grant_award(
    *, actor: Any, membership: Membership, level_id: int, key: UUID | None = None, now: datetime
) -> CertificationAward:
    """Grant a level to somebody who meets it today. What it rests on is written down with it and stays as it is.

    Nobody grants anything to themselves. Refuses not_met, have_it, closed; own and not_here as sign-offs do.
    """
    spend(user=actor, key=key, now=now)
    refuse_person(actor, membership)
    user = User.objects.select_for_update().get(pk=membership.user_id)  # one award at a time, whoever grants it
    level = CertificationLevel.objects.select_related("scheme").get(pk=level_id)
    if level.scheme.closed_at:
        raise CertificationRefused("closed", _("This scheme is closed."))
    standing = standings_of(user, now=now, scheme=level.scheme)[0]
    mine = next(one for one in standing.levels if one.level.pk == level.pk)
    if mine.award:
        raise CertificationRefused("have_it", _("They have this level already."))
    if not mine.is_met:
        raise CertificationRefused("not_met", _("Something that this level asks for is missing."))
    today = timezone.localdate(now)
    award = CertificationAward.objects.create(
        user=user,
        level=level,
        cycle_id=membership.cycle_id,
        granted_on=today,
        expires_on=months_after(today, level.valid_months) if level.valid_months else None,
        granted_by=actor,
        granted_at=now,
        evidence=evidence_of(standing, mine),
    )
    _note(actor, "training.award_granted", award, now, cycle=membership.cycle_id, level=level.pk)
    _tell("granted", award, now)
    return award


def evidence_of(standing: SchemeStanding, mine: LevelStanding) -> dict[str, Any]:
    """What an award rests on, in plain words and numbers: later changes of schemes and modules do not reach it."""
    return {
        "scheme": standing.scheme.title,
        "source": standing.scheme.source,
        "level": mine.level.title,
        "number": mine.level.number,
        "needs": [
            {"what": one.label, "have": str(one.have), "want": str(one.want), "words": one.words}
            for one in mine.needs
            if one.want
        ],
        "topics": [
            {"topic": one.title, "modules": [module.title for module, done in one.modules if done]}
            for one in mine.topics
        ],
        "modules": [
            {
                "module": one.module.title,
                "hours": str(one.module.hours),
                "mode": one.module.mode,
                "on": one.completed_on.isoformat(),
                "completion": str(one.uuid),
            }
            for one in standing.counted
        ],
        "led_hours": str(round(standing.led_hours, 1)),
        "log_hours": str(standing.log_hours),
    }


@transaction.atomic(durable=True)
def withdraw_award(
    *, actor: Any, membership: Membership, award_id: int, reason: str, now: datetime
) -> CertificationAward:
    """It was granted by mistake. The row stays, with who took it back and why. Again changes nothing. Only where it was
    granted: another programme's awards are not this one's to take (`DoesNotExist`).
    """
    refuse_person(actor, membership)
    granted_here = {"user": membership.user_id, "cycle__programme": membership.cycle.programme_id}
    award = CertificationAward.objects.select_for_update(of=("self",)).get(pk=award_id, **granted_here)
    if award.withdrawn_at:
        return award
    if not reason.strip():
        raise CertificationRefused("no_reason", _("Say in a few words why."))
    award.withdrawn_at, award.withdrawn_by, award.withdrawn_why = now, actor, reason.strip()
    award.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    _note(actor, "training.award_withdrawn", award, now, cycle=membership.cycle_id)
    _tell("withdrawn", award, now)
    return award


def _tell(what: str, award: CertificationAward, now: datetime) -> None:
    kind = f"training.award_{what}"
    mail.queue(kind, to=award.user_id, key=f"{kind}:{award.pk}", about={"award": award.pk}, now=now)


def _note(actor: Any, action: str, target: Any, now: datetime, *, cycle: int | None = None, **detail: Any) -> None:
    audit.record(actor=actor, action=action, target=target, cycle_id=cycle, detail=detail or None, now=now)
