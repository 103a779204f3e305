"""A mapped table as people: every row becomes a `Person` and an `Enrolment`, or problems with its number."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from programmes.rosters import headings as h
from programmes.rosters.cells import clean_email, clean_identifier, clean_label, clean_text, split_name
from programmes.rosters.errors import ERROR, WARNING, Problem, Problems, Refusal, RosterError
from programmes.rosters.mapping import ColumnMapping, check_mapping
from programmes.rosters.records import ENROLMENTS, GROUPS, PEOPLE, Enrolment, GroupRow, Period, Person, Unit
from programmes.rosters.tables import Table
from programmes.rosters.words import ACTIVE, KIND, ROLE

PRONOUNS_LIMIT: Final = 40
GROUPS_LIMIT: Final = 5000
CANVAS_NOTES = frozenset({"points possible", "manual posting", "muted", "student, test", "test student"})


def ref_of(person: Person) -> str:
    """How enrolments name a person: the key, or "@" and the address. Keys never start with "@"."""
    return person.key or f"@{person.email}"


class PeopleRoster:
    """A list of people. Follows `records.Roster`; there are no units or periods in a list."""

    def __init__(self, table: Table, mapping: ColumnMapping, *, complete: bool = False) -> None:
        self.source = mapping.source
        self.complete, self.is_delta, self.is_package = complete, False, False
        self.problems = Problems()
        self.total = max(1, table.lines - table.header_row)
        self.files: Mapping[str, str] = dict.fromkeys((PEOPLE, GROUPS, ENROLMENTS), table.name)
        self._table = table
        self._mapping = mapping
        self._at = check_mapping(mapping, table.columns, file=table.name)
        self._enrolments: list[Enrolment] = []
        self._groups: dict[str, GroupRow] = {}
        self._labels: dict[str, str] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._emails: dict[str, tuple[int, int, str]] = {}
        self._row = 0

    def units(self) -> Iterator[Unit]:
        return iter(())

    def periods(self) -> Iterator[Period]:
        return iter(())

    def groups(self) -> Iterator[GroupRow]:
        return iter(self._groups.values())

    def enrolments(self) -> Iterator[Enrolment]:
        """What `people` found; read that first."""
        return iter(self._enrolments)

    def people(self) -> Iterator[Person]:
        """Everybody in the list, once. Repeated rows of one person add only their groups."""
        self._say_what_is_ignored()
        usable = 0
        width = len(self._table.columns)
        for number, found in self._table.rows():
            self._row = number
            if len(found) != width and not self._fits(found, width):
                continue
            cells = found if len(found) == width else found[:width] + [""] * (width - len(found))
            if self._is_note(cells):
                continue
            person = self._person(cells)
            if person is None:
                self.problems.reject(PEOPLE)
                continue
            usable += 1
            if self._remember(person, cells):
                yield person
        if not usable and not self.problems.errors:
            raise RosterError("no_rows", _("There are headings but no people below them."), file=self._table.name)

    # --- one row ---

    def _person(self, cells: list[str]) -> Person | None:
        """The row as a person, or None when a cell that matters cannot be used. Every bad cell is reported."""
        before = self.problems.errors
        key = self._read(cells, h.IDENTIFIER, self._identifier)
        email = self._read(cells, h.EMAIL, clean_email)
        given, family = self._names(cells)
        kind = self._word(cells, h.KIND, KIND)
        is_active = self._word(cells, h.STATUS, ACTIVE) != "no"
        preferred = self._read(cells, h.PREFERRED, self._text)
        pronouns = self._read(cells, h.PRONOUNS, self._pronouns)
        if self.problems.errors > before:
            return None
        if not key and not email:
            self._add(
                h.EMAIL if h.EMAIL in self._at else h.IDENTIFIER,
                "no_key",
                _("This row has neither a student number nor an e-mail address."),
            )
            return None
        return Person(self._row, key, email, given, family, preferred, pronouns, kind, is_active)

    def _names(self, cells: list[str]) -> tuple[str, str]:
        if h.FULL in self._at and h.GIVEN not in self._at:
            return split_name(self._read(cells, h.FULL, self._text))
        return self._read(cells, h.GIVEN, self._text), self._read(cells, h.FAMILY, self._text)

    def _read(self, cells: list[str], field: str, clean: Callable[[str], str]) -> str:
        index = self._at.get(field)
        if index is None:
            return ""
        text = cells[index]
        if not text:
            return ""
        try:
            return clean(text)
        except Refusal as refusal:
            self._add(field, refusal.code, refusal.message, text)
            return ""

    def _word(self, cells: list[str], field: str, known: dict[str, str]) -> str:
        index = self._at.get(field)
        text = " ".join(cells[index].lower().split()) if index is not None else ""
        if not text:
            return ""
        if text in known:
            return known[text]
        self.problems.once(
            Problem(
                self._row,
                field,
                f"unknown_word:{text[:40]}",
                _("“%(value)s” is a word we do not know here. It was not used.") % {"value": text[:40]},
                WARNING,
                text[:80],
                self._table.name,
            )
        )
        return ""

    def _identifier(self, text: str) -> str:
        return clean_identifier(text, self._warner(h.IDENTIFIER, text))

    def _text(self, text: str) -> str:
        return clean_text(text, self._warner(h.GIVEN, text))

    def _pronouns(self, text: str) -> str:
        return clean_text(text, self._warner(h.PRONOUNS, text), limit=PRONOUNS_LIMIT)

    def _warner(self, field: str, text: str) -> Callable[[str, str], None]:
        return lambda code, message: self._add(field, code, message, text, WARNING)

    def _add(self, field: str, code: str, message: str, value: str = "", severity: str = ERROR) -> None:
        self.problems.add(Problem(self._row, field, code, message, severity, value[:80], self._table.name))

    # --- what rows mean together ---

    def _remember(self, person: Person, cells: list[str]) -> bool:
        """Note the enrolment; True when the person is new in this file. A contradiction rejects the later row."""
        said = hash(person[1:])
        earlier = self._keys.get(person.key) if person.key else None
        by_email = self._emails.get(person.email) if person.email else None
        if not self._agrees(person, said, earlier, by_email):
            self.problems.reject(PEOPLE)
            return False
        repeated = earlier is not None or by_email is not None
        if person.key:
            self._keys.setdefault(person.key, (person.row, said))
        if person.email:
            self._emails.setdefault(person.email, (person.row, said, person.key))
        self._enrol(person, cells, repeated)
        return not repeated

    def _agrees(
        self, person: Person, said: int, earlier: tuple[int, int] | None, by_email: tuple[int, int, str] | None
    ) -> bool:
        if earlier is not None and earlier[1] != said:
            message = _("Row %(row)s already has this student number, with other details.") % {"row": earlier[0]}
            self._add(h.IDENTIFIER, "number_twice", message, person.key)
            return False
        if by_email is not None and (by_email[2] != person.key or by_email[1] != said):
            message = _("Row %(row)s already has this e-mail address, with another student number or name.") % {
                "row": by_email[0]
            }
            self._add(h.EMAIL, "email_twice", message, person.email)
            return False
        return True

    def _enrol(self, person: Person, cells: list[str], repeated: bool) -> None:
        groups = self._groups_in(cells)
        role = self._word(cells, h.ROLE, ROLE)
        if repeated and not groups:
            self._add(
                "", "repeated", _("This row says the same as an earlier one. It was counted once."), severity=WARNING
            )
            return
        ref = ref_of(person)
        for group in groups or ("",):
            self._enrolments.append(Enrolment(person.row, ref, group, role, person.is_active))

    def _groups_in(self, cells: list[str]) -> tuple[str, ...]:
        """Keys of the groups a cell names: one, or several between semicolons."""
        index = self._at.get(h.GROUP)
        text = cells[index] if index is not None else ""
        if not text.strip():
            return ()
        keys = []
        for part in text.split(";"):
            if part not in self._labels:
                self._labels[part] = self._label(type(text)(part))
            if label := self._labels[part]:
                key = label.casefold()
                self._groups.setdefault(key, GroupRow(self._row, key, label))
                keys.append(key)
        if len(self._groups) > GROUPS_LIMIT:
            message = _("The group column names more than %(limit)s groups. Is it the right column?") % {
                "limit": GROUPS_LIMIT
            }
            raise RosterError("too_many_groups", message, row=self._row, file=self._table.name)
        return tuple(keys)

    def _label(self, text: str) -> str:
        """A group's name, looked at once however many people are in it."""
        try:
            return clean_label(text, self._warner(h.GROUP, text))
        except Refusal as refusal:
            self._add(h.GROUP, refusal.code, refusal.message, text, WARNING)
            return ""

    # --- rows that are not people, and the file as a whole ---

    def _fits(self, cells: list[str], width: int) -> bool:
        """Short rows are filled up, extra empty cells ignored. Otherwise columns have shifted: the row is left out."""
        if len(cells) == 1 and width > 2 and any(sign in cells[0] for sign in ",;\t|"):
            message = _("This row uses another separator than the row of headings.")
        elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
            message = _(
                "This row has %(cells)s cells where the headings have %(width)s. Is a comma or quotation mark missing?"
            ) % {"cells": len(cells), "width": width}
        else:
            return True
        self._add("", "wrong_width", message, self._table.delimiter.join(cells))
        self.problems.reject(PEOPLE)
        return False

    def _is_note(self, cells: list[str]) -> bool:
        """Rows Canvas puts between headings and people."""
        if self._mapping.profile != "canvas":
            return False
        return not CANVAS_NOTES.isdisjoint(cell.strip().lower() for cell in cells)

    def _say_what_is_ignored(self) -> None:
        if self._mapping.ignored:
            columns = {"columns": ", ".join(self._mapping.ignored)[:200]}
            self._note("not_stored", _("These columns are never stored and were not read: %(columns)s.") % columns)
        if self._table.other_sheets:
            sheets = {"sheets": ", ".join(self._table.other_sheets)[:200]}
            self._note("other_sheets", _("Only the first sheet was read. Not read: %(sheets)s.") % sheets)

    def _note(self, code: str, message: str) -> None:
        self.problems.once(Problem(0, "", code, message, WARNING, "", self._table.name))
