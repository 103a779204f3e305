"""When tests happen: a Wednesday morning in the middle of the autumn term."""

from datetime import UTC, date, datetime, timedelta

NOW = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 4)


def in_days(days: float) -> datetime:
    """`days` after NOW; negative for before."""
    return NOW + timedelta(days=days)


def in_hours(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
