"""How a text was written: its encoding, its separator, and the row that holds the headings."""

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from programmes.rosters.errors import RosterError
from programmes.rosters.sources import MB, Part

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 25
SHORTEST_UTF16 = 8
SAMPLE_LINES = 60
LINE_LIMIT = 1 * MB
COLUMN_LIMIT = 400

# First bytes of what people upload by mistake, and what to tell them.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x7fELF",
    b"MZ\x90",
    b"SQLite format 3",
)
_MARKUP = ("<!doctype", "<html", "<?xml", "<svg", "<table", "<script")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a full pass over the bytes found."""

    encoding: str
    lines: int


def scan(part: Part) -> Scan:
    """Encoding and number of lines of a text part, in one pass over all of it. Refuses what is not text.

    Refusals: empty, old_excel, web_page, json, not_text, encoding.
    """
    with part.open() as stream:
        head = stream.read(65_536)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t ,;"):
        raise RosterError("empty", _("The file is empty."), file=part.name)
    refuse_known_binaries(head, part.name)
    encoding = encoding_by_head(head, part.name)
    refuse_markup(head.decode(encoding, "replace"), part.name)
    if encoding.startswith("utf-16"):
        return Scan(encoding, _count_utf16(part, encoding))
    return _scan_bytes(part, encoding)


def refuse_known_binaries(head: bytes, name: str) -> None:
    """Refuse what its first bytes give away."""
    if head.startswith(_OLE):
        message = _(
            "This is an old Excel workbook (.xls), or one protected with a password. "
            "Save it as .xlsx without a password, or as CSV."
        )
        raise RosterError("old_excel", message, file=name)
    if head.startswith(_BINARY) or head.startswith(b"PK\x03\x04"):
        raise RosterError("not_text", _("This is not a table. Upload a CSV or Excel (.xlsx) file."), file=name)


def refuse_markup(head: str, name: str) -> None:
    """Refuse web pages saved as .xls or .csv, and JSON."""
    start = head.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(_MARKUP):
        message = _(
            "This is a web page or XML, not a table. In the other system choose “Export as CSV” or “Excel (.xlsx)”."
        )
        raise RosterError("web_page", message, file=name)
    if start.startswith(("{", "[")):
        raise RosterError("json", _("This is JSON, not a table. Upload a CSV or Excel (.xlsx) file."), file=name)


def encoding_by_head(head: bytes, name: str) -> str:
    """The encoding a byte order mark or the pattern of zero bytes announces; `utf-8` where neither does."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise RosterError("encoding", _("The file is saved as UTF-32. Save it as “CSV UTF-8”."), file=name)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" not in head:
        return "utf-8"
    half = len(head) / 2
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if len(head) < SHORTEST_UTF16:
        raise _zero_bytes(name)
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    raise _zero_bytes(name)


def _zero_bytes(name: str) -> RosterError:
    message = _("The file holds zero bytes, so it is not plain text or was damaged on the way. Export it again as CSV.")
    return RosterError("not_text", message, file=name)


def _count_utf16(part: Part, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with part.open() as stream:
        try:
            while chunk := stream.read(MB):
                text = decoder.decode(chunk)
                lines += text.count("\n") or text.count("\r")
                if "\0" in text:
                    raise _zero_bytes(part.name)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise RosterError(
                "encoding", _("The file is cut off or not valid UTF-16. Export it again."), file=part.name
            ) from error
    return lines + 1


def _scan_bytes(part: Part, encoding: str) -> Scan:
    """UTF-8 as long as every byte fits, else the Windows code page, else a refusal that names the line."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8, lines, returns = True, 0, 0
    with part.open() as stream:
        while chunk := stream.read(MB):
            if b"\0" in chunk:
                raise _zero_bytes(part.name)
            lines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            if is_utf8:
                is_utf8 = _decodes(utf8, chunk)
    if is_utf8 and _decodes(utf8, b"", final=True):
        return Scan(encoding, (lines or returns) + 1)
    if encoding == "utf-8-sig":
        raise RosterError(
            "encoding", _("The file says it is UTF-8, but some of its bytes are not. Export it again."), file=part.name
        )
    _refuse_unless_windows(part)
    return Scan("cp1252", (lines or returns) + 1)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_unless_windows(part: Part) -> None:
    line = 1
    with part.open() as stream:
        while chunk := stream.read(MB):
            try:
                chunk.decode("cp1252")
            except UnicodeDecodeError as error:
                line += chunk[: error.start].count(b"\n")
                message = _(
                    "Line %(line)s holds bytes that are neither UTF-8 nor Windows text. Save the file as “CSV UTF-8”."
                ) % {"line": line}
                raise RosterError("encoding", message, row=line, file=part.name) from error
            line += chunk.count(b"\n")


def choose_delimiter(lines: Sequence[str], known_headings: "frozenset[str] | set[str]", name: str) -> str:
    """The separator that yields the most known headings, then the steadiest number of columns."""
    best, best_score = ",", (-1, -1.0, -1)
    for delimiter in DELIMITERS:
        if any(line.count(delimiter) >= COLUMN_LIMIT * 3 for line in lines):
            raise _too_many_columns(name)
        rows = _tried(lines, delimiter)
        widths = Counter(len(row) for row in rows)
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        recognised = max((_recognised(row, known_headings) for row in rows[:HEADER_WITHIN]), default=0)
        score = (recognised, times / max(1, len(rows)) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _tried(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The rows a separator would give, up to the first that cannot be read: reading proper says what is wrong there."""
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if any(row))
    except csv.Error:
        return rows
    return rows


def _too_many_columns(name: str) -> RosterError:
    message = _("The file has more than %(limit)s columns. Keep only the columns that describe people.") % {
        "limit": COLUMN_LIMIT
    }
    return RosterError("too_many_columns", message, file=name)


def _recognised(row: Sequence[str], known: "frozenset[str] | set[str]") -> int:
    return sum(normal_heading(cell) in known for cell in row)


def normal_heading(text: str) -> str:
    """A heading for comparison: lower case, no accents, letters and digits only ("E-mail " -> "email")."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum())


def find_header(rows: Sequence[Sequence[str]], known: "frozenset[str] | set[str]", name: str) -> int:
    """Index of the row of headings: the first with the most known ones; else the first full row that holds no data.

    Refusals: no_header, too_many_columns.
    """
    if any(len(row) > COLUMN_LIMIT for row in rows):
        raise _too_many_columns(name)
    scores = [_recognised(row, known) for row in rows[:HEADER_WITHIN]]
    best = max(scores, default=0)
    if best >= 2 or (best == 1 and all(len(row) <= 2 for row in rows)):
        return scores.index(best)
    width = max((len(row) for row in rows), default=0)
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        if (
            len(row) == width
            and width > 1
            and all(cell.strip() for cell in row)
            and not any(_is_data(cell) for cell in row)
        ):
            return index
    if best == 1:
        return scores.index(1)
    message = _(
        "No row of headings was found in the first %(count)s rows. "
        "The first row should name the columns, for example “Email”."
    )
    raise RosterError("no_header", message % {"count": HEADER_WITHIN}, file=name)


def _is_data(cell: str) -> bool:
    text = cell.strip()
    return "@" in text or text.replace(".", "").replace("-", "").replace("/", "").isdigit() or len(text) > 80
