"""Finding a programme."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from peerhub.common import ring
from programmes.queries.catalogue import catalogue as found_in_catalogue
from programmes.queries.offers import card
from programmes.queries.wanted import Wanted
from programmes.services.searches import note_empty_search

HERO = {
    "contexts": (1, 2, 3),
    "stages": [*ring.ALL_DONE[:2], ring.Fill(100, "now"), *ring.ALL_DONE[:2]],
    "values": range(1, 11),
}


@login_not_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """The front page. The same address answers htmx with the results alone and the new counts of the filters."""
    today = timezone.localdate()
    wanted = Wanted.from_query(request.GET)
    found = found_in_catalogue(request.user, wanted, page=request.GET.get("page"), today=today)
    swapping = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    if found.is_in_vain:
        note_empty_search(actor=request.user, words=wanted.q, now=timezone.now())
    context = {
        "catalogue": found,
        "cards": [card(programme, today) for programme in found.page.object_list],
        "swapping": swapping,
    }
    if swapping:
        template = "programmes/catalogue/_swap.html"
    else:
        template = "programmes/catalogue/list.html"
        context["hero"] = HERO
        context["listed"] = found.listed
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
