"""Sessions that are over and have no log."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast

from programmes.models import CycleState, Session, SessionKind, SessionStatus

# A day after the leader is reminded, the coordinator hears of it.
COORDINATOR_AFTER = timedelta(hours=24)


def unlogged(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Those of `sessions` that nobody logged, in cycles that are not closed. Callers compare times."""
    return sessions.filter(status=SessionStatus.PLANNED, kind=SessionKind.SESSION).exclude(
        cycle__state=CycleState.CLOSED
    )


def log_overdue(sessions: QuerySet[Session], *, now: datetime, after: timedelta = timedelta(0)) -> QuerySet[Session]:
    """Those whose log was due (their end and the cycle's `log_due_hours`) at least `after` ago; `log_due` says when."""
    # The first filter is implied by the second; it lets the index on (status, starts_at) do most of the work.
    return unlogged(sessions).filter(starts_at__lt=now).annotate(log_due=log_due()).filter(log_due__lte=now - after)


def log_due() -> ExpressionWrapper:
    """When a session's log is due, for the database."""
    hours = ExpressionWrapper(
        Cast("cycle__log_due_hours", IntegerField()) * Value(timedelta(hours=1)), output_field=DurationField()
    )
    return ExpressionWrapper(F("ends_at") + hours, output_field=DateTimeField())
