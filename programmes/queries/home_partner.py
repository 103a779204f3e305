"""What partners see of the programmes they are named in: counts and topics, never who came."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse

from peerhub.common.disclosure import Profile, Told
from peerhub.common.stages import Text
from programmes.models import Cycle, Role, SessionKind, SessionLog, SessionStatus
from programmes.permissions import current_roles
from programmes.queries.register import CAME

PROGRAMMES, TOPICS = 12, 5


@dataclass(frozen=True, slots=True)
class Partnered:
    """One cycle as a partner sees it. `visits` is as the institution publishes numbers of people."""

    name: str
    code: str
    url: str
    sessions_word: str
    held: int
    visits: Told
    rule: Text
    topics: Sequence[tuple[str, int]]


def partnered_by(user: Any, profile: Profile) -> list[Partnered]:
    """The cycles this person is a partner of, those closed left out. Two queries."""
    cycles = current_roles(user).get(Role.PARTNER, set())
    held = Q(sessions__kind=SessionKind.SESSION, sessions__status=SessionStatus.HELD)
    rows = list(
        Cycle.objects.filter(pk__in=cycles)
        .annotate(
            held=Count("sessions", filter=held, distinct=True),
            visits=Count("sessions__attendances", filter=held & Q(sessions__attendances__status__in=CAME)),
        )
        .select_related("programme__activity_type")
        .order_by("programme__name", "-starts_on", "pk")[:PROGRAMMES]
    )
    topics = _topics([row.pk for row in rows])
    return [
        Partnered(
            name=row.programme.name,
            code=row.code,
            url=reverse("programmes:programme_detail", args=[row.programme.slug]),
            sessions_word=row.programme.word("sessions"),
            held=row.held,
            visits=profile.count(row.visits),
            rule=profile.rule,
            topics=topics[row.pk][:TOPICS],
        )
        for row in rows
    ]


def _topics(cycle_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """What was worked on in each cycle with in how many sessions, the most first. One query."""
    rows = (
        SessionLog.objects.filter(
            session__cycle__in=cycle_ids, session__status=SessionStatus.HELD, topics__isnull=False
        )
        .values_list(F("session__cycle"), "topics__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "topics__name")
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for cycle_id, name, count in rows:
        found[cycle_id].append((name, count))
    return found
