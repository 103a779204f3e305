"""Loading a roster: the one way that a check and an import both take. A check's hand writes nothing."""

from typing import Final

from django.utils.translation import gettext as _

from programmes.models import Cycle
from programmes.rosters import records
from programmes.rosters.errors import WARNING, Problem
from programmes.rosters.records import Roster
from programmes.services.rosters import outcome as names
from programmes.services.rosters.load_accounts import close_accounts, reopen_accounts
from programmes.services.rosters.load_groups import GroupLoader
from programmes.services.rosters.load_members import MemberLoader
from programmes.services.rosters.load_people import PeopleLoader
from programmes.services.rosters.load_places import PlaceLoader
from programmes.services.rosters.load_terms import TermLoader
from programmes.services.rosters.load_units import UnitLoader
from programmes.services.rosters.outcome import Options, Outcome, Progress
from programmes.services.rosters.run import Run
from programmes.services.rosters.writing import Rehearsal

# What the readers call a kind of row, and what the summary does.
KIND_OF: Final = {
    records.PEOPLE: names.PEOPLE,
    records.UNITS: names.UNITS,
    records.PERIODS: names.TERMS,
    records.GROUPS: names.GROUPS,
    records.ENROLMENTS: names.MEMBERSHIPS,
}


def load(roster: Roster, options: Options, hand: Rehearsal, progress: Progress) -> Outcome:
    """Load everything `options` ask for. Raises RosterError where the file breaks off: commit nothing then."""
    run = Run(roster, options, hand, progress)
    _load_institution(run)
    people = PeopleLoader(run)
    people.load(progress.watch(roster.people()))
    if options.cycle is None:
        _say_no_cycle(run)
    else:
        _load_cycle(run, options.cycle, people)
    if options.is_authority:
        close_accounts(run, people.inactive)
        reopen_accounts(run, people.returned)
    for kind, number in roster.problems.rejected.items():
        run.outcome.count(KIND_OF[kind], names.REJECTED, number)
    run.outcome.skipped.update(roster.problems.skipped)
    return run.outcome


def _load_institution(run: Run) -> None:
    units, periods = run.progress.watch(run.roster.units()), run.progress.watch(run.roster.periods())
    if run.options.is_authority:
        UnitLoader(run).load(units)
        TermLoader(run).load(periods)
    elif sum(1 for _row in units) + sum(1 for _row in periods):
        message = _("Organisation units and terms were not imported: an administrator does that with the command.")
        run.outcome.problems.once(Problem(0, "", "institution_skipped", message, WARNING))


def _load_cycle(run: Run, cycle: Cycle, people: PeopleLoader) -> None:
    groups = GroupLoader(run, cycle)
    groups.load(run.progress.watch(run.roster.groups()))
    members = MemberLoader(run, cycle, people, groups)
    members.read(run.progress.watch(run.roster.enrolments()))
    members.write()
    PlaceLoader(run, cycle, members, groups).load()


def _say_no_cycle(run: Run) -> None:
    groups = sum(1 for _row in run.roster.groups())
    enrolments = sum(1 for _row in run.roster.enrolments())
    if groups:
        message = _("No programme was named: %(groups)s classes with %(enrolments)s enrolments were not imported.")
        numbers = {"groups": groups, "enrolments": enrolments}
        run.outcome.problems.once(Problem(0, "", "no_cycle", message % numbers, WARNING))
