"""Messages a person wrote to people, and those written to them, for "My privacy"."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import Announcement


def announcement_holdings(user: Any) -> list[Holding]:
    """Two queries."""
    kept = _(
        "As long as the programme’s records are kept. If your account is erased, your name is no longer beside it."
    )
    rows = Announcement.objects.select_related("cycle__programme").order_by("created_at", "pk")
    return [
        Holding(
            _("Messages you wrote to people"),
            _("So that those who run the programme know what was said."),
            kept,
            [_row(one) for one in rows.filter(sender=user)],
        ),
        Holding(
            _("Messages from coordinators to you"),
            _("So that you can read them again."),
            _("As long as the programme’s records are kept, or until your account is erased."),
            [_row(one) for one in rows.filter(recipients__user=user, cancelled_at=None)],
        ),
    ]


def _row(one: Announcement) -> dict[str, Any]:
    return {
        "programme": one.cycle.programme.name,
        "cycle": one.cycle.code,
        "at": one.sends_at.isoformat(timespec="seconds"),
        "subject": one.subject,
        "text": one.text,
    }
