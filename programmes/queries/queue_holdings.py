"""What queues hold on a person, for "My privacy"."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import QueueEntry
from programmes.queries.naming import session_title


def queue_holding(user: Any, kept: Any) -> Holding:
    """Every ticket of theirs, and every person they called: of those only that somebody was helped. One query."""
    rows = QueueEntry.objects.filter(Q(membership__user=user) | Q(called_by__user=user))
    related = ("membership", "topic", "session__cycle__programme__activity_type", "session__group")
    tickets = [_ticket(row, user) for row in rows.select_related(*related).order_by("joined_at", "pk")]
    return Holding(
        _("Queues of drop-ins"),
        _("So that people are helped in order, and that the programme knows whom it could not help."),
        kept,
        tickets,
    )


def _ticket(row: QueueEntry, user: Any) -> dict[str, Any]:
    session, is_own = row.session, row.membership.user_id == user.pk
    return {
        "programme": session.cycle.programme.name,
        "session": session_title(session),
        "you": str(_("queued")) if is_own else str(_("helped somebody")),
        "ticket": row.number if is_own else "",
        "topic": row.topic.name if is_own and row.topic else "",
        "about": row.about if is_own else "",
        "joined": str(row.get_how_display()) if is_own else "",
        "joined_at": _moment(row.joined_at) if is_own else "",
        "called_at": _moment(row.called_at),
        "started_at": _moment(row.started_at),
        "ended_at": _moment(row.ended_at),
        "outcome": str(row.get_state_display()) if is_own else "",
    }


def _moment(value: Any) -> str:
    return value.isoformat(timespec="seconds") if value else ""
