"""Excel workbooks as tables. Loaded by name when one arrives (openpyxl is large).

The zip is judged before openpyxl sees it: size, entries, macros, and no document type anywhere, so that no parser
is ever offered an entity to expand. openpyxl then reads with defusedxml.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import DEFUSEDXML, load_workbook

from programmes.rosters.detect import COLUMN_LIMIT, SAMPLE_LINES, find_header
from programmes.rosters.errors import RosterError
from programmes.rosters.sources import MB, Part, check_directory_of, check_entries, guard_damage
from programmes.rosters.tables import Rows, Table

if not DEFUSEDXML:
    raise ImportError("openpyxl must parse with defusedxml")

STRINGS_LIMIT = 60 * MB
SHEET_LIMIT = 250 * MB
ROW_LIMIT = 300_000
HEAD_WITHIN = 500
ENDS_AFTER = 5000
EXACT_NUMBERS_BELOW = 10**15
_ZEROS = re.compile(r"^0+$")


class Mangled(str):
    """A cell Excel has changed: text it made a date ("20-Oct"), or a number it rounded."""


def open_sheet(part: Part, known_headings: frozenset[str]) -> Table:
    """The first visible sheet with rows as a table.

    Refusals: damaged, macros, not_excel, xml_entities, zip_bomb, too_many_rows, no_header, and those of the archive.
    """
    with part.open() as stream, guard_damage(part.name):
        _judge(stream, part.name)
    with _workbook(part) as book:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            head = list(islice(_rows_of(sheet, COLUMN_LIMIT + 1, part.name, until=HEAD_WITHIN), SAMPLE_LINES))
            if head:
                table = _table(part, sheet, head, known_headings)
                return replace(table, other_sheets=tuple(other.title for other in visible if other is not sheet))
    raise RosterError("empty", _("The workbook has no visible sheet with rows."), file=part.name)


def _table(part: Part, sheet: Any, head: list[tuple[int, list[str]]], known: frozenset[str]) -> Table:
    index = find_header([cells for _number, cells in head], known, part.name)
    header_row, columns = head[index]
    title, width = sheet.title, len(columns) + 1

    def rows() -> Rows:
        with _workbook(part) as book:
            yield from (row for row in _rows_of(book[title], width, part.name) if row[0] > header_row)

    lines = min(sheet.max_row or 0, ROW_LIMIT)
    return Table(part.name, tuple(cell.strip() for cell in columns), rows, header_row, lines, encoding="xlsx")


def _judge(stream: Any, name: str) -> None:
    check_directory_of(stream, name)
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
        check_entries(infos, name)
        names = {info.filename.lower() for info in infos}
        if any(entry.endswith("vbaproject.bin") for entry in names):
            raise RosterError(
                "macros", _("The workbook holds macros. Save it as an ordinary .xlsx or as CSV."), file=name
            )
        if "xl/workbook.xml" not in names:
            message = _("This is not an Excel workbook (.xlsx). Save the table as .xlsx or CSV and upload that.")
            raise RosterError("not_excel", message, file=name)
        for info in infos:
            _judge_entry(archive, info, name)


def _judge_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    lower = info.filename.lower()
    if info.file_size > (STRINGS_LIMIT if "sharedstrings" in lower else SHEET_LIMIT):
        raise RosterError(
            "zip_bomb", _("The workbook would unpack to far more than a roster needs. It was not opened."), file=name
        )
    if not lower.endswith((".xml", ".rels", ".vml")):
        return
    tail = b""
    with archive.open(info) as entry:
        while chunk := entry.read(MB):
            text = (tail + chunk).replace(b"\0", b"").lower()
            if b"<!doctype" in text or b"<!entity" in text:
                raise RosterError(
                    "xml_entities",
                    _("The workbook holds XML that a workbook never needs. It was not opened."),
                    file=name,
                )
            tail = chunk[-24:]


@contextmanager
def _workbook(part: Part) -> Iterator[Any]:
    """The opened workbook. openpyxl meets hostile bytes with almost any exception; all mean the same to people."""
    with part.open() as stream:
        try:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except RosterError:
            raise
        except Exception as error:
            raise _damaged(part.name) from error
        try:
            yield book
        finally:
            book.close()


def _damaged(name: str) -> RosterError:
    return RosterError(
        "damaged",
        _("The workbook is damaged or was written in an unusual way. Save it again in Excel, or as CSV."),
        file=name,
    )


def _rows_of(sheet: Any, width: int, name: str, until: int = 0) -> Rows:
    """Rows with something in them, at most `width` cells wide; stops after row `until` when given.

    Thousands of empty rows end the table: sheets are often formatted down to the last of Excel's million rows.
    """
    sheet.reset_dimensions()
    cells = iter(sheet.iter_rows(max_col=width, max_row=until or None))
    number = last = 0
    while (texts := _next_texts(cells, name)) is not None:
        number += 1
        if number > ROW_LIMIT:
            message = _("The sheet has more than %(limit)s rows. Save it as CSV.") % {"limit": f"{ROW_LIMIT:,}"}
            raise RosterError("too_many_rows", message, file=name)
        if texts:
            last = number
            yield number, texts
        elif number - last > ENDS_AFTER:
            return


def _next_texts(cells: Iterator[Any], name: str) -> list[str] | None:
    """The next row as text without empty cells at its end; None after the last."""
    try:
        row = next(cells, None)
        if row is None:
            return None
        texts = [_text(cell) for cell in row]
    except RosterError:
        raise
    except Exception as error:
        raise _damaged(name) from error
    while texts and not texts[-1].strip():
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """A cell as the text a person sees; `Mangled` where Excel shows something other than what was typed."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format)
    if isinstance(value, datetime):
        return Mangled(value.date().isoformat() if value.time() == time() else value.isoformat())
    if isinstance(value, date):
        return Mangled(value.isoformat())
    return str(value)


def _number_text(value: float, number_format: str) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    text = str(int(value))
    if abs(value) >= EXACT_NUMBERS_BELOW:
        return Mangled(text)
    if number_format and _ZEROS.match(number_format):
        return text.zfill(len(number_format))
    return text
