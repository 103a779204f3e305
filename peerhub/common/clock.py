"""Wall-clock times and instants: what a person means by "Sunday 29 March, 01:30" in a place that changes its clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError

NOON = time(12)  # where only the day matters


class NoSuchTime(DomainError):
    """Codes: no_such_time. The clocks go forward over this time: it does not exist on that day."""


def instant(on: date, at: time, zone: str) -> datetime:
    """The moment (UTC) at which the clocks of `zone` show `on` and `at`.

    A time that exists twice (clocks go back) is its first occurrence. One that is skipped is refused with `NoSuchTime`.
    """
    local = datetime.combine(on, at.replace(fold=0), ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(
            "no_such_time", _("The clocks go forward that night, so this time does not exist. Choose another.")
        )
    return moment


def period(on: date, start: time, end: time, zone: str) -> tuple[datetime, datetime]:
    """Start and end (UTC) of something on `on`. An end at or before the start is on the next day: over midnight."""
    end_on = on if end > start else on + timedelta(days=1)
    return instant(on, start, zone), instant(end_on, end, zone)


def local(moment: datetime, zone: str) -> datetime:
    """The moment as the clocks of `zone` show it, without a zone of its own, so that templates print it as it is."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day_bounds(on: date, zone: str, *, days: int = 1) -> tuple[datetime, datetime]:
    """The half-open span (UTC) of `days` local days from `on`: 23 or 25 hours where clocks change."""
    tz = ZoneInfo(zone)
    first, last = (datetime.combine(on + timedelta(days=n), time.min, tz) for n in (0, days))
    return first.astimezone(UTC), last.astimezone(UTC)


def instant_near(on: date, at: time, zone: str) -> tuple[datetime, bool]:
    """As `instant`, for what comes back: a time that is skipped is read with the clocks of before, so that 01:30
    becomes 02:30 (RFC 5545, 3.3.5). Also says whether that was so.
    """
    tz = ZoneInfo(zone)
    moment = datetime.combine(on, at.replace(fold=0), tz).astimezone(UTC)
    return moment, moment.astimezone(tz).replace(tzinfo=None) != datetime.combine(on, at)
