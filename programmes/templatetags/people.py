"""People in a programme: what their role is called, how their status looks.

{% load people %}  {% role_word programme membership.role %} gives "mentee"; {% status_tag membership %} a tag.
"""

from django import template
from django.template.defaultfilters import capfirst
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from peerhub.common import markup
from programmes.models import Membership, MembershipStatus, Programme
from programmes.queries import role_words

register = template.Library()

LOOKS = {
    MembershipStatus.INVITED: ("turn", "envelope", _("Invited")),
    MembershipStatus.REQUESTED: ("turn", "person-raised-hand", _("Asked to join")),
    MembershipStatus.WAITING: ("wait", "hourglass-split", _("On the waiting list")),
    MembershipStatus.OFFERED: ("turn", "door-open", _("Place offered")),
    MembershipStatus.DEFERRED: ("paused", "", _("Not yet")),
    MembershipStatus.ACTIVE: ("done", "", _("Taking part")),
    MembershipStatus.DECLINED: ("todo", "dash-circle", _("Answered no")),
    MembershipStatus.LEFT: ("todo", "box-arrow-right", _("Left")),
    MembershipStatus.REMOVED: ("todo", "person-dash", _("Removed")),
}


@register.simple_tag
def role_word(programme: Programme, role: str) -> str:
    """The role as it stands inside a sentence."""
    return role_words.role_word(programme, role)


@register.simple_tag
def role_word_title(programme: Programme, role: str) -> str:
    """The role with a capital first letter."""
    return str(capfirst(role_words.role_word(programme, role)))


@register.simple_tag
def roles_word(programme: Programme, role: str) -> str:
    """The role in the plural, inside a sentence."""
    return role_words.roles_word(programme, role)


@register.simple_tag
def roles_word_title(programme: Programme, role: str) -> str:
    """The role in the plural with a capital first letter."""
    return str(capfirst(role_words.roles_word(programme, role)))


@register.simple_tag
def status_tag(membership: Membership) -> SafeString:
    """The membership's status as a tag."""
    kind, icon, text = LOOKS[MembershipStatus(membership.status)]
    return markup.tag(kind, text, icon_name=icon)
