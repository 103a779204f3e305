"""Series as pages show them: a cycle's list, and one series with its days and what was changed for one alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Min, Q, QuerySet
from django.template.defaultfilters import capfirst
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import dates
from programmes.models import (
    Cycle,
    MembershipStatus,
    SeriesLeader,
    SeriesPattern,
    Session,
    SessionSeries,
    SessionStatus,
)
from programmes.queries.naming import place_of
from programmes.queries.occurrences import calendar_for, occurrences, rule_of, timing_of
from programmes.queries.sessions import leader_names, state_of

PAGE = 25
DAYS_PAGE = 40
RELATED = ("cycle__programme__activity_type", "cycle__programme__owner_unit", "group")


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a list. `next_at` is None when nothing of it is to come."""

    uuid: UUID
    name: str
    when: str
    place: str
    leaders: str
    next_at: datetime | None
    n_coming: int


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """One session of a series; or `n` days in a row left out for one reason, the first of them to the last."""

    uuid: UUID | None
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    leaders: str = ""
    state: tuple[str, str, str] | None = None  # kind of tag, words, icon
    changed: str = ""  # what was changed for this one alone
    left_out: str = ""
    n: int = 1


@dataclass(frozen=True)
class SeriesFacts:
    """A series as it is now, or will be first: `pattern` is the one in force on the day asked about."""

    name: str
    when: str
    pattern: SeriesPattern
    leaders: list[str]
    leader_ids: list[int]  # memberships
    later: list[SeriesPattern]  # patterns that begin after it


def patterns_of(series_ids: Iterable[int]) -> dict[int, list[SeriesPattern]]:
    """Series pk to its patterns, earliest first. One query."""
    found: dict[int, list[SeriesPattern]] = {}
    for one in SeriesPattern.objects.filter(series__in=list(series_ids)).order_by("from_on", "pk"):
        found.setdefault(one.series_id, []).append(one)
    return found


def pattern_on(patterns: Iterable[SeriesPattern], on: date) -> SeriesPattern:
    """The one in force on that day; before all of them, the first."""
    known = sorted(patterns, key=lambda one: one.from_on)
    return next((one for one in reversed(known) if one.from_on <= on), known[0])


