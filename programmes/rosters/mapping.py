"""Which column means what: guessed from the headings, saved by people, checked against the file at hand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from programmes.rosters import headings as h
from programmes.rosters.detect import normal_heading
from programmes.rosters.errors import RosterError

# The name space most universities share between systems: the student or staff number.
DEFAULT_SOURCE = "records"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Field name -> heading as written in the file. `source` names the system whose identifiers these are.

    `month_first` reads 5/13/2026 as 13 May. `profile` is what the file looked like: canvas, moodle, hesa or generic.
    """

    columns: Mapping[str, str]
    source: str = DEFAULT_SOURCE
    month_first: bool = False
    profile: str = "generic"
    ignored: tuple[str, ...] = field(default=())


def guess_mapping(columns: Iterable[str]) -> ColumnMapping:
    """The likeliest meaning of each heading. Nothing is guessed twice; what is sensitive is listed as ignored."""
    columns = [column for column in columns if column.strip()]
    normal = {column: normal_heading(column) for column in columns}
    found: dict[str, str] = {}
    profile = _profile(set(normal.values()))
    for name, wanted in _preferred(profile):
        match = next((column for column in columns if normal[column] == wanted), None)
        if match is not None:
            found.setdefault(name, match)
    for column in columns:
        meaning = h.FIELD_OF.get(normal[column])
        if meaning and column not in found.values():
            found.setdefault(meaning, column)
    _settle_names(found, normal)
    ignored = tuple(column for column in columns if normal[column] in h.SENSITIVE)
    return ColumnMapping(found, profile=profile, ignored=ignored)


def _profile(words: set[str]) -> str:
    if h.CANVAS & words and "student" in words:
        return "canvas"
    if "ownstu" in words:
        return "hesa"
    if "lastdownloadedfromthiscourse" in words or {"idnumber", "institution", "department"} <= words:
        return "moodle"
    return "generic"


def _preferred(profile: str) -> tuple[tuple[str, str], ...]:
    """Columns to take first where a product has several that would fit."""
    if profile == "canvas":
        return ((h.IDENTIFIER, "sisuserid"), (h.FULL, "student"), (h.GROUP, "section"))
    if profile == "hesa":
        return ((h.IDENTIFIER, "ownstu"), (h.FAMILY, "surname"), (h.GIVEN, "fnames"))
    return ()


def _settle_names(found: dict[str, str], normal: Mapping[str, str]) -> None:
    """French and Catalan "Nom", German "Name": a family name beside a given name, a full name alone."""
    if h.GIVEN in found and h.FULL in found and h.FAMILY not in found and normal[found[h.FULL]] == "name":
        found[h.FAMILY] = found.pop(h.FULL)
    if h.FAMILY in found and h.GIVEN not in found and h.FULL not in found:
        found[h.FULL] = found.pop(h.FAMILY)
    if h.GIVEN in found and h.FAMILY in found:
        found.pop(h.FULL, None)


def check_mapping(mapping: ColumnMapping, columns: Iterable[str], *, file: str = "") -> dict[str, int]:
    """Field -> index of its column. Refuses a mapping that does not fit the file or cannot tell people apart.

    Refusals: column_missing, heading_twice, no_key, unknown_field.
    """
    columns = list(columns)
    unknown = [name for name in mapping.columns if name not in h.FIELDS]
    if unknown:
        raise RosterError(
            "unknown_field",
            _("The mapping names a field we do not know: %(field)s.") % {"field": unknown[0]},
            file=file,
        )
    times = Counter(normal_heading(column) for column in columns)
    indexes = {name: _index_of(heading, columns, times, file) for name, heading in mapping.columns.items() if heading}
    if h.EMAIL not in indexes and h.IDENTIFIER not in indexes:
        message = _(
            "No column holds an e-mail address or a student number, so people cannot be told apart. Found: %(columns)s."
        )
        raise RosterError("no_key", message % {"columns": _listed(columns)}, file=file)
    return indexes


def _index_of(heading: str, columns: list[str], times: Counter[str], file: str) -> int:
    wanted = normal_heading(heading)
    if times[wanted] > 1:
        places = [str(number) for number, column in enumerate(columns, 1) if normal_heading(column) == wanted]
        message = _("Two columns are called “%(heading)s” (columns %(places)s). Rename one of them.")
        raise RosterError("heading_twice", message % {"heading": heading, "places": ", ".join(places)}, file=file)
    for index, column in enumerate(columns):
        if normal_heading(column) == wanted:
            return index
    message = _("The column “%(heading)s” is not in this file. Found: %(columns)s.")
    raise RosterError("column_missing", message % {"heading": heading, "columns": _listed(columns)}, file=file)


def _listed(columns: list[str]) -> str:
    shown = [column[:40] for column in columns if column][:12]
    return ", ".join(shown) + ("…" if len(columns) > 12 else "")
