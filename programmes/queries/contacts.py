"""Pairs and when they were last in touch, measured against what their cycle asks (first contact, then every n days)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.accounts.models import shown_name
from peerhub.common import clock, dates
from peerhub.common.statements import compiled
from peerhub.institution.queries.open_days import Calendars, open_days
from programmes.models import (
    CycleState,
    Group,
    GroupMember,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionStatus,
    Shape,
)

SAYS_HELLO_AHEAD = timedelta(days=2)
FURTHEST = timedelta(days=400)
TRIED = (SessionStatus.HELD, SessionStatus.ATTEMPTED)


@dataclass(frozen=True, slots=True)
class Pair:
    """One participant of a pair, as their leader sees them. `due_on` is a local date; a failed attempt counts."""

    group_uuid: UUID
    cycle_id: int
    name: str
    programme: str
    last_at: datetime | None
    last_was_attempt: bool
    last_on: date | None
    due_on: date
    cadence_days: int
    today: date

    @property
    def is_overdue(self) -> bool:
        return self.due_on < self.today

    @property
    def is_due_soon(self) -> bool:
        return self.due_on <= self.today + SAYS_HELLO_AHEAD

    @property
    def in_words(self) -> str:
        """Why this pair is listed, in a sentence."""
        if self.last_on is None:
            if self.is_overdue:
                return _("Not in touch yet. First contact was due %(day)s") % {"day": dates.short_day(self.due_on)}
            return _("Not in touch yet. First contact by %(day)s") % {"day": dates.short_day(self.due_on)}
        days = max(0, (self.today - self.last_on).days)
        if not days:
            since = _("You tried today, no answer") if self.last_was_attempt else _("You were in touch today")
        elif self.last_was_attempt:
            since = ngettext("Last try %(days)s day ago, no answer", "Last try %(days)s days ago, no answer", days)
        else:
            since = ngettext("%(days)s day since you last spoke", "%(days)s days since you last spoke", days)
        if self.is_overdue:
            return since % {"days": days}
        return _("Due %(day)s") % {"day": dates.short_day(self.due_on)} + ". " + since % {"days": days}


def pairs_led_by(user: Any, *, now: datetime) -> list[Pair]:
    """Every participant this person is paired with in a running cycle, the longest waiting first. A query, and one for
    the calendar where there are any.
    """
    return _pairs(_led_by(user=user), now)


@compiled
def _led_by(*, user: Any) -> QuerySet[GroupMember, tuple[Any, ...]]:
    mine = GroupMember.objects.filter(
        group=OuterRef("group"), ended_at=None, membership__user=user, membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )  # fmt: skip
    return _facts_of_pairs(_places().filter(Exists(mine)))


def pairs_of_group(group: Group, *, now: datetime) -> list[Pair]:
    """The participants of one pair, whatever state its cycle is in. Two queries."""
    return _pairs(_facts_of_pairs(_with_last_contact(GroupMember.objects.filter(taking_part(), group=group))), now)


def _places() -> QuerySet[GroupMember]:
    """Participants' places in pairs that are going, with their last contact."""
    going = Q(group__ended_at=None, group__shape=Shape.PAIR, group__cycle__state__in=[CycleState.RUNNING])
    return _with_last_contact(GroupMember.objects.filter(taking_part(), going))


def taking_part() -> Q:
    """Condition of `GroupMember`: a participant's place that is going."""
    return Q(ended_at=None, membership__role=Role.PARTICIPANT, membership__status=MembershipStatus.ACTIVE)


def _with_last_contact(places: QuerySet[GroupMember]) -> QuerySet[GroupMember]:
    latest = contacts_of(*TRIED)
    return places.annotate(
        last_at=Subquery(latest.values("starts_at")[:1]), last_status=Subquery(latest.values("status")[:1])
    )


def contacts_of(*statuses: str) -> QuerySet[Session]:
    """For a subquery of `GroupMember`: contacts of its group, the newest first."""
    contacts = Session.objects.filter(group=OuterRef("group"), kind=SessionKind.CONTACT, status__in=statuses)
    return contacts.order_by("-starts_at", "-pk")


def _facts_of_pairs(places: QuerySet[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    return places.values_list(
        "group__uuid", "group__cycle_id", "started_at", "last_at", "last_status",
        "group__cycle__starts_on", "group__cycle__time_zone", "group__cycle__first_contact_days",
        "group__cycle__contact_cadence_days", "group__cycle__vacations_count", "membership__paused_until",
        "group__cycle__programme__name",
        "membership__user__preferred_name", "membership__user__given_name", "membership__user__family_name",
    )  # fmt: skip


def _pairs(rows: Iterable[Sequence[Any]], now: datetime) -> list[Pair]:
    found = list(rows)
    if not found:
        return []
    today = now.date()
    first = min(*((row[3] or row[2]).date() for row in found), *(row[5] for row in found), today)
    days = open_days(max(first, today - FURTHEST), today + FURTHEST)
    pairs = [_pair(row, days, now) for row in found]
    return sorted(pairs, key=lambda pair: (pair.due_on, pair.name))


def _pair(row: Sequence[Any], calendars: Calendars, now: datetime) -> Pair:
    group, cycle_id, started_at, last_at, last_status, starts_on, zone, first_days, cadence, *more = row
    vacations_count, paused_until, programme, *names = more
    days = calendars.of(vacations_count=vacations_count)
    last_on = clock.local(last_at, zone).date() if last_at else None
    since = last_on or max(clock.local(started_at, zone).date(), starts_on)
    due_on = days.after(max(since, paused_until or since), cadence if last_on else first_days)
    return Pair(
        group_uuid=group,
        cycle_id=cycle_id,
        name=shown_name(*names),
        programme=programme,
        last_at=last_at,
        last_was_attempt=last_status == SessionStatus.ATTEMPTED,
        last_on=last_on,
        due_on=due_on,
        cadence_days=cadence,
        today=clock.local(now, zone).date(),
    )


def history(group_id: int) -> QuerySet[Session]:
    """Contacts of a pair, newest first, with their logs and who logged them."""
    return (
        Session.objects.filter(group_id=group_id, kind=SessionKind.CONTACT)
        .exclude(status=SessionStatus.CANCELLED)
        .select_related("log__signposted_to", "created_by")
        .order_by("-starts_at", "-pk")
    )
