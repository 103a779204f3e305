"""Parts of a workspace's head: the tabs that exist for this person, and the cycle's state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import capfirst
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from peerhub.common import dates, stages
from peerhub.common.access import can
from peerhub.common.stages import Check
from programmes.models import BoundaryReferral, Cycle, CycleState, Programme, Value
from programmes.queries.checks import FRESH_PREFIX

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
        ("design", _("Design"), "design_detail", "programmes.view_design"),
        ("sessions", str(capfirst(programme.word("sessions"))), "session_list", "programmes.view_sessions"),
        ("people", _("People"), "people_list", "programmes.view_people"),
        ("groups", _("Groups"), "group_list", "programmes.view_people"),
        ("quiet", _("Quiet"), "quiet_list", "programmes.view_quiet"),
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
    ours = [{"key": tab.key, "label": tab.label, "url": tab.url} for tab in stages.tabs(cycle, user)]
    before_settings = next((place for place, one in enumerate(shown) if one["key"] == "settings"), len(shown))
    return [*shown[:before_settings], *ours, *shown[before_settings:]]


@register.filter
def state_look(state: str) -> dict[str, str]:
    """A cycle's state as a tag: {% with look=cycle.state|state_look %}{% tag look.kind look.label icon=look.icon %}."""
    known = CycleState(state)
    kind, icon = STATE_LOOK[known]
    return {"kind": kind, "icon": icon, "label": str(known.label)}


@register.simple_tag
def value_names(programme: Programme) -> list[str]:
    """The values a programme emphasises, in words and in the framework's order."""
    return [str(value.label) for value in Value if value in programme.values]


@register.simple_tag
def check_url(check: Check, may_change: bool) -> str:
    """Where a check is done; nowhere for people who may only look."""
    return check.url if may_change else ""


@register.filter
def fresh_part(code: str) -> str:
    """The copied part a check asks to be read again, or ""."""
    return code.removeprefix(FRESH_PREFIX) if code.startswith(FRESH_PREFIX) else ""


@register.filter
def lookup(rows: Mapping[str, Any], key: str) -> Any:
    """The row under `key`, or None."""
    return rows.get(key)


@register.simple_tag
def referrals(cycle: Cycle) -> list[BoundaryReferral]:
    """The rows "does not do, refer to" of a cycle, in order."""
    return list(cycle.referrals.select_related("service").order_by("position", "pk"))


@register.simple_tag
def near_day(moment: datetime) -> str:
    """Today, Tomorrow, Wed within a week, else Wed 11 Nov."""
    away = (timezone.localtime(moment).date() - timezone.localdate()).days
    if away in (0, 1):
        return _("Today") if away == 0 else _("Tomorrow")
    return date_format(timezone.localtime(moment), "D") if 0 < away < 7 else dates.short_day(moment)
