"""Whether anything of stage 2 waits for a member of staff: asked once a request, so that pages of who coordinates, and
is seldom asked to score or to read, do not ask for each kind of it.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value

from peerhub.common.statements import compiled
from programmes.models import CycleState, Membership
from training.models import HandbookAcknowledgement, HandbookVersion, Reader, RoundHelper, RoundState
from training.models.handbooks import ROLES_OF

HELPS, READS = "helps", "reads"


def staff_waits(user: Any) -> set[str]:
    """Of `HELPS` and `READS` what there may be. One query a request at most: the user object remembers it."""
    remembered: set[str] | None = getattr(user, "stage_two_waits", None)
    return remember_waits(user, (what for (what,) in _waits(user=user))) if remembered is None else remembered


def remember_waits(user: Any, found: Iterable[str]) -> set[str]:
    """For the rest of the request, by whoever asked `waiting_rows` along with something else."""
    user.stage_two_waits = set(found)
    return user.stage_two_waits


@compiled
def _waits(*, user: Any) -> QuerySet[Any, tuple[Any, ...]]:
    (helps, first), (reads, second) = waiting_rows(user)
    return first.values_list(Value(helps)).union(second.values_list(Value(reads)))


def waiting_rows(user: Any) -> list[tuple[str, QuerySet[Any]]]:
    """What may wait, and the rows of which one is enough; for one SELECT of a statement each."""
    helps = RoundHelper.objects.filter(user=user, released_at=None, round__state=RoundState.OPEN)
    roles = [str(one) for one in ROLES_OF[Reader.STAFF]]
    mine = Membership.objects.active().filter(user=user, cycle=OuterRef("handbook__cycle"), role__in=roles)
    newer = HandbookAcknowledgement.objects.filter(
        user=user, version__handbook=OuterRef("handbook"), version__major__gte=OuterRef("major")
    )
    reads = HandbookVersion.objects.filter(
        Exists(mine.exclude(cycle__state=CycleState.CLOSED)),
        ~Exists(newer),
        minor=0,
        published_at__isnull=False,
        handbook__reader=Reader.STAFF,
    )
    return [(HELPS, helps.order_by()), (READS, reads.order_by())]
