"""Sessions as calendars read them: one person's, one group's, one alone. No student is ever named in them.

A feed says what is as it is now: who leaves a group finds its coming sessions gone from their calendar, not a link that
stopped working (calendars go on showing what they read last). What was called off stays, marked so, until its day has
passed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.template.defaultfilters import capfirst
from django.urls import reverse

from peerhub.accounts.models import shown_name
from peerhub.common import clock, ical, stages
from peerhub.common.mail.writing import sender_identity
from peerhub.common.statements import compiled, first
from programmes.models import (
    BookingState,
    CalendarFeed,
    CycleState,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
    Shape,
)
from programmes.models.calendars import digest_of
from programmes.queries.calendar_words import WORDS, Words, session_word
from programmes.queries.sessions import LINK_VISIBLE_BEFORE

LOOKS_BACK = timedelta(days=60)
OFF = (SessionStatus.CANCELLED, SessionStatus.NOT_HELD)
NOBODY = UUID(int=0)


class Facts(NamedTuple):
    """What an event is made of: a session, whose it is, and whether the reader leads it."""

    pk: int
    uuid: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    place: str
    link: str
    status: str
    sequence: int
    changed_at: datetime | None
    made_at: datetime
    group: str | None
    shape: str | None
    time_zone: str
    programme: str
    own_word: str
    usual_word: str
    leads: Any


COLUMNS = (
    "pk", "uuid", "title", "starts_at", "ends_at", "mode", "place", "link", "status", "sequence", "revised_at",
    "created_at", "group__name", "group__shape", "cycle__time_zone", "cycle__programme__name",
    "cycle__programme__session_word", "cycle__programme__activity_type__session_word",
)  # fmt: skip


# --- whose sessions ---------------------------------------------------------------------------------------------------
def feed_of(token: str) -> CalendarFeed | None:
    """The feed this link opens, with its person and group; None for any other text, and once the account is closed."""
    return first(_feed(digest=digest_of(token)))


@compiled
def _feed(*, digest: str) -> QuerySet[CalendarFeed, CalendarFeed]:
    return CalendarFeed.objects.filter(token_digest=digest, user__is_active=True).select_related(
        "user", "group__cycle__programme"
    )


def feed_text(feed: CalendarFeed, *, now: datetime) -> str:
    """The calendar behind a link: the last 60 days and all that is planned; to everything also what other stages have.
    Four queries, for a group five.
    """
    words, since = WORDS[feed.language], now - LOOKS_BACK
    rows = _in_group(feed.group, feed.user, since) if feed.group else _mine(feed.user, since)
    shown = sorted((row for row in rows if is_shown(row, now)), key=lambda row: (row.starts_at, row.pk))
    leaders = _leaders([row.pk for row in shown])
    events = [event(row, leaders.get(row.pk, ()), language=feed.language, now=now) for row in shown]
    if feed.group is None:
        events += stages.events(feed.user, since, feed.language)
    return ical.calendar(events, name=_name(feed, words), language=feed.language)


def _name(feed: CalendarFeed, words: Words) -> str:
    """A pair is called by the names of the two in it, so its calendar goes by the programme's."""
    if feed.group is None:
        return words.everything
    programme = feed.group.cycle.programme.name
    return programme if feed.group.shape == Shape.PAIR else f"{feed.group.name} ({programme})"


def _mine(user: Any, since: datetime) -> Iterable[Facts]:
    """What the person leads, and what they are expected at. Who does both leads."""
    found: dict[int, Facts] = {}
    for row in starmap(Facts, _led_or_expected(user=user, since=since)):
        if row.leads or row.pk not in found:
            found[row.pk] = row
    return found.values()


@compiled
def _led_or_expected(*, user: Any, since: datetime) -> QuerySet[Session, tuple[Any, ...]]:
    """Three reads by index, put together: an OR of them would read the whole table."""
    place = "group__members"
    led = _since(since).filter(leaders__membership__user=user, leaders__membership__status=MembershipStatus.ACTIVE)
    expected = _since(since).filter(
        Q(**{f"{place}__ended_at": None}) | Q(**{f"{place}__ended_at__gt": F("starts_at")}),
        **{
            f"{place}__membership__user": user,
            f"{place}__membership__role": Role.PARTICIPANT,
            f"{place}__membership__status": MembershipStatus.ACTIVE,
            f"{place}__started_at__lt": F("ends_at"),
        },
    )
    booked = _since(since).filter(
        bookings__membership__user=user,
        bookings__membership__status=MembershipStatus.ACTIVE,
        bookings__state=BookingState.BOOKED,
    )
    others = (rows.values_list(*COLUMNS, Value(0)) for rows in (expected, booked))
    return led.values_list(*COLUMNS, Value(1)).union(*others, all=True)


