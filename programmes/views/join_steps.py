"""The two steps everybody takes into a programme, whichever door they came through: what it means, then check."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.joining import ConsentForm, NoteForm
from programmes.models import Membership
from programmes.queries.joining import NOT_NOW, Entry, point_person, who_sees_what

Join = Callable[[str, UUID | None, datetime], Membership]


@dataclass(frozen=True)
class Way:
    """A door as the pages need it: where its two steps are, where “back” leads, and what joining does."""

    entry: Entry
    start_url: str
    check_url: str
    back_url: str
    join: Join
    invited_by: str = ""
    decline_url: str = ""

    @property
    def note_key(self) -> str:
        """Where the note waits between the steps: the session, so that no address or history holds it."""
        return f"join_note:{self.entry.cycle.pk}:{self.entry.role}"


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None where it is only shown. An empty form that was sent is still sent."""
    return request.POST if request.method == "POST" else None


def show_start(request: HttpRequest, way: Way) -> HttpResponse:
    """Step 1: what joining means. Posting keeps the note and goes on; nothing is joined."""
    form = NoteForm(posted(request), initial={"note": request.session.get(way.note_key, "")})
    if request.method == "POST" and form.is_valid() and way.entry.opens != NOT_NOW:
        request.session[way.note_key] = form.cleaned_data["note"]
        return redirect(way.check_url)
    return render(
        request,
        "programmes/joining/start.html",
        {**_shared(way), "form": form, "sights": who_sees_what(way.entry.cycle, way.entry.role)},
        status=422 if form.errors else 200,
    )


def show_check(request: HttpRequest, way: Way) -> HttpResponse:
    """Step 2: check the answers, agree, join. A second press shows the same result."""
    note = request.session.get(way.note_key, "")
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _join(request, way, note)
    if way.entry.opens == NOT_NOW:
        return redirect(way.start_url)
    sights = who_sees_what(way.entry.cycle, way.entry.role)
    context = {**_shared(way), "form": form, "note": note, "sights": sights}
    return render(request, "programmes/joining/check.html", context, status=422 if form.errors else 200)


def _join(request: HttpRequest, way: Way, note: str) -> HttpResponse:
    try:
        membership = way.join(note, key_from(request.POST), timezone.now())
    except Repeated:
        membership = Membership.objects.get(cycle=way.entry.cycle, user=request.user.pk, role=way.entry.role)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect(way.start_url)
    request.session.pop(way.note_key, None)
    return redirect("programmes:join_done", uuid=membership.uuid)


def _shared(way: Way) -> dict[str, object]:
    entry = way.entry
    return {
        "way": way,
        "entry": entry,
        "cycle": entry.cycle,
        "programme": entry.programme,
        "contact": point_person(entry.cycle),
    }
