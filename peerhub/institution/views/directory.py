"""The support services directory: where to turn, for everybody who is signed in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.common.access import can, require_perm
from peerhub.institution import services
from peerhub.institution.forms.directory import ServiceForm
from peerhub.institution.models import SupportService
from peerhub.institution.models.services import STALE_AFTER
from peerhub.institution.queries.directory import listed_services, unlisted_services
from peerhub.institution.views.pages import attempted, carried_out, show

PERM = "institution.change_services"
PER_PAGE = 30


def service_list(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:100]
    may_change = can(request.user, PERM)
    page = Paginator(listed_services(search=search), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page_obj": page,
        "urgent": [service for service in page if service.is_urgent],
        "others": [service for service in page if not service.is_urgent],
        "search": search,
        "may_change": may_change,
        "is_lead": can(request.user, "institution.change_units"),
        "stale_before": timezone.localdate() - STALE_AFTER,
        "unlisted": list(unlisted_services()[:PER_PAGE]) if may_change and not search else [],
    }
    template = "institution/services/_list.html" if request.htmx else "institution/services/list.html"  # type: ignore[attr-defined]
    return show(request, template, context)


def service_create(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, PERM)
    return _service(request, None)


def service_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    return _service(request, get_object_or_404(SupportService.objects.select_related("owner_unit"), uuid=uuid))


def _service(request: HttpRequest, service: SupportService | None) -> HttpResponse:
    form = ServiceForm(request.POST or None, instance=service)

    def act() -> Any:
        return services.save_service(actor=request.user, service=service, details=form.cleaned_data, now=timezone.now())

    if request.method == "POST" and carried_out(form, act):
        messages.success(
            request, _("%(name)s was saved and counts as checked today.") % {"name": form.cleaned_data["name"]}
        )
        return redirect("institution:service_list")
    return show(request, "institution/services/edit.html", {"service": service}, form=form)


@require_POST
def service_verify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    service = get_object_or_404(SupportService, uuid=uuid)

    def act() -> Any:
        return services.verify_service(actor=request.user, service=service, now=timezone.now())

    return attempted(
        request,
        act,
        _("Thank you. %(name)s counts as checked today.") % {"name": service.name},
        "institution:service_list",
    )


@require_POST
def service_switch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a service off the list, or puts it back."""
    require_perm(request.user, PERM)
    service = get_object_or_404(SupportService, uuid=uuid)
    to_off = request.POST.get("to") == "off"

    def act() -> Any:
        return services.switch_service(actor=request.user, service=service, is_active=not to_off, now=timezone.now())

    done = _("%(name)s is off the list.") if to_off else _("%(name)s is on the list again.")
    return attempted(request, act, done % {"name": service.name}, "institution:service_list")