def leaders_of_patterns(pattern_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Pattern pk to (membership pk, name) of its leaders who still lead. One query."""
    rows = SeriesLeader.objects.filter(pattern__in=list(pattern_ids), membership__status=MembershipStatus.ACTIVE)
    who = ("preferred_name", "given_name", "family_name")
    found: dict[int, list[tuple[int, str]]] = {}
    named = rows.order_by("pk").values_list("pattern_id", "membership_id", *(f"membership__user__{one}" for one in who))
    for pattern_id, membership_id, *names in named:
        found.setdefault(pattern_id, []).append((membership_id, shown_name(*names)))
    return found


def series_name(series: SessionSeries, pattern: SeriesPattern) -> str:
    """Its title, its group, or the programme's word. Load the group and the activity type."""
    if pattern.title:
        return pattern.title
    return series.group.name if series.group else str(capfirst(series.cycle.programme.word("sessions")))


def when_in_words(series: SessionSeries, pattern: SeriesPattern) -> str:
    """Monday and Thursday, 14:00 to 15:00; every two weeks."""
    days = get_text_list([str(WEEKDAYS[day]) for day in series.weekdays], _("and"))
    if series.days and series.weekdays:
        days = _("%(days)s and chosen days") % {"days": days}
    words = {"days": days or _("On chosen days"), "time": hours_of(pattern)}
    if series.every == 2 and series.weekdays:
        return _("%(days)s every two weeks, %(time)s") % words
    return _("%(days)s, %(time)s") % words


def hours_of(pattern: SeriesPattern) -> str:
    """14:00 to 15:00, as the clocks on the wall say."""
    starts = datetime.combine(date(2000, 1, 3), pattern.start)
    ends = starts + timedelta(minutes=pattern.minutes)
    return _("%(start)s to %(end)s") % {"start": dates.clock(starts), "end": dates.clock(ends)}


def series_of_cycle(cycle: Cycle, *, page: str, now: datetime) -> Page:
    """A page of `SeriesRow`s: those with something to come first, by when. Three queries and the count."""
    coming = Q(sessions__status=SessionStatus.PLANNED, sessions__starts_at__gt=now)
    rows = (
        SessionSeries.objects.filter(cycle=cycle)
        .select_related("group")
        .annotate(next_at=Min("sessions__starts_at", filter=coming), n_coming=Count("sessions", filter=coming))
        .order_by(F("next_at").asc(nulls_last=True), "pk")
    )
    found: Page[Any] = Paginator(rows, PAGE).get_page(page)
    listed = list(found.object_list)
    patterns = patterns_of(one.pk for one in listed)
    current = {one.pk: pattern_on(patterns[one.pk], cycle.today(now=now)) for one in listed}
    leaders = leaders_of_patterns(one.pk for one in current.values())
    for one in listed:
        one.cycle = cycle
    found.object_list = [_row(one, current[one.pk], leaders.get(current[one.pk].pk, [])) for one in listed]
    return found


def _row(series: Any, pattern: SeriesPattern, leaders: list[tuple[int, str]]) -> SeriesRow:
    return SeriesRow(
        uuid=series.uuid,
        name=series_name(series, pattern),
        when=when_in_words(series, pattern),
        place=where(pattern),
        leaders=", ".join(name for _pk, name in leaders),
        next_at=series.next_at,
        n_coming=series.n_coming,
    )


def where(pattern: SeriesPattern) -> str:
    return pattern.place or ("" if pattern.mode == "in_person" else str(pattern.get_mode_display()))


def latest_facts_of(series: SessionSeries) -> SeriesFacts:
    """As it is in the end: what a change begins with. Two queries."""
    return facts_of(series, on=series.ends_on)


def facts_of(series: SessionSeries, *, on: date) -> SeriesFacts:
    """Two queries. Load `RELATED`."""
    patterns = patterns_of([series.pk])[series.pk]
    pattern = pattern_on(patterns, on)
    leaders = leaders_of_patterns([pattern.pk]).get(pattern.pk, [])
    return SeriesFacts(
        name=series_name(series, pattern),
        when=when_in_words(series, pattern),
        pattern=pattern,
        leaders=[name for _pk, name in leaders],
        leader_ids=[pk for pk, _name in leaders],
        later=[one for one in patterns if one.from_on > on and one != pattern],
    )


def days_of_series(series: SessionSeries, facts: SeriesFacts, *, past: bool, page: str, now: datetime) -> Page:
    """A page of `SeriesDay`s: what is to come with the days left out and why, or what is over, latest first.

    Six queries at most.
    """
    sessions = Session.objects.filter(series=series).select_related("cycle__programme__activity_type", "group")
    if past:
        found: Page[Any] = Paginator(
            sessions.filter(ends_at__lte=now).order_by("-starts_at", "-pk"), DAYS_PAGE
        ).get_page(page)
        found.object_list = _days(list(found.object_list), now)
        return found
    coming = list(sessions.filter(ends_at__gt=now).order_by("starts_at", "pk"))
    both: list[Any] = sorted([*coming, *_left_out(series, facts, now)], key=lambda one: one.starts_at)
    found = Paginator(_runs(both), DAYS_PAGE).get_page(page)
    these = [one for one in found.object_list if isinstance(one, Session)]
    ready = iter(_days(these, now))
    found.object_list = [next(ready) if isinstance(one, Session) else one for one in found.object_list]
    return found


def _runs(days: Iterable[Any]) -> list[Any]:
    """The same days; those left out one after the other for the same reason are one line."""
    merged: list[Any] = []
    for one in days:
        last = merged[-1] if merged else None
        if isinstance(one, SeriesDay) and isinstance(last, SeriesDay) and one.left_out == last.left_out:
            merged[-1] = replace(last, ends_at=one.ends_at, n=last.n + 1)
        else:
            merged.append(one)
    return merged


def _left_out(series: SessionSeries, facts: SeriesFacts, now: datetime) -> list[SeriesDay]:
    """Days to come on which the calendar leaves it out and nothing else of the series stands."""
    there = set(Session.objects.filter(series=series).values_list("slot_on", flat=True))
    timing = timing_of([facts.pattern, *facts.later], series.cycle.time_zone)
    days = occurrences(rule_of(series), timing, calendar_for(series.starts_on, series.ends_on), now=now)
    return [
        SeriesDay(None, day.starts_at, day.starts_at, left_out=day.skipped)
        for day in days
        if day.skipped and not day.is_past and day.on not in there
    ]


def _days(sessions: list[Session], now: datetime) -> list[SeriesDay]:
    names: Mapping[int, list[str]] = leader_names(sessions) if sessions else {}
    return [
        SeriesDay(
            uuid=one.uuid,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=place_of(one),
            leaders=", ".join(names.get(one.pk, [])),
            state=state_of(one, "", now),
            changed=own_in_words(one),
        )
        for one in sessions
    ]


def own_in_words(session: Session) -> str:
    """What of it was changed by itself: time, place, who leads, title. "" when nothing was."""
    words = (
        (session.has_own_time, _("time")),
        (session.has_own_place, _("place")),
        (session.has_own_leaders, _("who leads")),
        (session.has_own_words, _("title or places")),
    )
    return ", ".join(word for is_own, word in words if is_own)


def series_or_none(user: Any, uuid: UUID) -> SessionSeries | None:
    """A series `user` may know exists, with what its page needs."""
    seen: QuerySet[SessionSeries] = SessionSeries.objects.visible_to(user)
    return seen.select_related(*RELATED).filter(uuid=uuid).first()
