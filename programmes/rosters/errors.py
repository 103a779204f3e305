"""What is wrong with a file, and what is wrong with a row: both said in sentences a coordinator can act on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from peerhub.common.errors import DomainError

ERROR = "error"
WARNING = "warning"
KEPT = 5000


class RosterError(DomainError):
    """The file cannot be used at all. `row` and `file` say where, when that is known.

    Codes: the names listed in docs/rosters.md, for example not_text, no_header, zip_bomb, too_large.
    """

    def __init__(self, code: str, message: "str | Promise", *, row: int = 0, file: str = "") -> None:
        super().__init__(code, message)
        self.row = row
        self.file = file


class Problem(NamedTuple):
    """One thing about one row. Errors leave the row out, warnings do not. `row` is what people see; 0 is the file."""

    row: int
    field: str
    code: str
    message: str
    severity: str = ERROR
    value: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Inside the readers: this value cannot be used. Becomes a `Problem` of its row."""

    code: str
    message: str


class Problems:
    """Collects problems: keeps the first `KEPT`, counts all. A file of rubbish must not fill the memory."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.rejected: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.errors = 0
        self.warnings = 0
        self._said: set[tuple[str, str, str]] = set()

    def add(self, problem: Problem) -> None:
        """Record one problem."""
        if problem.severity == ERROR:
            self.errors += 1
        else:
            self.warnings += 1
        if len(self.kept) < KEPT:
            self.kept.append(problem)

    def once(self, problem: Problem) -> None:
        """Record a problem that is true of the whole file: said one time only."""
        said = (problem.file, problem.code, problem.field)
        if said not in self._said:
            self._said.add(said)
            self.add(problem)

    def reject(self, kind: str) -> None:
        """Count one row of `kind` left out."""
        self.rejected[kind] += 1

    def skip(self, kind: str) -> None:
        """Count one row that is in order but not ours to import (guardians, teachers)."""
        self.skipped[kind] += 1

    @property
    def left_out(self) -> int:
        """Problems counted but not kept."""
        return self.errors + self.warnings - len(self.kept)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.kept)
