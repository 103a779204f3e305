"""Words to applicants: each step of an application, kindly and to the point."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from training.models import Application, ApplicationState, HelperKind, RoundHelper
from training.queries.scores import outcomes_of

OVERTAKEN = gettext_lazy("Things have changed since.")
S = ApplicationState
Writer = Callable[[Application, datetime], mail.Rendered | mail.NotWanted]

mail.topic(
    "applications",
    title=gettext_lazy("Applying to lead"),
    help=gettext_lazy("Your own applications, step by step, and those you help to choose from"),
)


def _applications(abouts: Sequence[Mapping[str, Any]]) -> dict[int, Application]:
    rows = Application.objects.select_related("round__cycle__programme__activity_type", "slot")
    return rows.in_bulk({about["application"] for about in abouts})


def _theirs(letter: mail.Letter, states: Sequence[str]) -> Application | mail.NotWanted:
    """The application, while it is in one of these states and the reader's own."""
    found: Application | None = letter.facts.get(letter.about["application"])
    if found is None or found.applicant_id != letter.recipient.pk or found.state not in states:
        return mail.NotWanted(str(OVERTAKEN))
    return found


def to_applicant(code: str, title: Any, *states: str, essential: bool = True) -> Callable[[Writer], Writer]:
    """A kind of letter about somebody's own application, written while it is in one of these states."""

    def register(write: Writer) -> Writer:
        @mail.kind(f"training.{code}", title=title, topic="applications", essential=essential, load=_applications)
        def render(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
            found = _theirs(letter, states)
            return found if isinstance(found, mail.NotWanted) else write(found, now)

        return write

    return register


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


@to_applicant("application_received", gettext_lazy("Your application has arrived"), S.SUBMITTED, S.ELIGIBLE)
def application_received(found: Application, now: datetime) -> mail.Rendered:
    """With what happens next, and that nobody reads names."""
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


@to_applicant("application_withdrawn", gettext_lazy("You withdrew your application"), S.WITHDRAWN, essential=False)
def application_withdrawn(found: Application, now: datetime) -> mail.Rendered:
    """They took it back; until the closing they can send it again."""
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


@to_applicant("application_ineligible", gettext_lazy("Your application does not go further"), S.INELIGIBLE)
def application_ineligible(found: Application, now: datetime) -> mail.Rendered:
    """With the reason, as it was written for them."""
    words = {"programme": found.round.cycle.programme.name}
    return rendered(
        found,
        heading=_("Your application does not go further"),
        lines=[
            _("Thank you for applying to lead in %(programme)s. The role needs something that yours does not show:")
            % words,
            last_reason(found),
            _("This says nothing about what you wrote. If it is a mistake, ask whoever is named in the advert."),
        ],
    )


@to_applicant("application_shortlisted", gettext_lazy("You are on the shortlist"), S.SHORTLISTED, S.INVITED)
def application_shortlisted(found: Application, now: datetime) -> mail.Rendered:
    """Good news, and what comes next."""
    words = {"programme": found.round.cycle.programme.name, "most": strongest(found)}
    return rendered(
        found,
        heading=_("You are on the shortlist"),
        lines=[
            _("Those who read your application to %(programme)s would like to know more about you.") % words,
            _("They saw the clearest evidence of: %(most)s.") % words,
            _("An invitation to talk follows. If you need anything for it, ask whoever is named in the advert."),
        ],
    )


@to_applicant("application_not_chosen", gettext_lazy("Your application: not this time"), S.REJECTED)
def application_not_chosen(found: Application, now: datetime) -> mail.Rendered:
    """A no, with why, what was strong, and that it is no verdict."""
    words = {"programme": found.round.cycle.programme.name, "most": strongest(found)}
    return rendered(
        found,
        heading=_("Your application: not this time"),
        lines=[
            _("Thank you for applying to lead in %(programme)s. This time we could not take you further.") % words,
            last_reason(found),
            _("What those who read it saw most of: %(most)s. Your page shows how each criterion was scored.") % words,
            _("We hope you apply again, here or in another programme."),
        ],
    )


def last_reason(application: Application) -> str:
    """What stands beside the latest step."""
    reasons = application.events.order_by("-at", "-pk").values_list("reason", flat=True)
    return str(reasons.first() or "")


def strongest(application: Application) -> str:
    """The criterion with the best value, by name."""
    outcome = outcomes_of([application.pk])[application.pk]
    criteria = list(application.round.criteria.order_by("position"))
    best = max(criteria, key=lambda one: outcome.value(one.pk), default=None)
    return best.name if best else ""


# --- those who help to choose ----------------------------------------------------------------------------------------
def _helpers(abouts: Sequence[Mapping[str, Any]]) -> dict[int, RoundHelper]:
    rows = RoundHelper.objects.select_related("round__cycle__programme")
    return rows.in_bulk({about["helper"] for about in abouts})


@mail.kind(
    "training.helper_named",
    title=gettext_lazy("You help to choose leaders"),
    topic="applications",
    essential=True,
    load=_helpers,
)
def helper_named(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """What they are asked to do, and how to say no."""
    helper: RoundHelper | None = letter.facts.get(letter.about["helper"])
    if helper is None or helper.released_at is not None or helper.user_id != letter.recipient.pk:
        return mail.NotWanted(str(OVERTAKEN))
    is_assessor = helper.kind == HelperKind.ASSESSOR
    words = {"programme": helper.round.cycle.programme.name, "when": dates.when(helper.round.closes_at, now)}
    if is_assessor:
        first = _("You are asked to score applications to lead in %(programme)s, together with others.") % words
        how = _(
            "You read them without names, score each criterion from 0 to 4 and say in a sentence why. You see what "
            "others scored once all of you have locked. If you know somebody, say so: you do not score them then."
        )
    else:
        first = _("You are asked to prepare applications to lead in %(programme)s for those who score them.") % words
        how = _("You take out of each what says who wrote it. You do not score, so that those who do never see it.")
    page = "training:assess_list" if is_assessor else "training:prepare_list"
    heading = _("You help to choose leaders")
    return mail.Rendered(
        "training/application",
        {
            "subject_line": f"{heading}: {words['programme']}",
            "heading_line": heading,
            "lines": (first, how, _("Applications close: %(when)s. Then you can begin.") % words),
            "action_line": _("Open the applications"),
        },
        url=reverse(page, args=[helper.round.uuid]),
        why=_("You are getting this because you were named to help. If you cannot, tell who coordinates it."),
        title=f"{heading}: {words['programme']}",
    )
