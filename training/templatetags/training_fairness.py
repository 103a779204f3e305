"""Rows of the funnel by group: a cell holds a number, a share and what it means, and there are hundreds."""

from collections.abc import Iterator, Sequence

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common import markup
from peerhub.common.html import fill, joined
from training.queries.fairness import STAGES, GroupRow, Step

register = template.Library()


BAR = (
    '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="ph-bar-bg" width="100" height="8"/><rect class="f1" width="{}" height="8"/></svg>'
)
CELL = '<td role="cell" data-label="{}">{}</td>'


@register.simple_tag
def funnel_rows(rows: Sequence[GroupRow]) -> SafeString:
    """A <tr> for each group: who applied, then each further stage with the share that went on to it; end to end."""
    nothing = fill('<span class="ph-muted">{}</span>', _("not told"))
    labels = [str(stage) for stage in STAGES]
    return joined(
        fill(
            '<tr role="row"><th role="rowheader" scope="row">{}</th>{}</tr>',
            row.label,
            joined(_cells(row, labels, nothing)),
        )
        for row in rows
    )


def _cells(row: GroupRow, labels: Sequence[str], nothing: SafeString) -> Iterator[SafeString]:
    yield fill(CELL, labels[0], row.reached[0] or nothing)
    for label, said, step in zip(labels[1:], row.reached[1:], row.steps, strict=False):
        yield fill(CELL, label, joined([_bar(step), fill("{}", said or nothing), _share(step)]))
    whole = row.steps[-1]
    yield fill(CELL, _("Start to end"), joined([_bar(whole), _share(whole)]) or nothing)


def _bar(step: Step) -> SafeString:
    """The share as a length, beside the number that says it."""
    return fill("") if step.percent is None else fill(BAR, step.percent)


def _share(step: Step) -> SafeString:
    parts = []
    if step.percent is not None:
        parts.append(fill(" <small>{}</small>", _("%(n)s%%") % {"n": step.percent}))
    if step.words:
        kind, icon = ("turn", "exclamation-circle") if step.is_below else ("todo", "")
        parts.append(fill("<br>{}", markup.tag(kind, step.words, icon_name=icon)))
    return joined(parts)
