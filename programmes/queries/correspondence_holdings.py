"""What was written to a person and by them, for "My privacy": invitations, coordinators' messages, and
what they had a part in designing.
"""

from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import Announcement, Invitation, InvitationStatus, Role
from programmes.queries.design_holdings import SAYS, design_holdings, design_rows

INVITED, WROTE, READ = "invited", "announced", "read"


def correspondence_holdings(user: Any) -> list[Holding]:
    """One query."""
    found: dict[str, list[dict[str, Any]]] = {INVITED: [], WROTE: [], READ: []}
    rows = list(_rows(user))
    designed = [row for row in rows if row[0] in SAYS]
    for what, programme, code, at, first, second, role in (row for row in rows if row[0] in found):
        row = {"programme": programme, "cycle": code}
        sent = at.isoformat(timespec="seconds")
        if what == INVITED:
            status = str(InvitationStatus(second).label)
            row |= {"role": str(Role(role).label), "address": first, "sent": sent, "status": status}
        else:
            row |= {"at": sent, "subject": first, "text": second}
        found[what].append(row)
    return [
        Holding(
            _("Invitations"),
            _("So that you could be asked to take part."),
            _("Six months after they ran out, or until your account is erased."),
            found[INVITED],
        ),
        Holding(
            _("Messages you wrote to people"),
            _("So that those who run the programme know what was said."),
            _("As long as the programme’s records are kept; without your name once your account is erased."),
            found[WROTE],
        ),
        Holding(
            _("Messages from coordinators to you"),
            _("So that you can read them again."),
            _("As long as the programme’s records are kept, or until your account is erased."),
            found[READ],
        ),
        *design_holdings(designed),
    ]


def _rows(user: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """(what, programme, cycle, when, address or subject, status or text, role), oldest first."""
    where = ("cycle__programme__name", "cycle__code")
    empty = Value("", output_field=CharField())
    addresses = Q(email__in=[user.email or ""]) | Q(membership__user=user)
    invited = Invitation.objects.filter(addresses)
    wrote = Announcement.objects.filter(sender=user)
    read = Announcement.objects.filter(recipients__user=user, cancelled_at=None)
    said = (*where, "sends_at", "subject", "text", empty)
    return (
        invited.values_list(Value(INVITED), *where, "sent_at", "email", "status", "role")
        .union(
            wrote.values_list(Value(WROTE), *said), read.values_list(Value(READ), *said), *design_rows(user), all=True
        )
        .order_by("sent_at")
    )
