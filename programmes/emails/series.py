"""Words about series: one message to each person, however many dates it is about. What is over is not said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from programmes.models import (
    Membership,
    MembershipStatus,
    SeriesPattern,
    SeriesStop,
    Session,
    SessionLeader,
    SessionSeries,
    SessionStatus,
)
from programmes.queries.expected import expected_user_ids, waiting_user_ids
from programmes.queries.series import patterns_of, series_name, when_in_words, where

LISTED = 4


@dataclass(frozen=True)
class SeriesLetters:
    """Series of a batch with all that letters ask about: their sessions, who is expected, who leads or led."""

    series: Mapping[int, SessionSeries]
    patterns: Mapping[int, Sequence[SeriesPattern]]
    stops: Mapping[int, SeriesStop]
    sessions: Mapping[int, Sequence[Session]]  # by series, in order
    expected: Mapping[int, set[int]]  # and those who wait for a seat
    leaders: Mapping[int, set[int]]
    active: set[tuple[int, int]]  # (cycle, user) of everybody who takes part or leads


def _series_letters(abouts: Sequence[Mapping[str, Any]]) -> SeriesLetters:
    """Seven queries a batch, nine where series of it are open to all."""
    ids = {about["series"] for about in abouts}
    related = ("cycle__programme__activity_type", "group")
    series = SessionSeries.objects.select_related(*related).in_bulk(ids)
    sessions: dict[int, list[Session]] = {pk: [] for pk in ids}
    wanted = (SessionStatus.PLANNED, SessionStatus.CANCELLED)
    for one in Session.objects.filter(series__in=ids, status__in=wanted).order_by("starts_at", "pk"):
        sessions[one.series_id or 0].append(one)
    every = [one for listed in sessions.values() for one in listed]
    leaders: dict[int, set[int]] = {one.pk: set() for one in every}
    led = SessionLeader.objects.filter(session__series__in=ids, membership__status=MembershipStatus.ACTIVE)
    for session_id, user_id in led.values_list("session_id", "membership__user_id"):
        leaders.setdefault(session_id, set()).add(user_id)
    waiting = waiting_user_ids(every)
    active = Membership.objects.active().filter(cycle__in={one.cycle_id for one in series.values()})
    return SeriesLetters(
        series=series,
        patterns=patterns_of(ids),
        stops=SeriesStop.objects.in_bulk({about["stop"] for about in abouts if "stop" in about}),
        sessions=sessions,
        expected={pk: found | waiting[pk] for pk, found in expected_user_ids(every).items()},
        leaders=leaders,
        active=set(active.values_list("cycle_id", "user_id")),
    )


def _of_reader(letter: mail.Letter, sessions: Sequence[Session]) -> list[Session]:
    reader = letter.recipient.pk
    return [one for one in sessions if reader in letter.facts.expected[one.pk] | letter.facts.leaders[one.pk]]


def _coming(letter: mail.Letter, status: str, now: datetime) -> list[Session]:
    """What is to come of the series, in this state, for the reader."""
    listed = letter.facts.sessions.get(letter.about["series"], ())
    return _of_reader(letter, [one for one in listed if one.status == status and one.starts_at > now])


def _words(letter: mail.Letter, pattern: SeriesPattern, dates: Sequence[Session]) -> dict[str, Any]:
    series = letter.facts.series[letter.about["series"]]
    return {
        "programme_name": series.cycle.programme.name,
        "title": series_name(series, pattern),
        "when": when_in_words(series, pattern),
        "place": where(pattern),
        "from_at": dates[0].starts_at if dates else None,
        "listed": tuple((one.starts_at, one.ends_at, one.place) for one in dates[:LISTED]),
        "more": max(0, len(dates) - LISTED),
    }


def _rendered(letter: mail.Letter, template: str, context: dict[str, Any], title: str) -> mail.Rendered:
    series = letter.facts.series[letter.about["series"]]
    programme = {"programme": series.cycle.programme.name}
    return mail.Rendered(
        f"programmes/{template}",
        context,
        url=reverse("programmes:series_detail", args=[series.uuid]),
        why=_("You are getting this because you take part or lead in %(programme)s.") % programme,
        title=title % {"title": context["title"], **programme},
    )


def _is_gone(letter: mail.Letter) -> bool:
    series = letter.facts.series.get(letter.about["series"])
    return series is None or (series.cycle_id, letter.recipient.pk) not in letter.facts.active


@mail.kind(
    "programmes.series_changed",
    title=gettext_lazy("A series was changed"),
    topic="sessions",
    essential=True,
    load=_series_letters,
)
def series_changed(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Time, place or who leads changed for all that is to come; who led until now hears that they do not any more."""
    if _is_gone(letter):
        return mail.NotWanted(_("The person is not part of it any more."))
    patterns = letter.facts.patterns.get(letter.about["series"], ())
    pattern = max(patterns, key=lambda one: one.pk)
    if pattern.pk != letter.about["pattern"]:
        return mail.NotWanted(_("It was changed again; a newer message says how."))
    every = letter.facts.sessions.get(letter.about["series"], ())
    ahead = [one for one in every if one.status == SessionStatus.PLANNED and one.starts_at > now]
    coming = [one for one in ahead if one.slot_on and one.slot_on >= pattern.from_on]
    if not coming:
        return mail.NotWanted(_("Nothing of it is to come any more."))
    mine = _of_reader(letter, coming)
    if not mine and "led" not in letter.about:
        return mail.NotWanted(_("The person is not part of it any more."))
    context = {**_words(letter, pattern, mine or coming), "is_out": not mine}
    return _rendered(letter, "series_changed", context, _("%(title)s was changed (%(programme)s)"))


