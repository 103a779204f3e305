"""Academic sessions of a OneRoster package as years and terms of the calendar. Administrators' rosters only."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from peerhub.institution.models import AcademicYear, Term
from programmes.rosters.records import Period
from programmes.services.rosters.outcome import CREATED, TERMS, UNCHANGED, UPDATED
from programmes.services.rosters.run import Run

YEAR_COLUMNS: Final = ("code", "starts_on", "ends_on")
TERM_COLUMNS: Final = ("year", "name", "starts_on", "ends_on", "external_ref")
CHANGEABLE: Final = ("name", "starts_on", "ends_on")
YEAR_STARTS: Final = 8  # months from August on belong to the academic year that begins then
REF_LIMIT: Final = 160

Year = tuple[int, str, date, date]


class TermLoader:
    """Years are matched by their code or the days they hold, terms by the roster's key."""

    def __init__(self, run: Run) -> None:
        self._source, self._outcome, self._hand = run.source, run.outcome, run.hand
        self._years: list[Year] = list(AcademicYear.objects.order_by("pk").values_list("pk", *YEAR_COLUMNS))
        self._by_key: dict[str, Year] = {}
        rows = Term.objects.filter(external_ref__startswith=f"{run.source}:").values_list(
            "external_ref", "pk", *CHANGEABLE
        )
        self._terms: dict[str, tuple[Any, ...]] = {row[0]: tuple(row[1:]) for row in rows}

    def load(self, periods: Iterable[Period]) -> None:
        """Years come before terms (the reader sees to it). What is to be deleted stays: sessions lie in it."""
        for period in periods:
            if not period.is_active:
                self._outcome.skipped["over_before_known"] += 1
            elif period.kind == "year":
                self._load_year(period)
            else:
                self._load_term(period)

    def _load_year(self, period: Period) -> None:
        code = year_code(period.starts_on)
        found = next((year for year in self._years if year[1] in {code, period.name}), None)
        if found is None:
            found = self._make_year(code, period.starts_on, period.ends_on)
        else:
            self._outcome.count(TERMS, UNCHANGED)
        self._by_key[period.key] = found

    def _make_year(self, code: str, starts_on: date, ends_on: date) -> Year:
        key = self._hand.create(AcademicYear, YEAR_COLUMNS, [(code, starts_on, ends_on)])[0]
        year = (key, code, starts_on, ends_on)
        self._years.append(year)
        self._outcome.count(TERMS, CREATED)
        return year

    def _year_of(self, period: Period) -> Year:
        if period.parent in self._by_key:
            return self._by_key[period.parent]
        code = year_code(period.starts_on)
        holding = (year for year in self._years if year[1] == code or year[2] <= period.starts_on <= year[3])
        first = int(code[:4])
        return next(holding, None) or self._make_year(
            code, date(first, YEAR_STARTS, 1), date(first + 1, YEAR_STARTS - 1, 31)
        )

    def _load_term(self, period: Period) -> None:
        ref = f"{self._source}:{period.key}"[:REF_LIMIT]
        known = self._terms.get(ref)
        wanted = (period.name, period.starts_on, period.ends_on)
        if known is None:
            year = self._year_of(period)
            row = (year[0], period.name, period.starts_on, period.ends_on, ref)
            self._terms[ref] = (*self._hand.create(Term, TERM_COLUMNS, [row]), *wanted)
            self._outcome.count(TERMS, CREATED)
        elif known[1:] != wanted:
            self._hand.update(Term, CHANGEABLE, [list(known)], [[known[0], *wanted]])
            self._outcome.count(TERMS, UPDATED)
        else:
            self._outcome.count(TERMS, UNCHANGED)


def year_code(day: date) -> str:
    """The academic year a day lies in, as "2026-27"."""
    first = day.year if day.month >= YEAR_STARTS else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"
