"""The register's tiles. Joined in Python: a template per person would cost more than the rest of the page."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common.markup import icon
from programmes.models import AttendanceStatus
from programmes.queries.register import CAME, Found, Listed

register = template.Library()

TILE = (
    '<label class="ph-choice"><input type="checkbox" name="here" value="{}"{}><span>'
    '<span class="ph-choice__tick is-square">{}</span>'
    '<span class="ph-choice__body">{}<small>{}</small></span></span></label>'
)
CHECKED, DISABLED, NOTHING = SafeString(" checked"), SafeString(" disabled"), SafeString("")


@register.simple_tag
def register_tiles(people: Iterable[Listed], marks: Mapping[UUID, str]) -> SafeString:
    """A tile for everyone listed: tick means here. One's own tile cannot be ticked."""
    tick = icon("check-lg")
    states = format_html('<span class="on">{}</span><span class="off">{}</span>', _("Here"), _("Not here"))
    own = _("You cannot record yourself")
    rows = (
        (
            one.uuid,
            DISABLED if one.is_viewer else CHECKED if marks.get(one.uuid) in CAME else NOTHING,
            tick,
            one.name,
            own if one.is_viewer else states,
        )
        for one in people
    )
    return format_html_join("", TILE, rows)


@register.simple_tag
def walk_in_tiles(people: Iterable[Found], ticked: Iterable[str] = ()) -> SafeString:
    """A tile for everyone a search found; those in `ticked` stay ticked."""
    tick, chosen = icon("check-lg"), set(ticked)
    states = format_html('<span class="on">{}</span><span class="off">{}</span>', _("Here"), _("Tap to add"))
    new = format_html(
        '<span class="on">{}</span><span class="off">{}</span>',
        _("Here, and joins"),
        _("Not in this programme. Tap to add"),
    )
    rows = (
        (one.value, CHECKED if one.value in chosen else NOTHING, tick, one.name, new if one.is_newcomer else states)
        for one in people
    )
    return format_html_join("", TILE, rows)


@register.simple_tag
def mark_rows(people: Iterable[Listed], marks: Mapping[UUID, str]) -> SafeString:
    """The second control: late or excused, a select for everyone."""
    options = (("", _("As ticked above")), (AttendanceStatus.LATE, _("Late")), (AttendanceStatus.EXCUSED, _("Excused")))
    drawn = {
        mark: format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((value, SafeString(" selected") if value == mark else NOTHING, label) for value, label in options),
        )
        for mark, _label in options
    }
    pattern = (
        '<div class="ph-split mb-2"><label for="mark-{0}">{1}</label>'
        '<select class="form-select form-select-sm w-auto" id="mark-{0}" name="mark-{0}">{2}</select></div>'
    )
    rows = ((one.uuid, one.name, drawn.get(marks.get(one.uuid, ""), drawn[""])) for one in people if not one.is_viewer)
    return format_html_join("", pattern, rows)
