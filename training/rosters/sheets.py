"""A table of results: which platform wrote it, which columns hold results, what they are out of, and whose they are.

Canvas: "Student, ID, SIS User ID, SIS Login ID, Section, <Assignment (id)> …, Current Score, …", below it a line of
posting policy, one that begins "    Points Possible", and a "Student, Test". Moodle grades: names, "ID number",
"Email address", "Assignment: name", "Last downloaded from this course" (seconds since 1970); "(Real)",
"(Percentage)", "-" for none. Moodle activity completion: an activity and, without a heading, the moment beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from programmes.rosters import headings as h
from programmes.rosters.detect import normal_heading
from programmes.rosters.errors import RosterError
from programmes.rosters.mapping import guess_mapping
from programmes.rosters.people import CANVAS_NOTES
from programmes.rosters.tables import Table
from training.rosters.values import is_day, number_in

SAMPLE = 40
SHOWN = 2
COLUMNS_SHOWN = 120
CANVAS, MOODLE_GRADES, MOODLE_PROGRESS, TABLE = "canvas", "moodle_grades", "moodle_progress", "table"
_POINTS = "points possible"
_DOWNLOADED = "lastdownloadedfromthiscourse"
# Columns of a platform that are neither people nor results.
_OTHER = frozenset({"id", "sisloginid", "institution", "department", _DOWNLOADED, "integrationid", "rootaccount"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place, for the page that asks what it is."""

    place: int
    heading: str
    samples: Sequence[str] = ()
    out_of: Decimal | None = None
    has_days: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds. `results` are the columns that may hold scores or states; `days` those that hold dates."""

    kind: str
    table: Table
    columns: Sequence[Column]
    identifier: int | None
    email: int | None
    results: Sequence[Column]
    days: Sequence[Column]
    downloaded_on: date | None = None
    ignored: Sequence[str] = field(default=())

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(Row number people see, cells) of every person; notes and the platform's own test student are left out."""
        width = len(self.table.columns)
        for number, cells in self.table.rows():
            if not is_note(cells, self.kind):
                yield number, cells[:width] + [""] * (width - len(cells))

    def day_beside(self, place: int) -> int | None:
        """The column of days that stands directly after a result, as in Moodle's activity completion."""
        return next((one.place for one in self.days if one.place == place + 1), None)


def is_note(cells: Sequence[str], kind: str) -> bool:
    return kind == CANVAS and not CANVAS_NOTES.isdisjoint(cell.strip().lower() for cell in cells)


def read_sheet(table: Table) -> Sheet:
    """Look at the headings and the first rows. Refuses with RosterError (no_key, no_results)."""
    normal = [normal_heading(heading) for heading in table.columns]
    head = _first_rows(table)
    kind = _kind(table.columns, normal, head)
    people = [cells for cells in head if not is_note(cells, kind)]
    columns = [_column(place, heading, people, _maxima(head, kind)) for place, heading in enumerate(table.columns)]
    guessed = guess_mapping(table.columns)
    identifier, email = (_place(guessed.columns.get(name), table.columns) for name in (h.IDENTIFIER, h.EMAIL))
    if email is None and kind == CANVAS:
        email = _addresses_in("sisloginid", normal, people)
    _refuse_nobody(identifier, email, table)
    known = {place for place, word in enumerate(normal) if word in h.FIELD_OF or word in h.SENSITIVE or word in _OTHER}
    rest = [one for one in columns if one.place not in known]
    days = [one for one in rest if one.has_days or (kind == MOODLE_PROGRESS and one.place and not one.heading)]
    results = [one for one in rest if one.heading and not one.has_days]
    if not results:
        raise RosterError("no_results", _("No column holds results."), file=table.name)
    return Sheet(
        kind, table, columns, identifier, email, results[:COLUMNS_SHOWN], days, _downloaded(normal, people),
        guessed.ignored,
    )  # fmt: skip


def _first_rows(table: Table) -> list[list[str]]:
    width, found = len(table.columns), []
    for _number, cells in table.rows():
        found.append(cells[:width] + [""] * (width - len(cells)))
        if len(found) == SAMPLE:
            break
    return found


def _kind(columns: Sequence[str], normal: Sequence[str], head: Sequence[Sequence[str]]) -> str:
    words = set(normal)
    if "student" in words and (h.CANVAS & words or any(_is_points(cells) for cells in head)):
        return CANVAS
    if columns and not columns[0].strip() and any(_is_beside(place, columns, head) for place in range(len(columns))):
        return MOODLE_PROGRESS
    if _DOWNLOADED in words or any(heading.strip().endswith(("(Real)", "(Percentage)")) for heading in columns):
        return MOODLE_GRADES
    if {"idnumber", "institution", "department"} <= words:
        return MOODLE_GRADES
    return TABLE


def _is_beside(place: int, columns: Sequence[str], head: Sequence[Sequence[str]]) -> bool:
    return place > 0 and not columns[place].strip() and any(is_day(cells[place]) for cells in head)


def _is_points(cells: Sequence[str]) -> bool:
    return bool(cells) and cells[0].strip().lower() == _POINTS


def _maxima(head: Sequence[Sequence[str]], kind: str) -> Sequence[str]:
    return next((cells for cells in head if kind == CANVAS and _is_points(cells)), ())


def _column(place: int, heading: str, people: Sequence[Sequence[str]], maxima: Sequence[str]) -> Column:
    said = [cells[place].strip() for cells in people if cells[place].strip() not in {"", "-"}]
    out_of = number_in(maxima[place]) if place < len(maxima) else None
    days = bool(said) and all(is_day(text) for text in said)
    return Column(place, heading.strip(), tuple(said[:SHOWN]), out_of if out_of else None, days)


def _place(heading: str | None, columns: Sequence[str]) -> int | None:
    return list(columns).index(heading) if heading else None


def _addresses_in(word: str, normal: Sequence[str], people: Sequence[Sequence[str]]) -> int | None:
    """Canvas: people sign in with an address at many universities, with a name at others."""
    place = normal.index(word) if word in normal else None
    return place if place is not None and any("@" in cells[place] for cells in people) else None


def _refuse_nobody(identifier: int | None, email: int | None, table: Table) -> None:
    if identifier is None and email is None:
        said = _("No column holds an e-mail address or a student number, so people cannot be told apart.")
        raise RosterError("no_key", said, file=table.name)


def _downloaded(normal: Sequence[str], people: Sequence[Sequence[str]]) -> date | None:
    """The day of the export, where Moodle says so."""
    place = normal.index(_DOWNLOADED) if _DOWNLOADED in normal else None
    said = {cells[place].strip() for cells in people} if place is not None else set()
    moments = [int(text) for text in said if text.isascii() and text.isdecimal() and len(text) == 10]
    return datetime.fromtimestamp(max(moments), tz=UTC).date() if moments else None
