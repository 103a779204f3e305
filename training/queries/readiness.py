"""Who is ready to lead in a cycle: who is not cleared, since when, and who is about to lapse, with what it touches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peerhub.accounts.models import shown_name
from peerhub.common import clock
from programmes.models import Cycle, Membership, Role, SessionKind, SessionLeader, SessionStatus
from training.models import ClearanceWaiver
from training.queries.clearance import Lapse, lapses, members_of
from training.queries.standing import SOON

SESSIONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with what lacks, earliest first, and the sessions they are to lead from then on: a few, and how many."""

    uuid: UUID
    name: str
    since: date
    lapses: Sequence[Lapse]
    sessions: Sequence[tuple[UUID, datetime]]
    session_count: int

    @property
    def more(self) -> int:
        return self.session_count - len(self.sessions)


@dataclass(frozen=True)
class Readiness:
    leaders: int
    missing: Sequence[Person]
    lapsing: Sequence[Person]
    waivers: Sequence[tuple[ClearanceWaiver, str]]  # with what it is about

    @property
    def ready(self) -> int:
        return self.leaders - len(self.missing)


def readiness_of(cycle: Cycle, *, now: datetime) -> Readiness:
    """Who leads, what is or will be missing, and the sessions it touches: the same queries for any number."""
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER)
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    people = {row[0]: row for row in leaders.values_list("pk", "uuid", *names)}
    today = cycle.today(now=now)
    now_missing: dict[int, list[Lapse]] = {}
    soon: dict[int, list[Lapse]] = {}
    titles: dict[tuple[int, str], str] = {}
    for lapse in lapses(members_of(leaders, now)):
        titles[lapse.member.pk, lapse.code] = lapse.title
        if lapse.has_come():
            now_missing.setdefault(lapse.member.pk, []).append(lapse)
        elif lapse.on <= today + SOON:
            soon.setdefault(lapse.member.pk, []).append(lapse)
    soon = {pk: found for pk, found in soon.items() if pk not in now_missing}
    led = _led([*now_missing, *soon], now)
    return Readiness(
        len(people), _people(now_missing, people, led), _people(soon, people, led), _waivers(cycle, titles, today)
    )


def _led(membership_ids: Sequence[int], now: datetime) -> Mapping[int, list[tuple[UUID, datetime]]]:
    """Planned sessions to come of these leaders, in order. One query."""
    rows = SessionLeader.objects.filter(
        membership__anyof=membership_ids,
        session__status=SessionStatus.PLANNED,
        session__kind=SessionKind.SESSION,
        session__starts_at__gt=now,
    ).order_by("session__starts_at", "pk")
    found: dict[int, list[tuple[UUID, datetime]]] = {}
    for pk, uuid, starts_at in rows.values_list("membership_id", "session__uuid", "session__starts_at"):
        found.setdefault(pk, []).append((uuid, starts_at))
    return found


def _people(
    found: Mapping[int, list[Lapse]],
    people: Mapping[int, tuple[Any, ...]],
    led: Mapping[int, list[tuple[UUID, datetime]]],
) -> list[Person]:
    rows = []
    for pk, missing in found.items():
        first = min(one.on for one in missing)
        touched = [one for one in led.get(pk, ()) if clock.local(one[1], missing[0].member.zone).date() >= first]
        _pk, uuid, *names = people[pk]
        missing.sort(key=lambda one: one.on)
        rows.append(Person(uuid, shown_name(*names), first, missing, touched[:SESSIONS_SHOWN], len(touched)))
    return sorted(rows, key=lambda one: (one.since, one.name))


def _waivers(cycle: Cycle, titles: Mapping[tuple[int, str], str], today: date) -> list[tuple[ClearanceWaiver, str]]:
    """What is set aside today. What is not asked for any more is not listed."""
    standing = ClearanceWaiver.objects.standing().filter(membership__cycle=cycle, until__gte=today)
    rows = standing.select_related("membership__user", "by").order_by("until", "pk")
    return [(one, titles[one.membership_id, one.code]) for one in rows if (one.membership_id, one.code) in titles]