@mail.kind(
    "programmes.series_cancelled",
    title=gettext_lazy("The rest of a series was called off"),
    topic="sessions",
    essential=True,
    load=_series_letters,
)
def series_cancelled(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Nothing more of it will happen, and why."""
    stop = letter.facts.stops.get(letter.about["stop"])
    if stop is None or stop.lifted_at:
        return mail.NotWanted(_("It happens after all."))
    off = [one for one in _coming(letter, SessionStatus.CANCELLED, now) if one.stop_id == stop.pk]
    if not off or _is_gone(letter):
        return mail.NotWanted(_("Nothing of it would have been to come for this person."))
    pattern = letter.facts.patterns[letter.about["series"]][-1]
    context = {**_words(letter, pattern, off), "reason": stop.reason}
    return _rendered(letter, "series_cancelled", context, _("The rest of %(title)s was called off (%(programme)s)"))


@mail.kind(
    "programmes.series_refitted",
    title=gettext_lazy("A series follows the calendar"),
    topic="sessions",
    essential=True,
    load=_series_letters,
)
def series_refitted(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """The institution's calendar changed, and with it some dates."""
    coming = _coming(letter, SessionStatus.PLANNED, now)
    if not coming or _is_gone(letter):
        return mail.NotWanted(_("Nothing of it is to come for this person."))
    pattern = letter.facts.patterns[letter.about["series"]][-1]
    title = _("Dates of %(title)s changed (%(programme)s)")
    return _rendered(letter, "series_refitted", _words(letter, pattern, coming), title)


@mail.kind(
    "programmes.series_restored",
    title=gettext_lazy("The rest of a series happens after all"),
    topic="sessions",
    essential=True,
    load=_series_letters,
)
def series_restored(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """What had been called off happens after all."""
    stop = letter.facts.stops.get(letter.about["stop"])
    coming = _coming(letter, SessionStatus.PLANNED, now)
    coming = [one for one in coming if stop and one.slot_on and one.slot_on >= stop.from_on]
    if not coming or _is_gone(letter):
        return mail.NotWanted(_("Nothing of it is to come for this person."))
    pattern = letter.facts.patterns[letter.about["series"]][-1]
    title = _("The rest of %(title)s happens after all (%(programme)s)")
    return _rendered(letter, "series_restored", _words(letter, pattern, coming), title)
