"""What the clock does to recruitment. Every step may run twice, or days late: the rows are the truth."""

from datetime import datetime

from django.db import transaction

from training.models import Application, ApplicationState, EqualityBox, RecruitmentRound, RoundState
from training.services import equality, offers
from training.services.application_steps import lock_application, move

S = ApplicationState
CHUNK, ROUNDS = 200, 20


def lapse_drafts(*, now: datetime) -> int:
    """Drafts that were not sent before the closing. Nobody is written to: they did not ask for anything."""
    late = Application.objects.filter(state=S.DRAFT, round__state=RoundState.OPEN, round__closes_at__lte=now)
    keys = list(late.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    for key in keys:
        _lapse_draft(key, now=now)
    return len(keys)


def lapse_offers(*, now: datetime) -> int:
    """Offers nobody answered in time; their places go to the reserve list."""
    late = Application.objects.filter(state=S.OFFERED, offer_expires_at__lte=now)
    keys = list(late.order_by("offer_expires_at", "pk").values_list("pk", flat=True)[:CHUNK])
    for key in keys:
        offers.lapse_offer(application_id=key, now=now)
    return len(keys)


def count_equality(*, now: datetime) -> int:
    """Answers of rounds that are finished: added up once, then destroyed."""
    sealed = EqualityBox.objects.filter(counted_on=None).values("of")
    done = RecruitmentRound.objects.filter(state=RoundState.FINISHED, uuid__in=sealed)
    keys = list(done.order_by("pk").values_list("pk", flat=True)[:ROUNDS])
    return sum(equality.count_answers(round_id=key, now=now) for key in keys)


def forget_rounds(*, now: datetime) -> int:
    """Records of rounds that finished, or were left, long enough ago."""
    keys = list(offers.old_rounds(now).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    return sum(offers.forget_round(round_id=key, now=now) for key in keys)


@transaction.atomic(durable=True)
def _lapse_draft(application_id: int, *, now: datetime) -> None:
    application = lock_application(application_id)
    if application.state == S.DRAFT and application.round.is_selecting(now=now):
        move(application, S.LAPSED, actor=None, now=now)
