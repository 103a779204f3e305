"""What somebody planning a session should know first: closed days, a busy leader, a taken room. Advice, no rule."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import clock, dates
from peerhub.institution.models import Closure
from programmes.models import Cycle, Mode, Session, SessionKind, SessionLeader, SessionStatus

UNUSUALLY_LONG = timedelta(hours=10)


def unusually_long(starts_at: datetime, ends_at: datetime) -> list[str]:
    """A sentence when it would last most of a day: often two times typed the wrong way round."""
    if ends_at - starts_at <= UNUSUALLY_LONG:
        return []
    hours = round((ends_at - starts_at).total_seconds() / 3600)
    return [
        _("It would last %(hours)s hours, until %(end)s. Check the times.")
        % {"hours": hours, "end": dates.when(ends_at)}
    ]


def closures_on(cycle: Cycle, starts_at: datetime, ends_at: datetime) -> list[str]:
    """A sentence for each closure the institution's calendar has on these days."""
    first, last = (clock.local(one, cycle.time_zone).date() for one in (starts_at, ends_at))
    rows = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "pk")
    return [_("The institution is closed that day: %(name)s.") % {"name": row.name} for row in rows]


def busy_leaders(
    user_ids: Collection[int], starts_at: datetime, ends_at: datetime, *, besides: int | None = None
) -> list[str]:
    """A sentence for each leader who leads something else at that time. `besides` is the session being moved."""
    rows = (
        SessionLeader.objects.filter(
            membership__user__in=user_ids,
            session__status=SessionStatus.PLANNED,
            session__kind=SessionKind.SESSION,
            session__starts_at__lt=ends_at,
            session__ends_at__gt=starts_at,
        )
        .exclude(session=besides or 0)
        .exclude(session__mode=Mode.ASYNC)
        .order_by("session__starts_at", "pk")
        .values_list(
            "session__cycle__programme__name",
            "session__starts_at",
            "membership__user__preferred_name",
            "membership__user__given_name",
            "membership__user__family_name",
        )[:5]
    )
    return [
        _("%(person)s already leads in %(programme)s at %(time)s.")
        % {"person": shown_name(*names), "programme": programme, "time": dates.clock(starts)}
        for programme, starts, *names in rows
    ]


