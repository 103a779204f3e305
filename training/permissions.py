"""Who may do what in stage 2. Roles are those of the cycle: see programmes.permissions."""

from typing import Any

import rules

from peerhub.institution.permissions import is_institution_lead, keeps_people_safe
from programmes.permissions import coordinates_programme, is_coordinator_of, is_supervisor_of, may_run
from training.models import HelperKind, Module, RecruitmentRound, RoundHelper

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


# --- modules, curricula and clearance ---
@rules.predicate
def looks_after_module(user: Any, module: Module | None = None) -> bool:
    """Its programme's coordinators and owners; the shared site is kept by the institution and its safeguarding leads.
    Load `owner__owner_unit`.
    """
    if module is None:
        return False
    return bool(keeps_site(user) if module.owner is None else coordinates_programme(user, module.owner))


keeps_site = is_institution_lead | keeps_people_safe

rules.add_perm("training.view_board", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.export_board", is_coordinator_of)
rules.add_perm("training.nudge_people", is_coordinator_of)
rules.add_perm("training.view_readiness", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.change_curriculum", may_run)
rules.add_perm("training.change_module", looks_after_module)
rules.add_perm("training.change_shared", keeps_site)
rules.add_perm("training.record_completion", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.decide_clearance", is_coordinator_of)
