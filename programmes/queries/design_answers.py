"""What co-design answers to the rest of the house: what waits for whom, and what somebody may show of their part."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATE, URGENCY_NOW, URGENCY_SOON, Evidence, Todo
from programmes.models import Cycle, CycleState, Decision, DecisionStatus, DesignPartner, Role
from programmes.permissions import current_roles

AHEAD = timedelta(days=7)
LISTED = 20
ASKED, REVIEW = "asked", "review"
UNDER_WAY = (DecisionStatus.DECIDED, DecisionStatus.IMPLEMENTED, DecisionStatus.REVIEWED)


# --- what waits -------------------------------------------------------------------------------------------------------
def design_todos(user: Any, now: datetime) -> list[Todo]:
    """Being asked to design a cycle; decisions to look at again, for who owns them or coordinates. One query."""
    today = timezone.localdate(now)
    coordinated = current_roles(user).get(Role.COORDINATOR, set())
    rows = sorted(_waiting(user, coordinated, today), key=lambda row: (row[0], str(row[6]), row[1]))
    return [_TODOS[row[0]](row, _home_of(user, bool(coordinated)), today) for row in rows[:LISTED]]


def _waiting(user: Any, coordinated: set[int], today: date) -> Any:
    """(what, cycle, slug, code, programme, number, day, words)."""
    asked = DesignPartner.objects.current().filter(user=user, joined_at=None)
    asked = asked.exclude(cycle__state=CycleState.CLOSED).order_by()
    return asked.values_list(*_shape(ASKED, number=Value(0), day=F("cycle__starts_on"), words=Value(""))).union(
        _due(user, coordinated, today).values_list(
            *_shape(REVIEW, number=F("number"), day=F("review_on"), words=F("question"))
        ),
        all=True,
    )


def _shape(what: str, **values: Any) -> tuple[Any, ...]:
    where = ("cycle_id", "cycle__programme__slug", "cycle__code", "cycle__programme__name")
    return (Value(what), *where, values["number"], values["day"], values["words"])


def _due(user: Any, coordinated: set[int], today: date) -> QuerySet[Decision]:
    """Entries that hold and are to be looked at again within a week."""
    later = Decision.objects.filter(supersedes=OuterRef("pk")).exclude(status=DecisionStatus.PROPOSED)
    own = Q(owner=user) | Q(owner=None, cycle__in=coordinated)
    rows = Decision.objects.filter(own, ~Exists(later), status__in=UNDER_WAY, review_on__lte=today + AHEAD)
    return rows.exclude(cycle__state=CycleState.CLOSED).order_by()


def _home_of(user: Any, coordinates: bool) -> str:
    """On which of their home pages it shows."""
    if user.kind == "student":
        return "student"
    return (
        "coordinator" if coordinates else next((one for one in ("supervisor",) if one in current_roles(user)), "staff")
    )


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


_TODOS = {ASKED: _asked, REVIEW: _review}


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
