"""Writing the calendar: years, terms, closures."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.institution.models import AcademicYear, Closure, Term, TermKind

Row = TypeVar("Row", AcademicYear, Term, Closure)


class CalendarRefused(DomainError):
    """Codes: ends_before_start, code_taken, terms_outside, outside_year, overlaps, too_long."""


@transaction.atomic(durable=True)
def save_year(
    *, actor: Any, code: str, starts_on: date, ends_on: date, now: datetime, year: AcademicYear | None = None
) -> AcademicYear:
    """Add an academic year, or change one. Its terms must stay inside it."""
    if ends_on <= starts_on:
        raise CalendarRefused("ends_before_start", _("The last day must be after the first day."))
    if (ends_on - starts_on).days > 400:
        raise CalendarRefused("too_long", _("An academic year is at most 400 days long. Check the dates."))
    if AcademicYear.objects.filter(code=code).exclude(pk=year.pk if year and year.pk else 0).exists():
        raise CalendarRefused("code_taken", _("There is a year with this code already."))
    if year and year.terms.exclude(starts_on__gte=starts_on, ends_on__lte=ends_on).exists():
        raise CalendarRefused("terms_outside", _("Some of its terms would lie outside the year. Change them first."))
    found = year or AcademicYear()
    found.code, found.starts_on, found.ends_on = code, starts_on, ends_on
    return _save(actor, found, "institution.year_saved", now)


@transaction.atomic(durable=True)
def save_term(
    *,
    actor: Any,
    year: AcademicYear,
    name: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    first_week: int,
    now: datetime,
    term: Term | None = None,
    external_ref: str = "",
) -> Term:
    """Add a term to a year, or change one. Teaching terms do not overlap: a day has one week number."""
    if ends_on < starts_on:
        raise CalendarRefused("ends_before_start", _("The last day must not be before the first day."))
    if starts_on < year.starts_on or ends_on > year.ends_on:
        raise CalendarRefused("outside_year", _("A term lies inside its academic year."))
    others = Term.objects.filter(kind=TermKind.TEACHING, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if kind == TermKind.TEACHING and others.exclude(pk=term.pk if term and term.pk else 0).exists():
        raise CalendarRefused("overlaps", _("Another teaching term has some of these days."))
    found = term or Term(external_ref=external_ref)
    found.year, found.name, found.kind = year, name, TermKind(kind)
    found.starts_on, found.ends_on, found.first_week = starts_on, ends_on, first_week
    return _save(actor, found, "institution.term_saved", now)


@transaction.atomic(durable=True)
def save_closure(
    *, actor: Any, name: str, starts_on: date, ends_on: date, now: datetime, closure: Closure | None = None
) -> Closure:
    """Add days on which nothing happens, or change them."""
    if ends_on < starts_on:
        raise CalendarRefused("ends_before_start", _("The last day must not be before the first day."))
    if (ends_on - starts_on).days > 120:
        raise CalendarRefused("too_long", _("A closure is at most 120 days long. Check the dates."))
    found = closure or Closure()
    found.name, found.starts_on, found.ends_on = name, starts_on, ends_on
    return _save(actor, found, "institution.closure_saved", now)


@transaction.atomic(durable=True)
def add_closures(*, actor: Any, rows: Iterable[tuple[date, date, str]], now: datetime) -> int:
    """Add many closures at once; those already there are left alone. Returns how many were new."""
    wanted = list(dict.fromkeys(rows))
    there = set(
        Closure.objects.filter(name__in=[name for _s, _e, name in wanted]).values_list("starts_on", "ends_on", "name")
    )
    fresh = [
        Closure(starts_on=first, ends_on=last, name=name)
        for first, last, name in wanted
        if (first, last, name) not in there
    ]
    Closure.objects.bulk_create(fresh)
    audit.record(actor=actor, action="institution.closures_added", detail={"count": len(fresh)}, now=now)
    return len(fresh)


@transaction.atomic(durable=True)
def remove_entry(*, actor: Any, entry: AcademicYear | Term | Closure, now: datetime) -> None:
    """Remove a year (with its terms), a term or a closure. Sessions that stand on these days stay as they are."""
    audit.record(actor=actor, action=f"institution.{entry._meta.model_name}_removed", target=entry, now=now)
    entry.delete()


def _save(actor: Any, row: Row, action: str, now: datetime) -> Row:
    row.save()
    target: Model = row
    audit.record(actor=actor, action=action, target=target, now=now)
    return row
