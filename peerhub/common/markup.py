"""The small parts every page is built from, as functions that return safe HTML.

Plain format strings: a part in a table cell must not cost a template. Templates reach them through templatetags/ui.py.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, icons
from peerhub.common.context import NavItem
from peerhub.common.html import fill, fill_each

Text = str | Promise
NOTHING = SafeString("")

# kind: (class, icon, words when none are given)
TAGS: dict[str, tuple[str, str, Text]] = {
    "todo": ("", "circle", gettext_lazy("Not started")),
    "wait": ("", "lock", gettext_lazy("Cannot start yet")),
    "paused": ("", "pause-circle", gettext_lazy("Paused")),
    "hidden": ("", "eye-slash", gettext_lazy("Hidden")),
    "progress": (" ph-tag--progress", "circle-half", gettext_lazy("In progress")),
    "turn": (" ph-tag--turn", "exclamation-circle", gettext_lazy("Your turn")),
    "done": (" ph-tag--done", "check-circle-fill", gettext_lazy("Done")),
    "late": (" ph-tag--late", "clock-history", gettext_lazy("Overdue")),
    "private": (" ph-tag--private", "lock-fill", gettext_lazy("Private")),
}
NOTES: dict[str, tuple[str, str]] = {
    "info": ("", "info-circle-fill"),
    "turn": (" ph-note--turn", "exclamation-circle-fill"),
    "done": (" ph-note--done", "check-circle-fill"),
    "late": (" ph-note--late", "exclamation-triangle-fill"),
    "private": (" ph-note--private", "lock-fill"),
}
STYLES = tuple(f"css/{name}.css" for name in ("tokens", "base", "components", "charts", "pages", "modes"))
TONES = {"": "", "turn": "", "late": " is-late", "info": " is-info"}
_TITLES = {"dr", "prof", "professor", "mr", "mrs", "ms", "mx", "miss", "sir", "dame", "rev"}


def one_of(name: str, value: str, known: Any) -> str:
    """`value`, or a ValueError that lists what it may be."""
    if value not in known:
        raise ValueError(f"{name} is {value!r}; it may be {', '.join(repr(one) for one in known)}.")
    return value


def icon(name: str, *, flip: bool = False, cls: str = "", label: Text = "") -> SafeString:
    """An icon beside words. `flip` turns it in right-to-left pages; `label` names it where no words stand beside it."""
    words = fill('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return _icon(str(name), flip, str(cls), words)


@lru_cache(maxsize=1024)
def _icon(name: str, flip: bool, cls: str, words: SafeString) -> SafeString:
    classes = f"ph-i{' ph-flip' if flip else ''}{' ' + conditional_escape(cls) if cls else ''}"
    return mark_safe(
        f'<svg class="{classes}" viewBox="0 0 16 16" {words} focusable="false">{icons.drawing(name)}</svg>'
    )


def tag(kind: str = "todo", text: Text = "", *, icon_name: str = "") -> SafeString:
    """A state in an adjective, with its own shape. Never a link."""
    css, default_icon, words = TAGS[one_of("A tag's kind", kind, TAGS)]
    return fill('<span class="ph-tag{}">{}{}</span>', css, icon(icon_name or default_icon), text or words)


# Three digits as in 999, or six and more in groups; clock times, dates and years are none.
PHONE = re.compile(r"(?<![\w:./+])\+?\d(?: ?\d){5,14}(?![\w:/])|(?<![\w:./+])\d{3}(?![\w:/]| ?\d)")


def phones(text: Any) -> SafeString:
    """Words with the telephone numbers in them to tap: {{ page.branding.emergency|phones }}"""
    return _phones(str(text))


@lru_cache(maxsize=64)
def _phones(said: str) -> SafeString:
    parts, end = [], 0
    for found in PHONE.finditer(said):
        number = found.group()
        link = fill('<a href="tel:{}">{}</a>', number.replace(" ", ""), number)
        parts += [conditional_escape(said[end : found.start()]), link]
        end = found.end()
    return SafeString("".join([*parts, conditional_escape(said[end:])]))


def note(content: Any, kind: str = "info", *, title: Text = "", role: str = "", icon_name: str = "") -> SafeString:
    """One message that changes what the reader does. `content` without a block element is put in a paragraph."""
    css, default_icon = NOTES[one_of("A note's kind", kind, NOTES)]
    inside = conditional_escape(content).strip()
    strong = fill("<strong>{}</strong>", title) if title else NOTHING
    if not inside.startswith(("<p", "<ul", "<ol", "<div", "<form", "<h2", "<h3")):
        inside = fill("<p>{}{}{}</p>", strong, " " if strong else "", mark_safe(inside))
    elif strong:
        inside = fill("<p>{}</p>{}", strong, mark_safe(inside))
    attrs = fill(' role="{}"', role) if role else NOTHING
    body = mark_safe(inside)
    return fill('<div class="ph-note{}"{}>{}<div>{}</div></div>', css, attrs, icon(icon_name or default_icon), body)


def task(
    title: Text,
    url: str = "",
    *,
    text: Text = "",
    state: str = "",
    state_text: Text = "",
    icon_name: str = "",
    tone: str = "",
    person: Text = "",
    unlike: Text = "",
) -> SafeString:
    """A row of <ul class="ph-tasks">: work to open and finish. Without a `url` it cannot be opened yet.

    Where rows share a title, `unlike` tells their links apart for those who hear them one after the other.
    `state` is a kind of tag; "done" is plain text, so that open work stands out; "" draws a chevron or nothing.
    `icon_name` in a tinted square (`tone` "", "late", "info"), or the initials of `person`, leads the row.
    """
    tint = TONES[one_of("A task's tone", tone, TONES)]
    lead = end = NOTHING
    if icon_name:
        lead = fill('<span class="ph-task__ico{}">{}</span>', tint, icon(icon_name))
    elif person:
        lead = disc(person)
    if state == "done":
        end = fill('<span class="ph-muted">{}</span>', state_text or TAGS["done"][2])
    elif state:
        end = tag(state, state_text)
    elif url:
        end = icon("chevron-right", cls="ph-chev")
    pattern = '<a class="ph-task__name" href="{}">{}</a>' if url else '<span class="ph-task__name">{1}</span>'
    heard = fill('{}<span class="visually-hidden">, {}</span>', title, unlike) if unlike else title
    name = fill(pattern, url, heard)
    more = fill("<p>{}</p>", text) if text else NOTHING
    waiting = NOTHING if url else SafeString(" ph-task--wait")
    return fill('<li class="ph-task{}">{}<div>{}{}</div>{}</li>', waiting, lead, name, more, end)


def initials(name: str) -> str:
    """Two letters at most, from the first and last word, titles left out: "Dr Imran Sheikh" is IS."""
    words = [word for word in str(name).split() if word.lower().rstrip(".") not in _TITLES] or str(name).split()
    letters = [word[0] for word in words if word[0].isalnum()]
    return (letters[0] + (letters[-1] if len(letters) > 1 else "")).upper() if letters else "?"


def disc(name: Text) -> SafeString:
    """Initials in a circle, decoration beside the name. The tint follows the name and means nothing."""
    tint = ("", " ph-disc--2", " ph-disc--3")[sum(map(ord, str(name))) % 3]
    return fill('<span class="ph-disc{}" aria-hidden="true">{}</span>', tint, initials(str(name)))


def meter(percent: float, *, now: bool = False) -> SafeString:
    """A bar from zero; decoration, so the words beside it say the numbers."""
    width = max(0.0, min(100.0, float(percent)))
    return fill(
        '<svg class="ph-meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect{} width="{}" height="6"/></svg>',
        SafeString(' class="is-now"' if now else ""),
        f"{width:g}",
    )


def loading(words: Text, *, id: str = "") -> SafeString:  # noqa: A002 - the name of the attribute
    """What htmx shows while it waits more than a moment: data-hx-indicator="#id" on the link or form names it."""
    where = fill(' id="{}"', id) if id else NOTHING
    arc = SafeString(
        '<svg class="ph-spin" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<circle class="ph-spin__t" cx="12" cy="12" r="9"/><path class="ph-spin__a" d="M12 3a9 9 0 0 1 9 9"/></svg>'
    )
    return fill('<span class="ph-row htmx-indicator" role="status"{}>{}{}</span>', where, arc, words)


def links(items: Iterable[NavItem], *, icons: bool = False, boxed: bool = False) -> SafeString:
    """The <li> of a list of the frame: navigation, menu, footer. `icons` draws each item's own; `boxed` its label."""
    return fill_each('<li><a href="{}"{}{}>{}{}{}</a></li>', (_link(item, icons, boxed) for item in items))


