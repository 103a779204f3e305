"""One load at work: the roster, what is asked, what comes of it, and the hand that writes."""

from dataclasses import dataclass, field

from programmes.rosters.records import Roster
from programmes.services.rosters.outcome import Options, Outcome, Progress
from programmes.services.rosters.writing import Rehearsal


@dataclass(frozen=True)
class Run:
    """Passed to every loader. `file(kind)` names the file behind a kind of row, for problems."""

    roster: Roster
    options: Options
    hand: Rehearsal
    progress: Progress
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", Outcome(self.roster.problems, self.roster.source, self.roster.is_package))

    @property
    def source(self) -> str:
        return self.roster.source

    def file(self, kind: str) -> str:
        return self.roster.files[kind]
