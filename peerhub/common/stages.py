"""How the upper floors speak to the lower ones (docs/architecture.md, "The Stage").

Each of the five apps has one `stage.py` with one class, listed in settings. The functions here ask all of them and
merge the answers, so that `programmes` can show "may this person lead?" without importing the apps that know.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from peerhub.common.errors import DomainError
from peerhub.common.ical import Event

Text = str | Promise

URGENCY_LATE, URGENCY_NOW, URGENCY_SOON, URGENCY_LATER = 0, 1, 2, 3


@dataclass(frozen=True)
class Check:
    """One thing a stage asks of a cycle. `why` says the reason in a sentence;
    `url` is where to do it ("" = nowhere yet).
    """

    code: str
    title: Text
    done: bool
    blocking: bool
    why: Text
    url: str = ""
    waived: Text = ""  # the written reason, when a coordinator waived it
    gate: str = "running"  # a blocking check guards this state of the cycle: it cannot be entered before


@dataclass(frozen=True)
class Progress:
    """How far a stage is in one cycle, in checks. `total` 0 means the stage asks nothing yet."""

    done: int
    total: int
    blocked: int = 0


@dataclass(frozen=True)
class Blocker:
    """Why a membership is not cleared. `public_reason` may be shown to the programme;
    private reasons stay with the stage. `since`: what happened before that moment is not in question; None for ever.
    """

    code: str
    public_reason: Text
    url: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Todo:
    """One thing that waits for a person. `role` is the home page it belongs on;
    `urgency` 0 late, 1 now, 2 soon, 3 later.
    """

    title: Text
    url: str
    due_at: datetime | None
    urgency: int
    role: str
    detail: Text = ""
    icon: str = "arrow-right-circle"
    cycle_id: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Reminder:
    """One message that is due. `key` makes it one however often the planner runs; past `due_at + grace` it is missed.

    `recipient_id` is a user's pk; `kind` a registered mail kind; `ids` what the message is about, ids only.
    """

    key: str
    due_at: datetime
    grace: timedelta
    recipient_id: int
    kind: str
    ids: Mapping[str, Any]
    channels: tuple[str, ...] = ("email", "inapp")
    cycle_id: int | None = None


@dataclass(frozen=True)
class Fact:
    """A named quantity a stage can state about a membership."""

    name: str
    label: Text
    unit: Text


@dataclass(frozen=True)
class Tab:
    """A page of a stage among the tabs of a cycle's workspace. `key` marks the page one is on."""

    key: str
    label: Text
    url: str


@dataclass(frozen=True)
class Notice:
    """Something a programme's own page tells whoever reads it, with one thing to do: "Become a leader"."""

    title: Text
    text: Text
    url: str
    action: Text


@dataclass(frozen=True)
class Evidence:
    """Something a person did and may show."""

    key: str
    kind: str
    title: Text
    on: date
    summary: Text
    url: str = ""


@dataclass(frozen=True)
class Holding:
    """What an app holds on a person: a section of "My privacy". Rows are plain JSON-able dicts;
    `kept_until` is words. `about` names rows that are about the person as (model label, key), for example
    ("programmes.membership", "41"): what the audit record says of them is shown to the person, too.
    """

    section: Text
    why: Text
    kept_until: Text
    rows: list[dict[str, Any]] = field(default_factory=list)
    about: Sequence[tuple[str, str]] = ()


class ErasureRefused(DomainError):
    """A stage cannot forget this person now ("coordinates"): its message says what has to happen first."""


@dataclass(frozen=True)
class Erasure:
    """What an app forgot of a person, and what it must keep (with until when, in words)."""

    section: Text
    forgotten: int
    kept: int = 0
    kept_until: Text = ""


class Stage(Protocol):
    """The questions a stage answers. A stage with nothing to say returns empty answers: `Silent` below does."""

    number: int
    code: str
    title: Text
    area: Text
    FACTS: Sequence[Fact]

    def checklist(self, cycle: Any) -> list[Check]: ...
    def progress(self, cycle_ids: Sequence[int]) -> dict[int, Progress]: ...
    def tabs(self, cycle: Any, user: Any) -> list[Tab]: ...
    def notices(self, programme: Any, user: Any, now: datetime) -> list[Notice]: ...
    def clearance(self, membership_ids: Sequence[int], now: datetime) -> dict[int, list[Blocker]]: ...
    def todos(self, user: Any, now: datetime) -> list[Todo]: ...
    def reminders(self, now: datetime) -> Iterator[Reminder]: ...
    def facts(self, membership_ids: Sequence[int]) -> dict[int, dict[str, float]]: ...
    def evidence(self, user: Any) -> list[Evidence]: ...
    def export(self, user: Any) -> list[Holding]: ...
    def erase(self, user: Any, now: datetime) -> list[Erasure]: ...
    def events(self, user: Any, since: datetime, language: str) -> list[Event]: ...
    def units_renamed(self, unit_ids: Sequence[int]) -> None: ...
    def carries_over(self, cycle: Any) -> list[str]: ...
    def rolled_over(self, old_cycle_id: int, new_cycle_id: int, now: datetime) -> None: ...


