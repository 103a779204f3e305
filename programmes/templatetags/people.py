"""People in a programme: what their role is called, how their status looks.

{% load people %}  {% role_word programme membership.role %} gives "mentee"; {% status_tag membership %} a tag.
"""

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerhub.common import dates, markup
from peerhub.common.html import fill, fill_each
from peerhub.common.markup import Text
from peerhub.common.templatetags import ui
from programmes.models import Cycle, Membership, MembershipStatus, Programme
from programmes.queries import role_words

register = template.Library()

ROLE, GROUP, STATE = _("Role"), _("Group"), _("State")
SINCE, UNTIL, WAITING_SINCE = _("Since"), _("Until"), _("Waiting since")
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
def member_rows(people: Iterable[Membership], cycle: Cycle, tab: str) -> SafeString:
    """Lines of a tab's table: {% member_rows people cycle tab.key %}. Rows hold their user and `groups_now`."""
    where = [cycle.programme.slug, cycle.code]
    return fill_each('<tr role="row">{}</tr>\n', ((_cells(row, cycle, tab, where),) for row in people))


def _cells(row: Membership, cycle: Cycle, tab: str, where: list[str]) -> SafeString:
    cells = [_name(row, where)]
    if tab in {"team", "gone"}:
        role = role_word_title(cycle.programme, row.role)
        cells.append(_cell(ROLE, f"{role}, {gettext('point person')}" if row.is_point_person else role))
    if tab in {"participants", "leaders"}:
        cells.append(_cell(GROUP, fill("<span>{}</span>", _groups(row, where))))
    if tab == "waiting":
        cells.append(_cell(WAITING_SINCE, _day(row.waiting_since)))
    elif tab == "gone":
        cells.append(_cell(UNTIL, _day(row.ended_at or row.decided_at)))
    else:
        cells.append(_cell(SINCE, _day(row.joined_at)))
    if tab in {"gone", "waiting"}:
        cells.append(_cell(STATE, status_tag(row)))
    return fill_each("{}", ((cell,) for cell in cells))


def _cell(label: Text, content: Text) -> SafeString:
    return fill('<td role="cell" data-label="{}">{}</td>', label, content)


def _day(value: datetime | None) -> str:
    return dates.long_day(value) if value else ""


def _name(row: Membership, where: list[str]) -> SafeString:
    user = row.user
    said = fill(' <span class="ph-muted fw-normal">{}</span>', user.pronouns) if user.pronouns else ""
    return fill(
        '<th role="rowheader" scope="row"><a href="{}">{}</a>{}<br>'
        '<span class="ph-muted ph-sm fw-normal{}">{}</span></th>',
        reverse("programmes:member_detail", args=[*where, row.uuid]),
        ui.person(user),
        said,
        " text-break" if user.email else "",
        user.email or gettext("No e-mail address"),
    )


def _groups(row: Membership, where: list[str]) -> SafeString:
    groups = [place.group for place in row.groups_now]  # type: ignore[attr-defined]
    if not groups:
        return fill('<span class="ph-muted">{}</span>', gettext("None yet"))
    links = ((reverse("programmes:group_detail", args=[*where, one.uuid]), one.name) for one in groups)
    return fill_each('<a href="{}">{}</a>', links, between=", ")


@register.simple_tag
def status_tag(membership: Membership) -> SafeString:
    """The membership's status as a tag."""
    kind, icon, text = LOOKS[MembershipStatus(membership.status)]
    return markup.tag(kind, text, icon_name=icon)
