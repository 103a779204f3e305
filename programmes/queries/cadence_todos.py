"""Pairs that stayed silent although their leader was reminded: from then on they are the coordinator's. And mails that
did not arrive and wishes for another match, because one statement does for all three.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import clock
from peerhub.common.mail import boxes
from peerhub.common.models import Message
from peerhub.common.stages import URGENCY_NOW, Todo
from peerhub.common.statements import compiled
from peerhub.institution.queries.open_days import CLOSED, MARGIN, Calendars, from_spans, spans_between
from programmes.models import CycleState, GroupMember, MembershipStatus, Role, SessionStatus, Shape
from programmes.permissions import current_roles
from programmes.queries.closings import closing_todos, wishes_by_cycle
from programmes.queries.contacts import FURTHEST, contacts_of, taking_part
from programmes.queries.message_answers import failed_todos
from programmes.queries.quiet_ground import ENDS_SOON

NEVER = date(1900, 1, 1)
SPAN, PAIR, FAILED, WISHES = 0, 1, 2, 3
Row = Mapping[str, Any]


def cadence_todos(user: Any, now: datetime) -> list[Todo]:
    """Coordinator: pairs whose cadence has run out twice, failed mails, and wishes for another match, a line a cycle.
    One query.
    """
    coordinated = current_roles(user).get(Role.COORDINATOR, set())
    if not coordinated:
        return []
    first, last = now.date() - FURTHEST, now.date() + FURTHEST
    rows = list(_near(cycle_ids=coordinated, now=now, first=first - MARGIN, last=last + MARGIN))
    spans = [(row["words"], row["from_on"], row["to_on"]) for row in rows if row["what"] == SPAN]
    calendars = from_spans(spans, first, last)
    silent: dict[int, list[Row]] = {}
    for row in rows:
        if row["what"] == PAIR and _is_second(row, calendars, now):
            silent.setdefault(row["key"], []).append(row)
    failed = {row["key"]: row["cadence"] for row in rows if row["what"] == FAILED}
    wishes = [
        {"cycle_id": row["key"], "n": row["cadence"], "oldest": row["last_at"], "programme": row["words"], **row}
        for row in rows
        if row["what"] == WISHES
    ]
    pairs = [_todo(key, found) for key, found in silent.items()]
    return [*pairs, *failed_todos(failed), *closing_todos(wishes, now)]


def _is_second(row: Row, calendars: Calendars, now: datetime) -> bool:
    """As `Quiet.is_second` (quiet_pairs), from one row."""
    zone, today = row["zone"], clock.local(now, row["zone"]).date()
    if today > row["to_on"] - ENDS_SOON or max(row["back_on"], row["leader_back_on"]) > today:
        return False
    days = calendars.of(vacations_count=bool(row["vacations"]))
    since = clock.local(row["last_at"] or row["started"], zone).date()
    since = max(since, row["back_on"], row["leader_back_on"], *([] if row["last_at"] else [row["from_on"]]))
    first = row["cadence"] if row["last_at"] else row["first_days"]
    return days.after(days.after(since, first), row["cadence"]) < today


@compiled
def _near(*, cycle_ids: set[int], now: datetime, first: date, last: date) -> QuerySet[Any, Row]:
    """Pairs without a contact for a cadence in plain days, a few more than are meant; and in the same statement the
    calendar by which their days are counted.
    """
    cadence = ExpressionWrapper(
        Cast("group__cycle__contact_cadence_days", IntegerField()) * Value(timedelta(days=1)),
        output_field=DurationField(),
    )
    held = Subquery(contacts_of(SessionStatus.HELD).values("starts_at")[:1])
    leaders = GroupMember.objects.filter(
        group=OuterRef("group"), ended_at=None, membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )  # fmt: skip
    back = Coalesce("membership__paused_until", Value(NEVER), output_field=DateField())
    earliest = leaders.order_by().values("group").annotate(day=Min(back)).values("day")
    places = (
        GroupMember.objects.filter(taking_part(), group__cycle__in=cycle_ids, group__cycle__state=CycleState.RUNNING)
        .filter(group__ended_at=None, group__shape=Shape.PAIR)
        .annotate(held=held)
        .annotate(
            over_at=ExpressionWrapper(Coalesce("held", "started_at") + cadence, output_field=DateTimeField()),
        )
        .filter(over_at__lt=now)
    )
    pairs = places.values(
        what=Value(PAIR), key=F("group__cycle_id"), last_at=F("held"), started=F("started_at"),
        from_on=F("group__cycle__starts_on"), to_on=F("group__cycle__ends_on"), back_on=back,
        leader_back_on=Coalesce(Subquery(earliest), Value(NEVER), output_field=DateField()),
        cadence=F("group__cycle__contact_cadence_days"), first_days=F("group__cycle__first_contact_days"),
        vacations=Cast("group__cycle__vacations_count", IntegerField()), zone=F("group__cycle__time_zone"),
        words=F("group__cycle__programme__name"), slug=F("group__cycle__programme__slug"),
        code=F("group__cycle__code"),
    )  # fmt: skip
    closures, terms = spans_between(first, last)
    return pairs.union(
        closures.values(**_span(Value(CLOSED))),
        terms.values(**_span(F("kind"))),
        _failed(cycle_ids),
        _wishes(cycle_ids),
        all=True,
    )


def _span(kind: Any) -> dict[str, Any]:
    """A span of the calendar in the columns of a pair."""
    moment, day = Value(None, DateTimeField()), Value(NEVER, DateField())
    return {
        "what": Value(SPAN), "key": Value(0), "last_at": moment, "started": moment,
        "from_on": F("starts_on"), "to_on": F("ends_on"), "back_on": day, "leader_back_on": day,
        "cadence": Value(0), "first_days": Value(0), "vacations": Value(0), "zone": Value(""),
        "words": kind, "slug": Value(""), "code": Value(""),
    }  # fmt: skip


def _failed(cycle_ids: Any) -> QuerySet[Message, Any]:
    """How many mails of each cycle failed, in the columns of a pair: the number stands under `cadence`."""
    never = Value(NEVER, DateField())
    as_pair = {**_span(Value("")), "what": Value(FAILED), "from_on": never, "to_on": never}
    return boxes.failed_by_cycle(cycle_ids).values(**{**as_pair, "key": F("cycle_id"), "cadence": F("count")})


def _wishes(cycle_ids: Any) -> QuerySet[Any, Any]:
    """Wishes of each cycle in the columns of a pair: how many under `cadence`, the oldest under `last_at`."""
    never = Value(NEVER, DateField())
    as_pair = {**_span(F("programme")), "what": Value(WISHES), "from_on": never, "to_on": never}
    own = {"key": F("cycle_id"), "last_at": F("oldest"), "cadence": F("n"), "slug": F("of_slug"), "code": F("of_code")}
    return wishes_by_cycle(cycle_ids).values(**{**as_pair, **own})


def _todo(cycle_id: int, silent: Sequence[Row]) -> Todo:
    words = {"n": len(silent), "programme": silent[0]["words"]}
    show = "silent" if any(row["last_at"] for row in silent) else "first"
    return Todo(
        title=ngettext("%(n)s pair stays silent", "%(n)s pairs stay silent", len(silent)) % words,
        url=f"{reverse('programmes:quiet_list', args=[silent[0]['slug'], silent[0]['code']])}?show={show}",
        due_at=None,
        urgency=URGENCY_NOW,
        role="coordinator",
        detail=_("%(programme)s. Twice the time agreed has passed; nobody is reminded any more.") % words,
        icon="chat-dots",
        cycle_id=cycle_id,
        code="pairs_silent",
    )
