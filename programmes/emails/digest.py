"""The Monday digest: who has gone quiet in the cycles somebody coordinates or supervises, in one mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.models import Cycle, CycleState, Membership, Role
from programmes.queries.quiet import TITLES, quiet_in
from programmes.queries.quiet_ground import Quiet

NAMED = 3  # of each list; the rest is counted
LISTED = 20  # cycles
Lines = tuple[tuple[int, str, str, str], ...]

mail.topic(
    "digest",
    title=gettext_lazy("Monday digest"),
    help=gettext_lazy("Who has gone quiet, once a week, to those who coordinate or supervise"),
)


class DigestFacts:
    """The cycles of a batch's readers. What is quiet in them is read once, when the first letter is written."""

    def __init__(self, cycles_of: Mapping[int, set[int]]) -> None:
        self.cycles_of = cycles_of
        self.cycles: Mapping[int, Cycle] = {}
        self.quiet: dict[int, list[Quiet]] | None = None

    def quiet_at(self, now: datetime) -> dict[int, list[Quiet]]:
        """By cycle. A constant number of queries for a thousand pairs, participants and groups."""
        if self.quiet is None:
            here, found = quiet_in(set().union(*self.cycles_of.values()), now=now)
            self.cycles, self.quiet = here.cycles, {}
            for one in found:
                self.quiet.setdefault(one.cycle_id, []).append(one)
        return self.quiet


def _offices(abouts: Sequence[Mapping[str, Any]]) -> DigestFacts:
    rows = Membership.objects.active().filter(
        user__in={about["user"] for about in abouts},
        role__in=[Role.COORDINATOR, Role.SUPERVISOR],
        cycle__state=CycleState.RUNNING,
    )
    cycles_of: dict[int, set[int]] = {}
    for user_id, cycle_id in rows.values_list("user_id", "cycle_id"):
        cycles_of.setdefault(user_id, set()).add(cycle_id)
    return DigestFacts(cycles_of)


@mail.kind(
    "programmes.monday_digest",
    title=gettext_lazy("Who has gone quiet"),
    topic="digest",
    load=_offices,
    priority=mail.PRIORITY_BULK,
)
def monday_digest(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """To everybody who coordinates or supervises, over all their cycles; nothing when there is nothing to say."""
    mine = letter.facts.cycles_of.get(letter.recipient.pk, set())
    if not mine:
        return NotWanted(gettext_lazy("The person does not coordinate or supervise any more."))
    quiet = letter.facts.quiet_at(now)
    found = sorted(
        (letter.facts.cycles[pk] for pk in mine if pk in quiet), key=lambda one: (one.programme.name, one.pk)
    )
    if not found:
        return NotWanted(gettext_lazy("There was nothing to say this week."))
    count = sum(len(quiet[one.pk]) for one in found)
    return Rendered(
        "programmes/monday_digest",
        {
            "count": count,
            "cycles": tuple((one.programme.name, one.code, _lines(one, quiet[one.pk])) for one in found[:LISTED]),
            "more": max(0, len(found) - LISTED),
        },
        url=reverse("home"),
        why=_("You are getting this because you coordinate or supervise programmes."),
        title=ngettext("%(count)s thing has gone quiet", "%(count)s things have gone quiet", count) % {"count": count},
    )


def _lines(cycle: Cycle, quiet: Sequence[Quiet]) -> Lines:
    """(how many, of what, where to look, a few names) for each list that holds anybody."""
    address = reverse("programmes:quiet_list", args=[cycle.programme.slug, cycle.code])
    lines = []
    for kind, title in TITLES.items():
        names = [one.name for one in quiet if one.kind == kind]
        if names:
            named = ", ".join(names[:NAMED])
            if len(names) > NAMED:
                named = _("%(names)s and %(n)s more") % {"names": named, "n": len(names) - NAMED}
            lines.append((len(names), str(title), f"{address}?show={kind}", named))
    return tuple(lines)
