"""Cells of the training board: what repeats is made once, a template for each of 1,000 cells would cost too much."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from peerhub.common import dates, markup
from peerhub.common.html import fill, joined
from training.queries.board import Cell
from training.queries.standing import LOOKS, State

register = template.Library()
DATED = {State.EXPIRING, State.EXPIRED}


@register.simple_tag
def board_cells(cells: Iterable[Cell]) -> SafeString:
    """A <td> for each: the state as a picture with its words, and the day where it runs out or did."""
    language = get_language() or ""
    return joined(_cell(one, language) for one in cells)


def _cell(cell: Cell, language: str) -> SafeString:
    if cell.state in DATED and cell.done and cell.done.expires_on:
        return _dated(cell.state, cell.done.expires_on, language)
    return _plain(cell.state, language)


@cache
def _plain(state: State, language: str) -> SafeString:
    kind, words, icon = LOOKS[state]
    return fill('<td class="ph-cellstate is-{}">{}</td>', kind, markup.icon(icon, label=words))


@cache
def _dated(state: State, day: Any, language: str) -> SafeString:
    kind, words, icon = LOOKS[state]
    pattern = '<td class="ph-cellstate is-{}">{} <small>{}</small></td>'
    return fill(pattern, kind, markup.icon(icon, label=words), dates.short_day(day))


@register.simple_tag
def board_key() -> SafeString:
    """What the pictures mean."""
    return markup_list(markup.tag(kind, words, icon_name=icon) for kind, words, icon in LOOKS.values())


def markup_list(parts: Iterable[SafeString]) -> SafeString:
    return joined(fill("<li>{}</li>", part) for part in parts)
