"""Leaders of whom nothing was seen this term, for whoever coordinates."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from programmes.models import CycleState, Membership, Role
from programmes.queries.workspace import workspace_or_404
from training.queries.inactive import counted_since, idle_leaders, teaching_terms
from training.services.inactive import write_to_leader

PAGE = 25


@require_safe
def inactive_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who has not been seen, why they are listed, and what can be done."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_inactive", cycle)
    now = timezone.now()
    today = cycle.today(now=now)
    is_on = cycle.state == CycleState.RUNNING
    since = counted_since(cycle, teaching_terms(today), today) if is_on else None
    idle = idle_leaders(cycle, since, now=now) if since else []
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "since": since,
        "is_on": is_on,
        "page_obj": Paginator(idle, PAGE).get_page(request.GET.get("page")),
        "me": request.user.pk,
    }
    return render(request, "training/inactive/list.html", context)


@require_POST
def inactive_write(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Ask one of them how they are and whether they would like to go on."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_inactive", cycle)
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).select_related("user")
    membership = get_object_or_404(leaders, uuid=uuid)
    try:
        write_to_leader(actor=request.user, membership_id=membership.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("%(name)s gets a kind letter.") % {"name": membership.user.display_name})
    return redirect("training:inactive_list", slug, code)
