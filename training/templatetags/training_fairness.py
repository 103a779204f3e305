"""Rows of the funnel by group: a cell holds a number, a share and what it means, and there are hundreds."""

from collections.abc import Iterator, Sequence

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common import markup
from peerhub.common.html import fill, joined
from training.queries.fairness import GroupRow, Step

register = template.Library()


@register.simple_tag
def funnel_rows(rows: Sequence[GroupRow]) -> SafeString:
    """A <tr> for each group: who applied, then each further stage with the share that went on to it; end to end."""
    nothing = fill('<span class="ph-muted">{}</span>', _("not told"))
    return joined(fill('<tr><th scope="row">{}</th>{}</tr>', row.label, joined(_cells(row, nothing))) for row in rows)


def _cells(row: GroupRow, nothing: SafeString) -> Iterator[SafeString]:
    yield fill('<td class="ph-num">{}</td>', row.reached[0] or nothing)
    for said, step in zip(row.reached[1:], row.steps, strict=False):
        yield fill('<td class="ph-num">{}{}</td>', said or nothing, _share(step))
    yield fill('<td class="ph-num">{}</td>', _share(row.steps[-1]) or nothing)


def _share(step: Step) -> SafeString:
    parts = []
    if step.percent is not None:
        parts.append(fill(" <small>{}</small>", _("%(n)s%%") % {"n": step.percent}))
    if step.words:
        kind, icon = ("turn", "exclamation-circle") if step.is_below else ("todo", "")
        parts.append(fill("<br>{}", markup.tag(kind, step.words, icon_name=icon)))
    return joined(parts)
