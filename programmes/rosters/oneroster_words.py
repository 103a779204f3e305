"""OneRoster's vocabularies, in this house's words."""

import re
from typing import Final

from django.utils.translation import gettext as _

from programmes.rosters.cells import ID_LIMIT
from programmes.rosters.errors import Refusal

# OneRoster is school-born: a "school" is a department of a university, its "local" and "district" a faculty.
ORG_KIND: Final = {
    "department": "department",
    "school": "department",
    "local": "faculty",
    "district": "faculty",
    "faculty": "faculty",
    "state": "faculty",
    "national": "faculty",
    "university": "faculty",
    "college": "faculty",
}
YEARS: Final = frozenset({"schoolyear", "school year", "academicyear", "academic year", "year"})
PERSON_KIND: Final = {
    "student": "student",
    "teacher": "staff",
    "aide": "staff",
    "tutor": "student",
    "proctor": "staff",
    "administrator": "staff",
    "districtadministrator": "staff",
    "siteadministrator": "staff",
    "systemadministrator": "staff",
    "principal": "staff",
    "counselor": "staff",
    "parent": "guardian",
    "guardian": "guardian",
    "relative": "guardian",
}
# Role in a class -> role in a cycle; None: not ours to import. A word that is not here is skipped too.
PROGRAMME_ROLE: Final = {"student": "participant", "tutor": "leader", "aide": "leader"}
_ACTIVE = frozenset({"", "active"})
_INACTIVE = frozenset({"tobedeleted", "inactive"})
_USER_ID = re.compile(r"\{\s*([A-Za-z][A-Za-z0-9_. -]{0,40}?)\s*:\s*([^{}]+?)\s*\}", re.ASCII)


def role_of(text: str) -> str:
    """A role for comparison: lower case, without the prefix of extensions ("ext:Tutor" -> "tutor")."""
    return text.strip().lower().removeprefix("ext:")


def status_of(text: str) -> bool:
    """True for active or blank (bulk leaves it blank), False for tobedeleted and inactive. Refusal: unknown_status."""
    word = text.strip().lower()
    if word in _ACTIVE:
        return True
    if word in _INACTIVE:
        return False
    raise Refusal(
        "unknown_status", _("The status “%(value)s” is neither active nor tobedeleted.") % {"value": text[:40]}
    )


def user_ids(text: str) -> list[tuple[str, str]]:
    """[("ldap", "12"), ("lti", "15")] of "{LDAP:12},{LTI:15}"; empty when nothing is written that way."""
    return [(match[1].strip().lower(), match[2][:ID_LIMIT]) for match in _USER_ID.finditer(text[:2000])]
