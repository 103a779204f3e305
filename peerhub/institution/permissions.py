"""Who may do what on the organisation tree. Roles come from `RoleGrant`; a grant holds on its unit and all below it."""

from typing import Any

import rules
from django.db.models import QuerySet

from peerhub.common.statements import compiled
from peerhub.institution.models import GrantRole, OrgUnit, RoleGrant


def grants_of(user: Any) -> list[RoleGrant]:
    """The person's active grants with their units, read once per request (the user object remembers them)."""
    remembered: list[RoleGrant] | None = getattr(user, "_role_grants", None)
    if remembered is None:
        remembered = _grants(user=user) if user.is_authenticated else []
        user._role_grants = remembered
    return remembered


@compiled
def _grants(*, user: Any) -> QuerySet[RoleGrant, RoleGrant]:
    return RoleGrant.objects.held_by(user).select_related("unit")


def knows_grants(user: Any) -> bool:
    """True when this user object remembers its grants already."""
    return getattr(user, "_role_grants", None) is not None


def remember_grants(user: Any, grants: list[RoleGrant]) -> None:
    """What `grants_of` is to answer for this user object: somebody read them together with other things."""
    user._role_grants = grants


def holds(user: Any, role: str, unit: OrgUnit | None) -> bool:
    """True when `user` holds `role` on `unit` or above it; with `unit` None, anywhere."""
    return any(
        grant.role == role and (unit is None or unit.path.startswith(grant.unit.path)) for grant in grants_of(user)
    )


@rules.predicate
def is_lead(user: Any, unit: OrgUnit | None = None) -> bool:
    return holds(user, GrantRole.LEAD, unit)


@rules.predicate
def is_institution_lead(user: Any) -> bool:
    """Leads the whole institution, not a part of it."""
    return any(grant.role == GrantRole.LEAD and grant.unit.parent_id is None for grant in grants_of(user))


@rules.predicate
def owns_programmes(user: Any, unit: OrgUnit | None = None) -> bool:
    return holds(user, GrantRole.PROGRAMME_OWNER, unit)


@rules.predicate
def keeps_people_safe(user: Any, unit: OrgUnit | None = None) -> bool:
    """Safeguarding leads and their deputies: where people are sent must be right."""
    return holds(user, GrantRole.SAFEGUARDING_LEAD, unit) or holds(user, GrantRole.DEPUTY_SAFEGUARDING_LEAD, unit)


rules.add_perm("institution.view_overview", is_lead)
rules.add_perm("institution.change_branding", is_institution_lead)
rules.add_perm("institution.change_calendar", is_institution_lead)
rules.add_perm("institution.change_units", is_institution_lead)
rules.add_perm("institution.change_roles", is_institution_lead)
rules.add_perm("institution.change_services", is_institution_lead | owns_programmes | keeps_people_safe)
rules.add_perm("institution.create_programme", owns_programmes)
