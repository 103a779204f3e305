"""The ledger of a cycle's design: read it, put a question, record a decision, say how it went on."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.once import key_from
from programmes.forms.design import OPTIONS, OutcomeForm, QuestionForm, StepForm
from programmes.models import Cycle, Decision, DecisionStatus, Proposal
from programmes.queries.ledger import (
    STAFF,
    STUDENT,
    entries_of,
    entry_or_404,
    ledger_header,
    ledger_rows,
    people_of_design,
    shown,
)
from programmes.services import decisions
from programmes.services.decisions import NEXT
from programmes.views.design import attempt, back, room
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid

PAGE = 20


@require_safe
def decision_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Every entry, the newest first."""
    cycle, context = room(request, slug, code, "decisions")
    page = Paginator(entries_of(cycle), PAGE).get_page(request.GET.get("page"))
    context |= {"page_obj": page, "entries": [shown(one) for one in page.object_list]}
    return render(request, "programmes/design/decisions.html", context)


@require_safe
def ledger_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """The whole ledger as a file."""
    cycle, _context = room(request, slug, code, "decisions")
    filename = f"decisions-{cycle.programme.slug}-{cycle.code}.csv"
    return csv_response(filename, ledger_header(), ledger_rows(cycle))


@require_safe
def decision_detail(request: HttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    """One entry with its whole history, and both sides of a correction."""
    cycle, context = room(request, slug, code, "decisions")
    row = entry_or_404(cycle, number)
    entry, standing = shown(row), context["standing"]
    holds = not (entry.is_open or entry.is_superseded)  # also while what may come in its place is not decided
    context |= {
        "entry": entry,
        "steps": sorted(row.steps.all(), key=lambda step: (step.at, step.pk)),
        "next": [(to, DecisionStatus(to).label) for to in NEXT[row.status]] if standing.decides and holds else [],
        "form": StepForm(),
        "may_decide": standing.decides and entry.is_open,
        "may_correct": standing.shapes and holds and entry.following is None,
    }
    return render(request, "programmes/design/decision.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_put(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Put a question: anew, from a proposal (?proposal=), or in place of an earlier entry (?instead=)."""
    cycle, context = room(request, slug, code, "decisions")
    require_perm(request.user, "programmes.shape_design", cycle)
    people = people_of_design(cycle)
    proposal, earlier = _proposal(request, cycle), _earlier(request, cycle)
    form = QuestionForm(posted(request), people=people, initial=_initial(proposal, earlier, set(people)))
    if request.method == "POST" and form.is_valid():
        question = form.draft(
            proposal_id=proposal.pk if proposal else None, supersedes_id=earlier.pk if earlier else None
        )
        key, now = key_from(request.POST), timezone.now()
        done = attempt(
            request,
            lambda: decisions.put_question(
                actor=request.user, cycle_id=cycle.pk, question=question, form_key=key, now=now
            ),
        )
        return (
            back(cycle, "decision_detail", done.number) if isinstance(done, Decision) else back(cycle, "decision_list")
        )
    context |= {"form": form, "proposal": proposal, "earlier": earlier}
    return render(request, "programmes/design/decision_put.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_record(request: HttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    """Record what was decided."""
    cycle, context = room(request, slug, code, "decisions")
    require_perm(request.user, "programmes.decide_design", cycle)
    row = entry_or_404(cycle, number)
    if row.status != DecisionStatus.PROPOSED:
        return back(cycle, "decision_detail", number)
    people = people_of_design(cycle)
    initial = {"decided_on": cycle.today(now=timezone.now())}
    form = OutcomeForm(posted(request), entry=row, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        done = attempt(
            request,
            lambda: decisions.record_decision(actor=request.user, decision_id=row.pk, outcome=form.outcome(), now=now),
            _("Recorded. From now on it is corrected by a new entry, never rewritten."),
        )
        if done:
            return back(cycle, "decision_detail", number)
    context |= {"entry": shown(row), "form": form}
    return render(request, "programmes/design/decision_record.html", context, status=422 if form.errors else 200)


@require_POST
def decision_move(request: HttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    """Put into practice, reviewed or reversed."""
    cycle, _context = room(request, slug, code, "decisions")
    require_perm(request.user, "programmes.decide_design", cycle)
    row, form = entry_or_404(cycle, number), StepForm(request.POST)
    values: dict[str, Any] = form.cleaned_data if form.is_valid() else {"to": ""}
    key, now = key_from(request.POST), timezone.now()
    attempt(
        request,
        lambda: decisions.move_decision(actor=request.user, decision_id=row.pk, form_key=key, now=now, **values),
        _("Saved."),
    )
    return back(cycle, "decision_detail", number)


def _proposal(request: HttpRequest, cycle: Cycle) -> Proposal | None:
    key = request.GET.get("proposal", "")
    return Proposal.objects.filter(cycle=cycle, uuid=key).select_related("by").first() if is_uuid(key) else None


def _earlier(request: HttpRequest, cycle: Cycle) -> Decision | None:
    text = request.GET.get("instead", "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 7
    rows = Decision.objects.filter(cycle=cycle).prefetch_related("options__by")
    return rows.filter(number=int(text)).first() if is_number else None


def _initial(proposal: Proposal | None, earlier: Decision | None, known: set[str]) -> dict[str, str]:
    """What the form begins with: the proposal as the first option, or the earlier entry as it stands."""

    def whose(row: Any) -> str:
        key = str(row.by.uuid) if row.by else ""
        return key if key in known else (STUDENT if row.side == "student" else STAFF)

    if earlier is not None:
        found = {"question": earlier.question}
        for place, one in enumerate(sorted(earlier.options.all(), key=lambda row: row.position)[:OPTIONS], start=1):
            found |= {f"option{place}": one.text, f"whose{place}": whose(one)}
        return found
    if proposal is not None:
        return {"option1": proposal.title, "whose1": whose(proposal)}
    return {}
