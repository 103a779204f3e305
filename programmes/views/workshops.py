"""Workshops of a cycle's design, and what is said back to students."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.access import require_perm
from peerhub.common.once import key_from
from programmes.forms.workshops import ReplyForm, WorkshopForm
from programmes.models import Cycle, DesignPartner, DesignWorkshop
from programmes.queries.outset import replies_of, workshops_of
from programmes.services import workshops
from programmes.views.design import attempt, back, room
from programmes.views.join_steps import posted

PAGE = 20
MOST = 100
WRITTEN = ("title", "on", "agenda", "outputs", "adjustments", "other_students", "other_staff")


@require_safe
def workshop_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """When people met, how many came of each side."""
    cycle, context = room(request, slug, code, "workshops")
    context["page_obj"] = Paginator(workshops_of(cycle), PAGE).get_page(request.GET.get("page"))
    return render(request, "programmes/design/workshops.html", context)


@require_safe
def workshop_detail(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """One workshop. What people needed to take part is shown to those who coordinate alone."""
    cycle, context = room(request, slug, code, "workshops")
    workshop = get_object_or_404(workshops_of(cycle), uuid=uuid)
    came = workshop.came.select_related("user").order_by("side", "pk")[:MOST]
    context |= {"workshop": workshop, "came": list(came)}
    return render(request, "programmes/design/workshop.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def workshop_write(request: HttpRequest, slug: str, code: str, uuid: UUID | None = None) -> HttpResponse:
    """Plan a workshop, or write down how one was."""
    cycle, context = room(request, slug, code, "workshops")
    require_perm(request.user, "programmes.decide_design", cycle)
    workshop = get_object_or_404(DesignWorkshop.objects.filter(cycle=cycle), uuid=uuid) if uuid else None
    form = WorkshopForm(posted(request), partners=_partners(cycle), initial=_initial(workshop, cycle))
    if request.method == "POST" and form.is_valid():
        key, now, pk = key_from(request.POST), timezone.now(), workshop.pk if workshop else None
        done = attempt(
            request,
            lambda: workshops.write_workshop(
                actor=request.user, cycle_id=cycle.pk, notes=form.notes(), workshop_id=pk, form_key=key, now=now
            ),
            _("Saved."),
        )
        if done:
            return back(cycle, "workshop_detail", uuid) if uuid else back(cycle, "workshop_list")
    context |= {"workshop": workshop, "form": form}
    return render(request, "programmes/design/workshop_write.html", context, status=422 if form.errors else 200)


def _partners(cycle: Cycle) -> list[DesignPartner]:
    rows = DesignPartner.objects.filter(cycle=cycle, joined_at__isnull=False).select_related("user")
    return list(rows.order_by("side", "pk")[:MOST])


def _initial(workshop: DesignWorkshop | None, cycle: Cycle) -> dict[str, Any]:
    if workshop is None:
        return {"on": cycle.today(now=timezone.now())}
    came = [str(one) for one in workshop.came.values_list("uuid", flat=True)]
    return {**{name: getattr(workshop, name) for name in WRITTEN}, "came": came}


@require_safe
def reply_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """You said, we did, we couldn't because."""
    cycle, context = room(request, slug, code, "replies")
    context["page_obj"] = Paginator(replies_of(cycle), PAGE).get_page(request.GET.get("page"))
    return render(request, "programmes/design/replies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reply_write(request: HttpRequest, slug: str, code: str, uuid: UUID | None = None) -> HttpResponse:
    """Say what became of something students said, and publish it."""
    cycle, context = room(request, slug, code, "replies")
    require_perm(request.user, "programmes.decide_design", cycle)
    row = get_object_or_404(replies_of(cycle), uuid=uuid) if uuid else None
    entries = cycle.decisions.exclude(status="proposed").order_by("-number").values_list("number", "question")[:MOST]
    initial: dict[str, Any] = {"is_published": True}
    if row is not None:
        initial = {name: getattr(row, name) for name in ("you_said", "kind", "answer")}
        initial |= {
            "is_published": row.published_at is not None,
            "decision": row.decision.number if row.decision else "",
        }
    form = ReplyForm(posted(request), decisions=list(entries), initial=initial)
    if request.method == "POST" and form.is_valid():
        key, now, pk = key_from(request.POST), timezone.now(), row.pk if row else None
        attempt(
            request,
            lambda: workshops.write_reply(
                actor=request.user, cycle_id=cycle.pk, reply=form.reply(), reply_id=pk, form_key=key, now=now
            ),
            _("Saved."),
        )
        return back(cycle, "reply_list")
    context |= {"row": row, "form": form}
    return render(request, "programmes/design/reply_write.html", context, status=422 if form.errors else 200)
