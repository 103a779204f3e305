"""Who may do what in stage 2. Roles are those of the cycle: see programmes.permissions."""

from typing import Any

import rules

from programmes.permissions import is_coordinator_of, is_supervisor_of
from training.models import HelperKind, RecruitmentRound, RoundHelper

# --- recruitment ---
# Coordinators only: supervisors and those above would be more eyes on a choice that is made without names.
rules.add_perm("training.view_recruitment", is_coordinator_of)
rules.add_perm("training.change_recruitment", is_coordinator_of)


@rules.predicate
def assesses(user: Any, target: Any = None) -> bool:
    """Scores in this round."""
    return target is not None and _helps(user, target, HelperKind.ASSESSOR)


@rules.predicate
def redacts(user: Any, target: Any = None) -> bool:
    """Prepares copies in this round."""
    return target is not None and _helps(user, target, HelperKind.REDACTOR)


def _helps(user: Any, round_: RecruitmentRound, kind: str) -> bool:
    rows = RoundHelper.objects.filter(user=user, round=round_, kind=kind, released_at=None)
    return user.is_authenticated and rows.exists()


# Whoever reads what applicants wrote in full does not score it.
rules.add_perm("training.prepare_application", (is_coordinator_of & ~assesses) | redacts)
# --- handbooks ---
rules.add_perm("training.view_handbook_desk", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.change_handbook", is_coordinator_of)
