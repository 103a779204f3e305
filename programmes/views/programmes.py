"""A programme's own page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from programmes.queries.catalogue import CONTEXT_NUMBER, plain_context
from programmes.queries.offers import when_it_is, who_for
from programmes.queries.programme_page import programme_page


@login_not_required
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a programme is, what it offers this year, and how to join."""
    page = programme_page(request.user, slug, now=timezone.now(), today=timezone.localdate())
    programme, cycle = page.programme, page.cycle
    context = {
        "page_of": page,
        "programme": programme,
        "cycle": cycle,
        "place": plain_context(programme.context),
        "ring_contexts": (CONTEXT_NUMBER[programme.context],),
        "who": who_for(programme),
        "when": when_it_is(programme, cycle),
        "workspace_url": reverse("programmes:cycle_workspace", args=[slug, cycle.code]) if page.runs and cycle else "",
    }
    return render(request, "programmes/programmes/detail.html", context)
