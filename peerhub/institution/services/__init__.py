"""What can be done with the organisation."""

from peerhub.institution.services.branding import BrandingRefused, change_branding
from peerhub.institution.services.calendar import (
    CalendarRefused,
    add_closures,
    remove_entry,
    save_closure,
    save_term,
    save_year,
)
from peerhub.institution.services.directory import ServiceRefused, save_service, switch_service, verify_service
from peerhub.institution.services.roles import RoleRefused, end_role, grant_role
from peerhub.institution.services.units import (
    UnitRefused,
    change_unit,
    create_unit,
    deactivate_unit,
    move_unit,
    reactivate_unit,
)

__all__ = [
    "BrandingRefused",
    "CalendarRefused",
    "RoleRefused",
    "ServiceRefused",
    "UnitRefused",
    "add_closures",
    "change_branding",
    "change_unit",
    "create_unit",
    "deactivate_unit",
    "end_role",
    "grant_role",
    "move_unit",
    "reactivate_unit",
    "remove_entry",
    "save_closure",
    "save_service",
    "save_term",
    "save_year",
    "switch_service",
    "verify_service",
]
