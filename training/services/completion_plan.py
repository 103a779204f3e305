"""What importing a file of results would do, row by row: the check that is shown, and what is written by it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.accounts.models import User
from peerhub.common import dates
from programmes.models import Membership
from programmes.rosters.cells import clean_email, clean_identifier
from programmes.rosters.errors import Refusal, RosterError
from programmes.rosters.records import Person
from programmes.services.rosters.finding import Finder
from training.models import AssessmentKind, Completion, CompletionImport, CompletionImportState, Module
from training.models.modules import TRAINED
from training.rosters.sheets import Sheet
from training.rosters.values import NOT_DONE, PASSED, Value, read_day, read_value

MOST_RESULTS = 20_000
RECORD, THERE, BELOW = "record", "there", "below"
UNKNOWN, AMBIGUOUS, IMPOSSIBLE, FUTURE, UNREADABLE, OWN = (
    "unknown", "ambiguous", "impossible", "future", "unreadable", "own"
)  # fmt: skip
REFUSED = (UNKNOWN, AMBIGUOUS, IMPOSSIBLE, FUTURE, UNREADABLE, OWN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A module, the column of its results, what they are out of, what is enough, and the column of its days."""

    module: Module
    column: int
    out_of: Decimal
    enough: int
    day: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody said a file means. `on` is the day of results that have none of their own."""

    identifier: int | None
    email: int | None
    source: str
    wanted: Sequence[Wanted]
    on: date | None
    month_first: bool = False


class Line(NamedTuple):
    """What one result comes to. `who` is as the file says it; `user` 0 where nobody was found."""

    row: int
    who: str
    user: int
    name: str
    module: str
    title: str
    score: int | None
    on: str
    outcome: str
    why: str


class Result(NamedTuple):
    """A result of a person, read; `outcome` and `why` where it is refused already."""

    row: int
    person: Person
    who: str
    wanted: Wanted
    value: Value
    on: date | None
    has_own_day: bool
    outcome: str = ""
    why: str = ""


def plan_of(
    row: CompletionImport, sheet: Sheet, choice: Choice, *, actor: Any, now: datetime
) -> tuple[list[Line], dict[str, int]]:
    """Every result with what becomes of it, refusals first, and how many of each. A constant number of queries."""
    today = timezone.localdate(now)
    results, empty = _results(sheet, choice, today)
    people = _People(row, choice.source, results)
    known = _Known({one.user for one in people.found.values() if one.user}, choice.wanted)
    judge = _Judge(known, _contradictory(results, people), actor)
    lines = []
    for one in results:
        who = people.found[one.person]
        outcome, why = one.outcome, one.why
        if not outcome:
            outcome, why = judge(one, who)
        lines.append(_line(one, who, outcome, why))
    lines.sort(key=lambda line: (line.outcome not in REFUSED, line.outcome == THERE, line.row))
    return lines, {**Counter(line.outcome for line in lines), "empty": empty}


# --- reading ----------------------------------------------------------------------------------------------------------
def _results(sheet: Sheet, choice: Choice, today: date) -> tuple[list[Result], int]:
    found: list[Result] = []
    empty = 0
    for number, cells in sheet.rows():
        person, who, why = _person(number, cells, choice)
        for wanted in choice.wanted:
            one = _result(cells, wanted, choice, (number, person, who, why), today)
            if one is None:
                empty += 1
            else:
                found.append(one)
        if len(found) > MOST_RESULTS:
            said = _("The file holds more than %(n)s results. Import it in parts.") % {"n": f"{MOST_RESULTS:,}"}
            raise RosterError("too_many_rows", said, file=sheet.table.name)
    return found, empty


def _person(number: int, cells: Sequence[str], choice: Choice) -> tuple[Person, str, str]:
    """Who the row is about, as the file says it, and what is wrong with that."""
    said = [cells[place].strip() for place in (choice.identifier, choice.email) if place is not None]
    who = next(filter(None, said), "")[:120]
    try:
        key = clean_identifier(cells[choice.identifier], _nothing) if choice.identifier is not None else ""
        email = _address(cells[choice.email]) if choice.email is not None else ""
    except Refusal as refusal:
        return Person(number, "", ""), who, refusal.message
    why = "" if key or email else _("The row has neither a number nor an address.")
    return Person(number, key, email), who, why


def _address(text: str) -> str:
    """Where people sign in with a name, the column holds no addresses."""
    return clean_email(text) if "@" in text else ""


def _nothing(code: str, message: str) -> None:
    """Remarks on numbers are for rosters: here the person is found or is not."""


def _result(
    cells: Sequence[str], wanted: Wanted, choice: Choice, about: tuple[int, Person, str, str], today: date
) -> Result | None:
    """None where the file has no result."""
    number, person, who, why = about
    value, on, outcome = Value(), choice.on, UNKNOWN if why else ""
    own_day = None
    try:
        read = read_value(cells[wanted.column], out_of=wanted.out_of)
        if read is None:
            return None
        value = read
        if wanted.day is not None and value.word != NOT_DONE:
            own_day = read_day(cells[wanted.day], month_first=choice.month_first)
            on = own_day or on
    except Refusal as refusal:
        outcome, why = outcome or (IMPOSSIBLE if refusal.code == "impossible" else UNREADABLE), why or refusal.message
    if not outcome and value.word != NOT_DONE:
        outcome, why = _day_refused(on, today)
    return Result(number, person, who, wanted, value, on, own_day is not None, outcome, why)


def _day_refused(on: date | None, today: date) -> tuple[str, str]:
    if on is None:
        return UNREADABLE, _("The file does not say on which day, and no day was given.")
    if on > today:
        return FUTURE, _("%(day)s has not come yet.") % {"day": dates.long_day(on)}
    return "", ""


# --- who it is --------------------------------------------------------------------------------------------------------
class Found(NamedTuple):
    user: int
    name: str
    outcome: str = ""
    why: str = ""


class _People:
    """Whom the rows are about, among those who may be trained here: nobody learns by it who else has an account."""

    def __init__(self, row: CompletionImport, source: str, results: Iterable[Result]) -> None:
        people = list(dict.fromkeys(one.person for one in results if one.outcome != UNKNOWN))
        finder = Finder(source, people)
        names = _names(row, {*finder.by_key.values(), *finder.by_email.values()})
        self.found = {one: _found(one, finder, names) for one in people}
        for one in results:
            self.found.setdefault(one.person, Found(0, ""))


def _names(row: CompletionImport, users: set[int]) -> dict[int, str]:
    """Of those: who leads, coordinates or supervises in the programme, or anywhere where modules are shared."""
    places = Membership.objects.active().filter(role__in=TRAINED, user__anyof=sorted(users))
    if row.owner_id:
        places = places.filter(cycle__programme=row.owner_id)
    rows = User.objects.filter(pk__in=places.values("user"))
    return {one.pk: one.display_name for one in rows}


def _found(person: Person, finder: Finder, names: Mapping[int, str]) -> Found:
    by_key, by_email = finder.by_key.get(person.key), finder.by_email.get(person.email)
    if by_key and by_email and by_key != by_email and {by_key, by_email} <= names.keys():
        said = _("The number is %(one)s’s, the address %(other)s’s.")
        return Found(0, "", AMBIGUOUS, said % {"one": names[by_key], "other": names[by_email]})
    user = next((one for one in (by_key, by_email) if one in names), None)
    if user is None:
        return Found(0, "", UNKNOWN, _("Nobody who is trained here has this number or address."))
    if person.key and user == by_email and finder.key_of.get(user, person.key) != person.key:
        return Found(0, "", AMBIGUOUS, _("The address is known here with another number."))
    return Found(user, names[user])


# --- what it comes to -------------------------------------------------------------------------------------------------
class _Known:
    """What is on record of these people and modules. One query."""

    def __init__(self, users: set[int], wanted: Sequence[Wanted]) -> None:
        modules = [one.module.pk for one in wanted]
        rows = Completion.objects.filter(user__anyof=sorted(users), module__in=modules).values_list(
            "user_id", "module_id", "completed_on", "expires_on", "withdrawn_at", "imported_from__state"
        )
        self.counting: dict[tuple[int, int], dict[date, date | None]] = {}
        self.taken_back: dict[tuple[int, int], set[date]] = {}
        for user, module, on, until, withdrawn_at, state in rows:
            if withdrawn_at is None:
                self.counting.setdefault((user, module), {})[on] = until
            elif state != CompletionImportState.UNDONE:
                self.taken_back.setdefault((user, module), set()).add(on)


def _contradictory(results: Sequence[Result], people: _People) -> set[tuple[int, int, date | None]]:
    """Person, module and day of which the file says different things."""
    said: dict[tuple[int, int, date | None], set[Value]] = {}
    for one in results:
        user = people.found[one.person].user
        if user and not one.outcome:
            said.setdefault((user, one.wanted.module.pk, one.on), set()).add(one.value)
    return {key for key, values in said.items() if len(values) > 1}


class _Judge:
    """What becomes of one result after the other; what an earlier row said already is there."""

    def __init__(self, known: _Known, contradictory: set[tuple[int, int, date | None]], actor: Any) -> None:
        self._known, self._contradictory, self._actor = known, contradictory, actor
        self._seen: set[tuple[int, int, date | None]] = set()

    def __call__(self, one: Result, who: Found) -> tuple[str, str]:
        key = (who.user, one.wanted.module.pk, one.on)
        if who.outcome:
            return who.outcome, who.why
        if who.user == self._actor.pk:
            return OWN, _("Nobody decides on their own training. Ask somebody else to import it.")
        if key in self._contradictory:
            return AMBIGUOUS, _("Rows of this file say different things about this person.")
        outcome, why = _is_enough(one)
        if outcome:
            return outcome, why
        if key in self._seen:
            return THERE, _("Another row of this file says the same.")
        self._seen.add(key)
        return _beside(one, who, self._known)


def _is_enough(one: Result) -> tuple[str, str]:
    value, wanted = one.value, one.wanted
    if value.word == NOT_DONE:
        return BELOW, _("Not complete.")
    if value.percent is not None and value.percent < wanted.enough:
        return BELOW, _("%(score)s %% where %(enough)s %% is enough.") % {
            "score": int(value.percent), "enough": wanted.enough
        }  # fmt: skip
    is_quiz = wanted.module.assessment == AssessmentKind.QUIZ
    if value.percent is None and is_quiz and value.word != PASSED:
        return UNREADABLE, _("“Completed” does not say that the quiz was passed. Choose the column with the score.")
    return "", ""


def _beside(one: Result, who: Found, known: _Known) -> tuple[str, str]:
    """What is on record already. A file that gives no days of its own never renews what has run out."""
    key = (who.user, one.wanted.module.pk)
    have, gone = known.counting.get(key, {}), known.taken_back.get(key, set())
    on = one.on or date.max
    if one.has_own_day:
        if on in have:
            return THERE, ""
        is_gone = on in gone
    else:
        if any(until is None or until > on for until in have.values()):
            return THERE, ""
        if have:
            said = _("Completed on %(day)s and run out since. The file does not say whether this is a new result.")
            return AMBIGUOUS, said % {"day": dates.long_day(max(have))}
        is_gone = bool(gone)
    if is_gone:
        return AMBIGUOUS, _("Recorded before, and taken back by hand. Record it by hand if it counts after all.")
    until = one.wanted.module.expires_on(on)
    return RECORD, _("Runs out on %(day)s.") % {"day": dates.long_day(until)} if until else ""


def _line(one: Result, who: Found, outcome: str, why: str) -> Line:
    module, percent = one.wanted.module, one.value.percent
    return Line(
        one.row, one.who, who.user, who.name, str(module.uuid), module.title,
        None if percent is None else int(percent), one.on.isoformat() if one.on else "", outcome, why,
    )  # fmt: skip
