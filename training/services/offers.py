"""The last steps: offers and their answers, the reserve list in order, the end of the round and its records."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.models import AuditEvent
from programmes.models import Role
from programmes.services.memberships import take_on
from training.models import (
    Application,
    ApplicationState,
    Assessment,
    RecruitmentRound,
    RoundHelper,
    RoundState,
)
from training.models.applications import OVER
from training.services.application_steps import MoveRefused, lock_application, lock_round, move, tell

S = ApplicationState


class OfferRefused(DomainError):
    """Codes: no_place, not_first, reason_missing, late, not_yours, finished, still_open, own."""


@transaction.atomic(durable=True)
def offer_role(*, actor: Any, application_id: int, now: datetime) -> Application:
    """Offer somebody the role after a conversation, for as many days as the round gives. Places bound it, and whoever
    is on the reserve list comes first (`not_first`): as many free places as they are many are theirs.
    """
    application = lock_application(application_id)
    _refuse_own(actor, application)
    _refuse_finished(application.round)
    if application.state == S.OFFERED:
        return application  # pressed twice
    if application.state == S.RESERVE and application.pk != _first_in_reserve(application.round):
        raise OfferRefused("not_first", gettext_lazy("Somebody else is first on the reserve list."))
    free = places_left(application.round)
    if free < 1:
        raise OfferRefused("no_place", gettext_lazy("Every place is taken or offered."))
    if application.state != S.RESERVE and free <= reserve_of(application.round).count():
        raise OfferRefused(
            "not_first", gettext_lazy("The places that are free go to the reserve list first, in its order.")
        )
    _offer(application, actor=actor, now=now)
    return application


@transaction.atomic(durable=True)
def put_on_reserve(*, actor: Any, application_id: int, now: datetime) -> Application:
    """To the end of the reserve list: whoever is first gets the next place that comes free."""
    application = lock_application(application_id)
    _refuse_own(actor, application)
    _refuse_finished(application.round)
    if application.state == S.RESERVE:
        return application  # pressed twice
    last = Application.objects.filter(round=application.round).aggregate(last=Max("reserve_rank"))["last"]
    application.reserve_rank = (last or 0) + 1
    move(application, S.RESERVE, actor=actor, now=now)
    tell("application_reserved", application, now=now)
    fill_places(application.round, now=now)
    application.refresh_from_db()
    return application


@transaction.atomic(durable=True)
def turn_down(*, actor: Any, application_id: int, reason: str, now: datetime) -> Application:
    """Not chosen after the conversation, or no longer on reserve, with a reason the person reads."""
    application = lock_application(application_id)
    _refuse_own(actor, application)
    if application.state == S.REJECTED:
        return application  # pressed twice
    if application.state not in {S.INTERVIEWED, S.RESERVE}:
        raise MoveRefused("move", gettext_lazy("This application has moved on. Load the page again."))
    if not reason.strip():
        raise OfferRefused("reason_missing", gettext_lazy("Write a reason. The applicant reads it."))
    move(application, S.REJECTED, actor=actor, reason=reason.strip(), now=now)
    tell("application_turned_down", application, now=now)
    fill_places(application.round, now=now)
    return application


@transaction.atomic(durable=True)
def answer_offer(*, actor: Any, application_id: int, accepts: bool, now: datetime) -> Application:
    """Yes makes them a leader of the cycle, who is in onboarding until cleared; no passes the place on at once."""
    application = lock_application(application_id)
    if application.applicant_id != actor.pk:
        raise OfferRefused("not_yours", gettext_lazy("Only whom it was offered to can answer."))
    if application.state == (S.ACCEPTED if accepts else S.DECLINED):
        return application  # pressed twice
    if application.state == S.OFFERED and application.offer_expires_at and application.offer_expires_at <= now:
        raise OfferRefused("late", gettext_lazy("The time to answer has passed. Tell whoever is named in the advert."))
    if accepts:
        cycle_id = application.round.cycle_id
        application.membership = take_on(actor=actor, cycle_id=cycle_id, user_id=actor.pk, role=Role.LEADER, now=now)
        failpoint("recruitment.after_member")
    move(application, S.ACCEPTED if accepts else S.DECLINED, actor=actor, now=now)
    tell("application_accepted" if accepts else "application_declined", application, now=now)
    if not accepts:
        fill_places(application.round, now=now)
    return application


@transaction.atomic(durable=True)
def lapse_offer(*, application_id: int, now: datetime) -> None:
    """Nobody answered in time: the place goes on. Safe to run twice."""
    application = lock_application(application_id)
    if application.state != S.OFFERED or application.offer_expires_at is None or application.offer_expires_at > now:
        return
    move(application, S.LAPSED, actor=None, reason=_("The offer was not answered in time."), now=now)
    tell("application_lapsed", application, now=now)
    fill_places(application.round, now=now)


@transaction.atomic(durable=True)
def finish_round(*, actor: Any, round_id: int, now: datetime) -> RecruitmentRound:
    """The end: whoever is still on reserve is told, and the clock of the records begins to run."""
    round_ = lock_round(round_id)
    if round_.state == RoundState.FINISHED:
        return round_  # pressed twice
    if round_.takes_applications(now=now):
        raise OfferRefused("still_open", gettext_lazy("People can still apply."))
    waiting = Application.objects.filter(round=round_).exclude(state__in=[*OVER, S.RESERVE, S.DRAFT])
    if waiting.exists():
        raise OfferRefused("still_open", gettext_lazy("Somebody still waits for an answer. Decide on everybody first."))
    for application in Application.objects.filter(round=round_, state=S.RESERVE).order_by("reserve_rank"):
        application.round = round_
        move(application, S.REJECTED, actor=actor, reason=_("The round ended, and no place came free."), now=now)
        tell("application_turned_down", application, now=now)
    round_.state, round_.finished_at = RoundState.FINISHED, now
    round_.save()
    audit.record(actor=actor, action="training.round_finished", target=round_, cycle_id=round_.cycle_id, now=now)
    return round_


@transaction.atomic(durable=True)
def forget_round(*, round_id: int, now: datetime) -> int:
    """Delete what people wrote and how they were scored, so many days after the round (a setting). Who accepted stays a
    leader. A round nobody finished is over when nothing has moved in it for as long. Returns how many applications
    went.
    """
    round_ = lock_round(round_id)
    if not old_rounds(now).filter(pk=round_.pk).exists():
        return 0
    if round_.finished_at is None:
        round_.state, round_.finished_at = RoundState.FINISHED, now
    applications = Application.objects.filter(round=round_)
    count = applications.count()
    _unname_record(round_)
    applications.delete()
    round_.helpers.all().delete()
    round_.forgotten_at = now
    round_.save(update_fields=["state", "finished_at", "forgotten_at"])
    detail = {"count": count}
    audit.record(
        actor=None, action="training.round_forgotten", target=round_, cycle_id=round_.cycle_id, detail=detail, now=now
    )
    return count


def old_rounds(now: datetime) -> QuerySet[RecruitmentRound]:
    """Rounds whose records are old enough to go: finished so long ago, or closed and not moved since."""
    before = forgets_before(now)
    moved = Application.objects.filter(round=OuterRef("pk"), moved_at__gt=before)
    left = Q(state=RoundState.OPEN, closes_at__lte=before) & ~Exists(moved)
    return RecruitmentRound.objects.filter(
        left | Q(state=RoundState.FINISHED, finished_at__lte=before), forgotten_at=None
    )


def _unname_record(round_: RecruitmentRound) -> None:
    """The audit keeps that something was done, and no longer by whom: who applied, helped and scored what is over."""
    keys = {
        Application: Application.objects.filter(round=round_),
        Assessment: Assessment.objects.filter(application__round=round_),
        RoundHelper: RoundHelper.objects.filter(round=round_),
    }
    for model, rows in keys.items():
        about = [str(pk) for pk in rows.order_by().values_list("pk", flat=True)]
        AuditEvent.objects.filter(target_type=model._meta.label_lower, target_id__in=about).update(
            actor=None, detail={}
        )


def forgets_before(now: datetime) -> datetime:
    """Rounds that finished before this moment are forgotten."""
    return now - timedelta(days=settings.PEERHUB_APPLICATIONS_KEPT_DAYS)


def places_left(round_: RecruitmentRound) -> int:
    """Places nobody has accepted or been offered."""
    taken = Application.objects.filter(round=round_, state__in=[S.OFFERED, S.ACCEPTED]).count()
    return max(0, round_.places - taken)


def fill_places(round_: RecruitmentRound, *, now: datetime) -> None:
    """Offer places that came free to the reserve list, in its order. A step of use cases; the round is held."""
    if round_.state != RoundState.OPEN:
        return
    reserve = reserve_of(round_)
    if Application.objects.filter(round=round_, state__in=[S.SHORTLISTED, S.INVITED, S.INTERVIEWED]).exists():
        return  # not everybody has had their turn: who coordinates decides
    for application in list(reserve[: places_left(round_)]):
        application.round = round_
        _offer(application, actor=None, now=now)


def _offer(application: Application, *, actor: Any, now: datetime) -> None:
    application.offer_expires_at = now + timedelta(days=application.round.offer_days)
    move(application, S.OFFERED, actor=actor, now=now)
    failpoint("recruitment.after_offer")
    tell("application_offered", application, now=now)


def reserve_of(round_: RecruitmentRound) -> QuerySet[Application]:
    """Whoever is on the reserve list, the first first."""
    return Application.objects.filter(round=round_, state=S.RESERVE).order_by("reserve_rank")


def _first_in_reserve(round_: RecruitmentRound) -> int | None:
    return reserve_of(round_).values_list("pk", flat=True).first()


def _refuse_finished(round_: RecruitmentRound) -> None:
    if round_.state == RoundState.FINISHED:
        raise OfferRefused("finished", gettext_lazy("This round is finished."))


def _refuse_own(actor: Any, application: Application) -> None:
    if application.applicant_id == actor.pk:
        raise OfferRefused("own", gettext_lazy("Nobody decides on their own application. Somebody else has to."))
