"""Institution roles: who holds what, where."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common.access import require_perm
from peerhub.institution import services
from peerhub.institution.forms.units import RoleForm
from peerhub.institution.models import RoleGrant
from peerhub.institution.views.pages import attempted, carried_out, show


def role_list(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, "institution.change_roles")
    grants = RoleGrant.objects.active().select_related("user", "unit").order_by("role", "unit__path", "pk")
    page = Paginator(grants, 40).get_page(request.GET.get("page"))
    return show(request, "institution/roles/list.html", {"page_obj": page})


def role_grant(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, "institution.change_roles")
    form = RoleForm(request.POST or None)

    def act() -> Any:
        role, unit = form.cleaned_data["role"], form.cleaned_data["unit"]
        return services.grant_role(actor=request.user, user=form.person, role=role, unit=unit, now=timezone.now())

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("%(name)s has the role from now on.") % {"name": form.person.display_name})
        return redirect("institution:role_list")
    return show(request, "institution/roles/grant.html", {}, form=form)


def role_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks first: a role that ends takes pages away at once."""
    require_perm(request.user, "institution.change_roles")
    grant = get_object_or_404(RoleGrant.objects.active().select_related("user", "unit"), uuid=uuid)
    if request.method != "POST":
        return show(request, "institution/roles/end.html", {"grant": grant})

    def act() -> Any:
        return services.end_role(actor=request.user, grant_id=grant.pk, now=timezone.now())

    done = _("%(name)s no longer holds this role.") % {"name": grant.user.display_name}
    return attempted(request, act, done, "institution:role_list")
