"""From the shortlist to leaders: times, conversations, offers, the end of the round."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.errors import DomainError
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid
from training.forms.offers import SlotsForm, TalkForm, TurnDownForm
from training.models import Application, InterviewSlot
from training.queries import offers as reads
from training.queries.rounds import PAGE
from training.services import interviews, offers
from training.views.recruitment import attempt, round_for, shared
from training.views.selection import application_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def slot_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Times to talk: add some, see who comes when."""
    cycle, round_ = round_for(request, slug, code)
    form = SlotsForm(posted(request), cycle=cycle)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("starts_at", "minutes", "count", "capacity", "where")}
        try:
            made = interviews.add_slots(actor=request.user, round_id=round_.pk, **said, now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            said_ = ngettext("%(n)s time was added.", "%(n)s times were added.", made) % {"n": made}
            messages.success(request, said_)
            return redirect("training:slot_list", slug=slug, code=code)
    page = Paginator(reads.slots_of(round_), PAGE).get_page(request.GET.get("page"))
    booked = Application.objects.filter(slot__in=[one.pk for one in page]).select_related("applicant")
    context = shared(cycle, round_) | {
        "form": form,
        "page_obj": page,
        "booked": list(booked.order_by("pk")),
        "waiting": Application.objects.filter(round=round_, state="shortlisted").count(),
        "free": interviews.free_seats(round_, now=timezone.now()),
    }
    return render(request, "training/rounds/slots.html", context, status=422 if form.errors else 200)


@require_POST
def slot_remove(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Take a free time away."""
    _cycle, round_ = round_for(request, slug, code)
    slot = get_object_or_404(InterviewSlot, round=round_, uuid=uuid)
    attempt(request, lambda: interviews.remove_slot(actor=request.user, slot_id=slot.pk, now=timezone.now()))
    return redirect("training:slot_list", slug=slug, code=code)


@require_POST
def shortlist_invite(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask everybody on the shortlist to choose a time."""
    _cycle, round_ = round_for(request, slug, code)
    call = lambda: interviews.invite_shortlisted(  # noqa: E731
        actor=request.user, round_id=round_.pk, now=timezone.now()
    )
    if made := attempt(request, call):
        said = ngettext("%(n)s person is invited.", "%(n)s people are invited.", made) % {"n": made}
        messages.success(request, said)
    return redirect("training:slot_list", slug=slug, code=code)


@require_safe
def offer_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everybody on the shortlist, what comes next for each, the reserve list in its order."""
    cycle, round_ = round_for(request, slug, code)
    context = shared(cycle, round_) | {
        "page_obj": Paginator(reads.talked_with(round_), PAGE).get_page(request.GET.get("page")),
        "left": offers.places_left(round_),
    }
    return render(request, "training/rounds/offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_decide(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """What came of the conversation, then an offer, the reserve list, or a no with a reason."""
    cycle, round_ = round_for(request, slug, code)
    application = application_or_404(round_, uuid)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    talk = TalkForm(request.POST if step == "came" else None, initial={"note": application.talk_note})
    no = TurnDownForm(request.POST if step == "no" else None)
    if step and _do(request, application, step, talk, no):
        return redirect("training:offer_list", slug=slug, code=code)
    context = shared(cycle, round_) | {
        "application": application,
        "person": application.applicant if application.revealed_at else None,
        "talk": talk,
        "no": no,
        "left": offers.places_left(round_),
        "is_over": application.slot is None or application.slot.starts_at <= timezone.now(),
    }
    return render(request, "training/rounds/decide.html", context, status=422 if step else 200)


def _do(request: HttpRequest, application: Application, step: str, talk: TalkForm, no: TurnDownForm) -> bool:
    """One step; False where a form is not right or it was refused, which is told."""
    now, who = timezone.now(), {"actor": request.user, "application_id": application.pk}
    note = talk.cleaned_data["note"] if step == "came" and talk.is_valid() else ""
    reason = no.cleaned_data["reason"] if step == "no" and no.is_valid() else ""
    steps: dict[str, Any] = {
        "came": lambda: interviews.record_talk(**who, came=True, note=note, now=now),
        "missed": lambda: interviews.record_talk(**who, came=False, now=now),
        "offer": lambda: offers.offer_role(**who, now=now),
        "reserve": lambda: offers.put_on_reserve(**who, now=now),
        "no": lambda: offers.turn_down(**who, reason=reason, now=now),
    }
    if step not in steps or (step == "came" and talk.errors) or (step == "no" and no.errors):
        return False
    return attempt(request, steps[step]) is not None


@require_POST
def round_finish(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The end of the round."""
    _cycle, round_ = round_for(request, slug, code)
    if attempt(request, lambda: offers.finish_round(actor=request.user, round_id=round_.pk, now=timezone.now())):
        messages.success(request, _("The round is finished. Its records are deleted by themselves."))
    return redirect("training:recruitment", slug=slug, code=code)


# --- for those who applied -------------------------------------------------------------------------------------------
@require_POST
def slot_book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose a time, or another."""
    own = get_object_or_404(Application.objects.own(request.user), uuid=uuid)
    wanted = request.POST.get("slot", "")
    slots = InterviewSlot.objects.filter(round=own.round_id)
    slot = slots.filter(uuid=wanted).first() if is_uuid(wanted) else None
    if slot is None:
        messages.error(request, _("Choose one of the times."))
    elif attempt(
        request,
        lambda: interviews.book_slot(actor=request.user, application_id=own.pk, slot_id=slot.pk, now=timezone.now()),
    ):
        messages.success(request, _("Booked. We have written to you."))
    return redirect("training:application_detail", uuid=uuid)


@require_POST
def offer_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Yes or no to the role."""
    own = get_object_or_404(Application.objects.own(request.user), uuid=uuid)
    answer = request.POST.get("answer", "")
    if answer not in {"yes", "no"}:
        messages.error(request, _("Say yes or no."))
    elif attempt(
        request,
        lambda: offers.answer_offer(
            actor=request.user, application_id=own.pk, accepts=answer == "yes", now=timezone.now()
        ),
    ):
        messages.success(request, _("You are in.") if answer == "yes" else _("Thank you for answering."))
    return redirect("training:application_detail", uuid=uuid)
