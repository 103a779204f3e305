"""Kinds of message: what each app can say, registered from its `emails.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerhub.common.mail.wire import Attachment

Text = str | Promise
PRIORITY_SAFETY, PRIORITY_ACCOUNT, PRIORITY_NORMAL, PRIORITY_BULK = 0, 1, 5, 9


@dataclass(frozen=True)
class Topic:
    """What a person can switch off as one thing. `code` is at most 40 characters."""

    code: str
    title: Text
    help: Text


@dataclass(frozen=True)
class Letter:
    """A message about to be written, as a kind's function sees it.

    `about`: the ids given to `queue`. `facts`: what the kind's `load` returned for the whole batch ({} without `load`).
    `recipient`: the user, or None for somebody outside (then the function must return `Rendered(to=address)`).
    """

    id: UUID
    kind: str
    about: Mapping[str, Any]
    recipient: Any
    cycle_id: int | None
    facts: Any


@dataclass(frozen=True)
class Rendered:
    """What to say. `template` "programmes/session_tomorrow" means the three files
    templates/emails/programmes/session_tomorrow.subject.txt, .txt and .html.

    context:  what is the same for everyone in the same situation. Hashable values (model rows, strings, dates) let one
              rendering serve a whole batch; anything else is rendered again for each person.
    personal: text that differs from person to person. Printed exactly where `{{ name }}` stands, escaped in HTML: no
              filters, no `{% if %}` on these. `recipient_name` and `unsubscribe_url` are always there.
    url:      path of the page where the person can act (`{{ url }}` is the full address); the link of the notification.
    why:      the sentence "You are getting this because …" for the foot.
    title:    the line shown in /notifications/; without it the kind's own title.
    attach: makes the file that goes with the mail, asked only when it leaves; a notification has none.
    to, to_name: address and name where it is not the recipient's own (invitations, a new address to verify).
    """

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Text] = field(default_factory=dict)
    url: str = ""
    why: Text = ""
    title: Text = ""
    to: str = ""
    to_name: str = ""
    reply_to: str = ""
    attach: Callable[[], Attachment] | None = None


@dataclass(frozen=True)
class NotWanted:
    """The facts changed since the message was queued: it is cancelled, with this reason ("The session was moved.")."""

    reason: Text


Write = Callable[[Letter, datetime], Rendered | NotWanted]
Load = Callable[[Sequence[Mapping[str, Any]]], Any]


@dataclass(frozen=True)
class Kind:
    """One thing the house can say."""

    code: str
    title: Text
    topic: str
    write: Write
    load: Load | None = None
    is_essential: bool = False
    is_at_most_once: bool = False
    is_address_correctable: bool = False
    is_internal: bool = False
    priority: int = PRIORITY_NORMAL


KINDS: dict[str, Kind] = {}
TOPICS: dict[str, Topic] = {
    each.code: each
    for each in (
        Topic("sessions", _("Sessions"), _("Reminders before a session, and word when one is moved or called off")),
        Topic("logs", _("Session logs"), _("Reminders to log a session you led")),
        Topic("joining", _("Joining"), _("Requests, decisions, places and invitations")),
        Topic("groups", _("Groups"), _("Who is in your group, and changes to it")),
        Topic("programmes", _("Running a programme"), _("What waits for you as someone who runs or supervises one")),
        Topic("imports", _("Rosters"), _("Results of roster imports you started")),
        Topic("account", _("Your account"), _("Sign-in, security and your address")),
    )
}


def topic(code: str, *, title: Text, help: Text) -> None:  # noqa: A002 - the word people see on the page
    """Add a topic to the preferences page."""
    TOPICS[code] = Topic(code, title, help)


def kind(
    code: str,
    *,
    title: Text,
    topic: str,
    essential: bool = False,
    load: Load | None = None,
    priority: int = PRIORITY_NORMAL,
    at_most_once: bool = False,
    address_correctable: bool = False,
    internal: bool = False,
) -> Callable[[Write], Write]:
    """Register `write(letter, now) -> Rendered | NotWanted` as the words of `code` ("programmes.join_approved").

    essential: cannot be switched off and carries no unsubscribe link (decisions people wait for, security).
    load: `load(abouts)` runs once a batch with every letter's `about`; what it returns is `letter.facts`.
    at_most_once: when an attempt ends without an answer, a human decides instead of a retry.
    address_correctable: a coordinator may correct the outside address from the Messages page (invitations).
    internal: between administrators; not named on everybody's preferences page.
    """

    def register(write: Write) -> Write:
        KINDS[code] = Kind(
            code,
            title,
            topic,
            write,
            load,
            is_essential=essential,
            is_at_most_once=at_most_once,
            is_address_correctable=address_correctable,
            is_internal=internal,
            priority=priority,
        )
        return write

    return register


def kind_of(code: str) -> Kind | None:
    """The kind, or None when a release forgot it: such rows are shown as failed, never lost."""
    return KINDS.get(code)
