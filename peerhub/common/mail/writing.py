"""From rows to words, a batch at a time: re-read the facts, ask each kind what to say, fill the moulds.

Constant queries a batch: people, wishes and flags, plus whatever each kind's `load` needs.
"""

import logging
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail.message import sanitize_address
from django.db import InterfaceError, OperationalError
from django.template import Context, Engine
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from peerhub.common.mail import addresses
from peerhub.common.mail.kinds import Kind, Letter, NotWanted, Rendered, kind_of
from peerhub.common.mail.outcomes import Outcome
from peerhub.common.mail.unsubscribe import one_click_url, token_for
from peerhub.common.mail.wire import Mould, Wire, hole
from peerhub.common.models.outbox import Channel, MailPreference, Message, OutcomeClass

log = logging.getLogger(__name__)
NO_PERSON = gettext_noop("This person is no longer here.")
NO_ADDRESS = gettext_noop("No e-mail address is known for this person.")
SWITCHED_OFF = gettext_noop("This person switched off e-mail about this.")
Draft = Wire | NotWanted | Outcome


@dataclass
class Batch:
    """What one batch knows. Lives for one batch: facts may have changed by the next."""

    now: datetime
    people: dict[int, Any]
    facts: dict[str, Any]
    off: set[tuple[int, str]] = field(default_factory=set)
    bad: dict[str, str] = field(default_factory=dict)
    silent: set[tuple[str, str]] = field(default_factory=set)
    moulds: dict[Any, Mould] = field(default_factory=dict)
    frame: dict[str, Any] = field(default_factory=dict)
    sender: tuple[str, str] = ("", "")

    def person(self, message: Message) -> Any:
        """Its recipient, or None for somebody outside (or no longer here)."""
        return self.people.get(message.recipient_id) if message.recipient_id else None


def write_letters(messages: Sequence[Message], now: datetime) -> list[tuple[Message, Draft]]:
    """Each e-mail row with what becomes of it: a Wire to send, NotWanted (cancel), or an Outcome (not writable)."""
    batch = _read_facts(messages, now)
    batch.off, batch.frame = _wishes(batch.people, messages), _frame()
    batch.sender = sender_identity(settings.DEFAULT_FROM_EMAIL)
    written = {message.pk: _say(message, batch) for message in _by_reader(messages, batch)}
    batch.bad, batch.silent = addresses.flags_of({address for _, address in written.values() if address})
    drafts = {message.pk: _draft(message, *written[message.pk], batch) for message in _by_reader(messages, batch)}
    return [(message, drafts[message.pk]) for message in messages]


def say_now(
    messages: Sequence[Message], now: datetime, people: dict[int, Any] | None = None
) -> list[tuple[Message, Rendered | NotWanted | Outcome]]:
    """What each row would say now, without building a mail: notifications, and previews. `people`: where known."""
    batch = _read_facts(messages, now, people)
    said = {message.pk: _ask_kind(message, batch) for message in _by_reader(messages, batch)}
    return [(message, said[message.pk]) for message in messages]


def _by_reader(messages: Sequence[Message], batch: Batch) -> Iterator[Message]:
    """Each message while its reader's language and time zone are active. Switching costs: readers alike go together."""
    groups: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        person = batch.person(message)
        groups[getattr(person, "locale", ""), getattr(person, "time_zone", "")].append(message)
    for (language, zone), alike in groups.items():
        with (
            translation.override(language or settings.LANGUAGE_CODE),
            timezone.override(_zone(zone or settings.TIME_ZONE)),
        ):
            yield from alike


def _wishes(people: dict[int, Any], messages: Sequence[Message]) -> set[tuple[int, str]]:
    """(user, topic) whose e-mail is switched off."""
    topics = {message.topic for message in messages}
    rows = MailPreference.objects.filter(user__in=list(people), topic__in=topics, email=False)
    return set(rows.values_list("user_id", "topic")) if people else set()


def _read_facts(messages: Sequence[Message], now: datetime, people: dict[int, Any] | None = None) -> Batch:
    """People and each kind's facts, once for all."""
    if people is None:
        people = get_user_model().objects.in_bulk({m.recipient_id for m in messages if m.recipient_id})
    by_kind: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_kind[message.kind].append(message)
    return Batch(now, people, _load_all(by_kind))


def _load_all(by_kind: dict[str, list[Message]]) -> dict[str, Any]:
    """Each kind's facts. A kind that fails to load takes only its own messages down."""
    facts: dict[str, Any] = {}
    for code, messages in by_kind.items():
        kind = kind_of(code)
        if kind is not None and kind.load is not None:
            try:
                facts[code] = kind.load([message.about for message in messages])
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:  # noqa: BLE001 - one kind's bug must not stop the post
                _log_bug(code, error)
                facts[code] = error
    return facts


def _frame() -> dict[str, Any]:
    """What every mail's frame shows. Floors above answer through settings.PEERHUB_MAIL_CONTEXT."""
    frame: dict[str, Any] = {
        "site_url": settings.SITE_URL,
        "product_name": "PeerHub",
        "institution_name": "",
        "preferences_url": settings.SITE_URL + reverse("preferences_edit"),
    }
    for path in getattr(settings, "PEERHUB_MAIL_CONTEXT", ()):
        frame.update(import_string(path)())
    return frame


