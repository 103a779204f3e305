"""Who may do what in stage 2. Roles are those of the cycle: see programmes.permissions."""

from typing import Any

import rules

from peerhub.institution.models import GrantRole
from peerhub.institution.permissions import holds, is_institution_lead, keeps_people_safe
from programmes.permissions import coordinates_programme, is_coordinator_of, is_supervisor_of, may_run
from training.models import Application, ApplicationState, Delivery, HelperKind, Module, RecruitmentRound, RoundHelper

# --- recruitment ---
# Coordinators only: supervisors and those above would be more eyes on a choice that is made without names.
rules.add_perm("training.find_recruitment", is_coordinator_of)  # the tab


@rules.predicate
def applies(user: Any, target: Any = None) -> bool:
    """Has applied to lead in this cycle: whoever coordinates it by now does not choose among their competitors."""
    cycle_id = getattr(target, "cycle_id", None) or getattr(target, "pk", None)
    mine = Application.objects.sent().filter(applicant=user, round__cycle=cycle_id)
    return mine.exclude(state=ApplicationState.WITHDRAWN).exists()


rules.add_perm("training.view_recruitment", is_coordinator_of & ~applies)
rules.add_perm("training.change_recruitment", is_coordinator_of & ~applies)


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


@rules.predicate
def has_assessed(user: Any, target: Any = None) -> bool:
    """Was ever named to score in this round, also when released since."""
    return RoundHelper.objects.filter(user=user, round=target, kind=HelperKind.ASSESSOR).exists()


# Whoever reads what applicants wrote in full does not score it, and did not.
rules.add_perm("training.prepare_application", (is_coordinator_of & ~has_assessed & ~applies) | redacts)


# --- equality monitoring ---
@rules.predicate
def analyses_equality(user: Any, target: Any = None) -> bool:
    """Equality analyst of the programme's unit or above it; without a target, anywhere."""
    unit = None if target is None else getattr(target, "cycle", target).programme.owner_unit
    return holds(user, GrantRole.EQUALITY_ANALYST, unit)


# Totals only, and only for who neither chooses nor applies: not supervisors or leads. A superuser has every permission
# by Django's rule and none of these by ours: pages ask the predicates themselves.
finds_fairness = is_coordinator_of | analyses_equality
reads_fairness = finds_fairness & ~applies & ~has_assessed
rules.add_perm("training.list_fairness", analyses_equality)
rules.add_perm("training.find_fairness", finds_fairness)
rules.add_perm("training.view_fairness", reads_fairness)

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


@rules.predicate
def looks_after_modules_of(user: Any, target: Any = None) -> bool:
    """Of a programme, or of what belongs to one (`owner`); None: of the shared site."""
    owner = getattr(target, "owner", target)
    return bool(keeps_site(user) if owner is None else coordinates_programme(user, owner))


@rules.predicate
def runs_delivery(user: Any, delivery: Delivery | None = None) -> bool:
    """Looks after the module. Load `module__owner__owner_unit`."""
    return delivery is not None and bool(looks_after_module(user, delivery.module))


@rules.predicate
def gives_delivery(user: Any, delivery: Delivery | None = None) -> bool:
    """Is named as the one who gives it."""
    return delivery is not None and delivery.trainer_id == user.pk


rules.add_perm("training.change_delivery", runs_delivery)
rules.add_perm("training.take_register", runs_delivery | gives_delivery)
rules.add_perm("training.view_board", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.export_board", is_coordinator_of)
rules.add_perm("training.nudge_people", is_coordinator_of)
rules.add_perm("training.view_readiness", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.view_inactive", is_coordinator_of)
rules.add_perm("training.change_curriculum", may_run)
rules.add_perm("training.change_module", looks_after_module)
rules.add_perm("training.change_shared", keeps_site)
rules.add_perm("training.import_completions", looks_after_modules_of)
rules.add_perm("training.record_completion", is_coordinator_of | is_supervisor_of)
rules.add_perm("training.decide_clearance", is_coordinator_of)

# --- certification ---
rules.add_perm("training.change_schemes", keeps_site)
rules.add_perm("training.grant_award", is_coordinator_of)