def taken_room(place: str, starts_at: datetime, ends_at: datetime, *, besides: int | None = None) -> list[str]:
    """A sentence when another session is planned in the same place at that time."""
    if not place.strip():
        return []
    rows = (
        Session.objects.filter(
            place__iexact=place.strip(),
            mode=Mode.IN_PERSON,
            status=SessionStatus.PLANNED,
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        .exclude(pk=besides or 0)
        .order_by("starts_at", "pk")
        .values_list("cycle__programme__name", "starts_at")[:3]
    )
    return [
        _("%(place)s is taken by %(programme)s at %(time)s.")
        % {"place": place.strip(), "programme": programme, "time": dates.clock(starts)}
        for programme, starts in rows
    ]


@dataclass(frozen=True, slots=True)
class Slot:
    """A time somebody wants, with whom (user pks) and where. `name` is what a clash with it is called."""

    starts_at: datetime
    ends_at: datetime
    name: str
    group_id: int | None
    place: str
    user_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Taken:
    starts_at: datetime
    ends_at: datetime
    sentence: str
    key: tuple[str, int | str]


def clashes_of(slots: Sequence[Slot], *, besides_series: int | None = None) -> dict[int, list[str]]:
    """For the place of each slot in the list that clashes: sentences about its leaders, its group and its room.

    Against what is planned already (four queries for any number) and against one another.
    """
    if not slots:
        return {}
    span = (min(one.starts_at for one in slots), max(one.ends_at for one in slots))
    others = Session.objects.filter(
        status=SessionStatus.PLANNED, kind=SessionKind.SESSION, starts_at__lt=span[1], ends_at__gt=span[0]
    ).exclude(mode=Mode.ASYNC)
    if besides_series:
        others = others.exclude(series=besides_series)
    by_key: dict[tuple[str, int | str], list[_Taken]] = {}
    for taken in (*_taken_leaders(others, slots), *_taken_groups(others, slots), *_taken_places(others, slots)):
        by_key.setdefault(taken.key, []).append(taken)
    found = {at: _met(slot, by_key) for at, slot in enumerate(slots)}
    for at, sentence in _among(slots):
        found[at].append(sentence)
    return {at: list(dict.fromkeys(sentences)) for at, sentences in found.items() if sentences}


def _keys_of(slot: Slot) -> Iterator[tuple[str, int | str]]:
    yield from (("leader", pk) for pk in sorted(slot.user_ids))
    if slot.group_id:
        yield "group", slot.group_id
    if slot.place.strip():
        yield "place", slot.place.strip().lower()


def _met(slot: Slot, by_key: dict[tuple[str, int | str], list[_Taken]]) -> list[str]:
    return [
        taken.sentence
        for key in _keys_of(slot)
        for taken in by_key.get(key, ())
        if taken.starts_at < slot.ends_at and taken.ends_at > slot.starts_at
    ]


def _taken_leaders(others: QuerySet[Session], slots: Iterable[Slot]) -> Iterator[_Taken]:
    wanted = {pk for slot in slots for pk in slot.user_ids}
    rows = SessionLeader.objects.filter(membership__user__in=wanted, session__in=others.values("pk")).values_list(
        "membership__user_id",
        "session__starts_at",
        "session__ends_at",
        "session__cycle__programme__name",
        "membership__user__preferred_name",
        "membership__user__given_name",
        "membership__user__family_name",
    )
    for user_id, starts_at, ends_at, programme, *names in rows:
        words = {"person": shown_name(*names), "programme": programme, "time": dates.clock(starts_at)}
        sentence = _("%(person)s already leads in %(programme)s at %(time)s.") % words
        yield _Taken(starts_at, ends_at, sentence, ("leader", user_id))


def _taken_groups(others: QuerySet[Session], slots: Iterable[Slot]) -> Iterator[_Taken]:
    rows = others.filter(group__in={slot.group_id for slot in slots if slot.group_id})
    for group_id, name, starts_at, ends_at in rows.values_list("group_id", "group__name", "starts_at", "ends_at"):
        sentence = _("%(group)s already meets at %(time)s.") % {"group": name, "time": dates.clock(starts_at)}
        yield _Taken(starts_at, ends_at, sentence, ("group", group_id))


def _taken_places(others: QuerySet[Session], slots: Iterable[Slot]) -> Iterator[_Taken]:
    places = {slot.place.strip() for slot in slots if slot.place.strip()}
    if not places:
        return
    same = Q()
    for place in sorted(places):
        same |= Q(place__iexact=place)
    rows = others.filter(same, mode=Mode.IN_PERSON)
    for place, name, starts_at, ends_at in rows.values_list("place", "cycle__programme__name", "starts_at", "ends_at"):
        words = {"place": place, "programme": name, "time": dates.clock(starts_at)}
        sentence = _("%(place)s is taken by %(programme)s at %(time)s.") % words
        yield _Taken(starts_at, ends_at, sentence, ("place", place.strip().lower()))


def _among(slots: Sequence[Slot]) -> Iterator[tuple[int, str]]:
    """Clashes of the slots with one another: (place of the later one in the list, sentence)."""
    order = sorted(range(len(slots)), key=lambda at: slots[at].starts_at)
    starts = [slots[at].starts_at for at in order]
    for number, at in enumerate(order):
        for other in order[number + 1 : bisect_left(starts, slots[at].ends_at)]:
            if sentence := _same(slots[at], slots[other]):
                yield other, sentence


def _same(one: Slot, other: Slot) -> str:
    if one.user_ids & other.user_ids:
        return _("The same person would lead %(other)s at the same time.") % {"other": one.name}
    if one.place.strip() and one.place.strip().lower() == other.place.strip().lower():
        return _("%(other)s would be in the same place at the same time.") % {"other": one.name}
    return ""
