"""A round of 5,000 applications on a demo database, told of, finished and counted. Prints where it is read, as JSON."""

import json
import os
import random
import time
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from peerhub.accounts.models import User
from programmes.models import Role
from tests import factories as make
from tests.bench.cast import cast
from training.models import Application, ApplicationEvent, RecruitmentRound
from training.models.equality_questions import UK
from training.queries.outcomes import REACHED
from training.services.equality import count_answers, keep_answers

NOW = datetime.now(UTC)
PEOPLE = 5000


def applied(round_: RecruitmentRound, rng: random.Random) -> list[Application]:
    """Everybody, each as far as chance brought them."""
    users = User.objects.bulk_create(User(given_name=f"Applied{n}", password="!") for n in range(PEOPLE))
    depths = rng.choices(range(len(REACHED)), [6, 40, 5, 20, 4, 25], k=PEOPLE)
    times = {"created_at": NOW, "saved_at": NOW, "submitted_at": NOW, "moved_at": NOW}
    found = Application.objects.bulk_create(
        Application(round=round_, applicant=user, code=f"Bench {n}", state=_state(depth), **times)
        for n, (user, depth) in enumerate(zip(users, depths, strict=True))
    )
    ApplicationEvent.objects.bulk_create(
        (
            ApplicationEvent(application=one, to=state, at=NOW)
            for one, depth in zip(found, depths, strict=True)
            for state in REACHED[: depth + 1]
        ),
        batch_size=5000,
    )
    return list(found)


def _state(depth: int) -> str:
    return ("ineligible", "rejected", "lapsed", "rejected", "declined", "accepted")[depth]


def main() -> dict[str, object]:
    rng = random.Random(4)
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug="bench-fairness", name="Bench fairness"))
    make.MembershipFactory(cycle=cycle, user=cast()["rhian"], role=Role.COORDINATOR)
    closed = NOW - timedelta(days=40)
    times = {"created_at": closed - timedelta(days=30), "opened_at": closed - timedelta(days=20), "closes_at": closed}
    round_ = RecruitmentRound.objects.create(cycle=cycle, state="open", places=1250, **times)
    with transaction.atomic():
        for one in applied(round_, rng):
            keep_answers(one, {each.code: [rng.choice(each.options).code] for each in UK})
    RecruitmentRound.objects.filter(pk=round_.pk).update(state="finished", finished_at=NOW)
    started = time.perf_counter()
    assert count_answers(round_id=round_.pk, now=NOW)
    seconds = time.perf_counter() - started
    path = reverse("training:fairness_show", args=["bench-fairness", cycle.code])
    return {"path": path, "seconds": seconds, "people": PEOPLE}


if __name__ == "__main__":
    assert settings.PEERHUB_KEK_EQUALITY, "the demo has a key"
    print(json.dumps(main()))
