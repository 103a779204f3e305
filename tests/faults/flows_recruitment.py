"""Leaders: an offer said yes or no to, or run out; place, membership and letters go together or not at all."""

from datetime import timedelta
from typing import Any

from peerhub.accounts.models import User
from tests.faults import world
from tests.faults.flow import Flow
from training.models import Application, RecruitmentRound
from training.services import offers, round_sweep

LETTER = ("outbox.after_queue", "outbox.before_ring")


def offered(*, hours: float) -> dict[str, Any]:
    """One place, offered until then; one more is on the reserve list."""
    here, now = world.cycle(), world.now()
    closed = now - timedelta(days=20)
    round_ = RecruitmentRound.objects.create(
        cycle=here, state="open", places=1, closes_at=closed, created_at=closed, opened_at=closed, shortlisted_at=closed
    )
    users = world.people(2)
    first, _second = (
        Application.objects.create(
            round=round_, applicant=user, code=f"Acorn {number}", created_at=closed, saved_at=closed,
            submitted_at=closed, moved_at=closed, **state,
        )
        for number, (user, state) in enumerate(
            zip(
                users,
                (
                    {"state": "offered", "offer_expires_at": now + timedelta(hours=hours)},
                    {"state": "reserve", "reserve_rank": 1},
                ),
                strict=True,
            )
        )
    )  # fmt: skip
    return world.ids(here, application=first.pk, users=[one.pk for one in users])


def answer(given: dict[str, Any], *, accepts: bool) -> None:
    actor = User.objects.get(pk=given["users"][0])
    offers.answer_offer(actor=actor, application_id=given["application"], accepts=accepts, now=world.now())


def accept(given: dict[str, Any]) -> None:
    answer(given, accepts=True)


def decline(given: dict[str, Any]) -> None:
    answer(given, accepts=False)


def run_out(given: dict[str, Any]) -> None:
    round_sweep.lapse_offers(now=world.now())


FLOWS = [
    Flow(
        "recruitment: accept",
        ("places.after_activate", "recruitment.after_member", *LETTER),
        lambda: offered(hours=9),
        accept,
    ),
    Flow("recruitment: decline", ("recruitment.after_offer", *LETTER), lambda: offered(hours=9), decline),
    Flow("recruitment: run out", ("recruitment.after_offer", *LETTER), lambda: offered(hours=-1), run_out),
]
