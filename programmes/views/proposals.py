"""Proposals for a cycle's design, and the conversation about each."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.once import key_from
from programmes.forms.design import CommentForm, ProposalForm
from programmes.models import ProposalState
from programmes.queries.ledger import comments_on, proposal_or_404, proposals_of
from programmes.services import proposals
from programmes.views.design import attempt, back, room
from programmes.views.join_steps import posted

PAGE = 25


@require_safe
def proposal_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What people propose: what is open, or everything."""
    cycle, context = room(request, slug, code, "proposals")
    show = "all" if request.GET.get("show") == "all" else ""
    context |= {
        "page_obj": Paginator(proposals_of(cycle, show=show), PAGE).get_page(request.GET.get("page")),
        "show": show,
    }
    return render(request, "programmes/design/proposals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_make(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Propose something."""
    cycle, context = room(request, slug, code, "proposals")
    require_perm(request.user, "programmes.shape_design", cycle)
    form = ProposalForm(posted(request))
    if request.method == "POST" and form.is_valid():
        key, now = key_from(request.POST), timezone.now()
        attempt(
            request,
            lambda: proposals.make_proposal(
                actor=request.user, cycle_id=cycle.pk, form_key=key, now=now, **form.cleaned_data
            ),
            _("Your proposal is there for everybody in the partnership."),
        )
        return back(cycle, "proposal_list")
    return render(
        request, "programmes/design/proposal_make.html", context | {"form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_detail(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """One proposal and what is said of it; posting adds a comment."""
    cycle, context = room(request, slug, code, "proposals")
    proposal = proposal_or_404(cycle, uuid)
    form = CommentForm(posted(request))
    if request.method == "POST":
        require_perm(request.user, "programmes.shape_design", cycle)
        if form.is_valid():
            key, now, text = key_from(request.POST), timezone.now(), form.cleaned_data["text"]
            attempt(
                request,
                lambda: proposals.comment_on_proposal(
                    actor=request.user, proposal_id=proposal.pk, text=text, form_key=key, now=now
                ),
            )
            return back(cycle, "proposal_detail", uuid)
    is_live = proposal.state != ProposalState.WITHDRAWN
    context |= {
        "proposal": proposal,
        "page_obj": Paginator(comments_on(proposal), PAGE).get_page(request.GET.get("page")),
        "entries": list(proposal.decisions.order_by("number").values_list("number", "question")[:PAGE]),
        "form": form,
        "may_comment": context["standing"].shapes and is_live,
        "may_withdraw": proposal.by_id == request.user.pk and proposal.state == ProposalState.OPEN,
        "may_put": context["standing"].shapes and is_live,
    }
    return render(request, "programmes/design/proposal.html", context, status=422 if form.errors else 200)


@require_POST
def proposal_withdraw(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    cycle, _context = room(request, slug, code, "proposals")
    require_perm(request.user, "programmes.shape_design", cycle)
    proposal = proposal_or_404(cycle, uuid)
    attempt(
        request,
        lambda: proposals.withdraw_proposal(actor=request.user, proposal_id=proposal.pk, now=timezone.now()),
        _("Taken back."),
    )
    return redirect("programmes:proposal_detail", slug, code, uuid)
