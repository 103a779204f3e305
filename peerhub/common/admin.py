"""The outbox for those who run the installation: is mail going out, what waits, what failed and why."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from peerhub.common.admin_lists import LargeTable
from peerhub.common.mail import boxes, health_actions, kinds
from peerhub.common.models import AddressFlag, ChannelHealth, Message, WorkerBeat


class ReadOnlyAdmin(LargeTable, admin.ModelAdmin):
    """Shown, never edited: these rows are the machinery's."""

    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KindFilter(admin.SimpleListFilter):
    """By what it is about. The kinds are known: no need to look for them in every row."""

    title, parameter_name = gettext_lazy("kind"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, one.title) for code, one in sorted(kinds.KINDS.items())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What waits first, then what was finished last: the order of an index, however many there are."""

    list_display = ("created_at", "kind", "channel", "state", "attempts", "last_class", "last_code", "not_before")
    list_filter = ("state", "channel", "last_class", KindFilter)
    search_fields = ("dedupe_key__startswith", "message_id__exact")
    ordering = ("-finished_at", "-pk")


@admin.register(ChannelHealth)
class ChannelHealthAdmin(ReadOnlyAdmin):
    list_display = (
        "channel",
        "state",
        "failures_in_row",
        "last_class",
        "last_code",
        "opened_at",
        "probe_at",
        "last_success_at",
    )
    change_list_template = "admin/common/channelhealth/change_list.html"

    def get_urls(self) -> list[Any]:
        own = [
            path("probe/", self.admin_site.admin_view(require_POST(self.probe)), name="channel_probe"),
            path("test/", self.admin_site.admin_view(require_POST(self.send_test)), name="channel_test"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"outbox": boxes.overview(timezone.now()), **(extra_context or {})}
        return super().changelist_view(request, context)

    def probe(self, request: HttpRequest) -> HttpResponse:
        """Try the mail server again now."""
        self._only_superusers(request)
        health_actions.probe_now(actor=request.user, now=timezone.now())
        messages.success(request, _("The next waiting message is tried now."))
        return redirect("admin:common_channelhealth_changelist")

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Send a test message to oneself, through the outbox like any other."""
        self._only_superusers(request)
        health_actions.send_test(actor=request.user, now=timezone.now())
        messages.success(request, _("A test message to your own address is in the outbox."))
        return redirect("admin:common_channelhealth_changelist")

    @staticmethod
    def _only_superusers(request: HttpRequest) -> None:
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
    ordering = ("-at",)


@admin.register(AddressFlag)
class AddressFlagAdmin(ReadOnlyAdmin):
    """Deleting a flag trusts the address again."""

    list_display = ("flagged_at", "reason", "topic", "code")
    list_filter = ("reason",)
    ordering = ("-flagged_at", "pk")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))
