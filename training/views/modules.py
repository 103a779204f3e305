"""Writing modules: a programme's own, and those of the shared site."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Programme
from programmes.queries.workspace import workspace_or_404
from training.forms.modules import ModuleForm, QuestionForm
from training.models import AssessmentKind, Module, QuizQuestion
from training.services import modules as services


def _module(request: HttpRequest, uuid: UUID) -> Module:
    seen = Module.objects.visible_to(request.user).select_related("owner__owner_unit")
    module = get_object_or_404(seen, uuid=uuid)
    require_perm(request.user, "training.change_module", module)
    return module


@require_http_methods(["GET", "HEAD", "POST"])
def module_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A new module of a programme."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.change_curriculum", cycle)
    back = reverse("training:curriculum", args=[slug, code])
    return _create(request, cycle.programme, back)


@require_http_methods(["GET", "HEAD", "POST"])
def shared_create(request: HttpRequest) -> HttpResponse:
    """A new module for all programmes."""
    require_perm(request.user, "training.change_shared")
    return _create(request, None, reverse("training:shared_modules"))


def _create(request: HttpRequest, owner: Programme | None, back: str) -> HttpResponse:
    form = ModuleForm(request.POST or None, initial={"mode": "self_paced", "assessment": "none", "hours": 1})
    if request.method == "POST" and form.is_valid():
        try:
            module = services.create_module(
                actor=request.user, owner=owner, text=form.text(), key=key_from(request.POST), now=timezone.now()
            )
        except Repeated:
            return redirect(back)
        except DomainError as refusal:
            form.add_error("criteria" if refusal.code == "no_criteria" else None, str(refusal.message))
        else:
            messages.success(request, _("Added: %(module)s.") % {"module": module.title})
            return redirect("training:module_edit", module.uuid)
    context = {"form": form, "owner": owner, "back_url": back, "module": None}
    return render(request, "training/modules/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def module_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change a module, and see its questions."""
    module = _module(request, uuid)
    form = ModuleForm(request.POST or None, initial=ModuleForm.of(module))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_module(actor=request.user, module_id=module.pk, text=form.text(), now=timezone.now())
        except DomainError as refusal:
            form.add_error("criteria" if refusal.code == "no_criteria" else None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:module_edit", uuid)
    bank = QuizQuestion.objects.in_use().filter(module=module).order_by("position", "pk")
    context = {
        "form": form,
        "owner": module.owner,
        "module": module,
        "back_url": reverse("training:module_detail", args=[uuid]),
        "questions": bank if module.assessment == AssessmentKind.QUIZ else None,
    }
    return render(request, "training/modules/edit.html", context, status=422 if form.errors else 200)


@require_POST
def module_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close a module, or open it again."""
    module = _module(request, uuid)
    is_open = request.POST.get("do") == "open"
    services.close_module(actor=request.user, module_id=module.pk, is_open=is_open, now=timezone.now())
    messages.success(request, _("It is open again.") if is_open else _("Closed. What was completed still counts."))
    return redirect("training:module_edit", uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def question_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another question of a quiz."""
    return _question(request, _module(request, uuid), None)


@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put another in the place of a question."""
    question = _question_or_404(request, uuid)
    return _question(request, question.module, question)


def _question_or_404(request: HttpRequest, uuid: UUID) -> QuizQuestion:
    seen = Module.objects.visible_to(request.user)
    rows = QuizQuestion.objects.in_use().filter(module__in=seen).select_related("module__owner__owner_unit")
    question = get_object_or_404(rows, uuid=uuid)
    require_perm(request.user, "training.change_module", question.module)
    return question


def _question(request: HttpRequest, module: Module, old: QuizQuestion | None) -> HttpResponse:
    form = QuestionForm(request.POST or None, initial=QuestionForm.of(old) if old else {"right": "1"})
    if request.method == "POST" and form.is_valid():
        about: dict[str, Any] = {"replaces": old.pk if old else None, "key": key_from(request.POST)}
        try:
            services.save_question(
                actor=request.user, module_id=module.pk, text=form.question(), now=timezone.now(), **about
            )
        except Repeated:
            return redirect("training:module_edit", module.uuid)
        except DomainError as refusal:
            form.add_error("right" if refusal.code == "right" else "option1", str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:module_edit", module.uuid)
    context = {"form": form, "module": module, "question": old}
    return render(request, "training/modules/question.html", context, status=422 if form.errors else 200)


@require_POST
def question_retire(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask it no more."""
    question = _question_or_404(request, uuid)
    services.retire_question(actor=request.user, question_id=question.pk, now=timezone.now())
    messages.success(request, _("It is not asked any more."))
    return redirect("training:module_edit", question.module.uuid)


@require_safe
def shared_modules(request: HttpRequest) -> HttpResponse:
    """The shared training site: modules that every programme may use."""
    require_perm(request.user, "training.change_shared")
    rows = Module.objects.filter(owner=None).order_by("closed_at", "title", "pk")
    return render(request, "training/modules/shared.html", {"modules": rows})
