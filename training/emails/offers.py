"""Words to applicants from the conversation on: times, offers, the reserve list, a yes and a no."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from training.emails.recruitment import last_reason, rendered, to_applicant
from training.models import Application, ApplicationState

S = ApplicationState


def _words(application: Application) -> dict[str, str]:
    programme = application.round.cycle.programme
    return {"programme": programme.name, "leader": str(programme.word("leader"))}


@to_applicant("application_invited", gettext_lazy("Let us talk: choose a time"), S.INVITED)
def application_invited(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Times to choose from wait on their page."""
    return rendered(
        found,
        heading=_("Let us talk: choose a time"),
        lines=[
            _("We would like to talk with you about leading in %(programme)s.") % _words(found),
            _("Choose a time that suits you. You can change it until it begins."),
            _("You are asked about what you wrote and how you would begin. There is nothing to prepare."),
        ],
        action=_("Choose a time"),
    )


@to_applicant("talk_booked", gettext_lazy("Your time to talk"), S.INVITED)
def talk_booked(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """When and where."""
    if found.slot is None or found.slot.starts_at <= now:
        return mail.NotWanted(_("The time was given back, or is over."))
    words = {"when": dates.occasion(found.slot.starts_at, found.slot.ends_at), "where": found.slot.where}
    return rendered(
        found,
        heading=_("Your time to talk"),
        lines=[
            _("%(when)s, %(where)s.") % words,
            _("If it no longer suits you, choose another time on your page."),
        ],
        action=_("See or change it"),
    )


@to_applicant("application_offered", gettext_lazy("The role is yours if you want it"), S.OFFERED)
def application_offered(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """With the time by which to answer."""
    if found.offer_expires_at is None or found.offer_expires_at <= now:
        return mail.NotWanted(_("The offer has run out."))
    until = {"until": dates.when(found.offer_expires_at, now)}
    return rendered(
        found,
        heading=_("The role is yours if you want it"),
        lines=[
            _("We would be glad to have you as a %(leader)s in %(programme)s.") % _words(found),
            _("Please answer by then: %(until)s. After that it goes to the next person.") % until,
        ],
        action=_("Accept or decline"),
    )


@to_applicant("application_reserved", gettext_lazy("You are on the reserve list"), S.RESERVE)
def application_reserved(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """What that means: in order, and no promise."""
    return rendered(
        found,
        heading=_("You are on the reserve list"),
        lines=[
            _("It was good to talk with you. Every place in %(programme)s is offered to somebody now.") % _words(found),
            _("We would like to have you: when somebody says no, the place is offered to the reserve list, in order."),
            _("If you make other plans meanwhile, withdraw on your page, so that the next person knows sooner."),
        ],
    )


@to_applicant("application_turned_down", gettext_lazy("Your application: not this time"), S.REJECTED)
def application_turned_down(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """After the conversation, with the reason as it was written for them."""
    return rendered(
        found,
        heading=_("Your application: not this time"),
        lines=[
            _("Thank you for applying to lead in %(programme)s, and for the time you took to talk with us.")
            % _words(found),
            last_reason(found),
            _("We hope you apply again, here or in another programme."),
        ],
    )


@to_applicant("application_accepted", gettext_lazy("You are in"), S.ACCEPTED)
def application_accepted(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """What comes before the first session."""
    letter_ = rendered(
        found,
        heading=_("You are in"),
        lines=[
            _("You are a %(leader)s in %(programme)s now. Thank you for saying yes.") % _words(found),
            _("Before you meet students there is training: %(dates)s") % {"dates": found.round.training_dates},
        ],
        action=_("Go to your page"),
    )
    return mail.Rendered(
        letter_.template, letter_.context, url=reverse("home_leader"), why=letter_.why, title=letter_.title
    )


@to_applicant("application_declined", gettext_lazy("You said no to the role"), S.DECLINED)
def application_declined(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Thanks for the answer."""
    return rendered(
        found,
        heading=_("You said no to the role"),
        lines=[
            _("Thank you for telling us. Somebody else is offered your place in %(programme)s.") % _words(found),
            _("You are welcome to apply again another time."),
        ],
    )


@to_applicant("application_lapsed", gettext_lazy("Your application has ended"), S.LAPSED)
def application_lapsed(found: Application, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Nobody heard from them in time."""
    return rendered(
        found,
        heading=_("Your application has ended"),
        lines=[
            last_reason(found),
            _("If something came between, tell whoever is named in the advert of %(programme)s: they may find a way.")
            % _words(found),
        ],
    )
