"""Rows of the overview's tables, drawn in one go: a template node for every cell would cost more than the reading."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from peerhub.common import markup
from peerhub.common.html import fill, fill_each
from peerhub.common.templatetags import ui
from programmes.queries.stage_health import Health

register = template.Library()


@register.simple_tag
def health_rows(rows: Iterable[Health], unasked: str) -> SafeString:
    """A line for each cycle, with a cell for each stage: {% health_rows page_obj.object_list unasked %}"""
    none = fill('<span class="ph-muted" aria-hidden="true">–</span><span class="visually-hidden">{}</span>', unasked)
    pattern = (
        '<tr role="row"><th role="rowheader" scope="row">{}<br>'
        '<span class="ph-muted ph-sm fw-normal">{}, {}</span></th>'
        '<td role="cell">{}</td>{}<td role="cell">{}</td></tr>'
    )
    return fill_each(pattern, (_health(row, none) for row in rows))


def _health(row: Health, none: SafeString) -> tuple[Any, ...]:
    cell = '<td role="cell" class="ph-num d-none d-lg-table-cell">{}</td>'
    name = fill('<a href="{}" data-hx-boost="false">{}</a>', row.url, row.name) if row.url else row.name
    stages = fill_each(cell, ((one.percent if one.total else none,) for one in row.figures))
    kind, words, icon = row.standing
    strip = ui.ring_strip(row.fills, row.stages_in_words)
    return name, row.unit, row.code, strip, stages, markup.tag(kind, words, icon_name=icon)


@register.simple_tag
def heat_cells(cells: Iterable[Any]) -> SafeString:
    """A line of the heat grid: {% heat_cells cells %}"""
    drawn = ((cell.shade, cell.programmes, cell.words) for cell in cells)
    return fill_each('<td role="cell" class="h-{}"><b>{}</b>{}</td>', drawn)


@register.simple_tag
def week_rows(rows: Sequence[tuple[int, str, str]], both: bool) -> SafeString:
    """A chart's numbers as rows, `both` years or this one alone: {% week_rows chart.table chart.before %}"""
    before = '<td class="ph-num">{}</td>' if both else ""
    pattern = f'<tr><th scope="row">{{}}</th><td class="ph-num">{{}}</td>{before}</tr>'
    return fill_each(pattern, (row if both else row[:2] for row in rows))


@register.simple_tag
def hour_cells(cells: Iterable[Any]) -> SafeString:
    """A line of weekday by hour: {% hour_cells cells %}"""
    pattern = '<td class="h-{}"><b>{}</b>{}</td>'
    return fill_each(pattern, ((cell.shade, cell.lost if cell.queued else "", cell.words) for cell in cells))
