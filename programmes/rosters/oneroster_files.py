"""OneRoster packages as files: which table is which, whatever export or hand named and spelt it.

IMS/1EdTech OneRoster CSV 1.1 and 1.2. Real packages differ from the specification in ways listed in docs/rosters.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from django.utils.translation import gettext as _

from programmes.rosters.detect import normal_heading
from programmes.rosters.errors import WARNING, Problem, Problems, RosterError
from programmes.rosters.sources import Part, Source
from programmes.rosters.tables import Table, open_table

BULK: Final = "bulk"
DELTA: Final = "delta"
ABSENT: Final = "absent"

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "manifest": ("propertyName", "value"),
    "orgs": ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"),
    "academicSessions": (
        "sourcedId",
        "status",
        "dateLastModified",
        "title",
        "type",
        "startDate",
        "endDate",
        "parentSourcedId",
        "schoolYear",
    ),
    "courses": (
        "sourcedId",
        "status",
        "dateLastModified",
        "schoolYearSourcedId",
        "title",
        "courseCode",
        "grades",
        "orgSourcedId",
        "subjects",
        "subjectCodes",
    ),
    "classes": (
        *(
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "grades",
            "courseSourcedId",
            "classCode",
            "classType",
            "location",
        ),
        *("schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    ),
    "users": (
        *(
            "sourcedId",
            "status",
            "dateLastModified",
            "enabledUser",
            "orgSourcedIds",
            "role",
            "username",
            "userIds",
            "givenName",
            "familyName",
        ),
        *(
            "middleName",
            "identifier",
            "email",
            "sms",
            "phone",
            "agentSourcedIds",
            "grades",
            "password",
            "userMasterIdentifier",
        ),
        *("preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
    ),
    "roles": (
        *(
            "sourcedId",
            "status",
            "dateLastModified",
            "userSourcedId",
            "roleType",
            "role",
            "beginDate",
            "endDate",
            "orgSourcedId",
        ),
        "userProfileSourcedId",
    ),
    "enrollments": (
        "sourcedId",
        "status",
        "dateLastModified",
        "classSourcedId",
        "schoolSourcedId",
        "userSourcedId",
        "role",
        "primary",
        "beginDate",
        "endDate",
    ),
}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "orgs": ("sourcedId", "name", "type"),
    "academicSessions": ("sourcedId", "title", "startDate", "endDate"),
    "courses": ("sourcedId", "title"),
    "classes": ("sourcedId", "title"),
    "users": ("sourcedId",),
    "roles": ("userSourcedId", "role"),
    "enrollments": ("classSourcedId", "userSourcedId"),
}
# Tables never opened and columns never looked at: data this house does not keep.
NEVER_READ: Final = frozenset({"demographics"})
NEVER_TAKEN: Final = frozenset({"password", "sms", "phone", "agentSourcedIds", "grades", "dateLastModified"})
SECRET: Final = frozenset({"password"})
_ALIASES: Final = {
    "enrolments": "enrollments",
    "organisations": "orgs",
    "organizations": "orgs",
    "sessions": "academicSessions",
    "terms": "academicSessions",
}
_NAMES: Final = {normal_heading(name): name for name in COLUMNS} | _ALIASES
_SPELLINGS: Final = {
    "datalastmodified": "dateLastModified",
    "prefferedgivenname": "preferredGivenName",
    "prefferedfamilyname": "preferredFamilyName",
}
_ROLE_MARKS: Final = frozenset({"usersourcedid", "roletype", "role"})
HEADINGS: Final = {name: {normal_heading(column): column for column in columns} for name, columns in COLUMNS.items()}
_ALL_HEADINGS: Final = frozenset(word for words in HEADINGS.values() for word in words)


@dataclass(frozen=True, slots=True)
class File:
    """One table of the package: how it is to be taken (bulk or delta) and where each column is."""

    kind: str
    mode: str
    table: Table
    at: Mapping[str, int]

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """(row number, column -> text), short rows filled up with blanks."""
        at, width = self.at, 1 + max(self.at.values())
        for number, cells in self.table.rows():
            whole = cells if len(cells) >= width else cells + [""] * (width - len(cells))
            yield number, {name: whole[index].strip() for name, index in at.items()}


@dataclass(frozen=True, slots=True)
class Package:
    """The files of one OneRoster export. `version` is 1.1 or 1.2."""

    version: str
    files: Mapping[str, File]
    system: str = ""
    never_read: tuple[str, ...] = field(default=())

    @property
    def lines(self) -> int:
        return sum(max(0, file.table.lines - file.table.header_row) for file in self.files.values())


def looks_like_oneroster(source: Source) -> bool:
    """True when a folder or zip holds a manifest, or at least two tables with OneRoster names."""
    names = {_kind_of(part.stem) for part in source.parts}
    return source.is_package and ("manifest" in names or len(names & (set(COLUMNS) - {""})) >= 2)


def _kind_of(stem: str) -> str:
    word = normal_heading(stem)
    return _NAMES.get(word, "demographics" if word == "demographics" else "")


def open_package(source: Source, problems: Problems) -> Package:
    """Open every table the package holds. Oddities that can be put up with are warned about once.

    Refusals: twice, no_users, column_missing, and those of `open_table` for a table that cannot be read.
    """
    parts = _parts_by_kind(source, problems)
    manifest = _manifest(parts.pop("manifest", None), problems)
    files: dict[str, File] = {}
    for kind, part in parts.items():
        mode = _mode(kind, manifest, problems, part.name)
        if mode != ABSENT:
            files[kind] = _open(kind, mode, part, problems)
    _check_promises(manifest, files, problems)
    if not files:
        raise RosterError("no_tables", _("The package holds no OneRoster table we can read."), file=source.name)
    says_12 = manifest.get("oneroster.version", "").startswith("1.2")
    version = "1.2" if says_12 or "roles" in files else "1.1"
    never = tuple(part.name for part in source.parts if _kind_of(part.stem) in NEVER_READ)
    return Package(version, files, manifest.get("source.systemname", "")[:60], never)


def _parts_by_kind(source: Source, problems: Problems) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for part in source.parts:
        kind = _kind_of(part.stem)
        if normal_heading(part.stem) == "userprofiles":
            if "roles" in parts or not _holds_roles(part):
                continue
            message = _("This file holds roles, not user profiles. It was read as roles.csv.")
            problems.once(Problem(0, "", "roles_misnamed", message, WARNING, "", part.name))
            kind = "roles"
        if kind in COLUMNS and kind not in parts:
            parts[kind] = part
        elif kind in COLUMNS:
            raise RosterError("twice", _("The package holds this table twice."), file=part.name)
    return parts


def _holds_roles(part: Part) -> bool:
    try:
        table = open_table(part, _ALL_HEADINGS)
    except RosterError:
        return False
    return {normal_heading(column) for column in table.columns} >= _ROLE_MARKS


def _manifest(part: Part | None, problems: Problems) -> dict[str, str]:
    if part is None:
        message = _("There is no manifest.csv. Every table was taken as complete.")
        problems.once(Problem(0, "", "no_manifest", message, WARNING, "", "manifest.csv"))
        return {}
    table = open_table(part, frozenset(HEADINGS["manifest"]))
    return {cells[0].strip().lower(): cells[1].strip() for _number, cells in table.rows() if len(cells) > 1}


def _mode(kind: str, manifest: Mapping[str, str], problems: Problems, name: str) -> str:
    said = manifest.get(f"file.{kind}".lower(), "").lower()
    if said in {BULK, DELTA}:
        return said
    if said == ABSENT:
        message = _("The manifest says this table is absent, so it was not read.")
        problems.once(Problem(0, "", "said_absent", message, WARNING, "", name))
        return ABSENT
    if manifest and said:
        message = _("The manifest calls this table “%(mode)s”. It was taken as complete.") % {"mode": said[:20]}
        problems.once(Problem(0, "", "mode_unknown", message, WARNING, said, name))
    return BULK


def _check_promises(manifest: Mapping[str, str], files: Mapping[str, File], problems: Problems) -> None:
    for kind in REQUIRED:
        if manifest.get(f"file.{kind}".lower(), "").lower() in {BULK, DELTA} and kind not in files:
            message = _("The manifest promises this table, but it is not in the package.")
            problems.add(Problem(0, "", "promised", message, file=f"{kind}.csv"))


def _open(kind: str, mode: str, part: Part, problems: Problems) -> File:
    known = HEADINGS[kind]
    table = open_table(part, frozenset(known))
    at: dict[str, int] = {}
    for index, heading in enumerate(table.columns):
        name = _column(heading, known)
        if name and name in at:
            raise RosterError(
                "heading_twice", _("Two columns are called “%(heading)s”.") % {"heading": heading}, file=part.name
            )
        if name in SECRET:
            message = _("Passwords are never read or stored. Leave them out of the export.")
            problems.once(Problem(0, name, "not_stored", message, WARNING, "", part.name))
        if name:
            at[name] = index
            if normal_heading(heading) not in known:
                message = _("The heading “%(heading)s” was read as “%(column)s”.") % {
                    "heading": heading[:60],
                    "column": name,
                }
                problems.once(Problem(table.header_row, name, "misspelt", message, WARNING, heading[:60], part.name))
    missing = [column for column in REQUIRED.get(kind, ()) if column not in at]
    if missing:
        raise RosterError(
            "column_missing", _("The column “%(column)s” is missing.") % {"column": missing[0]}, file=part.name
        )
    return File(kind, mode, table, {name: index for name, index in at.items() if name not in NEVER_TAKEN})


def _column(heading: str, known: Mapping[str, str]) -> str:
    """The specification's column for a heading; "" for extensions (ext_*, metadata.*), unknown and nameless ones."""
    word = normal_heading(heading)
    if not word or heading.lower().startswith(("ext_", "ext.", "metadata.", "metadata_")):
        return ""
    if word in known:
        return known[word]
    if _SPELLINGS.get(word) in known.values():
        return _SPELLINGS[word]
    close = get_close_matches(word, known, n=1, cutoff=0.88)
    return known[close[0]] if close and len(word) > 5 else ""
