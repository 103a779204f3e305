"""A OneRoster 1.1 or 1.2 package as a roster: orgs and courses, academic sessions, users, classes, enrolments."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from programmes.rosters.errors import WARNING, Problems, Refusal
from programmes.rosters.mapping import DEFAULT_SOURCE
from programmes.rosters.oneroster_files import BULK, Package
from programmes.rosters.oneroster_words import ORG_KIND, PERSON_KIND, PROGRAMME_ROLE, YEARS, role_of, user_ids
from programmes.rosters.records import (
    ENROLMENTS,
    GROUPS,
    PEOPLE,
    PERIODS,
    UNITS,
    Enrolment,
    GroupRow,
    Period,
    Person,
    Unit,
)
from programmes.rosters.rows import Cells, RowReader

SOURCE: Final = "oneroster"
_FILE_OF: Final = {
    UNITS: "orgs",
    PERIODS: "academicSessions",
    PEOPLE: "users",
    GROUPS: "classes",
    ENROLMENTS: "enrollments",
}
_RANK: Final = {"": 0, "guardian": 1, "external": 2, "student": 3, "staff": 4}


class OneRoster(RowReader):
    """Follows `records.Roster`. Read in the order units, periods, people, groups, enrolments."""

    def __init__(self, package: Package, problems: Problems, *, source: str = SOURCE) -> None:
        super().__init__(package.files, problems)
        self.source = source
        self.version = package.version
        self.total = max(1, package.lines)
        self.files: Mapping[str, str] = {
            kind: package.files[name].table.name if name in package.files else f"{name}.csv"
            for kind, name in _FILE_OF.items()
        }
        enrolments = package.files.get("enrollments")
        self.complete = enrolments is not None and enrolments.mode == BULK
        self.is_delta, self.is_package = not self.complete, True
        self._course_titles: dict[str, str] = {}
        for name in package.never_read:
            self.once("not_stored", _("This table is never read or stored. Leave it out of the export."), name)

    # --- organisation and calendar ---

    def units(self) -> Iterator[Unit]:
        """Organisations, parents before children, then courses below them. Keys of courses start with "course:"."""
        yield from self._parents_first({unit.key: unit for unit in self.each("orgs", UNITS, self._org)})
        for course in self.each("courses", UNITS, self._course):
            self._course_titles[course.key] = course.name
            yield course

    def _org(self, row: Cells) -> Unit:
        key, name = self.key(row), self.text(row, "name", 160)
        word = row.get("type", "").strip().lower()
        if word not in ORG_KIND:
            message = _("The organisation type “%(type)s” is not one of OneRoster's. It was taken as a department.")
            self.add("type", "unknown_type", message % {"type": word[:40]}, severity=WARNING)
        code, parent = self.text(row, "identifier", 60), self.identifier(row, "parentSourcedId")
        return Unit(self._row, key, name or key, ORG_KIND.get(word, "department"), code, parent, self.status(row))

    def _parents_first(self, units: dict[str, Unit]) -> Iterator[Unit]:
        done: set[str] = set()
        for unit in units.values():
            chain: dict[str, Unit] = {}
            walk: Unit | None = unit
            while walk is not None and walk.key not in done and walk.key not in chain:
                chain[walk.key] = walk
                walk = units.get(walk.parent)
            for link in reversed(chain.values()):
                in_circle = link.parent in chain and link.parent not in done
                if in_circle:
                    self._row, self._file = link.row, self.files[UNITS]
                    self.add(
                        "parentSourcedId",
                        "circle",
                        _("The parents of this organisation go round in a circle. It was placed at the top."),
                        link.key,
                        WARNING,
                    )
                done.add(link.key)
                yield Unit(*link[:5], "", link.is_active) if in_circle else link

    def _course(self, row: Cells) -> Unit:
        key, org, title = self.key(row), self.identifier(row, "orgSourcedId"), self.text(row, "title", 160)
        return Unit(
            self._row, f"course:{key}", title or key, "course", self.text(row, "courseCode", 60), org, self.status(row)
        )

    def periods(self) -> Iterator[Period]:
        """School years and terms, years first."""
        yield from sorted(
            self.each("academicSessions", PERIODS, self._period), key=lambda period: period.kind != "year"
        )

    def _period(self, row: Cells) -> Period:
        key, kind = self.key(row), "year" if row.get("type", "").strip().lower() in YEARS else "term"
        name, parent, is_active = self.text(row, "title", 80), self.identifier(row, "parentSourcedId"), self.status(row)
        starts, ends = self.date(row, "startDate"), self.date(row, "endDate")
        if starts is None or ends is None:
            raise Refusal("bad_date", _("This needs a start date and an end date."))
        if ends <= starts:
            raise Refusal("ends_before_start", _("The end date is not after the start date."))
        return Period(self._row, key, name or key, kind, starts, ends, parent, is_active)

    # --- people ---

    def people(self) -> Iterator[Person]:
        """Users except guardians. From 1.2 on their kind comes from roles.csv."""
        roles = self._roles()
        keys: dict[str, Person] = {}
        emails: dict[str, int] = {}
        for person in self.each("users", PEOPLE, lambda row: self._person(row, roles)):
            earlier = keys.get(person.key)
            if earlier is not None:
                self._repeated(person, earlier)
            elif person.email and emails.setdefault(person.email, person.row) != person.row:
                self._reject(
                    person,
                    "email",
                    "email_twice",
                    _("Row %(row)s already has this e-mail address.") % {"row": emails[person.email]},
                )
            else:
                keys[person.key] = person
                yield person

    def _repeated(self, person: Person, earlier: Person) -> None:
        if earlier[1:] == person[1:]:
            self.add(
                "sourcedId",
                "repeated",
                _("This row says the same as an earlier one. It was counted once."),
                person.key,
                WARNING,
            )
        else:
            self._reject(
                person,
                "sourcedId",
                "number_twice",
                _("Row %(row)s already has this sourcedId, with other details.") % {"row": earlier.row},
            )

    def _reject(self, person: Person, field: str, code: str, message: str) -> None:
        self.add(field, code, message, person.email if field == "email" else person.key)
        self.problems.reject(PEOPLE)

    def _roles(self) -> dict[str, str]:
        """User -> kind of person: staff wins over student, and either over guardian."""
        kinds: dict[str, str] = {}
        for user, kind, is_active in self.each("roles", PEOPLE, self._role_row):
            if is_active and _RANK[kind] > _RANK[kinds.get(user, "")]:
                kinds[user] = kind
        return kinds

    def _role_row(self, row: Cells) -> tuple[str, str, bool]:
        return (
            self.identifier(row, "userSourcedId"),
            PERSON_KIND.get(role_of(row.get("role", "")), ""),
            self.status(row),
        )

    def _person(self, row: Cells, roles: Mapping[str, str]) -> Person | None:
        key = self.key(row)
        kind = roles.get(key) or PERSON_KIND.get(role_of(row.get("role", "")), "")
        if kind == "guardian":
            self.problems.skip("guardians")
            return None
        is_active = self.status(row) and self.flag(row, "enabledUser", default=True)
        email, preferred, pronouns = (
            self.email(row),
            self.text(row, "preferredGivenName", 120),
            self.text(row, "pronouns", 40),
        )
        given, family = (
            self.text(row, "givenName", 120),
            self.text(row, "preferredFamilyName", 120) or self.text(row, "familyName", 120),
        )
        return Person(self._row, key, email, given, family, preferred, pronouns, kind, is_active, self._more_ids(row))

    def _more_ids(self, row: Cells) -> tuple[tuple[str, str], ...]:
        number = self.identifier(row, "identifier")
        ids = [(DEFAULT_SOURCE, number)] if number else []
        written = row.get("userIds", "")
        if written:
            ids += user_ids(written)
            if "{" not in written:
                self.once(
                    "plain_user_ids",
                    _("Identifiers that are not written as {type:id} were not used."),
                    self._file,
                    "userIds",
                )
        return tuple(ids)

    # --- groups and who is in them ---

    def groups(self) -> Iterator[GroupRow]:
        """Classes. What a class is about is the title of its course, else its first subject."""
        return self.each("classes", GROUPS, self._group)

    def _group(self, row: Cells) -> GroupRow:
        key = self.key(row)
        title = self.text(row, "title", 120) or self.text(row, "classCode", 120) or key
        course = self._course_titles.get(f"course:{row.get('courseSourcedId', '')}", "")
        subject = course or self.text(row, "subjects", 400).split(",")[0].strip()
        return GroupRow(self._row, key, title, subject[:120], self.text(row, "location", 120), self.status(row))

    def enrolments(self) -> Iterator[Enrolment]:
        """Students as participants, tutors and aides as leaders. Teachers and proctors are counted, not imported."""
        return self.each("enrollments", ENROLMENTS, self._enrolment)

    def _enrolment(self, row: Cells) -> Enrolment | None:
        word = role_of(row.get("role", ""))
        if word and word not in PROGRAMME_ROLE:
            self.problems.skip("teachers" if word == "teacher" else "other_roles")
            return None
        person, group = self.identifier(row, "userSourcedId"), self.identifier(row, "classSourcedId")
        if not person or not group:
            raise Refusal("no_key", _("This enrolment names no user or no class."))
        begins, ends = self.date(row, "beginDate"), self.date(row, "endDate")
        return Enrolment(self._row, person, group, PROGRAMME_ROLE.get(word, ""), self.status(row), begins, ends)
