"""Who has gone quiet: all six lists together, and the words for a line of them.

How each is defined: docs/cadence.md. Bulk: a constant number of queries for a thousand pairs, participants or groups.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.common import dates
from peerhub.common.stages import Text
from programmes.models import Cycle
from programmes.queries.quiet_ground import (
    ABSENT,
    EMPTY,
    FIRST,
    NOBODY,
    PARTNER,
    SILENT,
    TAILING,
    UNLOGGED,
    Ground,
    Quiet,
    ground,
)
from programmes.queries.quiet_groups import empty_groups, tailing_groups
from programmes.queries.quiet_pairs import quiet_pairs
from programmes.queries.quiet_people import absent_people, late_with_logs

TITLES: Mapping[str, Text] = {
    FIRST: gettext_lazy("No first contact"),
    SILENT: gettext_lazy("No contact lately"),
    ABSENT: gettext_lazy("Absent in a row"),
    UNLOGGED: gettext_lazy("Logs missing"),
    EMPTY: gettext_lazy("Nobody comes"),
    TAILING: gettext_lazy("Attendance tails off"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One quiet pair, person or group in words, with where to look closer."""

    quiet: Quiet
    title: Text
    name: str
    with_whom: str
    said: str
    side: str
    url: str

    @property
    def on(self) -> Any:
        return self.quiet.on


def quiet_in(cycle_ids: Collection[int], *, now: datetime, leader: Any = None) -> tuple[Ground, list[Quiet]]:
    """Everything quiet in these cycles, by kind and the longest first; of a leader only what they lead."""
    here = ground(cycle_ids, now=now, leader=leader)
    found = sorted(_all(here), key=lambda one: (ORDER[one.kind], one.on, one.name, one.key))
    return here, found


ORDER = {kind: place for place, kind in enumerate(TITLES)}


def _all(here: Ground) -> Iterator[Quiet]:
    if here.cycles:
        yield from quiet_pairs(here)
        yield from absent_people(here)
        yield from late_with_logs(here)
        yield from empty_groups(here)
        yield from tailing_groups(here)


def counted(found: Sequence[Quiet]) -> dict[str, int]:
    """How many of each kind, every kind named."""
    counts = dict.fromkeys(TITLES, 0)
    for one in found:
        counts[one.kind] += 1
    return counts


def line(one: Quiet, cycle: Cycle, *, leads: bool = False) -> Line:
    """Load the cycle with its programme and activity type. `leads`: links lead to the pages of a leader."""
    return Line(
        quiet=one,
        title=TITLES[one.kind],
        name=one.name,
        with_whom=one.leaders if one.kind in {FIRST, SILENT, EMPTY, TAILING} else one.group,
        said=_said(one, cycle),
        side=_side(one, cycle, leads=leads),
        url=_url_of_leader(one) if leads else _url(one, cycle),
    )


def _said(one: Quiet, cycle: Cycle) -> str:
    if one.kind in {FIRST, SILENT}:
        return _contacts(one)
    words = {
        "count": one.count,
        "day": dates.short_day(one.on),
        "usual": f"{one.usual:.0f}",
        "lately": f"{one.lately:.1f}".removesuffix(".0"),
        "session": cycle.programme.word("session"),
        "sessions": cycle.programme.word("sessions"),
    }
    if one.kind == ABSENT:
        text = ngettext(
            "Missed the last %(session)s, on %(day)s",
            "Missed the last %(count)s %(sessions)s, up to %(day)s",
            one.count,
        )
        return text % words
    if one.kind == EMPTY:
        text = ngettext(
            "Nobody came to the last %(session)s, on %(day)s",
            "Nobody came to the last %(count)s %(sessions)s, since %(day)s",
            one.count,
        )
        return text % words
    if one.kind == UNLOGGED:
        text = ngettext(
            "%(count)s %(session)s without a log, from %(day)s",
            "%(count)s %(sessions)s without a log, the oldest from %(day)s",
            one.count,
        )
        return text % words
    return _("On average %(lately)s came this fortnight, usually %(usual)s") % words


def _contacts(one: Quiet) -> str:
    """Last contact and last attempt, both."""
    said = _("Last contact %(day)s") % {"day": dates.short_day(one.last_on)} if one.last_on else _("Never in touch")
    if one.tried_on:
        said += ", " + _("last tried %(day)s") % {"day": dates.short_day(one.tried_on)}
    return said


def _side(one: Quiet, cycle: Cycle, *, leads: bool) -> str:
    """Whose side is quiet, in the programme's words. `leads`: said to the leader."""
    if not one.side:
        return ""
    if one.side == NOBODY:
        return _("Nobody leads this pair")
    if one.side == PARTNER:
        return _("The %(participant)s does not answer") % {"participant": cycle.programme.word("participant")}
    if leads:
        return _("You have not tried")
    return _("The %(leader)s has not tried") % {"leader": cycle.programme.word("leader")}


def _url(one: Quiet, cycle: Cycle) -> str:
    where = [cycle.programme.slug, cycle.code]
    if one.kind == UNLOGGED:
        return reverse("programmes:session_list", args=where) + "?show=unlogged"
    if one.group_uuid:
        return reverse("programmes:group_detail", args=[*where, one.group_uuid])
    return reverse("programmes:member_detail", args=[*where, one.member_uuid])


def _url_of_leader(one: Quiet) -> str:
    if one.kind == UNLOGGED:
        return reverse("my_sessions") + "?as=leader&show=unlogged"
    if one.kind in {FIRST, SILENT}:
        return reverse("programmes:contact_log", args=[one.group_uuid])
    return reverse("my_students")


def quiet_header() -> list[str]:
    """Columns of the spreadsheet."""
    return [
        _("List"), _("Who"), _("With"), _("Since"), _("Last contact"), _("Last attempt"), _("On whose side"), _("What"),
    ]  # fmt: skip


def quiet_rows(here: Ground, found: Sequence[Quiet]) -> Iterator[list[Any]]:
    """Lines of the spreadsheet."""
    for one in found:
        said = line(one, here.cycles[one.cycle_id])
        days = [day.isoformat() if day else "" for day in (one.on, one.last_on, one.tried_on)]
        yield [str(said.title), said.name, said.with_whom, *days, said.side, said.said]