def _link(item: NavItem, icons: bool, boxed: bool) -> tuple[Text, ...]:
    here = SafeString(' aria-current="page"') if item.is_current else NOTHING
    spoken = fill(' lang="{}"', item.lang) if item.lang else NOTHING
    drawn = icon(item.icon or "circle") if boxed or (icons and item.icon) else NOTHING
    label = fill("<span>{}</span>", item.label) if boxed else item.label
    count = fill(' <span class="ph-count">{}</span>', item.badge) if item.badge and not boxed else NOTHING
    return item.url, here, spoken, drawn, label, count


def time_of(value: date | datetime | None) -> SafeString:
    """<time> with the moment as people say it: Today, 14:00."""
    if value is None:
        return NOTHING
    return fill('<time datetime="{}">{}</time>', value.isoformat(), dates.when(value))


def breadcrumb(*steps: Text) -> SafeString:
    """Label, address, label, address, ..., and last the label of this page."""
    if len(steps) % 2 == 0:
        raise ValueError("A breadcrumb is label, address, label, address, ... and last the label of this page.")
    pairs = zip(steps[0:-1:2], steps[1::2], strict=True)
    links = fill_each('<li class="breadcrumb-item"><a href="{1}">{0}</a></li>', pairs)
    here = fill('<li class="breadcrumb-item active" aria-current="page">{}</li>', steps[-1])
    return fill('<nav aria-label="{}"><ol class="breadcrumb">{}{}</ol></nav>', _("Breadcrumb"), links, here)
