"""The attendance grid, joined in Python: a template for each of its 1,740 cells would cost more than the whole page.

What repeats is made once: the five kinds of cell, in the three states a cell can be in, and then one lookup a cell.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from peerhub.common import dates
from peerhub.common.html import fill, fill_each, joined
from peerhub.common.markup import NOTHING
from programmes.models import SessionStatus
from programmes.queries.attendance_cells import (
    IS_BOOKED,
    IS_IN,
    IS_IN_LATE,
    LEADS,
    NOBODY_YET,
    NOT_THEN,
    Column,
)
from programmes.queries.attendance_grid import Grid, Line
from programmes.queries.attendance_words import MARKS, cell_words

register = template.Library()
SOME = UUID(int=0)


WAS = {
    NOBODY_YET: "n",
    IS_IN: "i p",
    IS_IN_LATE: "i l",
    IS_BOOKED: "b n",
}  # classes of a cell, where they are not its code


# --- sessions ---------------------------------------------------------------------------------------------------------
@register.simple_tag
def grid_head(grid: Grid, here: str) -> SafeString:
    """The heads of the columns: day, time, title, and whether a log is missing. Each leads to its sheet and back."""
    some = {name: reverse(f"programmes:{name}", args=[SOME]) for name in ("session_log", "session_detail")}
    back = quote(here)
    return fill_each(
        '<th scope="col"{}><a href="{}"><span>{}</span> <b>{}</b> <span>{}</span><small>{}</small></a>{}</th>',
        (_head(one, some, back) for one in grid.columns),
    )


def _head(one: Column, some: Mapping[str, str], back: str) -> tuple[Any, ...]:
    week_day, _space, day = dates.short_day(one.starts_at).partition(" ")
    opens = "session_log" if one.takes_marks else "session_detail"
    address = some[opens].replace(str(SOME), str(one.uuid))
    if one.takes_marks:
        address = f"{address}?next={back}"
    return _facts(one), address, week_day, day, dates.clock(one.starts_at), one.title, _state(one)


def _facts(one: Column) -> SafeString:
    """What the script needs to know of a column; nothing where no mark is taken."""
    if not one.takes_marks:
        return NOTHING
    first = NOTHING if one.is_logged else fill(" data-first")
    at = one.logged_at.isoformat() if one.logged_at else ""
    return fill(' data-session="{}" data-version="{}" data-logged="{}"{}', one.uuid, one.version, at, first)


def _state(one: Column) -> SafeString:
    if one.status == SessionStatus.NOT_HELD:
        return fill("<em>{}</em>", _("Did not happen"))
    return NOTHING if one.is_logged else fill("<em>{}</em>", _("No log"))


@register.simple_tag
def grid_foot(grid: Grid) -> SafeString:
    """How many came to each session, over all pages of people."""
    return fill_each("<td>{}</td>", ((_out_of(one.came, one.listed),) for one in grid.columns))


def _out_of(came: int, listed: int) -> str:
    return pgettext("came of listed: 7/9", "%(came)s/%(listed)s") % {"came": came, "listed": listed} if listed else ""


# --- people -----------------------------------------------------------------------------------------------------------
@register.simple_tag
def grid_rows(grid: Grid, pending: Mapping[UUID, Mapping[UUID, str]], address: str) -> SafeString:
    """A row for everyone. `pending`: marks not saved yet, by session and membership. `address` is that of a member's
    page with a uuid of zeros in it, "" for whoever may not open it.
    """
    free, fixed = _drawn(is_fixed=False), _drawn(is_fixed=True)
    of_column = [free if one.takes_marks else fixed for one in grid.columns]
    of_nobody = [fixed] * len(grid.columns)
    parts = []
    for line in grid.lines:
        drawn = of_nobody if line.is_viewer else of_column
        if pending:
            cells = joined(_cell(grid.columns, line, place, drawn, pending) for place in range(len(drawn)))
        else:
            cells = joined([cell[code] for cell, code in zip(drawn, line.cells, strict=True)])
        parts.append((line.uuid, _name(line, address), cells, _out_of(line.came, line.listed)))
    return fill_each('<tr data-member="{}"><th scope="row">{}</th>{}<td>{}</td></tr>\n', parts)


def _name(line: Line, address: str) -> SafeString:
    if not address:
        return fill("{}", line.name)
    return fill('<a href="{}">{}</a>', address.replace(str(SOME), str(line.uuid)), line.name)


def _drawn(*, is_fixed: bool) -> dict[str, SafeString]:
    """A cell for every code."""
    fixed = " k" if is_fixed else ""
    words = cell_words()
    found = {one.code: _td(f"{one.code}{fixed}", one.label, one.letter) for one in MARKS}
    found[NOBODY_YET] = found["n"]
    for code, mark in ((IS_IN, MARKS[0]), (IS_IN_LATE, MARKS[1])):
        found[code] = _td(f"{WAS[code]}{fixed}", f"{mark.label}. {words[code]}", mark.letter)
    found[IS_BOOKED] = _td(f"{WAS[IS_BOOKED]}{fixed}", words[IS_BOOKED], "")
    for code in (NOT_THEN, LEADS):
        found[code] = _td("x k", words[code], "")
    return found


def _td(classes: str, label: Any, letter: Any, was: str = "") -> SafeString:
    before = fill(' data-was="{}"', was) if was else NOTHING
    return fill('<td class="{}"{} aria-label="{}">{}</td>', classes, before, label, letter)


def _cell(
    columns: Sequence[Column],
    line: Line,
    place: int,
    drawn: Sequence[Mapping[str, SafeString]],
    pending: Mapping[UUID, Mapping[UUID, str]],
) -> SafeString:
    """One cell of a page that is shown again: with the mark that was not saved, where there is one."""
    column, code = columns[place], line.cells[place]
    wanted = pending.get(column.uuid, {}).get(line.uuid)
    mark = next((one for one in MARKS if one.status == wanted), None)
    is_fixed = line.is_viewer or not column.takes_marks or code in {NOT_THEN, LEADS}
    if mark is None or is_fixed or mark.code == (code or "n"):
        return drawn[place][code]
    return _td(mark.code, mark.label, mark.letter, was=WAS.get(code, code))
