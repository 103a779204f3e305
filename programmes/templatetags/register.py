"""The register's tiles. Joined in Python: a template per person would cost more than the rest of the page."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.html import fill, fill_each
from peerhub.common.markup import icon
from programmes.models import AttendanceStatus, CheckInHow
from programmes.queries.register import CAME, Found, Listed

register = template.Library()

INSIDE = (
    '<span><span class="ph-choice__tick is-square">{}</span>'
    '<span class="ph-choice__body">{}<small>{}</small></span></span></label>'
)
TILE = {
    state: f'<label class="ph-choice"><input type="checkbox" name="here" value="{{}}"{state}>{INSIDE}'
    for state in ("", " checked", " disabled")
}
AT_A_DESK = (CheckInHow.KIOSK, CheckInHow.CARD)
STATES = '<span class="on">{}</span><span class="off">{}</span>'
MARK_ROW = (
    '<div class="ph-split mb-2"><label for="mark-{0}">{1}</label>'
    '<select class="form-select form-select-sm w-auto" id="mark-{0}" name="mark-{0}">{2}</select></div>'
)


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return fill_each("{}", ((part,) for part in parts))


@register.simple_tag
def register_tiles(people: Iterable[Listed], marks: Mapping[UUID, str]) -> SafeString:
    """A tile for everyone listed: tick means here. One's own tile cannot be ticked."""
    tick, own = icon("check-lg"), _("You cannot record yourself")
    plain = fill(STATES, _("Here"), _("Not here"))
    on, off, disabled = TILE[" checked"], TILE[""], TILE[" disabled"]
    return _joined(
        fill(disabled, one.uuid, tick, one.name, own)
        if one.is_viewer
        else fill(
            on if marks.get(one.uuid) in CAME else off,
            one.uuid,
            tick,
            one.name,
            _entered(one) if one.entered_at else plain,
        )
        for one in people
    )


def _entered(one: Listed) -> SafeString:
    """When they checked in, beside what the tick says; the leader decides whether it stands."""
    at = {"at": dates.clock(one.entered_at)} if one.entered_at else {}
    if one.is_same_device:
        return fill(STATES, _("Here"), _("Same device as somebody else, %(at)s") % at)
    if one.entered_how == CheckInHow.QUEUE:
        on = _("Taken from the queue, %(at)s")
    elif one.is_walk_in:
        on = _("Walk-in, checked in %(at)s")
    elif one.entered_how in AT_A_DESK:
        on = _("Checked in at the desk, %(at)s")
    else:
        on = _("Checked in %(at)s")
    return fill(STATES, on % at, _("Not here, though checked in %(at)s") % at)


@register.simple_tag
def walk_in_tiles(people: Iterable[Found], ticked: Iterable[str] = ()) -> SafeString:
    """A tile for everyone a search found; those in `ticked` stay ticked."""
    tick, chosen = icon("check-lg"), set(ticked)
    states = fill(STATES, _("Here"), _("Tap to add"))
    new = fill(STATES, _("Here, and joins"), _("Not in this programme. Tap to add"))
    return _joined(
        fill(
            TILE[" checked" if one.value in chosen else ""],
            one.value,
            tick,
            f"{one.name} ({one.hint})" if one.hint else one.name,
            new if one.is_newcomer else states,
        )
        for one in people
    )


@register.simple_tag
def mark_rows(people: Iterable[Listed], marks: Mapping[UUID, str]) -> SafeString:
    """The second control: late or excused, a select for everyone."""
    options = {
        "": _("As ticked above"),
        str(AttendanceStatus.LATE): _("Late"),
        str(AttendanceStatus.EXCUSED): _("Excused"),
    }
    drawn = {mark: _options(options, mark) for mark in options}
    rows = ((one.uuid, one.name, drawn.get(marks.get(one.uuid, ""), drawn[""])) for one in people if not one.is_viewer)
    return fill_each(MARK_ROW, rows)


@register.simple_tag
def options(pairs: Iterable[tuple[int, str]], chosen: str) -> SafeString:
    """The options of a select by key; `chosen` as text, "" where nothing is chosen."""
    return _options({"": _("Choose")} | {str(key): name for key, name in pairs}, chosen)


def _options(options: Mapping[str, str], chosen: str) -> SafeString:
    return _joined(
        fill(
            '<option value="{}" selected>{}</option>' if value == chosen else '<option value="{}">{}</option>',
            value,
            label,
        )
        for value, label in options.items()
    )
