"""The pages of a list, as links that keep the rest of the address."""

from django.core.paginator import Page
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common.html import fill, fill_each
from peerhub.common.markup import NOTHING, Text, icon


def _address(query: QueryDict, param: str, number: int) -> str:
    changed = query.copy()
    changed[param] = str(number)
    return f"?{changed.urlencode()}"


def _numbers(page: Page, query: QueryDict, param: str) -> list[SafeString]:
    hidden = fill('<span class="visually-hidden">{} </span>', _("Page"))
    parts = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if not isinstance(number, int):
            parts.append(SafeString('<li class="ph-pages__no" aria-hidden="true">…</li>'))
            continue
        here = SafeString(' aria-current="page"') if number == page.number else NOTHING
        pattern = '<li class="ph-pages__no"><a href="{}"{}>{}{}</a></li>'
        parts.append(fill(pattern, _address(query, param, number), here, hidden, number))
    return parts


def pagination(page: Page, *, query: QueryDict, param: str = "page", label: Text = "") -> SafeString:
    """Previous, numbers, next and "21 to 40 of 412". Nothing where one page holds all."""
    if page.paginator.num_pages <= 1:
        return NOTHING
    parts = _numbers(page, query, param)
    if page.has_previous():
        address = _address(query, param, page.previous_page_number())
        pattern = '<li><a href="{}" rel="prev">{}{}</a></li>'
        parts.insert(0, fill(pattern, address, icon("arrow-left", flip=True), _("Previous")))
    if page.has_next():
        address = _address(query, param, page.next_page_number())
        pattern = '<li><a href="{}" rel="next">{}{}</a></li>'
        parts.append(fill(pattern, address, _("Next"), icon("arrow-right", flip=True)))
    numbers = {"first": page.start_index(), "last": page.end_index(), "count": page.paginator.count}
    return fill(
        '<nav class="ph-pages" aria-label="{}"><ul>{}</ul><p>{}</p></nav>',
        label or _("Pages"),
        fill_each("{}", ((part,) for part in parts)),
        _("%(first)s to %(last)s of %(count)s") % numbers,
    )