def _since(since: datetime) -> QuerySet[Session]:
    return Session.objects.filter(kind=SessionKind.SESSION, ends_at__gt=since).order_by()


def _in_group(group: Group, user: Any, since: datetime) -> Iterable[Facts]:
    """Everything of the group for who runs its cycle, else what happens while they are in it."""
    rows = starmap(Facts, _of_group(group=group, user=user, since=since))
    if _runs(user=user, cycle=group.cycle_id):
        return rows
    places = _places(user=user, group=group)
    return [row for row in rows if row.leads or any(_is_within(row, place) for place in places)]


def _is_within(row: Facts, place: tuple[datetime, datetime | None]) -> bool:
    started_at, ended_at = place
    return started_at < row.ends_at and (ended_at is None or ended_at > row.starts_at)


@compiled
def _of_group(*, group: Any, user: Any, since: datetime) -> QuerySet[Session, tuple[Any, ...]]:
    leads = SessionLeader.objects.filter(
        session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
    )
    return _since(since).filter(group=group).values_list(*COLUMNS, Exists(leads))


@compiled
def _runs(*, user: Any, cycle: int) -> QuerySet[Membership, tuple[int]]:
    runs = Membership.objects.active().filter(user=user, cycle=cycle, role__in=[Role.COORDINATOR, Role.SUPERVISOR])
    return runs.values_list("pk")


@compiled
def _places(*, user: Any, group: Any) -> QuerySet[GroupMember, tuple[datetime, datetime | None]]:
    places = GroupMember.objects.filter(group=group, membership__user=user, membership__status=MembershipStatus.ACTIVE)
    return places.values_list("started_at", "ended_at")


def _leaders(session_ids: list[int]) -> Mapping[int, list[str]]:
    """Who leads each, in the order named. Sorted and sifted here: SQLite would read the whole table for it."""
    found: dict[int, list[str]] = {}
    for _pk, session_id, status, *names in sorted(_leader_rows(session_ids=session_ids)):
        if status == MembershipStatus.ACTIVE:
            found.setdefault(session_id, []).append(shown_name(*names))
    return found


@compiled
def _leader_rows(*, session_ids: list[int]) -> QuerySet[SessionLeader, tuple[Any, ...]]:
    names = (f"membership__user__{name}" for name in ("preferred_name", "given_name", "family_name"))
    rows = SessionLeader.objects.filter(session__in=session_ids).order_by()
    return rows.values_list("pk", "session_id", "membership__status", *names)


# --- the page of one's links -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Link:
    """A link somebody has (`feed`) or could make. `group` None: to everything."""

    group: Group | None
    feed: CalendarFeed | None


def calendar_links(user: Any, *, chosen: Group | None) -> tuple[Link, list[Link]]:
    """The link to everything, and those to groups: the chosen one first, those that exist, those one could make."""
    feeds = {feed.group_id: feed for feed in _links(user=user)}
    groups = {group.pk: group for group in ([chosen] if chosen else [])}
    groups |= {feed.group_id: feed.group for feed in feeds.values() if feed.group}
    groups |= {group.pk: group for group in _groups_of(user=user)}
    return Link(None, feeds.get(None)), [Link(group, feeds.get(pk)) for pk, group in groups.items()]


@compiled
def _links(*, user: Any) -> QuerySet[CalendarFeed, CalendarFeed]:
    links = CalendarFeed.objects.filter(user=user).select_related("group__cycle__programme")
    return links.order_by("group__name", "pk")


@compiled
def _groups_of(*, user: Any) -> QuerySet[Group, Group]:
    """Groups the person is in that keep sessions; pairs arrange their own meetings."""
    inside = GroupMember.objects.filter(
        group=OuterRef("pk"), ended_at=None, membership__user=user, membership__status=MembershipStatus.ACTIVE
    )
    groups = Group.objects.active().filter(Exists(inside), shape=Shape.GROUP).exclude(cycle__state=CycleState.CLOSED)
    return groups.select_related("cycle__programme").order_by("name", "pk")


