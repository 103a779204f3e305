"""Getting into a cycle's design workspace, and who one is in it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from peerhub.common.access import can
from peerhub.common.statements import first
from programmes.models import Cycle, DesignPartner, Side
from programmes.permissions import partnership_in, remember_partnership
from programmes.queries.workspace import runs, workspace_row


def design_or_404(user: Any, slug: str, code: str) -> Cycle:
    """The cycle, when `user` runs it or was asked to design it: one query for those who run it, two for partners.

    Everybody else gets 404, and so does a partner who has left: what they signed and gave stays on their own record.
    """
    cycle = first(workspace_row(user=user, slug=slug, code=code))
    if cycle is not None:
        return cycle
    mine = DesignPartner.objects.visible_to(user).filter(cycle__programme__slug=slug, cycle__code=code)
    partner = mine.select_related("cycle__programme__activity_type", "cycle__programme__owner_unit").first()
    if partner is None:
        raise Http404
    remember_partnership(user, partner)
    return partner.cycle


@dataclass(frozen=True)
class Standing:
    """What the reader is in a partnership, and may do in it."""

    partner: DesignPartner | None
    runs: bool  # opens the cycle's workspace
    shapes: bool  # proposes, comments, puts questions, writes documents
    decides: bool  # records decisions, runs workshops, asks partners

    @property
    def is_asked(self) -> bool:
        return self.partner is not None and not self.partner.is_active

    @property
    def designs(self) -> bool:
        return self.partner is not None and self.partner.is_active


def standing_of(user: Any, cycle: Cycle) -> Standing:
    """One query, remembered on the user; a cycle that is closed is only read."""
    is_open = cycle.state != "closed"
    return Standing(
        partner=partnership_in(user, cycle.pk),
        runs=runs(user, cycle),
        shapes=is_open and can(user, "programmes.shape_design", cycle),
        decides=is_open and can(user, "programmes.decide_design", cycle),
    )


def side_of(user: Any, cycle: Cycle) -> str:
    """Which side somebody speaks for: as they were asked; who runs it without being a partner, by what they are."""
    partner = partnership_in(user, cycle.pk)
    if partner is not None:
        return partner.side
    return Side.STUDENT if user.kind == "student" else Side.STAFF
