"""Parts of forms: the error summary, the one-time key, the thumb-sized choice."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, BaseFormSet, BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common import markup
from peerhub.common.html import fill, fill_each
from peerhub.common.markup import NOTHING, Text, one_of

FIRST_YEAR, LAST_YEAR = 1990, 2190
CHOICE_STYLES = {"": "", "stack": " ph-choice--stack", "pill": " ph-choice--pill"}


def form_key() -> SafeString:
    """A hidden one-time key: a form sent twice is done once (peerhub.common.once)."""
    return fill('<input type="hidden" name="form_key" value="{}">', uuid.uuid4())


def _first_id(field: BoundField) -> str:
    """The id a summary links to: the control, or the first of a group of controls."""
    if field.field.widget.is_hidden:
        return ""
    if field.id_for_label:
        return str(field.id_for_label)
    parts = field.subwidgets
    return str(parts[0].id_for_label) if parts else str(field.auto_id)


def _lines(form: BaseForm | BaseFormSet) -> Iterator[SafeString]:
    if isinstance(form, BaseFormSet):
        for message in form.non_form_errors():
            yield fill("<li>{}</li>", message)
        for member in form.forms:
            yield from _lines(member)
        return
    for message in form.non_field_errors():
        yield fill("<li>{}</li>", message)
    for field in form:
        target = _first_id(field) if field.errors else ""
        for message in field.errors:
            words = {"field": field.label, "error": message}
            asked = str(field.label).endswith(("?", ".", ":"))
            said = (_("%(field)s %(error)s") if asked else _("%(field)s: %(error)s")) % words
            pattern = '<li><a href="#{}">{}</a></li>' if target else "<li>{1}</li>"
            yield fill(pattern, target, said)


def errors(*forms: BaseForm | BaseFormSet) -> SafeString:
    """What went wrong, first thing in main, with a link to each field. It takes focus. Empty when all is well.

    A form is summed up once: the form template's own summary stays quiet when the page has put one at its top.
    """
    lines: list[SafeString] = []
    for form in forms:
        if getattr(form, "peerhub_summed_up", False):
            continue
        form.peerhub_summed_up = True  # type: ignore[union-attr]
        if isinstance(form, BaseFormSet):
            for member in form.forms:
                member.peerhub_summed_up = True
        if form.is_bound:
            lines += _lines(form)
    if not lines:
        return NOTHING
    return fill(
        '<div class="ph-errors" data-ph-errors tabindex="-1" role="group" aria-labelledby="ph-errors-title">'
        '<h2 class="ph-h3" id="ph-errors-title">{}</h2><ul>{}</ul></div>',
        _("There is a problem"),
        fill_each("{}", ((line,) for line in lines)),
    )


def field_errors(field: BoundField) -> SafeString:
    """What is wrong, above the control. Its id is what Django puts in aria-describedby."""
    if not field.errors:
        return NOTHING
    pattern = '<p><span class="visually-hidden">{} </span>{}</p>'
    lines = fill_each(pattern, ((_("Error:"), message) for message in field.errors))
    return fill('<div id="{}_error" class="invalid-feedback d-block">{}</div>', field.auto_id, lines)


def error_prefix(*forms: BaseForm | BaseFormSet) -> str:
    """The word before a page's title when a form has errors: {% block title %}{% error_prefix form %}…{% endblock %}"""
    for form in forms:
        wrong = form.total_error_count() if isinstance(form, BaseFormSet) else len(form.errors)
        if form.is_bound and wrong:
            return _("Error: ")
    return ""


def choice(
    name: str,
    value: Any,
    label: Text,
    *,
    kind: str = "checkbox",
    checked: bool = False,
    hint: Text = "",
    style: str = "",
    icon: str = "",
    opens: bool = False,
    disabled: bool = False,
    id: str = "",  # noqa: A002 - the name of the attribute
    on: Text = "",
    off: Text = "",
) -> SafeString:
    """A radio or checkbox to hit with a thumb. Round tick = one, square = many.

    `style` "", "stack" (icon above) or "pill"; `opens` shows the `.ph-if` of the same `.ph-field`;
    `on` and `off` are small words for ticked and not.
    """
    one_of("A choice's kind", kind, ("checkbox", "radio"))
    css = CHOICE_STYLES[one_of("A choice's style", style, CHOICE_STYLES)]
    flags = "".join(
        f" {word}" for word, on_ in (("checked", checked), ("disabled", disabled), ("data-opens", opens)) if on_
    )
    extra = fill(' id="{}"', id) if id else NOTHING
    small = fill("<small>{}</small>", hint) if hint else NOTHING
    if on:
        small = fill('<small><span class="on">{}</span><span class="off">{}</span></small>', on, off)
    if style:
        inside = fill("{}<span>{}{}</span>", markup.icon(icon or "check-lg"), label, small)
    else:
        square = " is-square" if kind == "checkbox" else ""
        tick = fill('<span class="ph-choice__tick{}">{}</span>', square, markup.icon("check-lg"))
        inside = fill('{}<span class="ph-choice__body">{}{}</span>', tick, label, small)
    return fill(
        '<label class="ph-choice{}"><input type="{}" name="{}" value="{}"{}{}><span>{}</span></label>',
        css, kind, name, value, extra, SafeString(flags), inside,
    )  # fmt: skip


def of_our_time(day: date) -> None:
    """For a day's `validators`: a slip such as 0206 is told, and no sum of days runs off the end of the calendar."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Check the year."), code="year")


class Hinted(str):
    """A choice's label with a hint below it: choices=[("c", Hinted(_("Course credit"), _("Portfolio, 10 credits")))].

    Made while a form is built (in its __init__), so that both are in the reader's language.
    """

    hint: Text

    def __new__(cls, label: Text, hint: Text = "") -> "Hinted":
        made = super().__new__(cls, str(label))
        made.hint = hint
        return made
