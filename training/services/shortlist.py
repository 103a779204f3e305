"""From scores to a shortlist: what was agreed, one decision for everybody, and only then the names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import audit
from peerhub.common.errors import DomainError
from training.models import Application, ApplicationState, Consensus, Criterion, RecruitmentRound
from training.queries.scores import Ranked, outcomes_of, ranking_of
from training.services.application_steps import lock_application, lock_round, move, tell

S = ApplicationState
BEST = 4
# On the shortlist, however far they are by now.
CHOSEN = (S.SHORTLISTED, S.INVITED, S.INTERVIEWED, S.OFFERED, S.RESERVE, S.ACCEPTED)


class ShortlistRefused(DomainError):
    """Codes: not_locked, nothing_apart, out_of_range, reason_missing, not_ready, decided, nobody, too_early."""


@transaction.atomic(durable=True)
def agree_score(
    *, actor: Any, application_id: int, criterion_id: int, value: int, reason: str, now: datetime
) -> Consensus:
    """Record what assessors agreed on where they were two or more apart. Their own scores stay as they are."""
    application = lock_application(application_id)
    outcome = outcomes_of([application.pk])[application.pk]
    if not outcome.is_complete:
        raise ShortlistRefused("not_locked", gettext_lazy("Not everybody has locked their scores yet."))
    if application.round.shortlisted_at is not None:
        raise ShortlistRefused("decided", gettext_lazy("The shortlist is decided."))
    if not outcome.is_apart(criterion_id):
        raise ShortlistRefused("nothing_apart", gettext_lazy("These scores are close. Their mean counts."))
    if not 0 <= value <= BEST:
        raise ShortlistRefused("out_of_range", gettext_lazy("A score is 0, 1, 2, 3 or 4."))
    if not reason.strip():
        raise ShortlistRefused("reason_missing", gettext_lazy("Say in a sentence what you agreed on."))
    agreed, _made = Consensus.objects.update_or_create(
        application=application,
        criterion_id=criterion_id,
        defaults={"value": value, "reason": reason.strip()[:400], "by": actor, "at": now},
    )
    detail = {"criterion": criterion_id, "value": value}
    cycle_id = application.round.cycle_id
    audit.record(
        actor=actor, action="training.score_agreed", target=application, cycle_id=cycle_id, detail=detail, now=now
    )
    return agreed


@transaction.atomic(durable=True)
def decide_shortlist(*, actor: Any, round_id: int, cut: int, now: datetime) -> RecruitmentRound:
    """One decision for everybody: clear evidence of each essential criterion, and `cut` points of 100 or a guaranteed
    conversation. Everybody hears, with how they were scored. Refused while anything is unscored or not agreed on.
    """
    round_ = lock_round(round_id)
    if round_.shortlisted_at is not None:
        return round_  # pressed twice
    if not round_.is_selecting(now=now):
        raise ShortlistRefused("too_early", gettext_lazy("Applications have not closed yet."))
    if not 0 <= cut <= 100:
        raise ShortlistRefused("out_of_range", gettext_lazy("Choose a number from 0 to 100."))
    criteria = list(Criterion.objects.filter(round=round_).order_by("position"))
    ranking = ranking_of(round_, criteria)
    if not ranking.is_ready:
        raise ShortlistRefused("not_ready", gettext_lazy("Every application has to be scored and agreed on first."))
    reachable = any(one.is_chosen(0) for one in ranking.rows)  # where nobody is, the round ends so
    if reachable and not any(one.is_chosen(cut) for one in ranking.rows):
        raise ShortlistRefused("nobody", gettext_lazy("Nobody would be on the shortlist. Choose fewer points."))
    for one in ranking.rows:
        _decide(round_, one, cut, actor=actor, now=now)
    round_.shortlisted_at, round_.shortlist_from = now, cut
    round_.save(update_fields=["shortlisted_at", "shortlist_from"])
    detail = {"cut": cut, "of": len(ranking.rows)}
    audit.record(
        actor=actor,
        action="training.shortlist_decided",
        target=round_,
        cycle_id=round_.cycle_id,
        detail=detail,
        now=now,
    )
    return round_


def _decide(round_: RecruitmentRound, one: Ranked, cut: int, *, actor: Any, now: datetime) -> None:
    application = one.application
    application.round = round_
    words = {"points": one.points, "cut": cut, "criteria": ", ".join(one.lacks)}
    if one.is_chosen(cut):
        move(application, S.SHORTLISTED, actor=actor, reason=_("%(points)s of 100 points.") % words, now=now)
        tell("application_shortlisted", application, now=now)
        return
    if one.lacks:
        reason = _("Not enough evidence yet of what is essential: %(criteria)s.") % words
    else:
        reason = _("%(points)s of 100 points; the shortlist began at %(cut)s.") % words
    move(application, S.REJECTED, actor=actor, reason=reason, now=now)
    tell("application_not_chosen", application, now=now)


@transaction.atomic(durable=True)
def reveal_identities(*, actor: Any, round_id: int, now: datetime) -> Sequence[int]:
    """Show who coordinates the names of those on the shortlist, and only theirs; each is put on record.

    Refused (`too_early`) before every score is locked and the shortlist decided; then nothing changes.
    """
    round_ = lock_round(round_id)
    if round_.shortlisted_at is None:
        raise ShortlistRefused(
            "too_early", gettext_lazy("Names stay hidden until every score is locked and the shortlist is decided.")
        )
    hidden = Application.objects.filter(round=round_, revealed_at=None, state__in=CHOSEN)
    keys = []
    for application in hidden.order_by("pk"):
        application.revealed_at = now
        application.save(update_fields=["revealed_at"])
        audit.record(
            actor=actor, action="training.identity_revealed", target=application, cycle_id=round_.cycle_id, now=now
        )
        keys.append(application.pk)
    if keys:
        detail = {"count": len(keys)}
        audit.record(
            actor=actor,
            action="training.identities_revealed",
            target=round_,
            cycle_id=round_.cycle_id,
            detail=detail,
            now=now,
        )
    return keys
