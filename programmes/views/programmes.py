"""A programme's own page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from peerhub.common.access import can
from programmes.models import Cycle
from programmes.queries.catalogue import CONTEXT_NUMBER, plain_context
from programmes.queries.offers import when_it_is, who_for
from programmes.queries.programme_page import programme_page, visible_programme_or_404


def _workspace_url(user: Any, cycle: Cycle | None) -> str:
    if cycle is None or not can(user, "programmes.view_workspace", cycle):
        return ""
    return reverse("programmes:cycle_workspace", args=[cycle.programme.slug, cycle.code])


@login_not_required
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a programme is, what it offers this year, and how to join."""
    programme = visible_programme_or_404(request.user, slug)
    page = programme_page(request.user, programme, now=timezone.now(), today=timezone.localdate())
    context = {
        "page_of": page,
        "programme": programme,
        "cycle": page.cycle,
        "place": plain_context(programme.context),
        "ring_contexts": (CONTEXT_NUMBER[programme.context],),
        "who": who_for(programme),
        "when": when_it_is(programme, page.cycle),
        "workspace_url": _workspace_url(request.user, page.cycle),
    }
    return render(request, "programmes/programmes/detail.html", context)
