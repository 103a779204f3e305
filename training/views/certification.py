"""Certification: where I stand, my certificates; for coordinators, granting a level and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.access import can
from peerhub.common.errors import DomainError
from peerhub.common.keys import uuid_of
from peerhub.common.once import Repeated, key_from
from programmes.models import Role
from programmes.permissions import current_roles
from training.forms.people import WithdrawForm
from training.models import CertificationAward, CertificationLevel, CertificationScheme, Module
from training.queries.certification import awards_of, standings_of
from training.queries.development import shared_entries
from training.services import certification as services
from training.views.people import form_page, leader_or_404


@require_safe
def certification(request: HttpRequest) -> HttpResponse:
    """My certificates, and how far I am towards the next."""
    standings = standings_of(request.user, now=timezone.now()) if Role.LEADER in current_roles(request.user) else []
    context = {"awards": awards_of(request.user), "standings": standings}
    return render(request, "training/certification/mine.html", context)


@require_safe
def scheme_standing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A scheme, level by level, and how far I am."""
    scheme = get_object_or_404(CertificationScheme.objects.visible_to(request.user), uuid=uuid)
    found = standings_of(request.user, now=timezone.now(), scheme=scheme)[0]
    covering = {module.pk for level in found.levels for topic in level.topics for module, _done in topic.modules}
    context = {
        "scheme": scheme,
        "found": found,
        "open_modules": set(
            Module.objects.visible_to(request.user).filter(pk__in=covering).values_list("pk", flat=True)
        ),
        "can_change": can(request.user, "training.change_schemes"),
    }
    return render(request, "training/certification/standing.html", context)


@require_safe
def award_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The certificate, to be printed, and what it rests on."""
    seen = CertificationAward.objects.visible_to(request.user)
    award = get_object_or_404(seen.select_related("user", "granted_by", "level__scheme"), uuid=uuid)
    today = timezone.localdate()
    has_run_out = award.expires_on is not None and award.expires_on <= today
    context = {"award": award, "evidence": award.evidence, "has_run_out": has_run_out}
    return render(request, "training/certification/certificate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def award_grant(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Where a leader stands in every scheme; a level that is met can be granted."""
    cycle, membership = leader_or_404(request, slug, code, uuid, "training.view_board")
    may_grant = can(request.user, "training.grant_award", cycle) and membership.user_id != request.user.pk
    refusal = ""
    if request.method == "POST":
        leader_or_404(request, slug, code, uuid, "training.grant_award")
        level = get_object_or_404(CertificationLevel, uuid=uuid_of(request.POST.get("level", "")))
        about: dict[str, Any] = {"membership": membership, "level_id": level.pk, "key": key_from(request.POST)}
        try:
            award = services.grant_award(actor=request.user, now=timezone.now(), **about)
        except Repeated:
            return redirect("training:award_grant", slug, code, uuid)
        except DomainError as error:
            refusal = str(error.message)
        else:
            messages.success(request, _("Granted: %(level)s.") % {"level": level.title})
            return redirect("training:award_detail", award.uuid)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "membership": membership,
        "standings": standings_of(membership.user, now=timezone.now()),
        "awards": awards_of(membership.user),
        "shared": shared_entries(membership),
        "may_grant": may_grant and cycle.state != "closed",
        "refusal": refusal,
    }
    return render(request, "training/certification/person.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def award_withdraw(request: HttpRequest, slug: str, code: str, uuid: UUID, award: UUID) -> HttpResponse:
    """Take back what was granted by mistake."""
    where = _cycle, membership = leader_or_404(request, slug, code, uuid, "training.grant_award")
    mine = CertificationAward.objects.standing().filter(user=membership.user_id).select_related("level")
    mine = mine.filter(cycle__programme=membership.cycle.programme_id)  # where it was granted
    found = get_object_or_404(mine, uuid=award)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    words = {"title": _("Take back an award"), "lead": found.level.title, "button": _("Take it back")}
    about: dict[str, Any] = {"actor": request.user, "membership": membership, "award_id": found.pk}
    return form_page(
        request,
        where,
        form,
        lambda: services.withdraw_award(**about, reason=form.cleaned_data["reason"], now=timezone.now()),
        words,
    )
