"""What waits for a person because of sessions, logs and contacts. Asks only about roles the person has."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATE, URGENCY_LATER, URGENCY_NOW, URGENCY_SOON, Todo
from peerhub.common.statements import compiled
from programmes.models import (
    CoverRequest,
    GroupMember,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
)
from programmes.permissions import current_roles
from programmes.queries.bookings import seats_had_by
from programmes.queries.contacts import pairs_led_by
from programmes.queries.naming import place_of, session_title
from programmes.queries.overdue import log_due, unlogged

SOON = timedelta(hours=48)
AHEAD = timedelta(days=14)  # a session without a leader is found one in time
LISTED = 20


def delivery_todos(user: Any, now: datetime) -> list[Todo]:
    """Leader: sessions without a log, contacts due. Student: sessions within two days. Coordinator: overdue logs, and
    coming sessions that nobody leads.
    """
    roles = current_roles(user)
    found: list[Todo] = []
    if Role.LEADER in roles:
        found += [*_logs_to_write(user, now), *_people_to_greet(user, now)]
    if Role.PARTICIPANT in roles:
        found += _sessions_soon(user, now)
    if Role.COORDINATOR in roles:
        found += _sessions_in_need(roles[Role.COORDINATOR], now)
    return found


def _logs_to_write(user: Any, now: datetime) -> list[Todo]:
    return [_log_to_write(session, now) for session in _without_log(user=user, now=now)]


@compiled
def _without_log(*, user: Any, now: datetime) -> QuerySet[Session, Session]:
    led = SessionLeader.objects.filter(
        session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
    )
    return (
        unlogged(Session.objects.filter(Exists(led), ends_at__lte=now))
        .select_related("cycle__programme__activity_type", "group")
        .order_by("-ends_at", "-pk")[:LISTED]
    )


def _log_to_write(session: Session, now: datetime) -> Todo:
    due_at = session.log_due_at(session.cycle.log_due_hours)
    where = ", ".join(filter(None, (_when(session, now), place_of(session))))
    return Todo(
        title=session_title(session),
        url=reverse("programmes:session_log", args=[session.uuid]),
        due_at=due_at,
        urgency=URGENCY_LATE if due_at <= now else URGENCY_NOW,
        role="leader",
        detail=_("%(programme)s. %(where)s") % {"programme": session.cycle.programme.name, "where": where},
        icon="journal-check",
        cycle_id=session.cycle_id,
        code="log_session",
    )


def _when(session: Session, now: datetime) -> str:
    return _("%(day)s to %(end)s") % {"day": dates.when(session.starts_at), "end": dates.clock(session.ends_at)}


def _people_to_greet(user: Any, now: datetime) -> list[Todo]:
    return [
        Todo(
            title=pair.name,
            url=reverse("programmes:contact_log", args=[pair.group_uuid]),
            due_at=datetime.combine(pair.due_on, datetime.min.time(), tzinfo=now.tzinfo),
            urgency=URGENCY_NOW if pair.is_overdue else URGENCY_SOON,
            role="leader",
            detail=pair.in_words,
            icon="chat-heart",
            cycle_id=pair.cycle_id,
            code="contact_due",
        )
        for pair in pairs_led_by(user, now=now)
        if pair.is_due_soon
    ]


@compiled
def _soon(*, user: Any, now: datetime, until: datetime) -> QuerySet[Session, Session]:
    mine = GroupMember.objects.filter(
        ended_at=None,
        membership__user=user,
        membership__role=Role.PARTICIPANT,
        membership__status=MembershipStatus.ACTIVE,
    )
    theirs = Session.objects.filter(group__in=mine.values("group"), starts_at__lte=until, ends_at__gt=now)
    wanted = theirs.values_list("pk").union(seats_had_by(user).values_list("session"), all=True)
    return (
        Session.objects.upcoming(now=now)
        .filter(pk__in=wanted, kind=SessionKind.SESSION, starts_at__lte=until)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")[:LISTED]
    )


def _sessions_soon(user: Any, now: datetime) -> list[Todo]:
    return [
        Todo(
            title=session_title(session),
            url=reverse("programmes:session_detail", args=[session.uuid]),
            due_at=session.starts_at,
            urgency=URGENCY_LATER,
            role="student",
            detail=", ".join(filter(None, (_when(session, now), place_of(session)))),
            icon="calendar-event",
            cycle_id=session.cycle_id,
            code="session_soon",
        )
        for session in _soon(user=user, now=now, until=now + SOON)
    ]


PROGRAMME = "cycle__programme"
KIND = f"{PROGRAMME}__activity_type"


def _sessions_in_need(cycle_ids: set[int], now: datetime) -> list[Todo]:
    """Sessions of the next two weeks whose leader has left or wants cover, and sessions without a log: a line each a
    cycle, in one query.
    """
    found = _in_need(cycle_ids=cycle_ids, now=now, until=now + AHEAD)
    return [
        *(_leaderless(row, now) for row in found if row["alone"]),
        *(_uncovered(row, now) for row in found if row["asked"]),
        *(_overdue(row) for row in found if row["n"]),
    ]


@compiled
def _in_need(*, cycle_ids: set[int], now: datetime, until: datetime) -> QuerySet[Session, Any]:
    led = SessionLeader.objects.filter(session=OuterRef("pk"), membership__status=MembershipStatus.ACTIVE)
    overdue = Q(starts_at__lt=now, log_due__lte=now)
    asked = CoverRequest.objects.wanted(now=now).filter(session=OuterRef("pk"))
    leaderless, uncovered = Q(starts_at__gt=now, is_led=False), Q(starts_at__gt=now, is_asked=True)
    return (
        unlogged(Session.objects.filter(cycle_id__in=cycle_ids, starts_at__lte=until))
        .annotate(log_due=log_due(), is_led=Exists(led), is_asked=Exists(asked))
        .filter(overdue | leaderless | uncovered)
        .order_by()
        .values(
            "cycle_id",
            code=F("cycle__code"),
            slug=F(f"{PROGRAMME}__slug"),
            programme=F(f"{PROGRAMME}__name"),
            one=Coalesce(NullIf(f"{PROGRAMME}__session_word", Value("")), f"{KIND}__session_word"),
            many=Coalesce(NullIf(f"{PROGRAMME}__sessions_word", Value("")), f"{KIND}__sessions_word"),
            leader=Coalesce(NullIf(f"{PROGRAMME}__leader_word", Value("")), f"{KIND}__leader_word"),
        )
        .annotate(
            n=Count("pk", filter=Q(starts_at__lt=now)),
            oldest=Min("ends_at", filter=Q(starts_at__lt=now)),
            due=Min("log_due", filter=Q(starts_at__lt=now)),
            alone=Count("pk", filter=leaderless),
            next=Min("starts_at", filter=leaderless),
            asked=Count("pk", filter=uncovered),
            asked_next=Min("starts_at", filter=uncovered),
        )
    )


def _leaderless(row: Mapping[str, Any], now: datetime) -> Todo:
    words = {**row, "when": dates.when(row["next"])}
    text = ngettext("%(alone)s %(one)s has no %(leader)s", "%(alone)s %(many)s have no %(leader)s", row["alone"])
    return Todo(
        title=text % words,
        url=f"{reverse('programmes:session_list', args=[row['slug'], row['code']])}?show=leaderless",
        due_at=row["next"],
        urgency=URGENCY_NOW if row["next"] <= now + SOON else URGENCY_SOON,
        role="coordinator",
        detail=_("%(programme)s. The first of them: %(when)s.") % words,
        icon="person-exclamation",
        cycle_id=row["cycle_id"],
        code="no_leader",
    )


def _uncovered(row: Mapping[str, Any], now: datetime) -> Todo:
    """Somebody who leads asked for cover, and nobody has taken it yet."""
    words = {**row, "when": dates.when(row["asked_next"])}
    return Todo(
        title=ngettext("%(asked)s %(one)s wants cover", "%(asked)s %(many)s want cover", row["asked"]) % words,
        url=f"{reverse('programmes:session_list', args=[row['slug'], row['code']])}?show=uncovered",
        due_at=row["asked_next"],
        urgency=URGENCY_NOW if row["asked_next"] <= now + SOON else URGENCY_SOON,
        role="coordinator",
        detail=_("%(programme)s. The first of them: %(when)s.") % words,
        icon="person-exclamation",
        cycle_id=row["cycle_id"],
        code="cover_missing",
    )


def _overdue(row: Mapping[str, Any]) -> Todo:
    words = {**row, "day": dates.day(row["oldest"])}
    return Todo(
        title=ngettext("%(n)s %(one)s is late with its log", "%(n)s %(many)s are late with their logs", row["n"])
        % words,
        url=f"{reverse('programmes:session_list', args=[row['slug'], row['code']])}?show=unlogged",
        due_at=row["due"],
        urgency=URGENCY_LATE,
        role="coordinator",
        detail=_("%(programme)s. The oldest was on %(day)s.") % words,
        icon="journal-x",
        cycle_id=row["cycle_id"],
        code="logs_overdue",
    )
