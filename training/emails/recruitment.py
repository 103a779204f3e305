"""Words to applicants: each step of an application, kindly and to the point."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from training.models import Application, ApplicationState

OVERTAKEN = gettext_lazy("Things have changed since.")
S = ApplicationState

mail.topic(
    "applications",
    title=gettext_lazy("Applying to lead"),
    help=gettext_lazy("Your own applications, step by step, and those you help to choose from"),
)


def _applications(abouts: Sequence[Mapping[str, Any]]) -> dict[int, Application]:
    rows = Application.objects.select_related("round__cycle__programme__activity_type")
    return rows.in_bulk({about["application"] for about in abouts})


def _application(letter: mail.Letter, *states: str) -> Application | mail.NotWanted:
    """The application, while it is in one of these states and the reader's own."""
    found: Application | None = letter.facts.get(letter.about["application"])
    if found is None or found.applicant_id != letter.recipient.pk or (states and found.state not in states):
        return mail.NotWanted(str(OVERTAKEN))
    return found


def rendered(
    application: Application, *, heading: str, lines: Sequence[str], action: str = "", subject: str = ""
) -> mail.Rendered:
    programme = application.round.cycle.programme
    return mail.Rendered(
        "training/application",
        {
            "subject_line": subject or f"{heading}: {programme.name}",
            "heading_line": heading,
            "lines": tuple(lines),
            "action_line": action or _("See where your application is"),
        },
        url=reverse("training:application_detail", args=[application.uuid]),
        why=_("You are getting this because you applied to lead in %(programme)s.") % {"programme": programme.name},
        title=f"{heading}: {programme.name}",
    )


@mail.kind(
    "training.application_received",
    title=gettext_lazy("Your application has arrived"),
    topic="applications",
    essential=True,
    load=_applications,
)
def application_received(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """With what happens next, and that nobody reads names."""
    found = _application(letter, S.SUBMITTED, S.ELIGIBLE)
    if isinstance(found, mail.NotWanted):
        return found
    words = {"code": found.code, "programme": found.round.cycle.programme.name}
    closes = {"when": dates.when(found.round.closes_at, now)}
    return rendered(
        found,
        heading=_("Your application has arrived"),
        lines=[
            _("Thank you for applying to lead in %(programme)s.") % words,
            _(
                "You are “%(code)s” to those who choose: they read what you wrote without your name, your number or "
                "anything else that says who you are."
            )
            % words,
            _("Applications close: %(when)s. Then at least two people read each one. We write to you at every step.")
            % closes,
        ],
    )


@mail.kind(
    "training.application_withdrawn",
    title=gettext_lazy("You withdrew your application"),
    topic="applications",
    load=_applications,
)
def application_withdrawn(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """They took it back; until the closing they can send it again."""
    found = _application(letter, S.WITHDRAWN)
    if isinstance(found, mail.NotWanted):
        return found
    programme = found.round.cycle.programme.name
    lines = [
        _("You have withdrawn your application to lead in %(programme)s. Nobody reads it any more.")
        % {"programme": programme}
    ]
    if found.round.takes_applications(now=now):
        lines.append(
            _("If you change your mind, you can send it again until %(when)s. What you wrote is still there.")
            % {"when": dates.when(found.round.closes_at, now)}
        )
    lines.append(_("Thank you for your interest. You are welcome to apply again another time."))
    return rendered(found, heading=_("You withdrew your application"), lines=lines)
