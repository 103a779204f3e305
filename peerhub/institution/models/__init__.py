"""The organisation: tree, roles on it, calendar, support services, branding."""

from peerhub.institution.models.branding import Branding
from peerhub.institution.models.calendar import AcademicYear, Closure, Term, TermKind
from peerhub.institution.models.roles import GrantRole, RoleGrant
from peerhub.institution.models.services import SupportService
from peerhub.institution.models.units import OrgExternalId, OrgUnit, UnitKind

__all__ = [
    "AcademicYear",
    "Branding",
    "Closure",
    "GrantRole",
    "OrgExternalId",
    "OrgUnit",
    "RoleGrant",
    "SupportService",
    "Term",
    "TermKind",
    "UnitKind",
]
