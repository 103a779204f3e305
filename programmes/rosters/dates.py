"""Dates as rosters write them. Day first, unless a mapping says month first; never a guess between the two."""

import re
from datetime import date, timedelta

from django.utils.translation import gettext as _

from programmes.rosters.errors import Refusal

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$", re.ASCII)
_PARTS = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[T ].*)?$", re.ASCII)
_NAMED = re.compile(r"^(\d{1,2})[-/. ]([A-Za-z]{3,9})\.?[-/., ]+(\d{4})$", re.ASCII)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Day 0 of Excel's calendar (it believes 1900 was a leap year; true from March 1900 on).
_EXCEL_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)


def parse_date(text: str, *, month_first: bool = False) -> date | None:
    """A date, or None for blank. Accepts 2023-05-01, 2023-05-01T18:25:43.511Z, 1/05/2023, 1 May 2023, Excel serials.

    Raises `Refusal` with code bad_date.
    """
    text = text.strip()
    if not text:
        return None
    try:
        found = _read(text, month_first)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2100:
        raise Refusal(
            "bad_date", _("“%(value)s” is not a date we can read. Write it as 2026-09-28.") % {"value": text[:40]}
        )
    return found


def _read(text: str, month_first: bool) -> date | None:
    if match := _ISO.match(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _PARTS.match(text):
        day, month = (match[2], match[1]) if month_first else (match[1], match[2])
        return date(int(match[3]), int(month), int(day))
    if match := _NAMED.match(text):
        short = match[2][:3].lower()
        return date(int(match[3]), _MONTHS.index(short) + 1, int(match[1]))
    if _SERIAL.match(text) and int(float(text)) in _SERIALS:
        return _EXCEL_ZERO + timedelta(days=int(float(text)))
    return None
