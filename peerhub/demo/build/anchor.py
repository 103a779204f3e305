"""When the demo is: everything hangs on one moment, so that "today" always has something in it."""

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

ZONE = zoneinfo.ZoneInfo("Europe/London")
WEEKS_SO_FAR = 6  # the demo looks at a university in teaching week 7: busy, with history behind and plans ahead
TERM_WEEKS = 11


@dataclass(frozen=True)
class Anchor:
    """`now` is the moment of building. Terms are laid around it; years are 52 weeks apart, so weekdays stay."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def term_starts_on(self) -> date:
        """The Monday six weeks before this week's."""
        monday = self.today - timedelta(days=self.today.weekday())
        return monday - timedelta(weeks=WEEKS_SO_FAR)

    def year_start(self, years_ago: int = 0) -> date:
        return self.term_starts_on - timedelta(weeks=52 * years_ago)

    def year_end(self, years_ago: int = 0) -> date:
        return self.year_start(years_ago) + timedelta(weeks=37, days=4)

    def year_code(self, years_ago: int = 0) -> str:
        """2026-27."""
        start = self.year_start(years_ago).year
        return f"{start}-{(start + 1) % 100:02d}"

    def teaching_mondays(self, years_ago: int = 0) -> list[date]:
        """Mondays of the two teaching terms: eleven weeks, four weeks' break, eleven weeks."""
        start = self.year_start(years_ago)
        return [
            start + timedelta(weeks=week) for week in (*range(TERM_WEEKS), *range(TERM_WEEKS + 4, 2 * TERM_WEEKS + 4))
        ]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That wall-clock time in Aberwen."""
    return datetime.combine(day, time(hour, minute), ZONE)
