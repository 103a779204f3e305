"""From the outset: whether students were partners from the beginning, computed from what is on record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import clock
from programmes.models import (
    Cycle,
    Decision,
    DecisionStatus,
    DesignPartner,
    DesignReply,
    DesignWorkshop,
    PartnerHours,
    Proposal,
    Side,
)
from programmes.queries.documents import Document

TWO = 2  # students at a meeting: one alone says little
ENOUGH = 3  # decisions, before a share of them says something


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        return round(100 * self.part / self.whole) if self.whole else 0


@dataclass
class Outset:
    """What the panel shows. Days are None while there is none; `flags` are sentences, the gravest first."""

    students_since: date | None
    first_decision: date | None
    launch: date
    decisions: Share  # with an option a student proposed, of all decided
    chosen: int  # of these, where the student's option was the one chosen
    meetings: Share  # with two or more students, of all that were
    paid: Share  # minutes of students that are paid, of all they gave
    signed: list[str]  # documents a student has signed
    unsigned: list[str]  # documents that hold and no student has signed
    flags: list[str] = field(default_factory=list)


def outset_of(cycle: Cycle, documents: Sequence[Document], *, now: datetime) -> Outset:
    """Four queries, beside the documents."""
    today = cycle.today(now=now)
    meetings = [(row.on, row.students) for row in workshops_of(cycle).filter(on__lte=today)]
    decided = list(_decided(cycle))
    given = _hours(cycle)
    found = Outset(
        students_since=_first_student(cycle, [on for on, students in meetings if students]),
        first_decision=min((row["decided_on"] for row in decided), default=None),
        launch=cycle.starts_on,
        decisions=Share(sum(bool(row["of_students"]) for row in decided), len(decided)),
        chosen=sum(row["chosen__side"] == Side.STUDENT for row in decided),
        meetings=Share(sum(students >= TWO for _on, students in meetings), len(meetings)),
        paid=Share(given["paid"] or 0, given["all"] or 0),
        signed=[one.title for one in documents if one.students],
        unsigned=[one.title for one in documents if one.current and not one.students],
    )
    found.flags = list(_flags(found))
    return found


def _decided(cycle: Cycle) -> QuerySet[Decision, Any]:
    rows = Decision.objects.filter(cycle=cycle).exclude(status=DecisionStatus.PROPOSED)
    of_students = Count("options", filter=Q(options__side=Side.STUDENT))
    return rows.annotate(of_students=of_students).values("decided_on", "of_students", "chosen__side")


def _hours(cycle: Cycle) -> dict[str, int | None]:
    rows = PartnerHours.objects.filter(partner__cycle=cycle, partner__side=Side.STUDENT)
    return rows.aggregate(all=Sum("minutes"), paid=Sum("minutes", filter=Q(partner__is_paid=True)))


def _first_student(cycle: Cycle, meetings: Sequence[date]) -> date | None:
    """The day on which a student said yes, proposed something or came to a workshop, whichever was first."""
    students = DesignPartner.objects.filter(cycle=cycle, side=Side.STUDENT, joined_at__isnull=False)
    proposals = Proposal.objects.filter(cycle=cycle, side=Side.STUDENT)
    moments = students.order_by().values_list("joined_at").union(proposals.order_by().values_list("made_at"))
    days = [*(clock.local(moment, cycle.time_zone).date() for (moment,) in moments if moment), *meetings]
    return min(days, default=None)


def _flags(found: Outset) -> Iterator[str]:
    since, first = found.students_since, found.first_decision
    if since is None:
        yield _("No student has had a part in this yet.")
    elif first and since > first:
        yield _("Students appear only after the first decision.")
    if since and since > found.launch:
        yield _("Students appear only after the launch.")
    if found.decisions.whole and not found.decisions.part:
        yield _("No decision considered anything a student proposed.")
    elif found.decisions.whole >= ENOUGH and 3 * found.decisions.part < found.decisions.whole:
        yield _("Fewer than a third of the decisions considered anything a student proposed.")
    if found.meetings.whole and not found.meetings.part:
        yield _("No workshop had two students or more: one alone says little.")
    if found.paid.whole and not found.paid.part:
        yield _("No hour that students gave is paid.")
    if found.unsigned:
        text = ngettext("No student has signed: %(names)s.", "No student has signed: %(names)s.", len(found.unsigned))
        yield text % {"names": ", ".join(found.unsigned)}


# --- workshops and replies --------------------------------------------------------------------------------------------
def workshops_of(cycle: Cycle) -> QuerySet[Any]:
    """The newest first, each with `students` and `staff`: how many were there of each side."""
    rows = DesignWorkshop.objects.filter(cycle=cycle)
    partners = {side: Count("came", filter=Q(came__side=side), distinct=True) for side in (Side.STUDENT, Side.STAFF)}
    counted = rows.annotate(
        students=partners[Side.STUDENT] + F("other_students"), staff=partners[Side.STAFF] + F("other_staff")
    )
    return counted.order_by("-on", "-pk")


def replies_of(cycle: Cycle) -> QuerySet[DesignReply]:
    """The newest first, published or not."""
    return DesignReply.objects.filter(cycle=cycle).select_related("decision").order_by("-written_at", "-pk")
