"""The record in human sentences: what each action is called on a timeline.

Each app registers its actions in its own `timeline.py`, which is imported at start:

    timeline.say("programmes.topic_added", _("The topic “%(target)s” was added"), icon="plus-lg")
    timeline.name_targets("programmes.topic", names_of_topics)

`%(target)s` is the name of the row the action was about. A sentence that names a participant is `private`: only people
who may see the programme's people read it. Actions nobody gave a sentence do not appear.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from peerhub.common.models import AuditEvent

Text = str | Promise
Values = Callable[[AuditEvent], Mapping[str, Any]]
Names = Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Saying:
    """How one action reads. `values` adds placeholders from an event's detail; `note` is a second, quieter line."""

    text: Text
    icon: str = ""
    private: bool = False
    values: Values | None = None
    note: Callable[[AuditEvent], Text] | None = None


@dataclass(frozen=True)
class Line:
    """One entry, ready to print. `actor` is a user, or None for PeerHub itself."""

    sentence: str
    actor: Any
    at: datetime
    icon: str = ""
    note: Text = ""


_sayings: dict[str, Saying] = {}
_names: dict[str, Names] = {}


def say(
    action: str,
    text: Text,
    *,
    icon: str = "",
    private: bool = False,
    values: Values | None = None,
    note: Callable[[AuditEvent], Text] | None = None,
) -> None:
    """Register the sentence of an action."""
    _sayings[action] = Saying(text, icon, private, values, note)


def name_targets(label: str, names: Names) -> None:
    """Register how rows of a model ("app.model", lower case) are named: keys (text) to names, in one query."""
    _names[label] = names


def known_actions(*, private: bool) -> list[str]:
    """The actions that have a sentence; without `private` only those anybody who sees the timeline may read."""
    return [action for action, saying in _sayings.items() if private or not saying.private]


def _target_names(events: Iterable[AuditEvent]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for event in events:
        if event.target_type in _names and "%(target)s" in str(_sayings[event.action].text):
            wanted.setdefault(event.target_type, set()).add(event.target_id)
    return {(label, key): name for label, keys in wanted.items() for key, name in _names[label](sorted(keys)).items()}


def places_of(events: Sequence[AuditEvent]) -> list[str]:
    """In which programme and cycle each event was, "" for none: named like the rows of a model called "cycle"."""
    keys = sorted({str(event.cycle_id) for event in events if event.cycle_id})
    names = _names["cycle"](keys) if keys and "cycle" in _names else {}
    return [names.get(str(event.cycle_id), "") for event in events]


def lines(events: Sequence[AuditEvent]) -> list[Line]:
    """Sentences for a page of events (load `actor` with them). One query per kind of target on the page."""
    names = _target_names(events)
    found = []
    for event in events:
        saying = _sayings[event.action]
        values = {"target": names.get((event.target_type, event.target_id), _("something that is gone"))}
        values.update(saying.values(event) if saying.values else {})
        note = saying.note(event) if saying.note else ""
        found.append(Line(str(saying.text) % values, event.actor, event.at, saying.icon, note))
    return found