# --- one event --------------------------------------------------------------------------------------------------------
def is_shown(row: Facts, now: datetime) -> bool:
    """What was called off is gone once its day has passed where it would have been."""
    if row.status not in OFF:
        return True
    return clock.local(row.ends_at, row.time_zone).date() >= clock.local(now, row.time_zone).date()


def event(row: Facts, leaders: Iterable[str], *, language: str, now: datetime) -> ical.Event:
    """The session in the reader's language. Its link is told when the page tells it, and nobody's reasons are."""
    words, is_off = WORDS[language], row.status in OFF
    starts, ends = _days(row) if row.mode == Mode.ASYNC else (row.starts_at, row.ends_at)
    title = f"{_title(row, language)} ({row.programme})"
    return ical.Event(
        uid=ical.uid(row.uuid),
        changed_at=row.changed_at or row.made_at,
        sequence=row.sequence,
        starts=starts,
        ends=ends,
        summary=words.called_off % title if is_off else title,
        description=_description(row, leaders, words, now=now),
        location=row.place or (words.online if row.mode == Mode.ONLINE else ""),
        url=_page_of(row.uuid),
        is_cancelled=is_off,
    )


def _title(row: Facts, language: str) -> str:
    """Its own title, its group's name, or the programme's word. A pair's name would name a student."""
    if row.title:
        return row.title
    if row.group and row.shape != Shape.PAIR:
        return row.group
    return str(capfirst(session_word(row.own_word, row.usual_word, language)))


def _days(row: Facts) -> tuple[Any, Any]:
    """First day, and the day after the last, where the programme is: what people do in their own time."""
    starts, ends = clock.local(row.starts_at, row.time_zone), clock.local(row.ends_at, row.time_zone)
    last = (ends - timedelta(microseconds=1)).date()
    return starts.date(), last + timedelta(days=1)


def _description(row: Facts, leaders: Iterable[str], words: Words, *, now: datetime) -> str:
    parts = [words.own_time] if row.mode == Mode.ASYNC else []
    names = ", ".join(leaders)
    if names:
        parts.append(words.led_by % names)
    if row.leads:
        parts.append(words.you_lead)
    is_told = row.leads or now >= row.starts_at - LINK_VISIBLE_BEFORE
    if row.link and is_told and row.status not in OFF:
        parts.append(words.join % row.link)
    return "\n".join(parts)


def _page_of(uuid: UUID) -> str:
    before, after = _page_pattern(settings.SITE_URL)
    return f"{before}{uuid}{after}"


@lru_cache(maxsize=4)
def _page_pattern(site_url: str) -> tuple[str, str]:
    """What stands before and after a session in its page's address: looked up once, a feed has hundreds."""
    page = reverse("programmes:session_detail", args=[NOBODY])
    before, _nobody, after = f"{site_url}{page}".partition(str(NOBODY))
    return before, after


def facts_of(session: Session, *, leads: bool, with_link: bool = True) -> Facts:
    """Of a row loaded with its group and its cycle's programme and kind."""
    group, programme = session.group, session.cycle.programme
    return Facts(
        session.pk,
        session.uuid,
        session.title,
        session.starts_at,
        session.ends_at,
        session.mode,
        session.place,
        session.link if with_link else "",
        session.status,
        session.sequence,
        session.revised_at,
        session.created_at,
        group.name if group else None,
        group.shape if group else None,
        session.cycle.time_zone,
        programme.name,
        programme.session_word,
        programme.activity_type.session_word,
        leads,
    )


def announced(
    session: Session, leaders: Iterable[str], *, leads: bool, with_link: bool = True, language: str, now: datetime
) -> str:
    """One session as a file to open or a part of a mail: METHOD:PUBLISH, again with every change, by the same UID.
    `with_link` is False for readers without a seat where seats are booked.

    PUBLISH, not REQUEST: a request asks every reader to accept or decline, and mails the answer to an address nobody
    reads; whether somebody comes is the programme's register, not their calendar. What is called off is published once
    more as cancelled (RFC 5546, 3.2.1, allows it): CANCEL takes back what was requested of named attendees, and nobody
    was.
    """
    made = event(facts_of(session, leads=leads, with_link=with_link), leaders, language=language, now=now)
    address, _header = sender_identity(settings.DEFAULT_FROM_EMAIL)
    organizer = ical.Organizer(session.cycle.programme.name, address)
    return ical.calendar([made], method="PUBLISH", organizer=organizer)
