"""What a programme calls somebody in a role: its own words for peers, one name everywhere for staff."""

from django.utils.translation import gettext as _

from programmes.models import Programme, Role

PEERS = frozenset({Role.LEADER, Role.PARTICIPANT})


def role_word(programme: Programme, role: str) -> str:
    """As it stands inside a sentence: "mentee", "coordinator". Load `activity_type` with the programme."""
    return programme.word(role) if role in PEERS else str(Role(role).label).lower()


def roles_word(programme: Programme, role: str) -> str:
    """The same for several: "mentees", "coordinators"."""
    if role in PEERS:
        return programme.word(f"{role}s")
    return {
        Role.COORDINATOR: _("coordinators"),
        Role.SUPERVISOR: _("supervisors"),
        Role.PARTNER: _("partners"),
    }[Role(role)]
