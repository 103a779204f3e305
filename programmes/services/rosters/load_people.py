"""People of a roster: made when new, changed where they differ, never deleted.

What a file may not do is take over an account. An address that somebody signs in with is never changed by a roster; a
class list (not an administrator's roster) renames nobody who has signed in, and gives no address to an account that
opens more than its own cycle; what people call themselves is theirs.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any, Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils.translation import gettext as _

from peerhub.accounts.models import ExternalId, PersonKind, User
from programmes.queries.addresses import is_ours, with_places_elsewhere, with_powers
from programmes.rosters import records
from programmes.rosters.errors import Problem
from programmes.rosters.people import ref_of
from programmes.rosters.records import Person
from programmes.services.rosters.finding import Finder, Known, holders
from programmes.services.rosters.outcome import CREATED, PEOPLE, UNCHANGED, UPDATED
from programmes.services.rosters.run import Run

CHUNK: Final = 50_000
ID_COLUMNS: Final = ("user", "source", "value")
CHANGEABLE: Final = ("email", "given_name", "family_name", "preferred_name", "pronouns", "kind")
USER_COLUMNS: Final = (*CHANGEABLE, "password", "date_joined")
_UNUSABLE_LENGTH: Final = 20  # bytes of randomness after Django's "!": reset tokens hash the password field

NewId = tuple[int, str, str]


class PeopleLoader:
    """Loads `roster.people()`. Afterwards `ids` says who the file's people are, `inactive` who of them has left."""

    def __init__(self, run: Run) -> None:
        self.ids: dict[str, int] = {}
        self.inactive: set[int] = set()
        self.rejected: set[str] = set()
        self.returned: list[Known] = []
        self._run, self._options, self._outcome, self._hand = run, run.options, run.outcome, run.hand
        self._rows: dict[int, int] = {}
        self._new_ids: set[tuple[str, str]] = set()
        self._guarded: tuple[set[int], set[int]] | None = None

    def load(self, people: Iterable[Person]) -> None:
        """All of them, `CHUNK` at a time."""
        source = iter(people)
        while chunk := list(islice(source, CHUNK)):
            self._load_chunk(chunk)

    def resolve(self, refs: Iterable[str]) -> None:
        """Look up people whom enrolments name but this file does not describe (a delta)."""
        unknown = [ref for ref in refs if ref not in self.ids]
        self.ids.update(holders(self._run.source, unknown))

    def _load_chunk(self, people: Sequence[Person]) -> None:
        finder, self._guarded = Finder(self._run.source, people), None
        new: list[Person] = []
        ids: list[NewId] = []
        before: list[list[Any]] = []
        after: list[list[Any]] = []
        for person in people:
            user_id = finder.find(person)
            if user_id is None:
                self._take_new(person, new)
            elif self._is_themselves(person, user_id, finder):
                self._note(person, user_id)
                added = self._added_ids(person, user_id, finder)
                known = finder.known[user_id]
                wanted = self._wanted(person, known, finder)
                held = tuple(getattr(known, field) for field in CHANGEABLE)
                if wanted != held:
                    before.append([user_id, *held])
                    after.append([user_id, *wanted])
                if known.deactivated_at and person.is_active:
                    self.returned.append(known)
                ids += added
                self._outcome.count(PEOPLE, UPDATED if added or wanted != held else UNCHANGED)
        self._create(new, ids, finder)
        self._hand.update(User, CHANGEABLE, before, after)

    # --- new people ---

    def _take_new(self, person: Person, new: list[Person]) -> None:
        if person.is_active:
            new.append(person)
        else:
            self._outcome.skipped["left_before_known"] += 1

    def _create(self, people: Sequence[Person], ids: list[NewId], finder: Finder) -> None:
        secrets, width = token_hex(_UNUSABLE_LENGTH * len(people)), 2 * _UNUSABLE_LENGTH
        passwords = (UNUSABLE_PASSWORD_PREFIX + secrets[at : at + width] for at in range(0, len(secrets), width))
        student, now = PersonKind.STUDENT.value, self._options.now
        rows = [
            (p.email or None, *p[3:7], p.kind or student, password, now)
            for p, password in zip(people, passwords, strict=True)
        ]
        keys = self._hand.create(User, USER_COLUMNS, rows)
        for person, user_id in zip(people, keys, strict=True):
            self._note(person, user_id)
            if person.key:
                ids.append((user_id, self._run.source, person.key))
            if person.more_ids:
                ids += self._other_ids(person, user_id, finder)
        self._outcome.count(PEOPLE, CREATED, len(people))
        self._hand.create(ExternalId, ID_COLUMNS, ids)

    # --- people we know ---

    def _note(self, person: Person, user_id: int) -> None:
        self.ids[ref_of(person)] = user_id
        self._rows[user_id] = person.row
        if not person.is_active:
            self.inactive.add(user_id)

    def _is_themselves(self, person: Person, user_id: int, finder: Finder) -> bool:
        """False, with a reason, when the address belongs to somebody with another number, or to an earlier row."""
        held = finder.key_of.get(user_id)
        if person.key and held not in {None, person.key}:
            message = _("This e-mail address belongs to somebody with another number.")
            self._reject(self._problem(person, "email", "other_person", message, person.email), person)
            return False
        if user_id in self._rows:
            message = _("This is the same person as in row %(row)s.") % {"row": self._rows[user_id]}
            self._reject(self._problem(person, "", "same_person", message), person)
            return False
        return True

    def _reject(self, problem: Problem, person: Person) -> None:
        self._outcome.reject(PEOPLE, problem)
        self.rejected.add(ref_of(person))

    def _added_ids(self, person: Person, user_id: int, finder: Finder) -> list[NewId]:
        """Numbers of a known person that are new to us."""
        added = []
        if person.key and person.key not in finder.by_key:
            added.append((user_id, self._run.source, person.key))
        return added + self._other_ids(person, user_id, finder)

    def _other_ids(self, person: Person, user_id: int, finder: Finder) -> list[NewId]:
        added = []
        for source, value in person.more_ids:
            holder = finder.by_other[source].get(value)
            if holder is None and (source, value) not in self._new_ids:
                self._new_ids.add((source, value))
                added.append((user_id, source, value))
            elif holder != user_id:
                message = _("Somebody else is known by this number. It stays with them.")
                self._outcome.warn(self._problem(person, "identifier", "number_taken", message, value))
        return added

    def _wanted(self, person: Person, known: Known, finder: Finder) -> tuple[Any, ...]:
        """What `CHANGEABLE` should be: what the file says where it says something and may say it."""
        may_rename = self._options.is_authority or not known.has_signed_in
        return (
            self._email(person, known, finder),
            (may_rename and person.given_name) or known.given_name,
            (may_rename and person.family_name) or known.family_name,
            known.preferred_name or person.preferred_name,
            known.pronouns or person.pronouns,
            (may_rename and person.kind) or known.kind,
        )

    def _email(self, person: Person, known: Known, finder: Finder) -> str | None:
        if not person.email or person.email == known.email:
            return known.email
        if finder.by_email.get(person.email, known.id) != known.id:
            message = _("This e-mail address belongs to somebody else. It was not used.")
            self._outcome.warn(self._problem(person, "email", "email_taken", message, person.email))
            return known.email
        if known.email and (known.has_signed_in or not self._options.is_authority):
            message = _("This person has another e-mail address with us. It was kept.")
            self._outcome.warn(self._problem(person, "email", "email_kept", message, person.email))
            return known.email
        if not self._options.is_authority and self._opens_more(person.email, known, finder):
            message = _("This person is known elsewhere too, so an administrator has to add this e-mail address.")
            self._outcome.warn(self._problem(person, "email", "email_not_ours", message, person.email))
            return known.email
        return person.email

    def _opens_more(self, address: str, known: Known, finder: Finder) -> bool:
        """Whether an address would open an account that is more than this cycle's: see `queries.addresses`."""
        if self._guarded is None:
            cycle, ids = self._options.cycle, [one.id for one in finder.known.values() if not one.email]
            self._guarded = with_powers(ids), with_places_elsewhere(ids, cycle_id=cycle.pk if cycle else None)
        powers, elsewhere = self._guarded
        return known.id in powers or (known.id in elsewhere and not is_ours(address))

    def _problem(self, person: Person, field: str, code: str, message: str, value: str = "") -> Problem:
        return Problem(person.row, field, code, message, value=value[:80], file=self._run.file(records.PEOPLE))
