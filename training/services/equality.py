"""Equality monitoring: told by applicants, counted once, destroyed (ADR 0015).

Nothing here writes an audit line about an applicant: that somebody answered, and when, would be a path to what they
answered. Only the count is on record.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.disclosure import profile_in_use
from peerhub.common.errors import DomainError
from peerhub.common.sealing import derived, new_key, seal
from training.models import Application, EqualityAnswers, EqualityBox, RecruitmentRound, RoundState
from training.models.equality_questions import PREFER, QUESTIONS
from training.queries.equality import (
    PROMISE,
    SIZE,
    Given,
    box_key,
    equality_ring,
    mark_of,
    open_box,
    questions_in_use,
    read_answers,
    takes_answers,
)
from training.queries.fairness import what_may_be_told
from training.queries.outcomes import ways_of
from training.services.application_steps import lock_round


class TellingRefused(DomainError):
    """Codes: not_yours, closed (not sent, finished, or switched off), unknown (no such question or answer)."""


@transaction.atomic(durable=True)
def tell_about_oneself(*, actor: Any, application_id: int, given: Given, now: datetime) -> None:
    """Keep what an applicant tells, in place of what they told before; nothing at all takes it back."""
    application = _own(actor, application_id)
    if not takes_answers(application):
        raise TellingRefused("closed", _("Nothing can be told here now: it is asked after you apply, until the end."))
    said = {code: sorted(set(chosen)) for code, chosen in given.items() if chosen}
    _refuse_unknown(said)
    if not said:
        _remove([application])
        return
    keep_answers(application, said)


def keep_answers(application: Application, said: Given) -> None:
    """A step of telling, its round held: sealed, in place of what was there."""
    box = open_box(application.round.uuid) or _new_box(application.round)
    key = box_key(box)
    mark = mark_of(key, application.uuid)
    plain = json.dumps({"promise": PROMISE, "said": said}).encode()
    sealed = seal(derived(key, "answers"), plain, about=mark, size=SIZE)
    EqualityAnswers.objects.update_or_create(mark=mark, defaults={"box": box, "sealed": sealed})


@transaction.atomic(durable=True)
def take_back(*, actor: Any, application_id: int, now: datetime) -> None:
    """Delete what an applicant told, as long as it can be found: until the round is finished."""
    _remove([_own(actor, application_id)])


def forget_told(applications: Iterable[Application]) -> None:
    """A step of erasing an account, in its transaction: what was told with these applications goes with them."""
    _remove(applications)


@transaction.atomic(durable=True)
def count_answers(*, round_id: int, now: datetime) -> bool:
    """Once a round is finished: add the answers into what may be told, then destroy them and their key.

    Counted once and by one rule, so that no two counts can be set against each other. Safe to run twice.
    """
    round_ = lock_round(round_id)
    box = open_box(round_.uuid)
    if box is None or round_.state != RoundState.FINISHED:
        return False
    key, ways = box_key(box), ways_of(round_)
    marks = {mark_of(key, one): one for one in ways}
    rows = EqualityAnswers.objects.filter(box=box)
    given = {marks[mark]: read_answers(key, row) for row in rows if (mark := bytes(row.mark)) in marks}
    box.told = what_may_be_told(ways, given, profile=profile_in_use(), asked=questions_in_use())
    box.kek, box.wrapped, box.counted_on = "", b"", now.date()
    rows.delete()
    box.save()
    audit.record(actor=None, action="training.equality_counted", target=round_, cycle_id=round_.cycle_id, now=now)
    return True


@transaction.atomic(durable=True)
def forget_boxes(*, now: datetime) -> int:
    """Totals that are old enough, and answers of rounds that were never finished. Returns how many rounds' went."""
    old = now - timedelta(days=settings.PEERHUB_EQUALITY_KEPT_DAYS)
    totals, _detail = EqualityBox.objects.filter(counted_on__lt=old.date()).delete()
    stale = now - timedelta(days=settings.PEERHUB_EQUALITY_ANSWERS_KEPT_DAYS)
    left = RecruitmentRound.objects.filter(state=RoundState.OPEN, closes_at__lt=stale).values("uuid")
    is_left = Q(of__in=left) | ~Q(of__in=RecruitmentRound.objects.values("uuid"))
    keys = list(EqualityBox.objects.filter(is_left, counted_on=None).values_list("pk", flat=True))
    EqualityBox.objects.filter(pk__in=keys).delete()
    return totals + len(keys)


def _own(actor: Any, application_id: int) -> Application:
    """The person's own application with its round held, so that telling and finishing take turns."""
    application: Application = Application.objects.select_related("round").get(pk=application_id)
    if application.applicant_id != actor.pk:
        raise TellingRefused("not_yours", _("Only whoever applied can tell this."))
    application.round = lock_round(application.round_id)
    return application


def _refuse_unknown(said: Given) -> None:
    asked = {one.code for one in questions_in_use()}
    for code, chosen in said.items():
        if code not in asked:
            raise TellingRefused("unknown", _("That is not asked here."))
        question = QUESTIONS[code]
        if not set(chosen) <= {PREFER, *(option.code for option in question.options)}:
            raise TellingRefused("unknown", _("That is not one of the answers."))
        if len(chosen) > 1 and (not question.several or PREFER in chosen):
            raise TellingRefused("unknown", _("Only one of these can be true."))


def _new_box(round_: RecruitmentRound) -> EqualityBox:
    if EqualityBox.objects.filter(of=round_.uuid).exists():
        raise TellingRefused("closed", _("Nothing can be told here now. Whoever runs PeerHub has to put a key back."))
    ring = equality_ring()
    wrapped = seal(ring.key(ring.newest), new_key(), about=round_.uuid.bytes)
    box: EqualityBox = EqualityBox.objects.create(of=round_.uuid, kek=ring.newest, wrapped=wrapped)
    return box


def _remove(applications: Iterable[Application]) -> None:
    for application in applications:
        box = open_box(application.round.uuid)
        if box is not None:
            EqualityAnswers.objects.filter(mark=mark_of(box_key(box), application.uuid)).delete()
