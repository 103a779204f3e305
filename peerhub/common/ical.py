"""iCalendar text (RFC 5545, RFC 7986): events in, what Google, Outlook and Apple read out.

Written by hand, because a feed of 500 events may cost six bare pages and a library that builds an object for every
property costs a hundred (docs/adr/0014-calendars-by-hand.md). Two libraries read every feature of it back in the tests.

Times are in UTC: each event stands for itself, so no calendar needs our rules for summer time. A name that is not known
to the standard (X-WR-CALNAME) is there for those who do not read the newer one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

LONGEST_LINE = 75  # octets, without the line break (RFC 5545, 3.1)
CONTENT_TYPE = "text/calendar"
REFRESH = "PT1H"
_CONTROLS = dict.fromkeys([*range(9), *range(10, 32), 127])
_BREAKS = "\x85\u2028\u2029"  # some who read a calendar break lines here
_ODD = {**_CONTROLS, **dict.fromkeys(map(ord, _BREAKS), "\\n")}
_PARAMETER = {**_ODD, **dict.fromkeys(map(ord, f"\n{_BREAKS}"), " "), ord('"'): "'"}

# A calendar must hold something (RFC 5545, 3.6): one without events holds this.
_NOTHING = (
    "BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\n"
    "TZOFFSETTO:+0000\r\nTZNAME:UTC\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event, half-open. `starts` and `ends` are both instants, or both days (it then lasts all day).

    `changed_at`: when it last became what it is. `sequence` grows with every change people are told of.
    """

    uid: str
    changed_at: datetime
    sequence: int
    starts: datetime | date
    ends: datetime | date
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class Organizer:
    """Who announces an event that travels by mail."""

    name: str
    address: str


def calendar(
    events: Iterable[Event], *, name: str = "", method: str = "", organizer: Organizer | None = None, language: str = ""
) -> str:
    """A whole calendar. With `name` a feed to subscribe to; with `method` a message (RFC 5546), with its organizer."""
    lines = ["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//PeerHub//Calendars//EN\r\nCALSCALE:GREGORIAN\r\n"]
    if method:
        lines.append(f"METHOD:{method}\r\n")
    if name:
        parameter = f";LANGUAGE={language}" if language else ""
        lines += [_text(f"NAME{parameter}", name), _text("X-WR-CALNAME", name)]
        lines.append(f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}\r\nX-PUBLISHED-TTL:{REFRESH}\r\n")
    by = _organizer(organizer) if organizer else ""
    body = "".join([_event(event, by) for event in events])
    return "".join([*lines, body or _NOTHING, "END:VCALENDAR\r\n"])


def uid(key: object) -> str:
    """A name no other event in the world has, and this one keeps: its key at this site's host."""
    return f"{key}@{_host(settings.SITE_URL)}"


@lru_cache(maxsize=4)
def _host(site_url: str) -> str:
    return urlsplit(site_url).hostname or "localhost"


def _event(event: Event, organizer: str) -> str:
    stamp = _instant(event.changed_at)
    head = (
        f"BEGIN:VEVENT\r\nUID:{event.uid}\r\nDTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nSEQUENCE:{event.sequence}\r\n"
    )
    parts = [head, _period(event), _text("SUMMARY", event.summary)]
    if event.description:
        parts.append(_text("DESCRIPTION", event.description))
    if event.location:
        parts.append(_text("LOCATION", event.location))
    if event.url:
        parts.append(folded(f"URL:{event.url}"))
    parts += [organizer, "STATUS:CANCELLED\r\n" if event.is_cancelled else "STATUS:CONFIRMED\r\n", "END:VEVENT\r\n"]
    return "".join(parts)


def _period(event: Event) -> str:
    """What lasts whole days, or does not happen, leaves the time free for other things."""
    starts, ends = event.starts, event.ends
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        shown = "TRANSP:TRANSPARENT\r\n" if event.is_cancelled else "TRANSP:OPAQUE\r\n"
        return f"DTSTART:{_instant(starts)}\r\nDTEND:{_instant(ends)}\r\n{shown}"
    return f"DTSTART;VALUE=DATE:{starts:%Y%m%d}\r\nDTEND;VALUE=DATE:{ends:%Y%m%d}\r\nTRANSP:TRANSPARENT\r\n"


def _instant(moment: datetime) -> str:
    """20261105T100000Z, at a quarter of strftime's cost."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return "%04d%02d%02dT%02d%02d%02dZ" % (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second)  # noqa: UP031


def _organizer(organizer: Organizer) -> str:
    return folded(f'ORGANIZER;CN="{organizer.name.translate(_PARAMETER)}":mailto:{organizer.address}')


def _text(name: str, value: str) -> str:
    """A property whose value is people's text."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return folded(f"{name}:{value if value.isprintable() else value.translate(_ODD)}")


def folded(line: str) -> str:
    """The line with its break, folded where it is too long, never inside a character."""
    if len(line) <= LONGEST_LINE and line.isascii():
        return f"{line}\r\n"
    raw, pieces = line.encode(), []
    room = LONGEST_LINE
    while len(raw) > room:
        cut = room
        while raw[cut] & 0xC0 == 0x80:  # the middle of a character
            cut -= 1
        pieces.append(raw[:cut])
        raw, room = raw[cut:], LONGEST_LINE - 1  # a line that goes on begins with a space
    return b"\r\n ".join([*pieces, raw]).decode() + "\r\n"