def _say(message: Message, batch: Batch) -> tuple[Rendered | NotWanted | Outcome, str]:
    """(what to say, the address it goes to or "")."""
    kind = kind_of(message.kind)
    if kind and not kind.is_essential and (message.recipient_id, kind.topic) in batch.off:
        return NotWanted(SWITCHED_OFF), ""
    said = _ask_kind(message, batch)
    if not isinstance(said, Rendered):
        return said, ""
    person = batch.person(message)
    address = said.to or (getattr(person, "email", "") or "")
    return (said, address) if address else (NotWanted(NO_ADDRESS), "")


def _ask_kind(message: Message, batch: Batch) -> Rendered | NotWanted | Outcome:
    kind = kind_of(message.kind)
    if kind is None:
        return Outcome(OutcomeClass.BROKEN, "unknown_kind")
    person = batch.person(message)
    if person is None and (message.recipient_id or message.channel == Channel.INAPP):
        return NotWanted(NO_PERSON)
    if person is not None and not person.is_active:
        return NotWanted(NO_PERSON)
    facts = batch.facts.get(kind.code, {})
    if isinstance(facts, Exception):
        return Outcome(OutcomeClass.BROKEN, type(facts).__name__[:60])
    letter = Letter(message.id, kind.code, message.about, person, message.cycle_id, facts)
    try:
        return kind.write(letter, batch.now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - one kind's bug must not stop the post
        _log_bug(kind.code, error)
        return Outcome(OutcomeClass.BROKEN, type(error).__name__[:60])


def _draft(message: Message, said: Rendered | NotWanted | Outcome, address: str, batch: Batch) -> Draft:
    kind = kind_of(message.kind)
    if not isinstance(said, Rendered) or kind is None:
        return said if not isinstance(said, Rendered) else Outcome(OutcomeClass.BROKEN, "unknown_kind")
    if address in batch.bad and message.last_class != OutcomeClass.BAD_ADDRESS:  # else a person said: once more
        return Outcome(OutcomeClass.BAD_ADDRESS, batch.bad[address] or "flagged")
    if not kind.is_essential and (address, kind.topic) in batch.silent:
        return NotWanted(SWITCHED_OFF)
    try:
        return _wire(message, kind, said, address, batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - a broken template is this message's trouble only
        _log_bug(kind.code, error)
        return Outcome(OutcomeClass.BROKEN, type(error).__name__[:60])


def _wire(message: Message, kind: Kind, said: Rendered, address: str, batch: Batch) -> Wire:
    person = batch.person(message)
    values = {name: str(value) for name, value in said.personal.items()}
    values["recipient_name"] = said.to_name or (person.get_short_name() if person else "")
    values["url"] = batch.frame["site_url"] + said.url if said.url.startswith("/") else said.url
    values["unsubscribe_url"] = "" if kind.is_essential else _unsubscribe_url(kind, person, address)
    subject, text, html = _mould(kind, said, values, batch).fill(values)
    sender, from_header = batch.sender
    headers = {"Auto-Submitted": "auto-generated", "Content-Language": translation.get_language() or ""}
    if values["unsubscribe_url"]:
        headers["List-Unsubscribe"] = f"<{values['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if said.reply_to:
        headers["Reply-To"] = said.reply_to
    file = said.attach() if said.attach else None
    return Wire(message.message_id, sender, from_header, address, subject, text, html, headers, file)


def _unsubscribe_url(kind: Kind, person: Any, address: str) -> str:
    if person is not None:
        return one_click_url(token_for(user=str(person.uuid), topic=kind.topic))
    return one_click_url(token_for(digest=addresses.digest(address), topic=kind.topic))


def _mould(kind: Kind, said: Rendered, values: dict[str, str], batch: Batch) -> Mould:
    """The rendering this message fits: an earlier one where template, language, zone and context are the same."""
    filled = frozenset(name for name, value in values.items() if value)
    key: Any = (
        said.template,
        kind.code,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        filled,
        str(said.why),
    )
    try:
        key += (frozenset(said.context.items()),)
        found = batch.moulds.get(key)
    except TypeError:  # a list or dict in the context: rendered for this one person
        key, found = None, None
    if found is None:
        found = _render(said, values, batch)
        if key is not None:
            batch.moulds[key] = found
    return found


def _render(said: Rendered, values: dict[str, str], batch: Batch) -> Mould:
    context = {**batch.frame, **said.context, "why": said.why}
    context |= {name: hole(name) if value else "" for name, value in values.items()}
    engine = Engine.get_default()
    subject, text, html = (
        engine.get_template(f"emails/{said.template}.{ending}").render(Context(context, autoescape=ending == "html"))
        for ending in ("subject.txt", "txt", "html")
    )
    return Mould(subject, text, html)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


@lru_cache(maxsize=4)
def sender_identity(default_from: str) -> tuple[str, str]:
    """(envelope address, From header) of DEFAULT_FROM_EMAIL."""
    header = sanitize_address(default_from, "utf-8")
    return header.rpartition("<")[2].rstrip(">"), header


def _log_bug(code: str, error: Exception) -> None:
    """Names the kind and the place. The exception's text may quote what people wrote, so it stays out."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error("Mail kind %s cannot be written: %s at %s:%s", code, type(error).__name__, where.filename, where.lineno)
