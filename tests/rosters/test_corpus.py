"""Every file of the corpus gets its sentence, and nothing else happens."""

import subprocess
import sys
from pathlib import Path

import pytest

from programmes.rosters.errors import ERROR, Problem, RosterError
from programmes.rosters.opening import open_roster
from programmes.rosters.records import Person
from tests.rosters.corpus import CASES, TOLERATED, Case
from tests.rosters.corpus.case import HEAD, Make

HOSTILE = (
    "zip bomb",
    "zip whose directory lies",
    "a hundred thousand files",
    "billion laughs",
    "workbook that swells",
    "one cell in the last row",
    "cell of 10 MB",
    "a million columns",
)


def read_all(path: Path) -> tuple[list[Person], list[Problem], RosterError | None]:
    """Everything a file yields, as the check does: people and problems so far, and the refusal that ended it."""
    people: list[Person] = []
    try:
        roster = open_roster(path)
    except RosterError as refusal:
        return people, [], refusal
    try:
        for kind in (roster.units, roster.periods):
            list(kind())
        people.extend(roster.people())
        for kind in (roster.groups, roster.enrolments):
            list(kind())
    except RosterError as refusal:
        return people, roster.problems.kept, refusal
    return people, roster.problems.kept, None


def test_corpus_is_large_enough() -> None:
    assert len(CASES) >= 80
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in HOSTILE], ids=lambda case: case.name)
def test_read_roster_says_what_is_wrong(case: Case, tmp_path: Path) -> None:
    people, problems, refusal = read_all(case.build(tmp_path))
    said = [(problem.code, problem.row, problem.message, problem.severity) for problem in problems]
    if refusal is not None:
        said.append((refusal.code, refusal.row, str(refusal.message), ERROR))

    matching = [entry for entry in said if entry[0] == case.code]
    assert matching, said
    assert any(case.message in message and row == case.row for _code, row, message, _severity in matching), matching
    assert all((severity != ERROR) == case.warning for *_rest, severity in matching)
    assert len(people) == case.people


@pytest.mark.parametrize(("name", "filename", "make", "expected"), TOLERATED, ids=[row[0] for row in TOLERATED])
def test_read_roster_tolerates(name: str, filename: str, make: Make, expected: tuple[str, ...], tmp_path: Path) -> None:
    path = Case(name, filename, make, "", "").build(tmp_path)
    people, problems, refusal = read_all(path)

    assert refusal is None
    assert [problem for problem in problems if problem.severity == ERROR] == []
    assert [(person.key, person.email, person.given_name, person.family_name) for person in people] == [expected]


READ = """
import resource, sys, time
import django.conf; django.conf.settings.configure(USE_I18N=False)
from pathlib import Path
from programmes.rosters.errors import RosterError
from programmes.rosters.opening import open_roster
import programmes.rosters.sheets
before, start, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), 0
try:
    for _person in open_roster(Path(sys.argv[1])).people():
        count += 1
    said = f"people {count}"
except RosterError as refusal:
    said = f"{refusal.code} {refusal.message}"
spent, grown = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(spent, grown / 1024, said)
"""


def measured(path: Path) -> tuple[float, float, str, str]:
    """Read a file in a process of its own: seconds of CPU, megabytes grown, code, sentence."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", READ, str(path)], cwd=root, capture_output=True, text=True, check=True)
    seconds, megabytes, code, said = done.stdout.strip().split(maxsplit=3)
    return float(seconds), float(megabytes), code, said


@pytest.mark.parametrize("name", HOSTILE)
def test_read_roster_refuses_hostile_files_fast_and_small(name: str, tmp_path: Path) -> None:
    """Threat 19: bombs are refused in under a second and 100 MB."""
    case = next(case for case in CASES if case.name == name)
    seconds, megabytes, code, said = measured(case.build(tmp_path))
    assert (code, case.message in said) == (case.code, True)
    assert seconds < 1
    assert megabytes < 100


def test_read_roster_streams_two_hundred_thousand_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w") as file:
        file.write(HEAD)
        file.writelines(f"{n:08},Given,Family,s{n}@student.aberwen.ac.uk\n" for n in range(200_000))
    _seconds, megabytes, code, said = measured(path)
    assert (code, said) == ("people", "200000")
    assert megabytes < 200
