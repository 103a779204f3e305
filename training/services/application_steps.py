"""How an application moves. Steps of use cases, run inside their transaction with the application held."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from training.models import Application, ApplicationEvent, RecruitmentRound


class MoveRefused(DomainError):
    """Codes: move (this does not follow from where the application is)."""


def lock_round(round_id: int) -> RecruitmentRound:
    """The round's row, held until the transaction ends."""
    held: RecruitmentRound = (
        RecruitmentRound.objects.select_for_update(of=("self",)).select_related("cycle__programme").get(pk=round_id)
    )
    return held


def lock_application(application_id: int) -> Application:
    """The round held first, then the application: always in this order, so that two never wait for each other."""
    round_ = lock_round(Application.objects.values_list("round_id", flat=True).get(pk=application_id))
    application: Application = Application.objects.select_for_update(of=("self",)).get(pk=application_id)
    application.round = round_
    return application


def move(application: Application, to: str, *, actor: Any, reason: str = "", now: datetime) -> None:
    """To its next state, with who, when and why on its own record and on the audit's. Saves what else was changed."""
    if not application.may_become(to):
        raise MoveRefused("move", _("This application has moved on. Load the page again to see where it is."))
    came_from, application.state, application.moved_at = application.state, to, now
    application.save()
    ApplicationEvent.objects.create(
        application=application,
        came_from=came_from,
        to=to,
        reason=reason[:400],
        by=actor if getattr(actor, "pk", None) else None,
        at=now,
    )
    audit.record(
        actor=actor,
        action=f"training.application_{to}",
        target=application,
        cycle_id=application.round.cycle_id,
        detail={"from": came_from},
        now=now,
    )


def tell(kind: str, application: Application, *, now: datetime) -> None:
    """A letter to the applicant about this step. It carries no cycle: who coordinates would see by whose mail fails who
    has applied.
    """
    mail.queue(
        f"training.{kind}",
        to=application.applicant_id,
        key=f"{kind}:{application.pk}:{int(now.timestamp() * 1_000_000)}",
        about={"application": application.pk},
        now=now,
    )
