"""Single cells of results: scores, states and days, as Canvas and Moodle write them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from programmes.rosters.dates import parse_date
from programmes.rosters.errors import Refusal

HUNDRED = Decimal(100)
_NUMBER = re.compile(r"^[+-]?\d{1,7}(?:[.,]\d{1,7})?$", re.ASCII)
_SECONDS = re.compile(r"^1\d{9}$", re.ASCII)
# "Wednesday, 4 November 2020, 10:32 AM": Moodle's usual way to say a moment.
_LONG = re.compile(r"^(?:[^\W\d]+,? )?(\d{1,2} [A-Za-z]{3,9} \d{4})(?:,? \d{1,2}[:.]\d{2}.*)?$")
_SLASHED = re.compile(r"^(\d{1,2}/\d{1,2}/)(\d{2})(?:,? \d{1,2}:\d{2}.*)?$", re.ASCII)
_DAY_AND_TIME = re.compile(r"^(\S+),? \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?$", re.ASCII)
NOTHING = frozenset({"", "-", "–", "ex", "excused", "n/a", "not submitted", "no grade"})
_PASSED = frozenset({"completed (achieved pass grade)", "pass", "passed", "complete (pass)"})
_DONE = frozenset({"completed", "complete", "yes", "done", "finished"})
_NOT = frozenset({
    "not completed", "incomplete", "no", "not complete", "in progress", "fail", "failed",
    "completed (did not achieve pass grade)", "not passed", "complete (fail)",
})  # fmt: skip


class Value(NamedTuple):
    """What a cell says: a share of what there was to have, in percent, or a state in words (`word`)."""

    percent: Decimal | None = None
    word: str = ""


PASSED, DONE, NOT_DONE = "passed", "done", "not_done"


def number_in(text: str) -> Decimal | None:
    """A plain number of a sensible size, with a point or a comma; None for everything else."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.match(text) else None


def read_value(text: str, *, out_of: Decimal) -> Value | None:
    """A result; None where there is none. "85 %" is a share whatever it is out of.

    Refusals: impossible, unreadable.
    """
    text = " ".join(text.split())
    word = text.lower()
    if word in NOTHING:
        return None
    for meaning, words in ((PASSED, _PASSED), (DONE, _DONE), (NOT_DONE, _NOT)):
        if word in words:
            return Value(word=meaning)
    is_share = text.endswith("%")
    number = number_in(text.removesuffix("%"))
    if number is None:
        raise Refusal("unreadable", _("“%(value)s” is not a score we can read.") % {"value": text[:40]})
    most = HUNDRED if is_share else out_of
    if not 0 <= number <= most:
        said = _("%(value)s is not possible: scores go from 0 to %(most)s.")
        raise Refusal("impossible", said % {"value": text[:40], "most": f"{most.normalize():f}"})
    return Value(number * HUNDRED / most)


def read_day(text: str, *, month_first: bool = False) -> date | None:
    """A day, also one that is said with its time; None for blank. Refusals: bad_date."""
    text = " ".join(text.split())
    if text.lower() in NOTHING:
        return None
    if _SECONDS.match(text):
        return datetime.fromtimestamp(int(text), tz=UTC).date()
    if match := _LONG.match(text):
        text = match[1]
    elif match := _SLASHED.match(text):
        text = f"{match[1]}20{match[2]}"
    elif match := _DAY_AND_TIME.match(text):
        text = match[1]
    return parse_date(text, month_first=month_first)


def is_day(text: str) -> bool:
    """It reads as a day and is no number that could be a score."""
    text = text.strip()
    if not text or number_in(text) is not None:
        return False
    try:
        return read_day(text) is not None
    except Refusal:
        pass
    try:
        return read_day(text, month_first=True) is not None
    except Refusal:
        return False
