"""A programme's own page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from peerhub.common import stages
from programmes.models import Role
from programmes.permissions import current_roles
from programmes.queries.catalogue import CONTEXT_NUMBER, plain_context
from programmes.queries.offers import when_it_is, who_for
from programmes.queries.programme_page import ProgrammePage, programme_page


@login_not_required
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a programme is, what it offers this year, and how to join."""
    now = timezone.now()
    current_roles(request.user)  # read now, it brings the reader's grants along, which the page asks for
    page = programme_page(request.user, slug, now=now, today=timezone.localdate(now))
    programme, cycle = page.programme, page.cycle
    context = {
        "page_of": page,
        "programme": programme,
        "cycle": cycle,
        "place": plain_context(programme.context),
        "ring_contexts": (CONTEXT_NUMBER[programme.context],),
        "who": who_for(programme),
        "when": when_it_is(programme, cycle),
        "workspace_url": _workspace_url(page),
        "notices": stages.notices(programme, request.user, now),
    }
    return render(request, "programmes/programmes/detail.html", context)


def _workspace_url(page: ProgrammePage) -> str:
    """The workspace of the cycle the reader runs, else of the one the page shows when they may open it; or ""."""
    standing = page.standing
    if page.standing_code in {Role.COORDINATOR, Role.SUPERVISOR} and standing:
        return reverse("programmes:cycle_workspace", args=[page.programme.slug, standing.cycle.code])
    if page.runs and page.cycle:
        return reverse("programmes:cycle_workspace", args=[page.programme.slug, page.cycle.code])
    return ""
