"""Sessions that are over and have no log."""

from django.db.models import QuerySet

from programmes.models import CycleState, Session, SessionKind, SessionStatus


def overdue_logs(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Those of `sessions` that nobody logged, oldest first, with cycle, programme and group. Callers compare times."""
    return (
        sessions.filter(status=SessionStatus.PLANNED, kind=SessionKind.SESSION)
        .exclude(cycle__state=CycleState.CLOSED)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("ends_at", "pk")
    )
