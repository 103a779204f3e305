"""The documents of a cycle's design: read, write, compare, put up for signature, sign."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.differences import differences, drawn
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.documents import DocumentForm
from programmes.queries.documents import Reading, document_or_404, documents_of
from programmes.queries.ledger import people_of_design
from programmes.services import documents
from programmes.views.design import attempt, back, room
from programmes.views.join_steps import posted


@require_safe
def document_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """How each document stands."""
    cycle, context = room(request, slug, code, "documents")
    return render(
        request,
        "programmes/design/documents.html",
        context | {"documents": documents_of(cycle, with_drafts=not context["standing"].is_asked)},
    )


@require_safe
def document_detail(request: HttpRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """One document: what holds, or the version asked for (?version=)."""
    cycle, context = room(request, slug, code, "documents")
    standing = context["standing"]
    reading = document_or_404(cycle, kind, version=request.GET.get("version", ""), with_drafts=not standing.is_asked)
    shown = reading.shown
    own = standing.partner
    has_signed = own is not None and any(one.partner_id == own.pk for one in reading.signed)
    context |= {
        "reading": reading,
        "shown": shown,
        "has_signed": has_signed,
        "may_sign": bool(standing.designs and standing.shapes and shown and shown.is_current and not has_signed),
        "may_issue": bool(standing.decides and shown and shown.issued_at is None),
    }
    return render(request, "programmes/design/document.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def document_write(request: HttpRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """Write the draft; where there is none, begin the next version from what holds."""
    cycle, context = room(request, slug, code, "documents")
    require_perm(request.user, "programmes.shape_design", cycle)
    reading, people = document_or_404(cycle, kind), people_of_design(cycle)
    form = DocumentForm(posted(request), people=people, initial=_initial(reading))
    if request.method == "POST" and form.is_valid():
        try:
            documents.write_draft(
                actor=request.user,
                cycle_id=cycle.pk,
                kind=kind,
                draft=form.draft(),
                form_key=key_from(request.POST),
                now=timezone.now(),
            )
        except Repeated:
            return _to_draft(cycle, kind)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
            data: Any = request.POST.copy()
            data["seen"] = _initial(document_or_404(cycle, kind))["seen"]
            form.data = data  # saved again, it goes over what stands there now
        else:
            return _to_draft(cycle, kind)
    context |= {"reading": reading, "form": form}
    return render(request, "programmes/design/document_write.html", context, status=422 if form.errors else 200)


def _initial(reading: Reading) -> dict[str, Any]:
    draft, held = reading.draft, reading.current
    base = draft or held
    authors = [str(one) for one in draft.authors.values_list("uuid", flat=True)] if draft else []
    return {
        "text": base.text if base else "",
        "note": draft.note if draft else "",
        "authors": authors,
        "seen": draft.changed_at.isoformat() if draft else "",
    }


def _to_draft(cycle: Any, kind: str) -> HttpResponse:
    draft = document_or_404(cycle, kind).draft
    url = reverse("programmes:document_detail", args=[cycle.programme.slug, cycle.code, kind])
    return redirect(f"{url}?version={draft.number}" if draft else url)


@require_safe
def document_compare(request: HttpRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """What changed from one version (?from=) to another (?to=); the last two where none are asked for."""
    cycle, context = room(request, slug, code, "documents")
    reading = document_or_404(cycle, kind, with_drafts=not context["standing"].is_asked)
    newest = reading.versions[0] if reading.versions else None
    last = reading.versions[1] if len(reading.versions) > 1 else newest
    after = reading.numbered(request.GET.get("to", "")) or newest
    before = reading.numbered(request.GET.get("from", "")) or last
    changed = drawn(differences(before.text, after.text)) if before and after else ""
    context |= {"reading": reading, "before": before, "after": after, "changed": changed}
    return render(request, "programmes/design/document_compare.html", context)


@require_POST
def document_issue(request: HttpRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """Put the draft up for signature."""
    cycle, _context = room(request, slug, code, "documents")
    require_perm(request.user, "programmes.decide_design", cycle)
    draft = document_or_404(cycle, kind).draft
    seen = _moment(request.POST.get("seen", ""))
    if draft is None:
        return back(cycle, "document_detail", kind)
    if seen is None:
        messages.error(request, _("Look at the draft again, then put it up for signature."))
        return _to_draft(cycle, kind)
    done = attempt(
        request,
        lambda: documents.issue_version(actor=request.user, version_id=draft.pk, seen=seen, now=timezone.now()),
        _("It waits for signatures now. Every partner is told."),
    )
    return back(cycle, "document_detail", kind) if done else _to_draft(cycle, kind)


def _moment(text: str) -> datetime | None:
    """A moment as the form carries it; None for anything else."""
    try:
        return parse_datetime(text[:40])
    except ValueError:
        return None


@require_POST
def document_sign(request: HttpRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """Sign the version one has read (its number comes with the form)."""
    cycle, _context = room(request, slug, code, "documents")
    require_perm(request.user, "programmes.sign_design", cycle)
    version = document_or_404(cycle, kind).numbered(request.POST.get("version", ""))
    if version is not None:
        attempt(
            request,
            lambda: documents.sign_version(actor=request.user, version_id=version.pk, now=timezone.now()),
            _("Signed, with your name and today’s date."),
        )
    return back(cycle, "document_detail", kind)
