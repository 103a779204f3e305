"""Problems of an import as they are stored: compact, and readable again."""

from collections.abc import Sequence
from typing import Any, Final

from programmes.rosters.errors import Problem, Problems
from programmes.services.rosters.writing import packed, unpacked

REPORT_HEADER: Final = ("file", "row", "severity", "field", "value", "message")


def stored(problems: Problems) -> bytes:
    """The problems that were kept, errors first, then by file and row."""
    rows = sorted(problems.kept, key=lambda problem: (problem.severity, problem.file, problem.row))
    return packed([list(problem) for problem in rows])


def read(data: bytes | memoryview) -> list[Problem]:
    """What `stored` kept."""
    return [Problem(*row) for row in unpacked(data)] if data else []


def as_row(problem: Problem) -> Sequence[Any]:
    """One line of the file a coordinator downloads."""
    return (problem.file, problem.row or "", problem.severity, problem.field, problem.value, problem.message)
