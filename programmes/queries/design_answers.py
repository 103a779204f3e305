"""What co-design answers to the rest of the house: what waits for whom, and what somebody may show of their part."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATE, URGENCY_NOW, URGENCY_SOON, Evidence, Todo
from programmes.models import (
    Cycle,
    CycleState,
    Decision,
    DecisionStatus,
    DesignPartner,
    DesignSignature,
    DocumentKind,
    DocumentVersion,
    Role,
)
from programmes.permissions import current_roles
from programmes.queries.home_roles import waits_at

AHEAD = timedelta(days=7)
LISTED = 20
ASKED, REVIEW, SIGN = "asked", "review", "sign"
UNDER_WAY = (DecisionStatus.DECIDED, DecisionStatus.IMPLEMENTED, DecisionStatus.REVIEWED)


# --- what waits -------------------------------------------------------------------------------------------------------
def design_todos(user: Any, now: datetime) -> list[Todo]:
    """Being asked; what to sign; decisions to look at again, for who owns them or coordinates. One query.

    Whether there is any of it is asked along with other things (queries/joining_answers.py).
    """
    today = timezone.localdate(now)
    coordinated = current_roles(user).get(Role.COORDINATOR, set())
    rows = sorted(_waiting(user, coordinated, now), key=lambda row: (row[0], str(row[6]), row[1], row[7]))
    role = waits_at(user) if rows else ""
    return [_TODOS[row[0]](row, role, today) for row in rows[:LISTED]]


def review_until(now: datetime) -> date:
    """Up to which day a review is near enough to be told."""
    return timezone.localdate(now) + AHEAD


def waiting_in_design(user: Any, coordinated: Collection[int], until: date) -> tuple[QuerySet[Any], ...]:
    """Partnerships to answer, versions to sign, decisions to look at again: in this order, not read yet."""
    asked = DesignPartner.objects.filter(user=user, left_at=None, joined_at=None)
    return (
        asked.exclude(cycle__state=CycleState.CLOSED).order_by(), _unsigned(user), _due(user, coordinated, until)
    )  # fmt: skip


def _waiting(user: Any, coordinated: Collection[int], now: datetime) -> QuerySet[Any, Any]:
    """(what, cycle, slug, code, programme, number, day, words)."""
    asked, unsigned, due = waiting_in_design(user, coordinated, review_until(now))
    begins = F("document__cycle__starts_on")
    return asked.values_list(*_shape(ASKED, number=Value(0), day=F("cycle__starts_on"), words=Value(""))).union(
        due.values_list(*_shape(REVIEW, number=F("number"), day=F("review_on"), words=F("question"))),
        unsigned.values_list(
            *_shape(SIGN, cycle="document__cycle", number=F("number"), day=begins, words=F("document__kind"))
        ),
        all=True,
    )


def _shape(what: str, cycle: str = "cycle", **values: Any) -> tuple[Any, ...]:
    where = (f"{cycle}_id", f"{cycle}__programme__slug", f"{cycle}__code", f"{cycle}__programme__name")
    return (Value(what), *where, values["number"], values["day"], values["words"])


def _due(user: Any, coordinated: Collection[int], until: date) -> QuerySet[Decision]:
    """Entries that hold and are to be looked at again within a week."""
    later = Decision.objects.filter(supersedes=OuterRef("pk")).exclude(status=DecisionStatus.PROPOSED)
    own = Q(owner=user) | Q(owner=None, cycle__in=coordinated)
    rows = Decision.objects.filter(own, ~Exists(later), status__in=UNDER_WAY, review_on__lte=until)
    return rows.exclude(cycle__state=CycleState.CLOSED).order_by()


def _unsigned(user: Any) -> QuerySet[DocumentVersion]:
    """Versions that hold now and wait for this partner."""
    mine = DesignPartner.objects.active().filter(user=user)
    signed = DesignSignature.objects.filter(version=OuterRef("pk"), partner__user=user, partner__left_at=None)
    rows = DocumentVersion.objects.filter(~Exists(signed), is_current=True, document__cycle__in=mine.values("cycle"))
    return rows.exclude(document__cycle__state=CycleState.CLOSED).order_by()


def _asked(row: tuple[Any, ...], role: str, today: date) -> Todo:
    return Todo(
        title=_("You are asked to help design %(programme)s") % {"programme": row[4]},
        url=reverse("programmes:design_detail", args=[row[2], row[3]]),
        due_at=None,
        urgency=URGENCY_NOW,
        role=role,
        detail=_("Read what is agreed, and say yes or no."),
        icon="people",
        cycle_id=row[1],
        code="answer_partnership",
    )


def _review(row: tuple[Any, ...], role: str, today: date) -> Todo:
    words = {"programme": row[4], "number": row[5], "day": dates.day(row[6])}
    return Todo(
        title=_("Look again at decision %(number)s: %(question)s") % {**words, "question": row[7]},
        url=reverse("programmes:decision_detail", args=[row[2], row[3], row[5]]),
        due_at=timezone.make_aware(datetime.combine(row[6], datetime.min.time())),
        urgency=URGENCY_LATE if row[6] < today else URGENCY_SOON,
        role=role,
        detail=_("%(programme)s. It was to be looked at on %(day)s.") % words,
        icon="arrow-repeat",
        cycle_id=row[1],
        code="review_decision",
    )


def _sign(row: tuple[Any, ...], role: str, today: date) -> Todo:
    words = {"document": DocumentKind(row[7]).label, "programme": row[4], "number": row[5]}
    return Todo(
        title=_("%(document)s waits for your signature") % words,
        url=reverse("programmes:document_detail", args=[row[2], row[3], row[7]]),
        due_at=None,
        urgency=URGENCY_SOON,
        role=role,
        detail=_("%(programme)s, version %(number)s.") % words,
        icon="pencil-square",
        cycle_id=row[1],
        code="sign_document",
    )


_TODOS = {ASKED: _asked, REVIEW: _review, SIGN: _sign}


# --- what one may show ------------------------------------------------------------------------------------------------
def design_evidence(user: Any) -> list[Evidence]:
    """Decisions in which what the person proposed was considered. One query."""
    rows = Decision.objects.filter(options__by=user).exclude(status=DecisionStatus.PROPOSED).distinct()
    return [
        _evidence(row, user) for row in rows.select_related("cycle__programme", "chosen").order_by("decided_on", "pk")
    ]


def _evidence(row: Decision, user: Any) -> Evidence:
    assert row.decided_on is not None  # noqa: S101 - the database sees to it; tells the type checker
    words = {"question": row.question, "programme": row.cycle.programme.name, "number": row.number}
    was_chosen = row.chosen is not None and row.chosen.by_id == user.pk
    title = _("Proposed what was decided: %(question)s") if was_chosen else _("Proposed an option: %(question)s")
    return Evidence(
        key=f"design_decision:{row.uuid}",
        kind="design_decision",
        title=title % words,
        on=row.decided_on,
        summary=_("Decision %(number)s in designing %(programme)s.") % words,
        url=reverse("programmes:programme_detail", args=[row.cycle.programme.slug]),
    )


def designed_by(user: Any) -> list[tuple[Cycle, DesignPartner]]:
    """The cycles one was asked to design or designs, for the list of one's programmes. One query."""
    rows = DesignPartner.objects.visible_to(user).exclude(cycle__state=CycleState.CLOSED)
    found = rows.select_related("cycle__programme").order_by("-asked_at", "-pk")[:LISTED]
    return [(one.cycle, one) for one in found]
