"""What a cycle asks of those who lead."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Cycle
from programmes.queries.workspace import workspace_or_404
from training.forms.curricula import CurriculumForm
from training.models import LeaderTerms, Module
from training.queries.completions import current_curriculum
from training.services import curricula


@require_http_methods(["GET", "HEAD", "POST"])
def curriculum(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Which modules, in which order, mandatory or not; saving makes a new version."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.change_curriculum", cycle)
    form = _form(request, cycle)
    if request.method == "POST" and form.is_valid() and _saved(request, cycle, form):
        return redirect("training:curriculum", slug, code)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "form": form,
        "rows": list(form.rows()),
        "version": current_curriculum(cycle),
        "terms": LeaderTerms.objects.filter(cycle=cycle).first(),
    }
    return render(request, "training/curricula/edit.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, cycle: Cycle) -> CurriculumForm:
    now = current_curriculum(cycle)
    entries = {one.module_id: one for one in now.entries.order_by("position", "pk")} if now else {}
    usable = Module.objects.of_programme(cycle.programme).order_by("title", "pk")
    place = {key: number for number, key in enumerate(entries)}
    modules = [one for one in usable if one.closed_at is None or one.pk in entries]
    modules.sort(key=lambda one: place.get(one.pk, len(place)))
    data = request.POST if request.method == "POST" else None
    today = cycle.today(now=timezone.now())
    return CurriculumForm(data, modules=modules, entries=entries, seen=now.version if now else 0, today=today)


def _saved(request: HttpRequest, cycle: Cycle, form: CurriculumForm) -> bool:
    about = {"seen": form.cleaned_data["seen"], "new_from": form.cleaned_data["new_from"]}
    try:
        made = curricula.save_curriculum(
            actor=request.user,
            cycle_id=cycle.pk,
            entries=form.entries(),
            key=key_from(request.POST),
            now=timezone.now(),
            **about,
        )
    except Repeated:
        return True
    except DomainError as refusal:
        form.add_error(None, str(refusal.message))
        return False
    messages.success(request, _("Saved: this is version %(n)s.") % {"n": made.version})
    return True


@require_POST
def terms_change(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Say whether leading here is paid."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.change_curriculum", cycle)
    is_paid = request.POST.get("paid") == "yes"
    try:
        curricula.set_leader_terms(actor=request.user, cycle_id=cycle.pk, is_paid=is_paid, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        said = _("Saved: the right to work is asked for.") if is_paid else _("Saved: no right to work is asked for.")
        messages.success(request, said)
    return redirect("training:curriculum", slug, code)
