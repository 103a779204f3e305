"""How the admin lists and writes: long tables, and use cases instead of bare saves."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from peerhub.common import audit
from peerhub.common.errors import DomainError


class LargeTable:
    """A list that may be tens of thousands long: short pages, and no second count beside a search's own."""

    show_full_result_count = False
    list_per_page = 50


class ServiceAdmin(LargeTable, admin.ModelAdmin):
    """Writes through use cases: `save_model` calls a service, and a refusal is said instead of an error page.

    Services open their own transaction, so the admin's own must not be around them. Rows edited below the form (the
    numbers other systems use) are saved here, with a line in the record under `rows_action`.
    """

    rows_action = ""
    formfield_overrides = {models.URLField: {"assume_scheme": "https", "widget": AdminURLFieldWidget}}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(request.get_full_path())

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: forms.BaseModelFormSet, change: bool
    ) -> None:
        with transaction.atomic():
            super().save_formset(request, form, formset, change)
            if formset.has_changed():
                detail = {
                    "added": len(formset.new_objects),
                    "changed": len(formset.changed_objects),
                    "removed": len(formset.deleted_objects),
                }
                audit.record(
                    actor=request.user, action=self.rows_action, target=form.instance, detail=detail, now=timezone.now()
                )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
