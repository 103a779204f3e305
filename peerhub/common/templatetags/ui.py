"""PeerHub's template tags and filters, built into every template. docs/components.md shows each of them.

Arguments are declared, so a wrong one fails when the template is read, not in front of a person.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common import dates, formparts, markup, paging
from peerhub.common import ring as rings
from peerhub.common.html import fill, fill_each
from peerhub.common.markup import NOTHING, Text
from peerhub.common.prose import prose
from peerhub.common.ring import Fill

register = template.Library()
for _words in (dates.day, dates.short_day, dates.long_day, dates.clock, dates.when, dates.ago):
    register.filter(_words)
register.filter(dates.span)
register.filter(dates.occasion)
register.filter(markup.initials)
register.filter(markup.phones)
register.filter(prose)
register.simple_tag(markup.icon)
register.simple_tag(markup.links)
register.simple_tag(markup.meter)
register.simple_tag(markup.loading)
register.simple_tag(markup.breadcrumb)
register.simple_tag(markup.time_of, name="moment")
register.simple_tag(formparts.form_key)
register.simple_tag(formparts.errors)
register.simple_tag(formparts.field_errors)
register.simple_tag(formparts.error_prefix)
register.simple_tag(formparts.choice)


# --- the ring ---
@register.simple_tag
def ring(
    size: str = "full",
    *,
    contexts: Sequence[int] = (),
    stages: Sequence[Fill] = rings.ALL_DONE,
    values: Sequence[int] = (),
    title: Text = "",
    desc: Text = "",
    big: Text = "",
    small: Text = "",
) -> SafeString:
    """{% ring "full" contexts=lit_contexts stages=fills values=lit title=… desc=… big="77%" small="23 of 30 done" %}"""
    markup.one_of("A ring's size", size, rings.SIZES)
    words = {"title": str(title), "desc": str(desc), "big": str(big), "small": str(small)}
    return SafeString(rings.ring(size, contexts=contexts, stages=stages, values=values, **words))  # type: ignore[arg-type]


@register.simple_tag
def ring_mark(look: str = "brand") -> SafeString:
    """The small whole ring: "brand" on the header, "full" on success and certificates, "empty" on empty states."""
    markup.one_of("A ring mark's look", look, ("brand", "full", "empty"))
    if look == "empty":
        return SafeString(rings.ring("mark", stages=rings.EMPTY))
    drawn = rings.ring("mark", contexts=(1, 2, 3), values=range(1, 11), stages=rings.BRAND, brand=look == "brand")
    return SafeString(drawn)


@register.simple_tag
def ring_strip(stages: Sequence[Fill], label: Text) -> SafeString:
    """The five stages as a strip for a table cell: {% ring_strip row.fills row.stages_in_words %}"""
    return fill('<span class="ph-stripcell">{}</span>', SafeString(rings.strip(stages, str(label))))


# --- states and messages ---
@register.simple_tag
def tag(kind: str = "todo", text: Text = "", *, icon: str = "") -> SafeString:
    """{% tag "turn" _("Due 13 Nov") icon="calendar-event" %}"""
    return markup.tag(kind, text, icon_name=icon)


@register.simple_block_tag
def note(content: str, kind: str = "info", *, title: Text = "", role: str = "", icon: str = "") -> SafeString:
    """{% note "turn" title=_("4 sessions have no log.") %}<a href="…">…</a>{% endnote %}"""
    return markup.note(content, kind, title=title, role=role, icon_name=icon)


@register.filter
def note_kind(message: Any) -> str:
    """The kind of note for a django.contrib.messages message."""
    return {"success": "done", "warning": "turn", "error": "late"}.get(message.level_tag, "info")


@register.simple_tag
def task(
    title: Text,
    url: str = "",
    *,
    text: Text = "",
    state: str = "",
    state_text: Text = "",
    icon: str = "",
    tone: str = "",
    person: Text = "",
    unlike: Text = "",
) -> SafeString:
    """A row of <ul class="ph-tasks">: {% task _("Approve hours") url text=… state="turn" icon="cash-coin" %}"""
    lead = {"icon_name": icon, "tone": tone, "person": person, "unlike": unlike}
    return markup.task(title, url, text=text, state=state, state_text=state_text, **lead)  # type: ignore[arg-type]


@register.simple_tag
def empty_state(
    title: Text, text: Text = "", *, url: str = "", action: Text = "", quiet: bool = False, level: int = 3
) -> SafeString:
    """What will be here, why it is empty, one thing to do. `quiet` draws the second kind of button."""
    kind = "secondary" if quiet else "primary"
    button = fill('<a class="btn btn-{}" href="{}">{}</a>', kind, url, action) if url and action else NOTHING
    words = fill("<p>{}</p>", text) if text else NOTHING
    heading = fill('<h{0} class="ph-h3">{1}</h{0}>', level, title)
    return fill('<div class="ph-empty">{}{}{}{}</div>', ring_mark("empty"), heading, words, button)


@register.simple_block_tag
def success(content: str, title: Text) -> SafeString:
    """The end of a flow: {% success _("You are in") %}<p>…</p>{% endsuccess %}. Holds the page's h1."""
    pattern = '<div class="ph-success">{}<div><h1>{}</h1>{}</div></div>'
    return fill(pattern, ring_mark("full"), title, SafeString(content.strip()))


# --- people ---
@register.filter
def person(user: Any) -> str:
    """The name a person chose to go by. A name already in words stays as it is; nobody is "Someone"."""
    shown = getattr(user, "display_name", user)
    return str((shown() if callable(shown) else shown) or "") or _("Someone")