class Silent:
    """A stage that asks nothing yet and says so: every answer is empty, none is invented."""

    number = 0
    code = ""
    title: Text = ""
    area: Text = ""  # what of a person is kept here, as "My privacy" calls it
    FACTS: Sequence[Fact] = ()

    def checklist(self, cycle: Any) -> list[Check]:
        return []

    def progress(self, cycle_ids: Sequence[int]) -> dict[int, Progress]:
        return {}

    def tabs(self, cycle: Any, user: Any) -> list[Tab]:
        return []

    def notices(self, programme: Any, user: Any, now: datetime) -> list[Notice]:
        return []

    def clearance(self, membership_ids: Sequence[int], now: datetime) -> dict[int, list[Blocker]]:
        return {}

    def todos(self, user: Any, now: datetime) -> list[Todo]:
        return []

    def reminders(self, now: datetime) -> Iterator[Reminder]:
        return iter(())

    def facts(self, membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
        return {}

    def evidence(self, user: Any) -> list[Evidence]:
        return []

    def export(self, user: Any) -> list[Holding]:
        return []

    def erase(self, user: Any, now: datetime) -> list[Erasure]:
        return []

    def events(self, user: Any, since: datetime, language: str) -> list[Event]:
        return []

    def units_renamed(self, unit_ids: Sequence[int]) -> None:
        """Nothing here quotes the name of a unit."""

    def carries_over(self, cycle: Any) -> list[str]:
        return []

    def rolled_over(self, old_cycle_id: int, new_cycle_id: int, now: datetime) -> None:
        """Nothing here is taken over into the next cycle."""


@lru_cache(maxsize=4)
def _load(paths: tuple[str, ...]) -> tuple[Stage, ...]:
    return tuple(import_string(path)() for path in paths)


def all_stages() -> tuple[Stage, ...]:
    """The stages in framework order, one instance each. Stages keep no state between calls."""
    return _load(tuple(settings.PEERHUB_STAGES))


def checklist(cycle: Any) -> list[tuple[Stage, list[Check]]]:
    """Every stage with what it asks of this cycle, in framework order; silent stages come with an empty list."""
    return [(stage, stage.checklist(cycle)) for stage in all_stages()]


def progress(cycle_ids: Sequence[int]) -> dict[int, list[Progress]]:
    """For each cycle id, five `Progress` in framework order. Constant number of queries per stage."""
    answers = [stage.progress(cycle_ids) for stage in all_stages()]
    return {cycle_id: [answer.get(cycle_id, Progress(0, 0)) for answer in answers] for cycle_id in cycle_ids}


def tabs(cycle: Any, user: Any) -> list[Tab]:
    """The pages of all stages in a cycle's workspace that this person may open. No queries beyond who they are."""
    return [tab for stage in all_stages() for tab in stage.tabs(cycle, user)]


def notices(programme: Any, user: Any, now: datetime) -> list[Notice]:
    """What the programme's page tells this reader, who may be anybody. One query a stage at most."""
    return [notice for stage in all_stages() for notice in stage.notices(programme, user, now)]


def clearance(membership_ids: Sequence[int], now: datetime) -> dict[int, list[Blocker]]:
    """Blockers of every membership at `now`, all stages merged; a cleared membership has an empty list."""
    merged: dict[int, list[Blocker]] = {pk: [] for pk in membership_ids}
    for stage in all_stages():
        for pk, blockers in stage.clearance(membership_ids, now).items():
            merged[pk].extend(blockers)
    return merged


def todos(user: Any, now: datetime) -> list[Todo]:
    """What waits for this person, most urgent and earliest first."""
    found = [todo for stage in all_stages() for todo in stage.todos(user, now)]
    return sorted(found, key=lambda todo: (todo.urgency, todo.due_at is None, todo.due_at or now))


def reminders(now: datetime) -> Iterator[Reminder]:
    """Every reminder that is due by `now`, streamed stage by stage."""
    for stage in all_stages():
        yield from stage.reminders(now)


def facts(membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """All stages' facts per membership."""
    merged: dict[int, dict[str, float]] = {pk: {} for pk in membership_ids}
    for stage in all_stages():
        for pk, values in stage.facts(membership_ids).items():
            merged[pk].update(values)
    return merged


def evidence(user: Any) -> list[Evidence]:
    """Everything the person may show, newest first."""
    found = [item for stage in all_stages() for item in stage.evidence(user)]
    return sorted(found, key=lambda item: item.on, reverse=True)


def keepers() -> list[Stage]:
    """The stages that hold anything on anybody."""
    return [stage for stage in all_stages() if type(stage).export is not Silent.export]


def export(user: Any) -> list[Holding]:
    """What PeerHub's stages hold on a person."""
    return [holding for stage in all_stages() for holding in stage.export(user)]


def erase(user: Any, now: datetime) -> list[Erasure]:
    """Ask every stage to forget a person; what must be kept is named. Call inside a transaction: a stage may refuse
    with `ErasureRefused`, and then nothing is forgotten.
    """
    return [result for stage in all_stages() for result in stage.erase(user, now)]


def events(user: Any, since: datetime, language: str) -> list[Event]:
    """What else belongs into this person's own calendar from then on, beside sessions. One query a stage at most."""
    return [event for stage in all_stages() for event in stage.events(user, since, language)]


def units_renamed(unit_ids: Sequence[int]) -> None:
    """Units of the organisation are called something else: every stage writes again what it keeps of their names.

    A step of the renaming, inside its transaction.
    """
    for stage in all_stages():
        stage.units_renamed(unit_ids)


def carries_over(cycle: Any) -> list[str]:
    """What the stages would copy when this cycle is rolled over, a sentence each."""
    return [line for stage in all_stages() for line in stage.carries_over(cycle)]


def rolled_over(old_cycle_id: int, new_cycle_id: int, now: datetime) -> None:
    """A cycle was rolled over: every stage copies what is its own. A step of that, inside its transaction."""
    for stage in all_stages():
        stage.rolled_over(old_cycle_id, new_cycle_id, now)


def by_urgency(items: Iterable[Todo]) -> dict[int, list[Todo]]:
    """Todos grouped by urgency, keeping their order."""
    groups: dict[int, list[Todo]] = {}
    for item in items:
        groups.setdefault(item.urgency, []).append(item)
    return groups
