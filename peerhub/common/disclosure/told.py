"""What is said of a number about people."""

from dataclasses import dataclass
from fractions import Fraction

from peerhub.common.stages import Text


@dataclass(frozen=True, slots=True)
class Told:
    """A `number`, rounded and said with `places` decimals and its `unit`; or None and a `symbol` for a table's cell
    with `words` for a sentence ("fewer than 5", "too few to say").
    """

    number: Fraction | None
    symbol: str = ""
    words: Text = ""
    places: int = 0
    unit: str = ""

    @property
    def cell(self) -> str:
        """As a table or file shows it: "1,905", "37.5%", "<5"."""
        if self.number is None:
            return self.symbol
        # Already a multiple of a tenth at the least: nothing is rounded a second time.
        whole, rest = divmod(abs(self.number) * 10**self.places, 10**self.places)
        decimals = f".{int(rest):0{self.places}d}" if self.places else ""
        return f"{'-' if self.number < 0 else ''}{whole:,}{decimals}{self.unit}"

    @property
    def plural(self) -> int:
        """What to choose a word's form by, so that "fewer than 5 student" gives nobody away."""
        return 2 if self.number is None else int(self.number)

    def __str__(self) -> str:
        return self.cell if self.number is not None else str(self.words)
