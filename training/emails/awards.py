"""Words about levels of certification: granted, and taken back. Facts are read again when a message leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from training.models import CertificationAward


def _awards(abouts: Sequence[Mapping[str, Any]]) -> dict[int, CertificationAward]:
    rows = CertificationAward.objects.select_related("level__scheme", "granted_by", "withdrawn_by")
    return rows.in_bulk({about["award"] for about in abouts})


def _award(letter: Letter, *, is_withdrawn: bool) -> CertificationAward | NotWanted:
    found: CertificationAward | None = letter.facts.get(letter.about["award"])
    if found is None or found.user_id != letter.recipient.pk or (found.withdrawn_at is not None) != is_withdrawn:
        return NotWanted(_("Things have changed since."))
    return found


def _rendered(award: CertificationAward, heading: str, lines: Sequence[str], action: str) -> Rendered:
    return Rendered(
        "training/application",
        {"subject_line": heading, "heading_line": heading, "lines": tuple(filter(None, lines)), "action_line": action},
        url=reverse("training:award_detail", args=[award.uuid])
        if award.withdrawn_at is None
        else reverse("training:certification"),
        why=_("You are getting this because you lead, and are trained for it."),
        title=heading,
    )


@mail.kind(
    "training.award_granted",
    title=gettext_lazy("You were granted a level of certification"),
    topic="training",
    load=_awards,
)
def award_granted(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """What, by whom, until when, and where the certificate is."""
    award = _award(letter, is_withdrawn=False)
    if isinstance(award, NotWanted):
        return award
    words = {"level": award.level.title, "scheme": award.level.scheme.title, "who": _name(award.granted_by)}
    lines = [
        _("%(who)s has granted you “%(level)s” (%(scheme)s), for the training you did and the sessions you led.")
        % words,
        _("It counts until %(day)s.") % {"day": dates.long_day(award.expires_on)} if award.expires_on else "",
        _("The certificate says what it rests on. You can print it, or keep it as a file."),
    ]
    return _rendered(award, _("You were granted “%(level)s”") % words, lines, _("See the certificate"))


@mail.kind(
    "training.award_withdrawn",
    title=gettext_lazy("A level of certification was taken back"),
    topic="training",
    essential=True,
    load=_awards,
)
def award_withdrawn(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """With the reason, and whom to ask."""
    award = _award(letter, is_withdrawn=True)
    if isinstance(award, NotWanted):
        return award
    words = {"level": award.level.title, "who": _name(award.withdrawn_by), "why": award.withdrawn_why}
    lines = [
        _("%(who)s has taken back “%(level)s”, which you were granted by mistake.") % words,
        _("The reason: “%(why)s”") % words,
        _("If that is not right, talk to whoever coordinates your programme. What you completed still counts."),
    ]
    return _rendered(award, _("“%(level)s” was taken back") % words, lines, _("See where you stand"))


def _name(person: Any) -> str:
    return str(person.display_name) if person else str(_("Whoever coordinated"))
