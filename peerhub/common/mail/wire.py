"""A message as it goes over the wire. Written once for a batch with holes for what differs, then filled (mail-merge).

Building MIME through the email package costs more than sending it, so the bytes are put together here: two parts,
UTF-8, lines short enough for SMTP (RFC 5321 §4.5.3.1.6), quoted-printable only where a server or a line needs it.
"""

import quopri
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formatdate
from html import escape

HOLE = re.compile("\x02(\\w+)\x03")
LONGEST_LINE = 990
FOLD_AT = 400
_TAGS = re.compile(r"(<style\b.*?</style>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_BETWEEN_ATTRIBUTES = re.compile(r""" (?=[\w:-]+=["'])""")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class UnusableAddress(ValueError):
    """This text cannot be an envelope address."""


def hole(name: str) -> str:
    """What stands in a rendering where each person's own value goes. Escaping leaves it alone."""
    return f"\x02{name}\x03"


def envelope_address(address: str) -> str:
    """The address as SMTP takes it: ASCII domain (IDNA). A non-ASCII name part stays and needs SMTPUTF8."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    name, at, domain = address.strip().rpartition("@")
    if not at or not name or re.search(r"[\s<>,;:\"()\[\]\\\x00-\x1f]", name):
        raise UnusableAddress
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UnusableAddress from error
    if not _PLAIN_ADDRESS.fullmatch(f"x@{ascii_domain}"):
        raise UnusableAddress
    return f"{name}@{ascii_domain}"


def wrapped(text: str) -> str:
    """Plain text at 76 columns: paragraphs are filled, lines that are short or indented stay as they are."""
    lines: list[str] = []
    for line in map(str.rstrip, text.strip().splitlines()):
        if len(line) <= 76 or line[:1].isspace():
            lines.append(line)
        else:
            lines.extend(textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False))
    return "\n".join(lines) + "\n"


def folded(html: str) -> str:
    """HTML with no line near SMTP's limit. Newlines only replace spaces between attributes or in text.

    Never inside a quoted value: a style's `'Segoe UI'` would be void with a newline in it.
    """
    if max(map(len, html.split("\n")), default=0) <= FOLD_AT:
        return html
    out: list[str] = []
    column = 0
    for number, piece in enumerate(_TAGS.split(html)):
        breakable = _BETWEEN_ATTRIBUTES.split(piece) if number % 2 else piece.split(" ")
        for place, part in enumerate(breakable):
            if place:
                is_full = column + len(part) > FOLD_AT
                out.append("\n" if is_full else " ")
                column = 0 if is_full else column + 1
            out.append(part)
            column = column + len(part) if "\n" not in part else len(part) - part.rindex("\n") - 1
    return "".join(out)


class Pattern:
    """A text with holes. `fill` gives one person's version."""

    def __init__(self, text: str) -> None:
        pieces = HOLE.split(text)
        self._fixed, self._names = pieces[::2], pieces[1::2]

    def fill(self, values: Mapping[str, str]) -> str:
        if not self._names:
            return self._fixed[0]
        out = [self._fixed[0]]
        for name, after in zip(self._names, self._fixed[1:], strict=True):
            out.append(values.get(name, ""))  # a name typed with these signs is no hole of ours
            out.append(after)
        return "".join(out)


class Mould:
    """One rendering of a kind's three templates, to be filled for everyone it fits."""

    def __init__(self, subject: str, text: str, html: str) -> None:
        self._subject = Pattern(" ".join(subject.split()))
        self._text = Pattern(wrapped(text))
        self._html = Pattern(folded(html))

    def fill(self, values: Mapping[str, str]) -> tuple[str, str, str]:
        """Subject, text and HTML of one person; values are escaped in HTML and cannot break a header."""
        in_html = {name: escape(value) for name, value in values.items()}
        return _CONTROL.sub(" ", self._subject.fill(values)), self._text.fill(values), self._html.fill(in_html)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small text that goes with a mail as a file. `parameters` follow its type: 'method=PUBLISH'."""

    filename: str  # ASCII, ours
    subtype: str  # of text/
    text: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Wire:
    """A message ready to leave: to exactly one address."""

    message_id: str
    sender: str
    from_header: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    attachment: Attachment | None = None

    def as_bytes(self, *, eight_bit: bool) -> bytes:
        """RFC 5322 bytes with CRLF; 8-bit text only where the server announced 8BITMIME."""
        boundary = f"=_{self.message_id[1:37].replace('-', '')}"
        head = [
            f"From: {self.from_header}",
            f"To: {header_text(self.to)}",
            f"Subject: {header_text(self.subject)}",
            f"Date: {formatdate()}",
            f"Message-ID: {self.message_id}",
            *(f"{name}: {header_text(value)}" for name, value in self.headers.items()),
            "MIME-Version: 1.0",
        ]
        body = [_part(self.text, b"plain", eight_bit), _part(self.html, b"html", eight_bit)]
        if self.attachment is None:
            return "\r\n".join(head).encode() + b"\r\n" + _multipart(b"alternative", boundary, body)
        words = _multipart(b"alternative", f"{boundary}w", body)
        both = [words, _file(self.attachment, eight_bit)]
        return "\r\n".join(head).encode() + b"\r\n" + _multipart(b"mixed", boundary, both)


def header_text(value: str) -> str:
    """A header's value: as it is when short ASCII, encoded words (RFC 2047) otherwise. Never more than one header."""
    value = _CONTROL.sub(" ", value)
    if value.isascii() and len(value) < 900:
        return value
    return Header(value, "utf-8").encode(linesep="\r\n")


def _multipart(kind: bytes, boundary: str, parts: list[bytes]) -> bytes:
    """Its own header, then the parts with the boundary around each."""
    name = boundary.encode()
    mark = b"--" + name
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n' % (kind, name)
    return b"\r\n".join((head, *(line for part in parts for line in (mark, part)), mark + b"--", b""))


def _file(attachment: Attachment, eight_bit: bool) -> bytes:
    more = "".join(f"; {name}={value}" for name, value in attachment.parameters)
    head = f'Content-Disposition: attachment; filename="{attachment.filename}"\r\n'
    return head.encode() + _part(attachment.text, attachment.subtype.encode(), eight_bit, more.encode())


def _part(text: str, subtype: bytes, eight_bit: bool, more: bytes = b"") -> bytes:
    body = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    encoding = b"7bit"
    if max(map(len, body.split(b"\n"))) > LONGEST_LINE or not (eight_bit or body.isascii()):
        body, encoding = quopri.encodestring(body), b"quoted-printable"
    elif not body.isascii():
        encoding = b"8bit"
    head = b'Content-Type: text/%b; charset="utf-8"%b\r\nContent-Transfer-Encoding: %b\r\n\r\n' % (
        subtype,
        more,
        encoding,
    )
    return head + body.replace(b"\n", b"\r\n")
