"""What every reader of OneRoster tables does with a row: read cells, and say what is wrong with its number and file."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from programmes.rosters.cells import clean_email, clean_identifier, clean_text, yes_or_no
from programmes.rosters.dates import parse_date
from programmes.rosters.errors import ERROR, WARNING, Problem, Problems, Refusal
from programmes.rosters.oneroster_files import File
from programmes.rosters.oneroster_words import status_of

Cells = Mapping[str, str]
Record = TypeVar("Record")


class RowReader:
    """Keeps the place (file, row, field) while `each` walks a table, so that a refusal knows where it happened."""

    def __init__(self, files: Mapping[str, File], problems: Problems) -> None:
        self.problems = problems
        self._tables = files
        self._file, self._row, self._field = "", 0, ""

    def each(self, name: str, kind: str, read: Callable[[Cells], Record | None]) -> Iterator[Record]:
        """Every row of table `name` through `read`; a refusal rejects that row only. No table, no rows."""
        file = self._tables.get(name)
        for number, row in file.rows() if file is not None else ():
            self._row, self._file, self._field = number, file.table.name if file is not None else "", ""
            try:
                record = read(row)
            except Refusal as refusal:
                self.add(self._field, refusal.code, refusal.message, row.get(self._field, ""))
                self.problems.reject(kind)
                continue
            if record is not None:
                yield record

    def add(self, field: str, code: str, message: str, value: str = "", severity: str = ERROR) -> None:
        """One problem of the row at hand."""
        self.problems.add(Problem(self._row, field, code, message, severity, value[:80], self._file))

    def once(self, code: str, message: str, file: str, field: str = "") -> None:
        """One warning for a whole file."""
        self.problems.once(Problem(0, field, code, message, WARNING, "", file))

    def text(self, row: Cells, field: str, limit: int) -> str:
        """A name or title; "" when blank or absent."""
        self._field = field
        value = row.get(field, "")
        return clean_text(value, self._warn, limit=limit) if value else ""

    def identifier(self, row: Cells, field: str) -> str:
        """A reference; "" when blank or absent."""
        self._field = field
        value = row.get(field, "")
        return clean_identifier(value, self._warn) if value else ""

    def key(self, row: Cells) -> str:
        """The row's own sourcedId. Refusal: no_key."""
        key = self.identifier(row, "sourcedId")
        if not key:
            raise Refusal("no_key", _("This row has no sourcedId."))
        return key

    def email(self, row: Cells) -> str:
        """The address, lower case."""
        self._field = "email"
        return clean_email(row.get("email", ""))

    def status(self, row: Cells) -> bool:
        """True when the row is active."""
        self._field = "status"
        return status_of(row.get("status", ""))

    def flag(self, row: Cells, field: str, *, default: bool) -> bool:
        """TRUE or FALSE; `default` when blank."""
        self._field = field
        return yes_or_no(row.get(field, ""), default=default)

    def date(self, row: Cells, field: str) -> date | None:
        """A date; None when blank."""
        self._field = field
        return parse_date(row.get(field, ""))

    def _warn(self, code: str, message: str) -> None:
        self.add(self._field, code, message, severity=WARNING)
