"""The design workspace of a cycle: its overview, its partners, and the hours they give."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.accounts.models import User
from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.design import HoursForm, TermsForm
from programmes.models import Cycle, DesignPartner, PartnerHours
from programmes.queries.design import design_or_404, standing_of
from programmes.queries.design_pages import design_page, hours_page, partner_page
from programmes.queries.people import SHORTEST, pick_people
from programmes.services import partners
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid


def room(request: HttpRequest, slug: str, code: str, part: str) -> tuple[Cycle, dict[str, Any]]:
    """The cycle whose design the reader may see (else 404), and what every page of it needs."""
    cycle = design_or_404(request.user, slug, code)
    standing = standing_of(request.user, cycle)
    return cycle, {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "design",
        "part": part,
        "parts": _parts(cycle),
        "standing": standing,
    }


def _parts(cycle: Cycle) -> list[dict[str, str]]:
    named = (
        ("overview", _("Overview"), "design_detail"),
        ("proposals", _("Proposals"), "proposal_list"),
        ("decisions", _("Decisions"), "decision_list"),
        ("documents", _("Documents"), "document_list"),
        ("workshops", _("Workshops"), "workshop_list"),
        ("partners", _("Partners"), "partner_list"),
        ("replies", _("You said"), "reply_list"),
    )
    where = [cycle.programme.slug, cycle.code]
    return [
        {"key": key, "label": label, "url": reverse(f"programmes:{name}", args=where)} for key, label, name in named
    ]


def attempt(request: HttpRequest, work: Any, said: str = "") -> Any:
    """Do it and say so; a refusal is said instead (None), a repeat of the same form is a success said before."""
    try:
        done = work()
    except Repeated:
        return True
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return None
    if said:
        messages.success(request, said)
    return done if done is not None else True


def back(cycle: Cycle, name: str, *args: Any) -> HttpResponse:
    return redirect(f"programmes:{name}", cycle.programme.slug, cycle.code, *args)


@require_safe
def design_detail(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """How the design stands: what waits, what was decided last, who is in it."""
    cycle, context = room(request, slug, code, "overview")
    context["page_of"] = design_page(cycle, context["standing"], now=timezone.now())
    return render(request, "programmes/design/detail.html", context)


# --- partners ---------------------------------------------------------------------------------------------------------
@require_safe
def partner_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who designs it. What they get and gave is for the coordinators and for themselves."""
    cycle, context = room(request, slug, code, "partners")
    context["page_of"] = partner_page(cycle, context["standing"])
    return render(request, "programmes/design/partners.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def partner_ask(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Find somebody, agree the terms, ask them."""
    cycle, context = room(request, slug, code, "partners")
    require_perm(request.user, "programmes.change_partners", cycle)
    who = request.POST.get("who", "") or request.GET.get("who", "")
    person = User.objects.active().filter(uuid=who).first() if is_uuid(who) else None
    side = person.kind if person is not None and person.kind == "student" else "staff"
    form = TermsForm(posted(request), initial={"side": side})
    if request.method == "POST" and person is not None and form.is_valid():
        key, now = key_from(request.POST), timezone.now()
        done = attempt(
            request,
            lambda: partners.ask_partner(
                actor=request.user, cycle_id=cycle.pk, user=person, terms=form.terms(), form_key=key, now=now
            ),
            _("%(name)s is asked, and gets a message.") % {"name": person.display_name}
            if person.pk != request.user.pk
            else _("You are in."),
        )
        return back(cycle, "partner_list") if done else back(cycle, "partner_ask")
    words = request.GET.get("q", "")
    found = pick_people(words) if person is None else []
    here = DesignPartner.objects.current().filter(cycle=cycle, user__in=found)
    context |= {
        "person": person,
        "form": form,
        "words": words.strip()[:80],
        "searched": len(words.strip()) >= SHORTEST,
        "found": found,
        "here": set(here.values_list("user_id", flat=True)) if found else set(),
    }
    return render(request, "programmes/design/partner_ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def partner_change(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """What was agreed with one partner."""
    cycle, context = room(request, slug, code, "partners")
    require_perm(request.user, "programmes.change_partners", cycle)
    partner = _partner(cycle, uuid)
    terms = {name: getattr(partner, name) for name in ("side", "is_paid", "reward", "hours_cap")}
    form = TermsForm(posted(request), initial=terms)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        done = attempt(
            request,
            lambda: partners.change_terms(actor=request.user, partner_id=partner.pk, terms=form.terms(), now=now),
            _("Saved."),
        )
        return back(cycle, "partner_list") if done else back(cycle, "partner_change", uuid)
    context |= {"partner": partner, "form": form}
    return render(request, "programmes/design/partner_change.html", context, status=422 if form.errors else 200)


@require_POST
def partner_end(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """End a partnership: one's own, or as a coordinator another's."""
    cycle, _context = room(request, slug, code, "partners")
    partner = _partner(cycle, uuid)
    is_own = partner.user_id == request.user.pk
    if not is_own:
        require_perm(request.user, "programmes.change_partners", cycle)
    done = attempt(
        request,
        lambda: partners.end_partnership(actor=request.user, partner_id=partner.pk, now=timezone.now()),
        _("You are out. What you signed and gave stays on your record.") if is_own else _("Ended."),
    )
    if is_own and done and not standing_of(request.user, cycle).runs:
        return redirect("home")
    return back(cycle, "partner_list")


@require_POST
def partner_answer(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Say yes or no to being asked."""
    cycle, context = room(request, slug, code, "overview")
    own, joins = context["standing"].partner, request.POST.get("answer") == "yes"
    if own is None:
        require_perm(request.user, "programmes.log_design_hours", cycle)
    done = attempt(
        request,
        lambda: partners.answer_partnership(actor=request.user, partner_id=own.pk, joins=joins, now=timezone.now()),
        _("Welcome. You can propose, discuss and sign from now on.") if joins else _("Thank you for the answer."),
    )
    if done and not joins and not context["standing"].runs:
        return redirect("home")
    return back(cycle, "design_detail")


def _partner(cycle: Cycle, uuid: UUID) -> DesignPartner:
    return get_object_or_404(DesignPartner.objects.current().filter(cycle=cycle).select_related("user"), uuid=uuid)


# --- hours ------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def design_hours(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The hours one gave, beside what was agreed."""
    cycle, context = room(request, slug, code, "partners")
    require_perm(request.user, "programmes.log_design_hours", cycle)
    own = context["standing"].partner
    form = HoursForm(posted(request), initial={"on": cycle.today(now=timezone.now())})
    if request.method == "POST" and form.is_valid():
        values, key, now = form.cleaned_data, key_from(request.POST), timezone.now()
        attempt(
            request,
            lambda: partners.log_hours(
                actor=request.user, partner_id=own.pk, on=values["on"], minutes=form.minutes(), what=values["what"],
                form_key=key, now=now,
            ),
            _("Written down."),
        )  # fmt: skip
        return back(cycle, "design_hours")
    context |= {"form": form, "page_of": hours_page(own, page=request.GET.get("page"))}
    return render(request, "programmes/design/hours.html", context, status=422 if form.errors else 200)


@require_POST
def hours_take_back(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Take back hours one wrote down."""
    cycle, _context = room(request, slug, code, "partners")
    require_perm(request.user, "programmes.log_design_hours", cycle)
    row = get_object_or_404(PartnerHours.objects.filter(partner__user=request.user, partner__cycle=cycle), uuid=uuid)
    attempt(
        request,
        lambda: partners.take_back_hours(actor=request.user, hours_id=row.pk, now=timezone.now()),
        _("Taken back."),
    )
    return back(cycle, "design_hours")
