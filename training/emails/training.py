"""Words about training that is missing or runs out. Facts are read again when a message leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.models import CycleState, Membership, MembershipStatus
from training.queries.clearance import Lapse, lapses, members_of

mail.topic(
    "training",
    title=gettext_lazy("Training"),
    help=gettext_lazy("What you need before you lead, and what runs out soon"),
)


@dataclass(frozen=True)
class Facts:
    """Memberships of a batch; what each lacks or will lack is asked once for the moment its letters share."""

    memberships: Mapping[int, Membership]
    _lapses: dict[datetime, dict[int, list[Lapse]]] = field(default_factory=dict)

    def of(self, pk: int, now: datetime) -> list[Lapse]:
        if now not in self._lapses:
            found: dict[int, list[Lapse]] = {}
            for one in lapses(members_of(Membership.objects.filter(pk__anyof=sorted(self.memberships)), now)):
                found.setdefault(one.member.pk, []).append(one)
            self._lapses[now] = found
        return sorted(self._lapses[now].get(pk, ()), key=lambda one: one.on)


def _facts(abouts: Sequence[Mapping[str, Any]]) -> Facts:
    rows = Membership.objects.select_related("cycle__programme")
    return Facts(rows.in_bulk({about["membership"] for about in abouts}))


def _membership(letter: Letter) -> Membership | NotWanted:
    found = letter.facts.memberships.get(letter.about["membership"])
    if found is None or found.status != MembershipStatus.ACTIVE or found.cycle.state == CycleState.CLOSED:
        return NotWanted(gettext_lazy("The person does not lead there any more."))
    return found


@mail.kind("training.lapsing", title=gettext_lazy("Your training runs out soon"), topic="training", load=_facts)
def lapsing(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """30, 14 and 3 days before: what runs out on that day, and what that means."""
    membership = _membership(letter)
    if isinstance(membership, NotWanted):
        return membership
    on = date.fromisoformat(letter.about["on"])
    found = [one for one in letter.facts.of(membership.pk, now) if one.on == on]
    if not found:
        return NotWanted(gettext_lazy("It has been renewed."))
    return _rendered("training/lapsing", membership, found, _("Your training for %(programme)s runs out soon"), on=on)


@mail.kind("training.nudge", title=gettext_lazy("Training to do before you lead"), topic="training", load=_facts)
def nudge(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """A coordinator asks for what is missing."""
    membership = _membership(letter)
    if isinstance(membership, NotWanted):
        return membership
    found = [one for one in letter.facts.of(membership.pk, now) if one.on <= one.member.today]
    if not found:
        return NotWanted(gettext_lazy("Nothing is missing any more."))
    return _rendered("training/nudge", membership, found, _("Training to do before you lead (%(programme)s)"), on=None)


def _rendered(
    template: str, membership: Membership, found: Sequence[Lapse], title: str, *, on: date | None
) -> Rendered:
    words = {"programme": membership.cycle.programme.name}
    return Rendered(
        template,
        {"programme_name": words["programme"], "titles": tuple(one.title for one in found), "on": on},
        url=found[0].url if len(found) == 1 else reverse("training:mine"),
        why=_("You are getting this because you lead in %(programme)s.") % words,
        title=title % words,
    )
