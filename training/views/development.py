"""My log: what I did to get better, what I learned, and with whom I share it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from training.forms.development import EntryForm
from training.models import DevelopmentEntry
from training.queries.certification import shown
from training.queries.development import HEADER, everything_of, log_of
from training.services import development as services

AT_FIELD = {"in_future": "on", "hours": "hours", "not_with": "shared_with"}


@require_safe
def log_list(request: HttpRequest) -> HttpResponse:
    """My log, newest first, and what I deleted lately."""
    found = log_of(request.user, request.GET.get("page"), since=timezone.now() - services.UNDO_FOR)
    context = {"log": found, "hours": shown(found.hours), "shared_hours": shown(found.shared_hours)}
    return render(request, "training/development/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def log_write(request: HttpRequest) -> HttpResponse:
    """A new entry."""
    return _page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def log_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change an entry."""
    entry = _own(request, uuid)
    return redirect("training:log_list") if entry.deleted_at else _page(request, entry)


def _page(request: HttpRequest, entry: DevelopmentEntry | None) -> HttpResponse:
    now = timezone.now()
    places = list(services.places_to_share_with(request.user))
    data = request.POST if request.method == "POST" else None
    form = EntryForm(data, places=places, entry=entry, today=timezone.localdate(now))
    if request.method == "POST" and form.is_valid():
        try:
            if entry:
                services.change_entry(actor=request.user, entry_id=entry.pk, text=form.text(), now=now)
            else:
                services.write_entry(actor=request.user, text=form.text(), key=key_from(request.POST), now=now)
        except Repeated:
            return redirect("training:log_list")
        except DomainError as refusal:
            form.add_error(AT_FIELD.get(refusal.code), str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:log_list")
    context = {"form": form, "entry": entry}
    return render(request, "training/development/form.html", context, status=422 if form.errors else 200)


@require_POST
def log_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Undo the last change of an entry."""
    return _done(request, uuid, services.undo_change, _("The change was undone."))


@require_POST
def log_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Delete an entry; it can be put back for 30 days."""
    return _done(request, uuid, services.delete_entry, _("Deleted. You can put it back for 30 days."))


@require_POST
def log_restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a deleted entry back."""
    return _done(request, uuid, services.restore_entry, _("It is back."))


def _done(request: HttpRequest, uuid: UUID, act: services.Step, said: str) -> HttpResponse:
    entry = _own(request, uuid)
    try:
        act(actor=request.user, entry_id=entry.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, said)
    return redirect("training:log_list")


@require_safe
def log_export(request: HttpRequest) -> HttpResponseBase:
    """My whole log as a spreadsheet."""
    return csv_response("my-log.csv", HEADER, everything_of(request.user))


def _own(request: HttpRequest, uuid: UUID) -> DevelopmentEntry:
    mine = DevelopmentEntry.objects.of(request.user).select_related("shared_with")
    return get_object_or_404(mine, uuid=uuid)
