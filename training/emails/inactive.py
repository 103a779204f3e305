"""Words about leaders of whom nothing was seen: to themselves, kindly, and once a term to whoever coordinates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.accounts.models import User
from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.models import Cycle, CycleState, Membership, MembershipStatus, Role
from training.queries.inactive import WRITTEN, counted_since, idle_leaders, teaching_terms

NAMED = 8


def _members(abouts: Sequence[Mapping[str, Any]]) -> tuple[dict[int, Membership], dict[int, User]]:
    rows = Membership.objects.select_related("cycle__programme__activity_type")
    members = rows.in_bulk({about["membership"] for about in abouts})
    return members, User.objects.in_bulk({about["by"] for about in abouts})


@mail.kind(WRITTEN, title=gettext_lazy("Would you like to go on leading?"), topic="training", load=_members)
def inactive_hello(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """How are you, would you like to go on, and that it is fine if not."""
    members, writers = letter.facts
    found: Membership | None = members.get(letter.about["membership"])
    if found is None or found.status != MembershipStatus.ACTIVE or found.cycle.state == CycleState.CLOSED:
        return NotWanted(_("The person does not lead there any more."))
    programme, by = found.cycle.programme, writers.get(letter.about["by"])
    words = {"programme": programme.name, "leader": str(programme.word("leader"))}
    lines = [
        _("We have not seen you lead in %(programme)s for a while, and hope you are well.") % words,
        _("Would you like to go on? Then tell us what you need: other times, a group of your own, training again."),
        _("If it does not fit into your life now, that is all right. Tell us, or leave under “My programmes”."),
        by.display_name if by else "",
    ]
    title = _("Would you like to go on leading in %(programme)s?") % words
    return Rendered(
        "training/application",
        {
            "subject_line": title,
            "heading_line": title,
            "lines": tuple(filter(None, lines)),
            "action_line": _("Open the programme"),
        },
        url=reverse("programmes:programme_detail", args=[programme.slug]),
        why=_("You are getting this because you lead in %(programme)s.") % words,
        title=title,
    )


def _cycles(abouts: Sequence[Mapping[str, Any]]) -> tuple[dict[int, Cycle], set[tuple[int, int]]]:
    ids = {about["cycle"] for about in abouts}
    offices = Membership.objects.active().filter(cycle__in=ids, role=Role.COORDINATOR)
    cycles = Cycle.objects.select_related("programme").in_bulk(ids)
    return cycles, set(offices.values_list("cycle_id", "user_id"))


@mail.kind(
    "training.inactive_listed", title=gettext_lazy("Leaders who have not been seen"), topic="training", load=_cycles
)
def inactive_listed(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Once a term: how many, a few names, and the list."""
    cycles, offices = letter.facts
    cycle: Cycle | None = cycles.get(letter.about["cycle"])
    if cycle is None or cycle.state != CycleState.RUNNING or (cycle.pk, letter.recipient.pk) not in offices:
        return NotWanted(_("The cycle does not run any more, or the person does not coordinate it."))
    today = cycle.today(now=now)
    since = counted_since(cycle, teaching_terms(today), today)
    idle = idle_leaders(cycle, since, now=now) if since else []
    if not idle:
        return NotWanted(_("Everybody who leads was seen."))
    words = {"programme": cycle.programme.name, "n": len(idle)}
    title = ngettext(
        "%(n)s leader has not been seen this term (%(programme)s)",
        "%(n)s leaders have not been seen this term (%(programme)s)",
        len(idle),
    )
    names = [f"{one.name}: {', '.join(one.reasons)}" for one in idle[:NAMED]]
    if len(idle) > NAMED:
        names.append(_("and %(n)s more") % {"n": len(idle) - NAMED})
    lines = [*names, _("Write to them, say that they are away, or end their part. Nothing happens by itself.")]
    return Rendered(
        "training/application",
        {
            "subject_line": title % words,
            "heading_line": title % words,
            "lines": tuple(lines),
            "action_line": _("Open the list"),
        },
        url=reverse("training:inactive_list", args=[cycle.programme.slug, cycle.code]),
        why=_("You are getting this because you coordinate %(programme)s.") % words,
        title=title % words,
    )
