"""The Messages page of a cycle: what its mails are waiting for, and whom they did not reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _

from peerhub.common.mail import boxes
from peerhub.common.mail.boxes import Line
from peerhub.common.models import Message
from programmes.models import Invitation


@dataclass(frozen=True)
class MessageRow:
    """A line with the name coordinators know the recipient by, and whether they may correct the address."""

    line: Line
    name: str
    may_correct: bool


def message_rows(messages: Sequence[Message]) -> list[MessageRow]:
    """Rows of one page. At most three queries: people, invitations, confirmed addresses."""
    lines = boxes.lines(messages)
    invited = _invitations(lines)
    confirmed = _confirmed(lines)
    return [_row(line, invited.get(line.about.get("invitation", 0)), confirmed) for line in lines]


def _row(line: Line, invitation: Invitation | None, confirmed: set[int]) -> MessageRow:
    if line.person is not None:
        is_theirs = line.person.pk in confirmed
        return MessageRow(line, line.person.display_name, line.is_address_wrong and not is_theirs)
    if invitation is not None:
        name = invitation.name or invitation.email
        return MessageRow(line, name, line.is_address_wrong and line.is_address_correctable)
    return MessageRow(line, _("Somebody no longer here"), may_correct=False)


def _invitations(lines: Sequence[Line]) -> dict[int, Invitation]:
    wanted = {line.about["invitation"] for line in lines if line.person is None and "invitation" in line.about}
    return Invitation.objects.in_bulk(wanted) if wanted else {}


def _confirmed(lines: Sequence[Line]) -> set[int]:
    """People with a wrong address who confirmed an address themselves: theirs to change, nobody else's."""
    people: set[Any] = {line.person.pk for line in lines if line.person is not None and line.is_address_wrong}
    if not people:
        return set()
    return set(EmailAddress.objects.filter(user__in=people, verified=True).values_list("user_id", flat=True))
