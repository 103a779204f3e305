"""Which home pages a person has, and how they move between them."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import GrantRole
from peerhub.institution.permissions import grants_of
from programmes.models import Role
from programmes.permissions import current_roles

LAST_ROLE = "home_role"  # the browser session's note of the role used last


@dataclass(frozen=True)
class Home:
    """One role's home page. `label` names it in the switcher."""

    role: str
    url_name: str
    label: Promise
    icon: str


HOMES = {
    home.role: home
    for home in (
        Home("leader", "home_leader", _("Leading"), "person-raised-hand"),
        Home("student", "home_student", _("Taking part"), "mortarboard"),
        Home("coordinator", "home_coordinator", _("Coordinating"), "clipboard-check"),
        Home("supervisor", "home_supervisor", _("Supervising"), "eye"),
        Home("institution", "home_institution", _("Overview"), "building"),
        Home("staff", "home_staff", _("Partners and support"), "people"),
    )
}
OF_STAFF = ("coordinator", "supervisor", "institution", "staff", "leader", "student")
OF_STUDENTS = ("leader", "student", "coordinator", "supervisor", "institution", "staff")
LISTS = ("coordinator", "supervisor", "staff", "leader", "student")  # homes that say what waits, as staff look at them
KEEPS_SERVICES = {GrantRole.SAFEGUARDING_LEAD, GrantRole.DEPUTY_SAFEGUARDING_LEAD}


def homes_of(user: Any) -> list[str]:
    """The roles whose home this person has, the likeliest first. Everybody has at least one. Two queries a request."""
    roles = current_roles(user)
    grants = {grant.role for grant in grants_of(user)}
    has = {
        "leader": Role.LEADER in roles,
        "student": Role.PARTICIPANT in roles or user.kind == "student",
        "coordinator": Role.COORDINATOR in roles or GrantRole.PROGRAMME_OWNER in grants,
        "supervisor": Role.SUPERVISOR in roles,
        "institution": GrantRole.LEAD in grants and _has_page("home_institution"),
        "staff": Role.PARTNER in roles or bool(grants & KEEPS_SERVICES),
    }
    order = OF_STUDENTS if user.kind == "student" else OF_STAFF
    return [role for role in order if has[role]] or ["staff"]


def waits_at(user: Any) -> str:
    """The home page on which a person finds what waits for them in no role of a programme, such as to score or sign."""
    if user.kind == "student":
        return "student"
    homes = homes_of(user)
    return next((one for one in LISTS if one in homes), "staff")


def _has_page(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:
        return False
    return True
