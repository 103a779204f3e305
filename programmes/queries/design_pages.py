"""What the pages of the design workspace show: its overview, its partners, one's own hours."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum

from programmes.models import Cycle, DecisionStatus, DesignPartner, PartnerHours
from programmes.queries.design import Standing
from programmes.queries.documents import Document, documents_of
from programmes.queries.ledger import Entry, entries_of, proposals_of, shown
from programmes.queries.outset import Outset, outset_of

FEW = 5
MOST_PARTNERS = 100


def in_hours(minutes: int) -> str:
    """90 is "1.5"."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


@dataclass
class DesignPage:
    """The overview. `proposals` and `questions` are open; `latest` is decided."""

    students: list[DesignPartner]
    staff: list[DesignPartner]
    proposals: list[Any]
    questions: list[Entry]
    latest: list[Entry]
    hours: "Hours | None"
    documents: list[Document]
    outset: Outset


def design_page(cycle: Cycle, standing: Standing, *, now: datetime) -> DesignPage:
    documents = documents_of(cycle)
    partners = list(_partners(cycle).active()[:MOST_PARTNERS])
    entries = entries_of(cycle)
    decided = entries.exclude(status=DecisionStatus.PROPOSED).order_by("-decided_on", "-number")
    return DesignPage(
        students=[one for one in partners if one.side == "student"],
        staff=[one for one in partners if one.side == "staff"],
        proposals=list(proposals_of(cycle)[:FEW]),
        questions=[shown(one) for one in entries.filter(status=DecisionStatus.PROPOSED)[:FEW]],
        latest=[shown(one) for one in decided[:FEW]],
        hours=hours_of(standing.partner) if standing.designs and standing.partner else None,
        documents=documents,
        outset=outset_of(cycle, documents, now=now),
    )


def _partners(cycle: Cycle) -> Any:
    return DesignPartner.objects.filter(cycle=cycle).select_related("user").order_by("side", "asked_at", "pk")


@dataclass(frozen=True)
class PartnerLine:
    """One partner with the hours they gave; `given` is "" for readers who may not know."""

    row: DesignPartner
    given: str


@dataclass
class PartnerPage:
    now: list[PartnerLine]
    asked: list[DesignPartner]
    before: list[DesignPartner]
    tells: bool  # pay and hours are shown


def partner_page(cycle: Cycle, standing: Standing) -> PartnerPage:
    """Everybody in it now; for coordinators also whom they asked, who left, and what was given and agreed."""
    rows = list(_partners(cycle)[: 3 * MOST_PARTNERS])
    given = dict(
        PartnerHours.objects.filter(partner__cycle=cycle).order_by().values_list("partner").annotate(Sum("minutes"))
        if standing.decides
        else ()
    )
    return PartnerPage(
        now=[
            PartnerLine(one, in_hours(given.get(one.pk, 0)) if standing.decides else "")
            for one in rows
            if one.is_active
        ],
        asked=[one for one in rows if one.left_at is None and one.joined_at is None] if standing.decides else [],
        before=[one for one in rows if one.left_at and one.joined_at] if standing.decides else [],
        tells=standing.decides,
    )


@dataclass(frozen=True)
class Hours:
    """What one gave, of how much. `cap` "" is no cap."""

    given: str
    cap: str
    percent: int
    is_full: bool


def hours_of(partner: DesignPartner) -> Hours:
    given = PartnerHours.objects.filter(partner=partner).aggregate(n=Sum("minutes"))["n"] or 0
    cap = partner.hours_cap * 60 if partner.hours_cap else 0
    return Hours(
        given=in_hours(given),
        cap=in_hours(cap) if cap else "",
        percent=min(100, round(100 * given / cap)) if cap else 0,
        is_full=bool(cap) and given >= cap,
    )


@dataclass
class HoursPage:
    partner: DesignPartner
    hours: Hours
    page_obj: Page[PartnerHours]
    lines: list[tuple[PartnerHours, str]] = field(default_factory=list)


def hours_page(partner: DesignPartner, *, page: Any) -> HoursPage:
    rows = PartnerHours.objects.filter(partner=partner).order_by("-on", "-pk")
    listed = Paginator(rows, 25).get_page(page)
    return HoursPage(partner, hours_of(partner), listed, [(one, in_hours(one.minutes)) for one in listed.object_list])