@register.simple_tag
def avatar(user: Any) -> SafeString:
    """Initials in a circle, beside the name and never instead of it: {% avatar membership.user %}"""
    return markup.disc(person(user))


# --- blocks of a page ---
@register.simple_block_tag
def card(
    content: str,
    title: Text,
    *,
    id: str,  # noqa: A002 - the attribute's name
    url: str = "",
    link: Text = "",
    level: int = 2,
    big: bool = False,
    kind: str = "",
) -> SafeString:
    """One subject with a heading: {% card _("People") id="people" url=… link=_("See everyone") %}…{% endcard %}"""
    look = {"": "", "now": " ph-card--now", "private": " ph-card--private"}
    markup.one_of("A card's kind", kind, look)
    more = fill('<a href="{}">{}</a>', url, link) if url else NOTHING
    small = NOTHING if big else SafeString(' class="ph-h3"')
    heading = fill('<h{0}{1} id="{2}">{3}</h{0}>', level, small, id, title)
    pattern = '<section class="ph-card{}" aria-labelledby="{}"><div class="ph-card__head">{}{}</div>{}</section>'
    return fill(pattern, look[kind], id, heading, more, SafeString(content))


@register.simple_tag
def stat(label: Text, number: Any, detail: Text = "") -> SafeString:
    """One figure of <dl class="ph-stats">, with the sentence that explains it."""
    figure = fill('<span class="ph-stat__n">{}</span><span class="ph-stat__d">{}</span>', number, detail)
    return fill('<div class="ph-stat"><dt>{}</dt><dd>{}</dd></div>', label, figure)


@register.simple_block_tag
def facts(content: str) -> SafeString:
    """Check answers, details of a case: {% facts %}{% fact _("When") %}…{% endfact %}{% endfacts %}"""
    return fill('<dl class="ph-facts">{}</dl>', SafeString(content))


@register.simple_block_tag
def fact(content: str, term: Text, *, change_url: str = "", change: Text = "") -> SafeString:
    """One row of facts. `change_url` adds a link; `change` says what it changes, where the term alone does not."""
    value = SafeString(content.strip())
    if change_url:
        what = fill('<span class="visually-hidden"> {}</span>', change or term)
        pattern = '<div>{}</div><a class="ph-change" href="{}">{}{}</a>'
        value = fill(pattern, value, change_url, _("Change"), what)
    return fill("<dt>{}</dt><dd>{}</dd>", term, value)


@register.simple_block_tag
def timeline_item(content: str, title: Text, *, by: Text = "", at: date | datetime | None = None) -> SafeString:
    """One <li> of <ol class="ph-time">: what happened, who did it, when."""
    line = fill_each("{}", ((part,) for part in (by, markup.time_of(at)) if part), between=", ")
    pattern = '<li><h3>{}</h3><p class="ph-time__by">{}</p>{}</li>'
    return fill(pattern, title, line, SafeString(content.strip()))


@register.simple_tag
def chip(label: Text, url: str) -> SafeString:
    """A chosen filter; following it removes that filter."""
    hidden = fill('<span class="visually-hidden"> {}</span>', _("(remove filter)"))
    return fill('<a class="ph-chip" href="{}">{}{}{}</a>', url, markup.icon("x-lg"), label, hidden)


# --- the frame ---
@register.simple_tag(takes_context=True)
def account_links(context: Context) -> SafeString:
    """What belongs to the person, as a list: their pages, sign out. A page shows it twice, for desk and phone."""
    page, out = context["page"], NOTHING
    if page.sign_out_url:
        pattern = (
            '<li><form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button type="submit">{}{}</button></form></li>'
        )
        leave = markup.icon("box-arrow-right", flip=True)
        out = fill(pattern, page.sign_out_url, context.get("csrf_token", ""), leave, _("Sign out"))
    return fill('<ul class="ph-plain">{}{}</ul>', markup.links(page.account, icons=True), out)


@register.simple_tag
def stylesheets(rtl: bool = False) -> SafeString:
    """PeerHub's own look. Addresses are those of the files this process started with, so they are put together once."""
    return _stylesheets(rtl)


@cache
def _stylesheets(rtl: bool) -> SafeString:
    bootstrap = f"vendor/bootstrap/bootstrap{'.rtl' if rtl else ''}.min.css"
    names = [bootstrap, *markup.STYLES]
    return fill_each('<link rel="stylesheet" href="{}">', ((static(one),) for one in names), between="\n")


# --- finding one's way ---
@register.simple_block_tag
def tabs(content: str, label: Text) -> SafeString:
    """{% tabs _("Programme") %}{% tab _("Overview") url current=True %}…{% endtabs %}"""
    return fill('<nav aria-label="{}"><ul class="ph-tabs">{}</ul></nav>', label, SafeString(content))


@register.simple_tag
def tab(label: Text, url: str, *, current: bool = False, icon: str = "", count: Any = "") -> SafeString:
    """One tab: a link to another page. `count` stands after the label."""
    here = SafeString(' aria-current="page"') if current else NOTHING
    drawn = markup.icon(icon) if icon else NOTHING
    number = fill(' <span class="ph-count">{}</span>', count) if count not in ("", None) else NOTHING
    return fill('<li><a href="{}"{}>{}{}{}</a></li>', url, here, drawn, label, number)


@register.simple_tag(takes_context=True)
def pagination(context: Context, page_obj: Page, *, param: str = "page", label: Text = "") -> SafeString:
    """Pages of a list; the rest of the address stays: {% pagination page_obj label=_("Sessions") %}"""
    return paging.pagination(page_obj, query=context["request"].GET, param=param, label=label)
