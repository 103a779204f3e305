"""Two people whose roles have ended: they get what a stranger gets, on every page of the programme they knew.

Nia was removed from Bio PASS, from every role in it. Mair coordinated last year's cycle of it, and has no part in this.
"""

from peerhub.accounts.models import PersonKind
from programmes.models import CycleState, MembershipStatus, Role
from tests import factories as make
from tests.access.matrix import Row
from tests.factories import in_days
from tests.world import World, person

ROWS: list[Row] = []


def extend(world: World) -> None:
    world.nia = person("Nia", "Gwynne", PersonKind.STAFF)  # type: ignore[attr-defined]
    world.mair = person("Mair", "Ellis", PersonKind.STAFF)  # type: ignore[attr-defined]
    for role in Role.values:
        removed = make.MembershipFactory(
            cycle=world.cycle,
            user=world.nia,
            role=role,
            status=MembershipStatus.REMOVED,
            ended_at=in_days(-1),  # type: ignore[attr-defined]
        )
        if role == Role.LEADER:
            make.SessionLeaderFactory(session=world.past, membership=removed)
            make.SessionLeaderFactory(session=world.upcoming, membership=removed)
        if role == Role.PARTICIPANT:
            make.AttendanceFactory(session=world.past, membership=removed)
    last_year = make.CycleFactory(
        programme=world.programme, code="2025-26", state=CycleState.CLOSED, starts_on="2025-09-22", ends_on="2026-06-12"
    )
    make.MembershipFactory(cycle=last_year, user=world.mair, role=Role.COORDINATOR, is_point_person=True)  # type: ignore[attr-defined]
