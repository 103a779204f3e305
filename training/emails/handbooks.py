"""Words about handbooks: that there is one to read, and a reminder to who has not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from programmes.models import CycleState, Membership
from training.models import HandbookAcknowledgement, HandbookVersion

mail.topic(
    "handbooks",
    title=gettext_lazy("Handbooks and briefings"),
    help=gettext_lazy("When there is something to read for your role, and reminders to read it"),
)


@dataclass(frozen=True)
class Facts:
    """Versions by pk; the newest major version of their documents; who is in the cycle in which role; who read what."""

    versions: dict[int, HandbookVersion]
    newest: dict[int, int | None]
    places: set[tuple[int, int, str]]
    read: set[tuple[int, int, int | None]]


def _facts(abouts: Iterable[Mapping[str, Any]]) -> Facts:
    """Four queries a batch."""
    listed = list(abouts)
    users = sorted({about["user"] for about in listed})
    related = HandbookVersion.objects.select_related("handbook__cycle__programme")
    versions = related.in_bulk({about["version"] for about in listed})
    handbooks = sorted({one.handbook_id for one in versions.values()})
    cycles = sorted({one.handbook.cycle_id for one in versions.values()})
    published = HandbookVersion.objects.published().filter(handbook__in=handbooks).order_by("major")
    places = Membership.objects.active().filter(cycle__in=cycles, user__anyof=users)
    read = HandbookAcknowledgement.objects.filter(user__anyof=users, version__handbook__in=handbooks)
    return Facts(
        versions,
        dict(published.values_list("handbook", "major")),
        set(places.values_list("cycle_id", "user_id", "role")),
        set(read.values_list("version__handbook", "user_id", "version__major")),
    )


def _letter(letter: mail.Letter, template: str, title: str) -> mail.Rendered | mail.NotWanted:
    facts: Facts = letter.facts
    version, user_id = facts.versions.get(letter.about["version"]), letter.about["user"]
    if version is None:
        return mail.NotWanted(_("The document is gone."))
    handbook = version.handbook
    if handbook.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("The cycle is closed."))
    if not any((handbook.cycle_id, user_id, role) in facts.places for role in handbook.roles):
        return mail.NotWanted(_("The person has another role, or left."))
    newest = facts.newest[handbook.pk]
    if (handbook.pk, user_id, newest) in facts.read:
        return mail.NotWanted(_("The person has read it."))
    programme = handbook.cycle.programme
    context = {
        "programme_name": programme.name,
        "title": handbook.title,
        "summary": version.summary,
        "is_new_version": (version.major or 1) > 1,
        "due": dates.day(version.due_on),
    }
    return mail.Rendered(
        f"training/{template}",
        context,
        url=reverse("training:handbook_read", args=[handbook.uuid]),
        why=_("You are getting this because you are part of %(programme)s.") % {"programme": programme.name},
        title=title % {"title": handbook.title, "programme": programme.name},
    )


@mail.kind(
    "training.handbook_published",
    title=gettext_lazy("There is something to read for your role"),
    topic="handbooks",
    essential=True,
    load=_facts,
)
def handbook_published(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To everybody it is for: a first or a new major version."""
    return _letter(letter, "handbook_published", _("“%(title)s” is there to read (%(programme)s)"))


@mail.kind(
    "training.handbook_nudge",
    title=gettext_lazy("Somebody asks you to read something for your role"),
    topic="handbooks",
    load=_facts,
)
def handbook_nudge(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To who has not acknowledged it."""
    return _letter(letter, "handbook_nudge", _("Please read “%(title)s” (%(programme)s)"))
