"""What readers hand over: clean rows, each with the row number people see in their file."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from programmes.rosters.errors import Problems

PARTICIPANT = "participant"
LEADER = "leader"

PEOPLE = "people"
UNITS = "units"
PERIODS = "periods"
GROUPS = "groups"
ENROLMENTS = "enrolments"


class Person(NamedTuple):
    """One person. `key` is their identifier in the roster's source, `email` lower case; one of both is set.

    `kind` is student, staff, external or "" (not said). Empty text means "not said", never "erase".
    """

    row: int
    key: str
    email: str = ""
    given_name: str = ""
    family_name: str = ""
    preferred_name: str = ""
    pronouns: str = ""
    kind: str = ""
    is_active: bool = True
    more_ids: tuple[tuple[str, str], ...] = ()


class Unit(NamedTuple):
    """One organisation unit or course. `kind` is a `UnitKind` value; `parent` is a key of the same roster or ""."""

    row: int
    key: str
    name: str
    kind: str
    code: str = ""
    parent: str = ""
    is_active: bool = True


class Period(NamedTuple):
    """One academic session. `kind` is year or term; `parent` is a key of the same roster or ""."""

    row: int
    key: str
    name: str
    kind: str
    starts_on: date
    ends_on: date
    parent: str = ""
    is_active: bool = True


class GroupRow(NamedTuple):
    """One class, or the name in a list's group column."""

    row: int
    key: str
    name: str
    subject: str = ""
    place: str = ""
    is_active: bool = True


class Enrolment(NamedTuple):
    """One person in the cycle, and in `group` unless that is "". `role` is participant, leader or "" (not said)."""

    row: int
    person: str
    group: str = ""
    role: str = ""
    is_active: bool = True
    begins_on: date | None = None
    ends_on: date | None = None


class Roster(Protocol):
    """A roster ready to be loaded. Everything streams and may be read once; problems gather while it does.

    `files` names the file behind each kind of row (people, units, periods, groups, enrolments).
    `person` of an enrolment is a person's `key`, or their `email` where the roster has no identifiers.
    `complete`: a person missing from the file has left (a bulk export). `is_delta`: it names changes only, so nothing
    follows from what is missing. `is_package`: several tables (OneRoster) rather than one list.
    """

    source: str
    complete: bool
    is_delta: bool
    is_package: bool
    problems: Problems
    total: int
    files: Mapping[str, str]

    def units(self) -> Iterator[Unit]: ...
    def periods(self) -> Iterator[Period]: ...
    def groups(self) -> Iterator[GroupRow]: ...
    def people(self) -> Iterator[Person]: ...
    def enrolments(self) -> Iterator[Enrolment]: ...
