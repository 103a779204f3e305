"""An uploaded list of people to invite, read with the rosters' readers: usable rows, and what is wrong elsewhere."""

import io

from django.utils.translation import gettext as _

from programmes.rosters import headings
from programmes.rosters.errors import ERROR, Problem, RosterError
from programmes.rosters.mapping import guess_mapping
from programmes.rosters.people import PeopleRoster
from programmes.rosters.sources import MB, Part
from programmes.rosters.tables import open_table
from programmes.services.invitation_batches import ROWS_LIMIT, BadRow, InviteRow

LIST_LIMIT = 2 * MB


def read_invite_list(name: str, content: bytes) -> tuple[list[InviteRow], list[BadRow]]:
    """Rows with an address, once each, and the rows that invite nobody. CSV or XLSX with headings First, Last, Email.

    Raises RosterError when the file cannot be used at all (its codes, and `no_email_column`).
    """
    if len(content) > LIST_LIMIT:
        raise RosterError("too_large", _("The file is larger than 2 MB. Import it as a class list instead."), file=name)
    table = open_table(Part(name, len(content), lambda: io.BytesIO(content)), headings.KNOWN)
    mapping = guess_mapping(table.columns)
    if headings.EMAIL not in mapping.columns:
        message = _("No column holds e-mail addresses. The first row should say First, Last, Email.")
        raise RosterError("no_email_column", message, file=name)
    roster = PeopleRoster(table, mapping)
    rows, rejected = [], []
    for person in roster.people():
        shown = f"{person.preferred_name or person.given_name} {person.family_name}".strip()
        if person.email:
            rows.append(InviteRow(person.row, person.email, shown))
        else:
            rejected.append(_no_address(person.row, shown or person.key))
        if len(rows) > ROWS_LIMIT or len(rejected) > ROWS_LIMIT:  # what is read within a request has to end soon
            message = _("This list has more than %(limit)s rows. Import it as a class list instead.")
            raise RosterError("too_many", message % {"limit": ROWS_LIMIT}, file=name)
    told = (problem for problem in roster.problems.kept if problem.row)
    rejected += [_bad(problem) for problem in told if problem.severity == ERROR or problem.code == "repeated"]
    return rows, sorted(rejected, key=lambda bad: bad.row)


def _bad(problem: Problem) -> BadRow:
    if problem.code == "no_key":
        return _no_address(problem.row, problem.value)
    return BadRow(problem.row, problem.code.partition(":")[0], str(problem.message), problem.value)


def _no_address(row: int, value: str) -> BadRow:
    return BadRow(row, "no_email", _("This row has no e-mail address."), value)
