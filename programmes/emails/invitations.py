"""Letters to people outside: invitations by address, and one reminder. The address is read when the letter leaves."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import PRIORITY_BULK, Letter, NotWanted, Rendered
from programmes.emails.joining import Words
from programmes.models import Invitation
from programmes.queries.role_words import role_word

# Somebody outside has no page of their wishes: an invitation carries its own "no, thank you".
DONE = gettext_lazy("The invitation was answered, withdrawn or has run out.")


def _invitations(abouts: Iterable[Mapping[str, Any]]) -> dict[int, Invitation]:
    rows = Invitation.objects.select_related("cycle__programme__activity_type", "created_by")
    return rows.in_bulk({about["invitation"] for about in abouts})


def _invite(letter: Letter, now: datetime, template: str) -> Words:
    invitation = letter.facts.get(letter.about["invitation"])
    if invitation is None or not invitation.is_open(now=now) or invitation.sent_count != letter.about["sent"]:
        return NotWanted(DONE)
    programme = invitation.cycle.programme
    role = role_word(programme, invitation.role)
    invited_by = invitation.created_by.display_name if invitation.created_by else programme.name
    return Rendered(
        f"programmes/{template}",
        {"programme": programme, "role": role, "expires_at": invitation.expires_at, "invited_by": invited_by},
        url=reverse("programmes:invitation_answer", args=[invitation.uuid, invitation.token]),
        why=_("You are getting this because %(name)s invited this address to %(programme)s.")
        % {"name": invited_by, "programme": programme.name},
        to=invitation.email,
        to_name=invitation.name,
    )


@mail.kind(
    "programmes.invitation",
    title=gettext_lazy("An invitation"),
    topic="joining",
    essential=True,
    load=_invitations,
    priority=PRIORITY_BULK,
    address_correctable=True,
)
def invitation(letter: Letter, now: datetime) -> Words:
    return _invite(letter, now, "invitation")


@mail.kind(
    "programmes.invitation_reminder",
    title=gettext_lazy("A reminder of an invitation"),
    topic="joining",
    load=_invitations,
    priority=PRIORITY_BULK,
    address_correctable=True,
)
def invitation_reminder(letter: Letter, now: datetime) -> Words:
    return _invite(letter, now, "invitation_reminder")
