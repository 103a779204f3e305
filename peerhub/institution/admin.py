"""The organisation for superusers. Everything is written by the same use cases as the pages of institution leads."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common.admin_lists import ServiceAdmin
from peerhub.common.errors import DomainError
from peerhub.institution import services
from peerhub.institution.models import (
    AcademicYear,
    Branding,
    Closure,
    OrgExternalId,
    OrgUnit,
    RoleGrant,
    SupportService,
    Term,
)


class OrgExternalIdInline(admin.TabularInline):
    model = OrgExternalId
    extra = 0


@admin.register(OrgUnit)
class OrgUnitAdmin(ServiceAdmin):
    list_display = ("name", "kind", "parent", "code", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "short_name", "code", "external_ids__value")
    ordering = ("path", "pk")
    list_select_related = ("parent",)
    fields = ("name", "short_name", "code", "kind", "parent")
    autocomplete_fields = ("parent",)
    inlines = (OrgExternalIdInline,)
    rows_action = "institution.external_ids_changed"

    def save_model(self, request: HttpRequest, obj: OrgUnit, form: forms.ModelForm, change: bool) -> None:
        details = {name: form.cleaned_data[name] for name in ("name", "short_name", "code", "kind")}
        parent, now = form.cleaned_data["parent"], timezone.now()
        if not change:
            obj.pk = services.create_unit(actor=request.user, parent=parent, now=now, **details).pk
            return
        services.change_unit(actor=request.user, unit_id=obj.pk, details=details, now=now)
        if "parent" in form.changed_data:
            services.move_unit(actor=request.user, unit_id=obj.pk, parent=parent, now=now)


@admin.register(RoleGrant)
class RoleGrantAdmin(ServiceAdmin):
    list_display = ("user", "role", "unit", "granted_at", "ended_at", "granted_by")
    list_filter = ("role",)
    search_fields = ("user__family_name", "user__given_name", "user__email")
    ordering = ("-granted_at", "pk")
    list_select_related = ("user", "unit", "granted_by")
    fields = ("user", "role", "unit")
    autocomplete_fields = ("user", "unit")
    actions = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: forms.ModelForm, change: bool) -> None:
        made = services.grant_role(actor=request.user, user=obj.user, role=obj.role, unit=obj.unit, now=timezone.now())
        obj.pk = made.pk

    @admin.action(description=_("End these roles"))
    def end(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> None:
        for grant in queryset.select_related("user"):
            try:
                services.end_role(actor=request.user, grant_id=grant.pk, now=timezone.now())
            except DomainError as refusal:
                messages.error(request, f"{grant.user}: {refusal.message}")


@admin.register(AcademicYear)
class AcademicYearAdmin(ServiceAdmin):
    list_display = ("code", "starts_on", "ends_on")
    ordering = ("-starts_on", "pk")

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        year = AcademicYear.objects.get(pk=obj.pk) if change else None
        obj.pk = services.save_year(actor=request.user, year=year, now=timezone.now(), **form.cleaned_data).pk


@admin.register(Term)
class TermAdmin(ServiceAdmin):
    list_display = ("name", "year", "kind", "starts_on", "ends_on", "first_week")
    list_filter = ("year", "kind")
    ordering = ("-starts_on", "pk")
    list_select_related = ("year",)
    fields = ("year", "name", "kind", "starts_on", "ends_on", "first_week")

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        term = Term.objects.get(pk=obj.pk) if change else None
        obj.pk = services.save_term(actor=request.user, term=term, now=timezone.now(), **form.cleaned_data).pk


@admin.register(Closure)
class ClosureAdmin(ServiceAdmin):
    list_display = ("name", "starts_on", "ends_on")
    ordering = ("-starts_on", "pk")

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        closure = Closure.objects.get(pk=obj.pk) if change else None
        obj.pk = services.save_closure(actor=request.user, closure=closure, now=timezone.now(), **form.cleaned_data).pk


@admin.register(SupportService)
class SupportServiceAdmin(ServiceAdmin):
    list_display = ("name", "is_urgent", "is_internal", "last_verified_on", "is_active")
    list_filter = ("is_active", "is_urgent", "is_internal")
    search_fields = ("name", "what_for")
    ordering = ("position", "name", "pk")
    fields = (
        "name",
        "what_for",
        "hours",
        "phone",
        "email",
        "url",
        "place",
        "is_urgent",
        "is_internal",
        "owner_unit",
        "position",
    )
    autocomplete_fields = ("owner_unit",)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        service = SupportService.objects.get(pk=obj.pk) if change else None
        saved = services.save_service(
            actor=request.user, service=service, details=form.cleaned_data, now=timezone.now()
        )
        obj.pk = saved.pk


@admin.register(Branding)
class BrandingAdmin(ServiceAdmin):
    """Names, colours and contacts. The logo is set on the page "Name and look", which draws it anew."""

    list_display = ("institution_name", "product_name", "primary", "updated_at")
    fields = (
        "institution_name", "product_name", "primary", "primary_dark", "help_email", "help_url", "emergency_text",
        "safeguarding_contact",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Branding.objects.exists()

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        obj.pk = services.change_branding(actor=request.user, details=form.cleaned_data, now=timezone.now()).pk
