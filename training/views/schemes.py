"""Writing certification schemes: what each level asks for, and which modules cover its topics."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from training.forms.certification import CoverForm, LevelForm, SchemeForm
from training.models import CertificationLevel, CertificationScheme, CertificationTopic, Module
from training.queries.schemes import modules_of, schemes_with_numbers
from training.services import certification as services


def _scheme(request: HttpRequest, uuid: UUID) -> CertificationScheme:
    require_perm(request.user, "training.change_schemes")
    return get_object_or_404(CertificationScheme, uuid=uuid)


@require_safe
def scheme_list(request: HttpRequest) -> HttpResponse:
    """The institution's schemes."""
    require_perm(request.user, "training.change_schemes")
    return render(request, "training/schemes/list.html", {"schemes": schemes_with_numbers()})


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_create(request: HttpRequest) -> HttpResponse:
    """A new scheme; its levels come next."""
    require_perm(request.user, "training.change_schemes")
    form = SchemeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = key_from(request.POST)
        try:
            made = services.save_scheme(actor=request.user, text=form.text(), key=key, now=timezone.now())
        except Repeated:
            return redirect("training:scheme_list")
        except DomainError as refusal:
            form.add_error("title" if refusal.code == "title_taken" else None, str(refusal.message))
        else:
            return redirect("training:scheme_edit", made.uuid)
    context = {"form": form, "scheme": None, "title": _("New scheme")}
    return render(request, "training/schemes/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a scheme says of itself, its levels, and the modules that count."""
    scheme = _scheme(request, uuid)
    form = SchemeForm(request.POST or None, initial=SchemeForm.of(scheme))
    if request.method == "POST" and form.is_valid():
        about = {"actor": request.user, "scheme_id": scheme.pk, "text": form.text(), "now": timezone.now()}
        try:
            services.save_scheme(**about, key=key_from(request.POST))
        except DomainError as refusal:
            form.add_error("title" if refusal.code == "title_taken" else None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:scheme_edit", uuid)
    levels = list(scheme.levels.order_by("number").prefetch_related("topics"))
    context = {"form": form, "scheme": scheme, "levels": levels, "modules": modules_of(scheme)}
    return render(request, "training/schemes/edit.html", context, status=422 if form.errors else 200)


@require_POST
def scheme_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close a scheme, or open it again."""
    scheme = _scheme(request, uuid)
    is_open = request.POST.get("do") == "open"
    services.close_scheme(actor=request.user, scheme_id=scheme.pk, is_open=is_open, now=timezone.now())
    messages.success(request, _("It is open again.") if is_open else _("Closed. What was granted stays."))
    return redirect("training:scheme_edit", uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def level_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another level on top."""
    return _level(request, _scheme(request, uuid), None)


@require_http_methods(["GET", "HEAD", "POST"])
def level_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change what a level asks for. What was granted stays as it was."""
    level = _level_or_404(request, uuid)
    return _level(request, level.scheme, level)


def _level_or_404(request: HttpRequest, uuid: UUID) -> CertificationLevel:
    require_perm(request.user, "training.change_schemes")
    return get_object_or_404(CertificationLevel.objects.select_related("scheme"), uuid=uuid)


def _level(request: HttpRequest, scheme: CertificationScheme, level: CertificationLevel | None) -> HttpResponse:
    form = LevelForm(request.POST or None, initial=LevelForm.of(level) if level else None)
    if request.method == "POST" and form.is_valid():
        about: dict[str, Any] = {"level_id": level.pk if level else None, "key": key_from(request.POST)}
        try:
            services.save_level(actor=request.user, scheme_id=scheme.pk, text=form.text(), now=timezone.now(), **about)
        except Repeated:
            return redirect("training:scheme_edit", scheme.uuid)
        except DomainError as refusal:
            form.add_error(_AT.get(refusal.code), str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:scheme_edit", scheme.uuid)
    title = level.title if level else _("New level")
    return _form_page(request, scheme, form, title, level=level)


_AT = {"live": "live_hours", "below": "hours", "topics": "topics"}


def _form_page(
    request: HttpRequest, scheme: CertificationScheme, form: forms.Form, title: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "scheme": scheme, "title": title, **more}
    return render(request, "training/schemes/form.html", context, status=422 if form.errors else 200)


@require_POST
def level_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the highest level off."""
    level = _level_or_404(request, uuid)
    try:
        services.remove_level(actor=request.user, level_id=level.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("training:level_edit", uuid)
    messages.success(request, _("The level is gone."))
    return redirect("training:scheme_edit", level.scheme.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def module_cover(request: HttpRequest, uuid: UUID, module: UUID) -> HttpResponse:
    """Which topics of a scheme a module covers."""
    scheme = _scheme(request, uuid)
    found = get_object_or_404(Module, uuid=module)
    topics = list(
        CertificationTopic.objects.filter(level__scheme=scheme)
        .select_related("level")
        .order_by("level__number", "position", "pk")
    )
    covered = list(
        CertificationTopic.objects.filter(level__scheme=scheme, modules=found).values_list("uuid", flat=True)
    )
    form = CoverForm(request.POST if request.method == "POST" else None, topics=topics, covered=covered)
    if request.method == "POST" and form.is_valid():
        about = {"scheme_id": scheme.pk, "module_id": found.pk, "topics": form.chosen()}
        services.cover_topics(actor=request.user, now=timezone.now(), **about)
        messages.success(request, _("Saved."))
        return redirect("training:scheme_edit", uuid)
    return _form_page(request, scheme, form, found.title)
