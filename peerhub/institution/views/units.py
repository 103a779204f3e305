"""The organisation tree, for those who lead the institution."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.common.access import require_perm
from peerhub.institution import services
from peerhub.institution.forms.units import MoveForm, UnitForm
from peerhub.institution.models import OrgUnit
from peerhub.institution.queries.units import unit_tree
from peerhub.institution.views.pages import attempted, carried_out, show

PER_PAGE = 100


def unit_list(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, "institution.change_units")
    page = Paginator(unit_tree(), PER_PAGE).get_page(request.GET.get("page"))
    return show(request, "institution/units/list.html", {"page_obj": page})


def unit_create(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, "institution.change_units")
    is_first = not OrgUnit.objects.exists()
    form = UnitForm(request.POST or None, is_first=is_first, initial={"parent": request.GET.get("parent", "")})

    def act() -> Any:
        details = {name: form.cleaned_data[name] for name in ("name", "short_name", "code", "kind")}
        parent = form.cleaned_data.get("parent")
        return services.create_unit(actor=request.user, parent=parent, now=timezone.now(), **details)

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("%(name)s was added.") % {"name": form.cleaned_data["name"]})
        return redirect("institution:unit_list")
    return show(request, "institution/units/create.html", {"is_first": is_first}, form=form)


def unit_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, "institution.change_units")
    unit = get_object_or_404(OrgUnit.objects.select_related("parent"), uuid=uuid)
    now = {name: getattr(unit, name) for name in ("name", "short_name", "code", "kind")}
    form = UnitForm(request.POST or None, unit=unit, initial=now)

    def act() -> Any:
        return services.change_unit(actor=request.user, unit_id=unit.pk, details=form.cleaned_data, now=timezone.now())

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("%(name)s was changed.") % {"name": form.cleaned_data["name"]})
        return redirect("institution:unit_list")
    return show(request, "institution/units/edit.html", {"unit": unit}, form=form)


def unit_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, "institution.change_units")
    unit = get_object_or_404(OrgUnit.objects.select_related("parent"), uuid=uuid)
    start = {"parent": str(unit.parent.uuid)} if unit.parent else {}
    form = MoveForm(request.POST or None, unit=unit, initial=start)

    def act() -> Any:
        parent = form.cleaned_data["parent"]
        return services.move_unit(actor=request.user, unit_id=unit.pk, parent=parent, now=timezone.now())

    if request.method == "POST" and carried_out(form, act, field="parent"):
        messages.success(request, _("%(name)s was moved.") % {"name": unit.name})
        return redirect("institution:unit_list")
    return show(request, "institution/units/move.html", {"unit": unit}, form=form)


@require_POST
def unit_switch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a unit out of use, or brings it back: whichever it is not."""
    require_perm(request.user, "institution.change_units")
    unit = get_object_or_404(OrgUnit, uuid=uuid)
    if request.POST.get("to") == "off":
        use_case, done = services.deactivate_unit, _("%(name)s is out of use.")
    else:
        use_case, done = services.reactivate_unit, _("%(name)s is in use again.")

    def act() -> Any:
        return use_case(actor=request.user, unit_id=unit.pk, now=timezone.now())

    return attempted(request, act, done % {"name": unit.name}, "institution:unit_list")
