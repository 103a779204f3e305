"""The letter to people whom a class list brought into a programme, sent only when the coordinator asked for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.models import Membership, MembershipStatus, Role


def _memberships(abouts: Iterable[Mapping[str, Any]]) -> dict[int, Membership]:
    rows = Membership.objects.select_related("cycle__programme__activity_type", "user")
    return rows.in_bulk({about["membership"] for about in abouts})


@mail.kind(
    "programmes.roster_added", title=gettext_lazy("You are part of a programme"), topic="joining", load=_memberships
)
def roster_added(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """To a new member, while they still are one."""
    membership: Membership | None = letter.facts.get(letter.about["membership"])
    if membership is None or membership.status != MembershipStatus.ACTIVE:
        return NotWanted(_("They are no longer part of it."))
    programme = membership.cycle.programme
    is_named = membership.role in {Role.LEADER, Role.PARTICIPANT}
    role = programme.word(membership.role) if is_named else str(Role(membership.role).label).lower()
    return Rendered(
        "programmes/roster_added",
        {
            "programme": programme,
            "role": role,
            "sessions": programme.word("sessions"),
            "has_account": membership.user.last_login is not None,
        },
        url=reverse("home"),
        why=_("You are getting this because %(programme)s uses your university's class list.")
        % {"programme": programme.name},
        title=_("You are part of %(programme)s") % {"programme": programme.name},
    )
