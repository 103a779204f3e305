"""One file of the corpus."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Make = bytes | str | Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """`filename` made by `make`; reading it says `code` with `message` (a part of the sentence) at `row`.

    `people` is how many rows are usable all the same (0 when the file as a whole is refused).
    """

    name: str
    filename: str
    make: Make
    code: str
    message: str
    row: int = 0
    people: int = 0
    warning: bool = False

    def build(self, folder: Path) -> Path:
        """Make the file in `folder` and return its path."""
        path = folder / self.filename
        if callable(self.make):
            self.make(path)
        else:
            path.write_bytes(self.make.encode() if isinstance(self.make, str) else self.make)
        return path


HEAD = "Student ID,First name,Surname,Email\n"
GOOD = "00417733,Ben,Okafor,ben.okafor@student.aberwen.ac.uk\n"
ALSO = "00417734,Mei,Lin,mei.lin@student.aberwen.ac.uk\n"


def row(number: str = "00417735", given: str = "Sian", family: str = "Rees", email: str = "sian@aberwen.ac.uk") -> str:
    """One row of the ordinary list."""
    return f"{number},{given},{family},{email}\n"
