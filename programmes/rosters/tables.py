"""One part as a table: headings and rows of text, whatever wrote it. Rows stream; a table is never held whole."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from programmes.rosters.detect import LINE_LIMIT, SAMPLE_LINES, choose_delimiter, find_header, scan
from programmes.rosters.errors import RosterError
from programmes.rosters.sources import SHEET_SUFFIXES, Part, is_workbook_part

Rows = Iterator[tuple[int, list[str]]]

# Loaded when the first workbook arrives: openpyxl costs 30 MB that most processes never need.
_SHEET_READER = "programmes.rosters.sheets.open_sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and a way to read the rows below them: `rows()` yields (row number people see, cells) of rows not blank.

    `lines` is a fair guess of how many rows will come, for progress. Cells may be fewer or more than `columns`.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[], Rows]
    header_row: int
    lines: int
    encoding: str = ""
    delimiter: str = ""
    other_sheets: tuple[str, ...] = ()


def open_table(part: Part, known_headings: frozenset[str]) -> Table:
    """Read a part as a table. Refusals: those of `detect`, `sheets`, and quotes, long_line, no_header, no_rows."""
    if part.suffix in SHEET_SUFFIXES or is_workbook_part(part):
        table: Table = import_string(_SHEET_READER)(part, known_headings)
        return table
    found = scan(part)
    with _text(part, found.encoding) as lines:
        sample = list(islice(lines, SAMPLE_LINES))
    skip, told = _told_delimiter(sample)
    delimiter = told or choose_delimiter(_readable(sample), known_headings, part.name)
    head = list(islice(_csv_rows(part, found.encoding, delimiter, skip), SAMPLE_LINES))
    index = find_header([cells for _number, cells in head], known_headings, part.name)
    header_row, columns = head[index]

    def rows() -> Rows:
        return (row for row in _csv_rows(part, found.encoding, delimiter, skip) if row[0] > header_row)

    return Table(
        part.name,
        tuple(heading.strip().lstrip("\ufeff") for heading in columns),
        rows,
        header_row,
        found.lines,
        found.encoding,
        delimiter,
    )


@contextmanager
def _text(part: Part, encoding: str) -> Iterator[Iterator[str]]:
    with part.open() as stream:
        text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        yield _lines(text, part.name)


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Lines as they are, refusing one so long that it cannot be a row."""
    while line := text.readline(LINE_LIMIT):
        if len(line) >= LINE_LIMIT:
            raise RosterError(
                "long_line", _("A row is longer than a million characters. This is not a list of people."), file=name
            )
        yield line


def _told_delimiter(sample: list[str]) -> tuple[int, str]:
    """Excel's own hint, a first line "sep=;": how many lines to skip and the separator it names."""
    first = sample[0].strip().strip('"') if sample else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    return 0, ""


def _readable(sample: list[str]) -> list[str]:
    """Lines short enough to try separators on: a monster cell is refused later, with its row."""
    return [line for line in sample if len(line) < 100_000]


def _csv_rows(part: Part, encoding: str, delimiter: str, skip: int) -> Rows:
    with _text(part, encoding) as lines:
        reader = csv.reader(islice(lines, skip, None), delimiter=delimiter, strict=True, skipinitialspace=False)
        number = skip + 1
        try:
            for cells in reader:
                if any(cells) and not "".join(cells).isspace():
                    yield number, cells
                number = skip + reader.line_num + 1
        except csv.Error as error:
            raise _csv_error(str(error), number, part.name) from error
        except UnicodeError as error:
            raise RosterError(
                "encoding",
                _("The file is not valid text from row %(row)s on.") % {"row": number},
                row=number,
                file=part.name,
            ) from error


def _csv_error(text: str, row: int, name: str) -> RosterError:
    values = {"row": row}
    if "field larger" in text:
        message = (
            _("Row %(row)s has a cell of more than 130,000 characters, or a quotation mark that is never closed.")
            % values
        )
        return RosterError("huge_cell", message, row=row, file=name)
    if "end of data" in text:
        message = _("Row %(row)s opens a quotation mark that is never closed.") % values
    else:
        message = (
            _("Row %(row)s has text straight after a closing quotation mark. Double the quotation marks inside a cell.")
            % values
        )
    return RosterError("quotes", message, row=row, file=name)
