"""Parts of a workspace's head: the tabs that exist for this person, and the cycle's state."""

from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import capfirst
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from peerhub.common.access import can
from programmes.models import Cycle, CycleState

register = template.Library()

STATE_LOOK = {
    CycleState.DESIGN: ("progress", "pencil"),
    CycleState.PREPARING: ("progress", "list-check"),
    CycleState.RUNNING: ("done", "play-circle-fill"),
    CycleState.EVALUATING: ("turn", "clipboard-data"),
    CycleState.CLOSED: ("todo", "archive"),
}


@register.simple_tag(takes_context=True)
def workspace_tabs(context: Context, cycle: Cycle) -> list[dict[str, Any]]:
    """The tabs this person may open, each with key, label and url. A tab without a page yet is not shown."""
    user, programme = context["request"].user, cycle.programme
    wanted = (
        ("overview", _("Overview"), "cycle_workspace", "programmes.view_workspace"),
        ("sessions", str(capfirst(programme.word("sessions"))), "session_list", "programmes.view_sessions"),
        ("people", _("People"), "people_list", "programmes.view_people"),
        ("groups", _("Groups"), "group_list", "programmes.view_people"),
        ("rosters", _("Class lists"), "roster_list", "programmes.import_roster"),
        ("messages", _("Messages"), "message_list", "programmes.view_messages"),
        ("settings", _("Settings"), "cycle_settings", "programmes.change_cycle"),
    )
    shown = []
    for key, label, name, permission in wanted:
        if can(user, permission, cycle):
            try:
                url = reverse(f"programmes:{name}", args=[programme.slug, cycle.code])
            except NoReverseMatch:
                continue
            shown.append({"key": key, "label": label, "url": url})
    return shown


@register.filter
def state_look(state: str) -> dict[str, str]:
    """A cycle's state as a tag: {% with look=cycle.state|state_look %}{% tag look.kind look.label icon=look.icon %}."""
    known = CycleState(state)
    kind, icon = STATE_LOOK[known]
    return {"kind": kind, "icon": icon, "label": str(known.label)}
