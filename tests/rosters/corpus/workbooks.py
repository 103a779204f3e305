"""Excel workbooks: damaged, hostile, or helpfully changed by Excel."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.rosters.corpus.case import Case

HEAD = ["Student ID", "First name", "Surname", "Email"]
GOOD = ["00417733", "Ben", "Okafor", "ben@aberwen.ac.uk"]
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def workbook(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    """An .xlsx of one sheet; `formats` are number formats by cell name."""
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def swapped(data: bytes, **entries: str | bytes | None) -> bytes:
    """The same zip with entries replaced, added or (None) left out. `__` in a name is a slash, `_dot_` a dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in entries.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename not in named:
                new.writestr(info, old.read(info))
        for name, content in named.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


LIST = workbook(HEAD, GOOD)


def _padded(path: Path) -> None:
    """A workbook whose strings unpack to 200 MB."""
    path.write_bytes(swapped(LIST, xl__sharedStrings_dot_xml=b"<sst>" + b" " * 200_000_000 + b"</sst>"))


def _sparse() -> bytes:
    """One cell in the last row Excel has: a reader that fills gaps would yield a million rows."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>a@b.uk</t></is></c></row></sheetData></worksheet>'
    )
    return swapped(LIST, xl__worksheets__sheet1_dot_xml=sheet)


def _hidden() -> bytes:
    book = Workbook()
    book.active.append(HEAD)
    book.active.append(GOOD)
    book.create_sheet("Front")
    book["Sheet"].sheet_state = "hidden"
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOKS = (
    Case("truncated workbook", "list.xlsx", LIST[: len(LIST) // 2], "damaged", "The file is damaged or incomplete."),
    Case(
        "workbook with a broken sheet",
        "list.xlsx",
        swapped(LIST, xl__worksheets__sheet1_dot_xml="<worksheet"),
        "damaged",
        "The workbook is damaged",
    ),
    Case(
        "workbook without its sheet",
        "list.xlsx",
        swapped(LIST, xl__worksheets__sheet1_dot_xml=None),
        "empty",
        "The workbook has no visible sheet with rows.",
    ),
    Case("text named xlsx", "list.xlsx", "Email\na@b.uk\n", "damaged", "The file is damaged or incomplete."),
    Case(
        "macros, renamed",
        "list.xlsx",
        swapped(LIST, xl__vbaProject_dot_bin=b"\0"),
        "macros",
        "The workbook holds macros.",
    ),
    Case(
        "Word document named xlsx",
        "list.xlsx",
        swapped(LIST, xl__workbook_dot_xml=None),
        "not_excel",
        "This is not an Excel workbook (.xlsx).",
    ),
    Case(
        "billion laughs",
        "list.xlsx",
        swapped(LIST, xl__sharedStrings_dot_xml=ENTITIES),
        "xml_entities",
        "XML that a workbook never needs",
    ),
    Case(
        "entity from outside",
        "list.xlsx",
        swapped(LIST, docProps__core_dot_xml=OUTSIDE),
        "xml_entities",
        "XML that a workbook never needs",
    ),
    Case(
        "entity in UTF-16",
        "list.xlsx",
        swapped(LIST, docProps__core_dot_xml=OUTSIDE.encode("utf-16")),
        "xml_entities",
        "XML that a workbook never needs",
    ),
    Case("workbook that swells", "list.xlsx", _padded, "zip_bomb", "would unpack to far more than a roster needs"),
    Case("one cell in the last row", "list.xlsx", _sparse(), "no_rows", "There are headings but no people below them."),
    Case("only a hidden sheet", "list.xlsx", _hidden(), "empty", "The workbook has no visible sheet with rows."),
    Case(
        "rounded number",
        "list.xlsx",
        workbook(HEAD, [1234567890123456789, "Ben", "Okafor", ""]),
        "rounded_number",
        "Excel has rounded this long number.",
        row=2,
    ),
    Case(
        "number made a date",
        "list.xlsx",
        workbook(HEAD, [datetime(2026, 10, 20), "Ben", "Okafor", ""]),
        "date_for_text",
        "Excel has made a date of this",
        row=2,
    ),
    Case(
        *(
            "band made a date in Excel",
            "list.xlsx",
            workbook(["Email", "Group"], ["a@b.uk", datetime(2026, 10, 20)]),
            "date_for_text",
            "may be a range",
        ),
        row=2,
        people=1,
        warning=True,
    ),
    Case(
        "number lost its decimals",
        "list.xlsx",
        workbook(HEAD, [1e300, "Ben", "Okafor", ""]),
        "rounded_number",
        "Excel has rounded",
        row=2,
    ),
    Case(
        "formula never worked out",
        "list.xlsx",
        workbook(HEAD, ['="0041"&"7733"', "Ben", "Okafor", ""]),
        "no_key",
        "neither a student number",
        row=2,
    ),
)
