"""Pairs that have not been in touch, and on whose side it is quiet. Two queries for a thousand pairs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Subquery

from peerhub.accounts.models import shown_name
from peerhub.institution.queries.open_days import OpenDays
from programmes.models import GroupMember, MembershipStatus, Role, SessionStatus, Shape
from programmes.queries.contacts import contacts_of, taking_part
from programmes.queries.quiet_ground import FIRST, LEADER, NOBODY, PARTNER, SILENT, Ground, Quiet, pages


@dataclass(frozen=True, slots=True)
class Leads:
    """Somebody who leads a pair at the moment."""

    group_id: int
    user_id: int
    name: str
    started_at: datetime
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one participant's place in a pair, before the clock is asked."""

    row: tuple[Any, ...]
    leaders: list[Leads]

    def at(self, here: Ground) -> Quiet | None:
        """What is quiet about it at the ground's time."""
        return _quiet(here, self.row, self.leaders)


def standings(here: Ground) -> Iterator[Standing]:
    """Every pair's facts."""
    for page in pages(_places(here)):
        leaders = leaders_of({row[1] for row in page})
        for row in page:
            yield Standing(row, leaders.get(row[1], []))


def quiet_pairs(here: Ground) -> Iterator[Quiet]:
    """Pairs past their first contact or their cadence, counted in days that count."""
    return (found for one in standings(here) if (found := one.at(here)))


def _places(here: Ground) -> QuerySet[GroupMember, tuple[Any, ...]]:
    held, tried = contacts_of(SessionStatus.HELD), contacts_of(SessionStatus.ATTEMPTED)
    these = Q() if here.groups is None else Q(group_id__in=here.groups)
    return (
        GroupMember.objects.filter(taking_part(), these, here.led("group"), group__cycle_id__in=list(here.cycles))
        .filter(group__ended_at=None, group__shape=Shape.PAIR)
        .annotate(last_at=Subquery(held.values("starts_at")[:1]), tried_at=Subquery(tried.values("starts_at")[:1]))
        .values_list(
            "pk", "group_id", "group__cycle_id", "started_at", "last_at", "tried_at", "membership__paused_until",
            "group__uuid", "group__name", "membership__uuid",
            "membership__user__preferred_name", "membership__user__given_name", "membership__user__family_name",
        )
    )  # fmt: skip


def leaders_of(group_ids: Collection[int]) -> dict[int, list[Leads]]:
    """Who leads these groups now, whoever took over last first. One query."""
    rows = GroupMember.objects.filter(
        group_id__in=group_ids,
        ended_at=None,
        membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    ).order_by("-started_at", "-pk")
    found: dict[int, list[Leads]] = {}
    columns = ("group_id", "membership__user_id", "started_at", "membership__paused_until")
    names = ("membership__user__preferred_name", "membership__user__given_name", "membership__user__family_name")
    for group_id, user_id, started_at, paused_until, *name in rows.values_list(*columns, *names):
        found.setdefault(group_id, []).append(Leads(group_id, user_id, shown_name(*name), started_at, paused_until))
    return found


def back_since(leaders: Collection[Leads], partner_until: date | None) -> date:
    """Since when nobody who is needed is away: the participant, and at least one of those who lead."""
    until = [one.paused_until or date.min for one in leaders]
    return max(partner_until or date.min, min(until, default=date.min))


def _quiet(here: Ground, row: tuple[Any, ...], leaders: list[Leads]) -> Quiet | None:
    key, group_id, cycle_id, started_at, last_at, tried_at, paused_until, group_uuid, group, member_uuid, *name = row
    cycle, days, today = here.cycles[cycle_id], here.days(cycle_id), here.today(cycle_id)
    back = back_since(leaders, paused_until)
    if back > today or here.is_ending(cycle_id):
        return None
    last_on = here.local(last_at, cycle_id) if last_at else None
    tried_on = here.local(tried_at, cycle_id) if tried_at and (not last_at or tried_at > last_at) else None
    since = max(last_on or max(here.local(started_at, cycle_id), cycle.starts_on), back)
    due_on = days.after(since, cycle.contact_cadence_days if last_on else cycle.first_contact_days)
    if due_on >= today:
        return None
    return Quiet(
        kind=SILENT if last_on else FIRST,
        cycle_id=cycle_id,
        key=key,
        name=shown_name(*name),
        on=due_on,
        group=group,
        leaders=", ".join(one.name for one in leaders),
        group_uuid=group_uuid,
        member_uuid=member_uuid,
        group_id=group_id,
        leader_ids=tuple(one.user_id for one in leaders if (one.paused_until or date.min) <= today),
        side=_side(leaders, tried_on, days, today, cycle.contact_cadence_days),
        last_on=last_on,
        tried_on=tried_on,
        days=days.since(since, today),
        is_second=days.after(due_on, cycle.contact_cadence_days) < today,
        asked_on=max(due_on, days.after(tried_on, cycle.contact_cadence_days)) if tried_on else due_on,
    )


def _side(leaders: list[Leads], tried_on: date | None, days: OpenDays, today: date, cadence: int) -> str:
    """Who is quiet: a leader who has not tried within the cadence, or a partner who does not answer."""
    if not leaders:
        return NOBODY
    return PARTNER if tried_on and days.since(tried_on, today) <= cadence else LEADER
