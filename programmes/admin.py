"""Vocabularies, and a look at programmes for who supports them. What people write about sessions is not here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from peerhub.common import audit
from peerhub.common.admin_lists import LargeTable, ServiceAdmin
from programmes.models import (
    ActivityType,
    Booking,
    BookingPause,
    BookingRules,
    Cycle,
    Programme,
    QueueEntry,
    RosterImport,
    RosterMapping,
    Technique,
    Topic,
)
from programmes.services.vocabularies import save_entry


class VocabularyAdmin(ServiceAdmin):
    """Words are switched off rather than deleted: what uses them keeps them."""

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        save_entry(actor=request.user, entry=obj, changed=form.changed_data, now=timezone.now())


@admin.register(ActivityType)
class ActivityTypeAdmin(VocabularyAdmin):
    list_display = ("name", "context", "shape", "default_ratio", "is_framework", "is_active")
    list_filter = ("context", "is_framework", "is_active")
    search_fields = ("name", "code")
    ordering = ("position", "name", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The framework's own types keep their code and context: reports compare by them."""
        return ("code", "context", "is_framework") if obj and obj.is_framework else ("is_framework",)


@admin.register(Technique)
class TechniqueAdmin(VocabularyAdmin):
    list_display = ("name", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    ordering = ("position", "name", "pk")


@admin.register(Topic)
class TopicAdmin(VocabularyAdmin):
    list_display = ("name", "programme", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "programme__name")
    ordering = ("programme__name", "position", "pk")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme",)


class LookedAtAdmin(LargeTable, admin.ModelAdmin):
    """Shown for support; programmes are run on their own pages, by their own people."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Programme)
class ProgrammeAdmin(LookedAtAdmin):
    list_display = ("name", "activity_type", "owner_unit", "visibility", "archived_at")
    list_filter = ("context", "visibility")
    search_fields = ("name", "slug")
    ordering = ("name", "pk")
    list_select_related = ("activity_type", "owner_unit")


@admin.register(Cycle)
class CycleAdmin(LookedAtAdmin):
    list_display = ("programme", "code", "state", "starts_on", "ends_on", "joining_open")
    list_filter = ("state",)
    search_fields = ("programme__name", "code")
    ordering = ("programme__name", "-starts_on", "pk")
    list_select_related = ("programme",)


@admin.register(QueueEntry)
class QueueEntryAdmin(LookedAtAdmin):
    """Tickets of drop-ins, to find out what became of one. What it was about is for those who lead, not here."""

    list_display = ("session", "number", "state", "how", "joined_at", "ended_at")
    list_filter = ("state", "how")
    search_fields = ("session__title", "session__cycle__programme__name")
    ordering = ("-joined_at", "-pk")
    list_select_related = ("session",)
    exclude = ("about", "before")


@admin.register(BookingRules)
class BookingRulesAdmin(LookedAtAdmin):
    list_display = ("cycle", "lead_hours", "weeks_ahead", "late_cancel_hours", "weekly_limit", "misses", "pause_days")
    search_fields = ("cycle__programme__name", "cycle__code")
    ordering = ("cycle__programme__name", "pk")
    list_select_related = ("cycle",)


@admin.register(Booking)
class BookingAdmin(LookedAtAdmin):
    """Who asks "why have I no seat?" is answered from here; seats are given out on the programme's own pages."""

    list_display = ("session", "membership", "state", "made_at", "offer_expires_at", "ended_at")
    list_filter = ("state",)
    ordering = ("-made_at", "-pk")
    list_select_related = ("session", "membership")


@admin.register(BookingPause)
class BookingPauseAdmin(LookedAtAdmin):
    list_display = ("membership", "started_at", "until", "misses", "lifted_at")
    ordering = ("-started_at", "-pk")
    list_select_related = ("membership",)
    exclude = ("lift_reason",)


@admin.register(RosterImport)
class RosterImportAdmin(LookedAtAdmin):
    """What came in from which file. Imports are made by the command or on a cycle's page; cells are not shown here."""

    list_display = ("file_name", "cycle", "state", "source", "created_by", "created_at", "applied_at")
    list_filter = ("state", "kind")
    search_fields = ("file_name", "file_sha256")
    ordering = ("-created_at", "-pk")
    list_select_related = ("cycle", "created_by")
    exclude = ("file", "problems")


@admin.register(RosterMapping)
class RosterMappingAdmin(admin.ModelAdmin):
    """Saved column mappings; one without a unit is offered everywhere."""

    list_display = ("name", "source", "owner_unit", "created_at")
    search_fields = ("name", "source")
    ordering = ("name", "pk")
    list_select_related = ("owner_unit",)
    autocomplete_fields = ("owner_unit",)
    readonly_fields = ("created_by", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        detail = {"fields": form.changed_data}
        audit.record(
            actor=request.user, action="programmes.mapping_changed", target=obj, detail=detail, now=timezone.now()
        )
