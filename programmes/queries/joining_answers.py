"""What joining answers to the rest of the house: what waits for whom, and what is due to be said."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATE, URGENCY_LATER, URGENCY_NOW, Reminder, Todo
from peerhub.common.statements import compiled
from programmes.models import Cycle, CycleState, Invitation, Membership, MembershipStatus, Role
from programmes.permissions import current_roles
from programmes.queries.delivery_reminders import last_planned
from programmes.queries.design_answers import design_todos, review_until, waiting_in_design
from programmes.queries.invitations import sent_to
from programmes.queries.role_words import role_word

ANSWER_WITHIN = timedelta(days=3)
TIMES_REMINDED = 4
BEFORE_EXPIRY = timedelta(hours=24)
PENDING_GRACE = timedelta(days=2)
EXPIRY_GRACE = timedelta(hours=20)
LISTED = 20


# --- what waits for a person ------------------------------------------------------------------------------------------
def joining_todos(user: Any, now: datetime) -> list[Todo]:
    """Coordinator: requests to answer. Anybody: an offered place, an invitation, a request that is being looked at;
    and what waits in a design.
    """
    coordinated = current_roles(user).get(Role.COORDINATOR, set())
    found = _waiting(user=user, email=user.email or "", cycle_ids=coordinated, now=now, until=review_until(now))
    waits = {what for (what,) in found}
    return [
        *(_requests(coordinated, now) if "requests" in waits else ()),
        *(_own(user, now) if "own" in waits else ()),
        *(_invited(user, now) if "invited" in waits else ()),
        *(design_todos(user, now) if "design" in waits else ()),
    ]


@compiled
def _waiting(
    *, user: Any, email: str, cycle_ids: Collection[int], now: datetime, until: date
) -> QuerySet[Any, tuple[str]]:
    """Which of the four there are. Most people, most of the time, have none: one query instead of four."""
    asked = Membership.objects.filter(cycle__in=cycle_ids, status=MembershipStatus.REQUESTED)
    return (
        asked.order_by()
        .values_list(Value("requests"))
        .union(
            _own_rows(user).order_by().values_list(Value("own")),
            sent_to(user, email=email, now=now).order_by().values_list(Value("invited")),
            *(rows.values_list(Value("design")) for rows in waiting_in_design(user, cycle_ids, until)),
        )
    )


def _requests(cycle_ids: Collection[int], now: datetime) -> list[Todo]:
    return [_request(cycle, now) for cycle in _asked_of(cycle_ids=cycle_ids)]


@compiled
def _asked_of(*, cycle_ids: Collection[int]) -> QuerySet[Cycle, Cycle]:
    asking = Q(memberships__status=MembershipStatus.REQUESTED)
    cycles = Cycle.objects.filter(asking, pk__in=cycle_ids).with_open_requests()
    return cycles.select_related("programme").order_by("oldest_request", "pk")[:LISTED]


def _request(cycle: Any, now: datetime) -> Todo:
    due_at = cycle.oldest_request + ANSWER_WITHIN
    people = reverse("programmes:people_list", args=[cycle.programme.slug, cycle.code])
    title = ngettext("%(count)s person asks to join", "%(count)s people ask to join", cycle.open_requests)
    return Todo(
        title=title % {"count": cycle.open_requests},
        url=f"{people}?tab=requests",
        due_at=due_at,
        urgency=URGENCY_LATE if due_at <= now else URGENCY_NOW,
        role="coordinator",
        detail=_("%(programme)s. The first asked %(ago)s.")
        % {"programme": cycle.programme.name, "ago": dates.ago(cycle.oldest_request)},
        icon="person-raised-hand",
        cycle_id=cycle.pk,
        code="answer_requests",
    )


def _own(user: Any, now: datetime) -> list[Todo]:
    rows = _under_way(user=user)
    return [_offer(row) if row.status == MembershipStatus.OFFERED else _asked(row) for row in rows]


@compiled
def _under_way(*, user: Any) -> QuerySet[Membership, Membership]:
    return _own_rows(user).select_related("cycle__programme").order_by("pk")[:LISTED]


def _own_rows(user: Any) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=user, status__in=[MembershipStatus.OFFERED, MembershipStatus.REQUESTED])
    return rows.exclude(cycle__state=CycleState.CLOSED)


def _offer(row: Membership) -> Todo:
    return Todo(
        title=_("You have been offered a place in %(programme)s") % {"programme": row.cycle.programme.name},
        url=reverse("programmes:offer_answer", args=[row.uuid]),
        due_at=row.offer_expires_at,
        urgency=URGENCY_NOW,
        role="student",
        detail=_("It is kept for you until %(when)s.") % {"when": dates.when(row.offer_expires_at)},
        icon="door-open",
        cycle_id=row.cycle_id,
        code="answer_offer",
    )


def _asked(row: Membership) -> Todo:
    return Todo(
        title=_("Your request to join %(programme)s is being looked at") % {"programme": row.cycle.programme.name},
        url=reverse("programmes:my_memberships"),
        due_at=None,
        urgency=URGENCY_LATER,
        role="student",
        detail=_("Asked %(ago)s. You get a message with the answer.")
        % {"ago": dates.ago(row.waiting_since or row.created_at)},
        icon="hourglass-split",
        cycle_id=row.cycle_id,
        code="await_answer",
    )


def _invited(user: Any, now: datetime) -> list[Todo]:
    return [_invitation(one) for one in _invitations(user=user, email=user.email or "", now=now)]


@compiled
def _invitations(*, user: Any, email: str, now: datetime) -> QuerySet[Invitation, Invitation]:
    rows = sent_to(user, email=email, now=now).select_related("cycle__programme__activity_type")
    return rows.order_by("-sent_at", "-pk")[:LISTED]


def _invitation(one: Invitation) -> Todo:
    programme = one.cycle.programme
    words = {"programme": programme.name, "role": role_word(programme, one.role)}
    return Todo(
        title=_("You are invited to %(programme)s as %(role)s") % words,
        url=reverse("programmes:invitation_answer", args=[one.uuid, one.token]),
        due_at=one.expires_at,
        urgency=URGENCY_NOW,
        role="student",
        detail=_("Open until %(day)s.") % {"day": dates.day(one.expires_at)},
        icon="envelope-open",
        cycle_id=one.cycle_id,
        code="answer_invitation",
    )


# --- what is due to be said -------------------------------------------------------------------------------------------
def joining_reminders(now: datetime) -> Iterator[Reminder]:
    """Requests without an answer for three days (then every three, four times), and offers that run out tomorrow."""
    yield from _pending(now)
    yield from offers_running_out(now)


def _pending(now: datetime) -> Iterator[Reminder]:
    cycles = Cycle.objects.current().with_open_requests().filter(oldest_request__lte=now - ANSWER_WITHIN)
    waiting, since = dict(cycles.values_list("pk", "oldest_request")), last_planned(now)
    readers = Membership.objects.active().filter(cycle__in=waiting, role=Role.COORDINATOR)
    for cycle_id, user_id in readers.order_by("cycle", "pk").values_list("cycle_id", "user_id"):
        oldest = waiting[cycle_id]
        for times in range(1, min((now - oldest) // ANSWER_WITHIN, TIMES_REMINDED) + 1):
            due_at = oldest + times * ANSWER_WITHIN
            if due_at + PENDING_GRACE < since:
                continue  # long planned, or missed and recorded
            yield Reminder(
                key=f"join_pending:{cycle_id}:{int(oldest.timestamp())}:{times}:{user_id}",
                due_at=due_at,
                grace=PENDING_GRACE,
                recipient_id=user_id,
                kind="programmes.join_pending",
                ids={"cycle": cycle_id},
                cycle_id=cycle_id,
            )


def offers_running_out(now: datetime) -> Iterator[Reminder]:
    """Tomorrow, or while no planner ran: the planner then records that nobody was reminded."""
    rows = Membership.objects.filter(
        status=MembershipStatus.OFFERED,
        offer_expires_at__gt=min(now, last_planned(now)),
        offer_expires_at__lte=now + BEFORE_EXPIRY,
        cycle__offer_days__gt=1,  # whoever has one day only has just been told
    )
    for row in rows.order_by("offer_expires_at", "pk").iterator(chunk_size=1000):
        assert row.offer_expires_at is not None  # noqa: S101 - filtered above; tells the type checker
        yield Reminder(
            key=f"offer_expiring:{row.pk}:{int(row.offer_expires_at.timestamp())}",
            due_at=row.offer_expires_at - BEFORE_EXPIRY,
            grace=EXPIRY_GRACE,
            recipient_id=row.user_id,
            kind="programmes.offer_expiring",
            ids={"membership": row.pk, "cycle": row.cycle_id},
            cycle_id=row.cycle_id,
        )


# --- privacy ----------------------------------------------------------------------------------------------------------
