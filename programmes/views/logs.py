"""The log of a session, on a phone between two lectures."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common import clock
from peerhub.common.access import own_address, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.logs import KINDS, LogForm, initial_of, marks_of, posted_entered, posted_marks, posted_newcomers
from programmes.models import LOGGED, AttendanceStatus, Session, SessionStatus
from programmes.models.check_ins import takes_check_ins
from programmes.queries.clearing import missing_to_lead
from programmes.queries.log_choices import LogChoices, log_choices
from programmes.queries.log_sheets import is_soon, takes_a_log
from programmes.queries.naming import session_title
from programmes.queries.register import (
    CAME,
    Found,
    Listed,
    find_walk_ins,
    newcomers,
    register,
    session_to_log,
    suggested_marks,
    takes_walk_ins,
    waiting_among,
)
from programmes.queries.revisions import differences, last_saved
from programmes.services.logs import REASON_AFTER, LogConflict, log_session

# A refusal belongs to the part of the form where it can be put right.
A_DAY = 1440
TRAY_HEADER = "X-PeerHub-Tray"
FIELD_OF = {"no_reason": "reason", "too_long": "minutes"}


def _session_or_404(request: HttpRequest, uuid: UUID) -> Session:
    session = session_to_log(request.user, uuid)
    if session is None:
        raise Http404
    return session


@require_http_methods(["GET", "HEAD", "POST"])
def session_log(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the sheet; save it; or, without a script, show it again with somebody found or everyone ticked."""
    session = _session_or_404(request, uuid)
    require_perm(request.user, "programmes.log_session", session)
    if request.method != "POST":
        is_ahead = "ahead" in request.GET and is_soon(session.starts_at, now=timezone.now())
        return _sheet(request, session, LogForm(initial=initial_of(session, viewer=request.user)), is_ahead=is_ahead)
    form = LogForm(request.POST)
    if request.POST.get("action") in {"find", "everyone"}:
        return _sheet(request, session, form, is_check=False)
    if not form.is_valid():
        return _sheet(request, session, form, status=422)
    try:
        entry = form.entry()
        saved = log_session(
            actor=request.user, session=session, entry=entry, key=key_from(request.POST), now=timezone.now()
        )
    except Repeated:
        saved = session
    except LogConflict:
        return _conflict(request, session, form)
    except DomainError as refusal:
        if refusal.code == "more_came":
            return _sheet(request, session, form, status=409, is_check=False, more_came=True)
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return _sheet(request, session, form, status=422)
    if TRAY_HEADER in request.headers:  # sent by a script that had kept it: only this answer means that it is saved
        return HttpResponse(status=204)
    said, correct = _saved_words(saved, entry.marks, len(entry.newcomers)), _("Correct it")
    messages.success(request, format_html('{} <a href="{}">{}</a>', said, request.path, correct))
    _say_who_waits(request, saved, entry.newcomers)
    return redirect(_after(request, session))


@require_safe
def session_walk_ins(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """People found for the register: a part of the sheet, for htmx."""
    session = _session_or_404(request, uuid)
    require_perm(request.user, "programmes.log_session", session)
    ticked = request.GET.getlist("here")
    found = _found(request, session, request.GET.get("q", ""), ticked)
    return render(
        request, "programmes/logs/_walk_ins.html", {"found": found, "ticked": ticked, "q": request.GET.get("q", "")}
    )


def _sheet(
    request: HttpRequest,
    session: Session,
    form: LogForm,
    *,
    status: int = 200,
    is_check: bool = True,
    is_ahead: bool = False,
    **more: Any,
) -> HttpResponse:
    people = register(session, viewer=request.user)
    marks = _marks(session, form, people, everyone=request.POST.get("action") == "everyone")
    ticked = request.POST.getlist("here")
    now = timezone.now()
    said, choices = _said(form), log_choices(session.cycle, getattr(session, "log", None))
    if not form.is_bound:
        said["topic"] = [str(pk) for pk in choices.chosen_topics]
    context = {
        "session": session,
        "title": session_title(session),
        "programme": session.cycle.programme,
        "session_word": session.cycle.programme.word("session"),
        "form": form,
        "said": said,
        **_ticks(said, choices),
        "people": people,
        "marks": marks,
        "here": sum(marks.get(one.uuid) in CAME for one in people),
        "found": _found(request, session, request.POST.get("q", ""), ticked, people) if form.is_bound else [],
        "ticked": ticked,
        "q": request.POST.get("q", ""),
        "has_marks": any(mark in {AttendanceStatus.LATE, AttendanceStatus.EXCUSED} for mark in marks.values()),
        "choices": choices,
        "takes_newcomers": takes_walk_ins(session.cycle, today=clock.local(now, session.cycle.time_zone).date()),
        "is_correction": session.status in LOGGED,
        "entered": [one.uuid for one in people if one.is_in] if session.status not in LOGGED else [],
        "shows_code": takes_check_ins(session, now=now),
        "wants_reason": session.status in LOGGED and _is_old(session, now),
        "is_author": _is_author(session, request.user),
        **_may_log(request, session, is_ahead=is_ahead or form.is_bound),
        "has_problem": is_check and form.is_bound and bool(form.errors),
        "back": _after(request, session),
        **more,
    }
    return render(request, "programmes/logs/form.html", context, status=status)


def _may_log(request: HttpRequest, session: Session, *, is_ahead: bool) -> dict[str, Any]:
    """Whether there is a sheet at all, and what whoever leads is missing where not."""
    now = timezone.now()
    missing = missing_to_lead(session, request.user, now)
    return {"missing": missing, "can_log": not missing and takes_a_log(session, now=now, is_ahead=is_ahead)}


def _marks(session: Session, form: LogForm, people: list[Listed], *, everyone: bool) -> dict[UUID, str]:
    """What is ticked: what was posted, else what the register says, else what check-ins suggest. Who has checked in
    since the sheet was shown is ticked too: nobody had the chance to leave them out.
    """
    suggested = {} if session.status in LOGGED else suggested_marks(people, session)
    if not form.is_bound:
        return marks_of(people) | suggested
    shown = posted_entered(form.data)
    marks = {key: mark for key, mark in suggested.items() if key not in shown} | posted_marks(form.data)
    here = [one.uuid for one in people if not one.is_viewer] if everyone else []
    return dict.fromkeys(here, str(AttendanceStatus.PRESENT)) | marks


def _conflict(request: HttpRequest, session: Session, form: LogForm) -> HttpResponse:
    """Somebody saved meanwhile: everything typed stays, what differs is named, the next save is on top of theirs."""
    session = _session_or_404(request, session.uuid)
    marks = posted_marks(form.data)
    people = register(session, viewer=request.user, walk_ins=marks)
    answers = request.POST.copy()
    answers["version"] = str(session.log_version)
    again = LogForm(answers)
    is_held = form.cleaned_data["outcome"] == SessionStatus.HELD
    theirs = {"saved": last_saved(session), "differences": differences(people, marks, is_held=is_held)}
    return _sheet(request, session, again, status=409, is_check=False, conflict=theirs)


def _is_old(session: Session, now: Any) -> bool:
    log = getattr(session, "log", None)
    return log is not None and now - log.logged_at > REASON_AFTER


def _is_author(session: Session, user: Any) -> bool:
    """True when the private reflection on this sheet would be the user's own."""
    log = getattr(session, "log", None)
    return log is None or log.author_id == user.pk


def _said(form: LogForm) -> dict[str, Any]:
    """Every field's value as the template compares it: text, and lists of text."""
    said: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        many = isinstance(value, list | tuple)
        said[bound.name] = [str(one) for one in value] if many else "" if value is None else str(value)
    for name in ("support", "topic"):
        said[name] = said[name] or []
    return said


def _ticks(said: dict[str, Any], choices: LogChoices) -> dict[str, Any]:
    """Which tiles are on, by name."""
    more = ("technique", "shared_note", "private_reflection")
    return {
        "held": said["outcome"] in {"", SessionStatus.HELD},
        "nobody_came": said["outcome"] == SessionStatus.NOBODY_CAME,
        "not_held": said["outcome"] == SessionStatus.NOT_HELD,
        **{kind: kind in said["support"] for kind in KINDS},
        "topics": [(key, name, str(key) in said["topic"]) for key, name in choices.topics],
        "signposted": said["signposted"] == "yes",
        "not_signposted": said["signposted"] != "yes",
        "has_more": any(said[name] for name in more),
        "minutes": _minutes(said["minutes"]),
    }


def _minutes(text: str) -> int:
    """The length as typed, 0 where that is no length."""
    return int(text) if text.isdecimal() and len(text) <= len(str(A_DAY)) else 0


def _found(
    request: HttpRequest, session: Session, text: str, ticked: list[str], people: list[Listed] | None = None
) -> list[Found]:
    """Walk-ins ticked before, then what the search finds."""
    people = register(session, viewer=request.user) if people is None else people
    listed = {one.uuid for one in people}
    keys = [key for key in _membership_keys(ticked) if key not in listed]
    kept = [
        Found(str(one.uuid), one.name, is_newcomer=False)
        for one in (register(session, viewer=request.user, walk_ins=keys) if keys else [])
        if one.uuid in keys
    ]
    if new := posted_newcomers(_as_query(ticked)):
        kept += newcomers(session, new)
    today = clock.local(timezone.now(), session.cycle.time_zone).date()
    besides = [*listed, *keys]
    found = find_walk_ins(session, text, viewer=request.user, today=today, besides=besides) if text else []
    known = {one.value for one in kept}
    return [*kept, *(one for one in found if one.value not in known)]


def _membership_keys(ticked: list[str]) -> list[UUID]:
    return list(posted_marks(_as_query(ticked)))


def _as_query(ticked: list[str]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.setlist("here", ticked)
    return query


def _saved_words(session: Session, marks: Mapping[UUID, str], newcomers_count: int) -> str:
    if session.status == SessionStatus.NOT_HELD:
        return _("Saved: it did not happen.")
    if session.status == SessionStatus.NOBODY_CAME:
        return _("Saved: nobody came. That counts too.")
    here = sum(mark in CAME for mark in marks.values()) + newcomers_count
    return ngettext("Saved. %(count)s person was here.", "Saved. %(count)s people were here.", here) % {"count": here}


def _say_who_waits(request: HttpRequest, session: Session, newcomers: Sequence[UUID]) -> None:
    waiting = waiting_among(session, newcomers) if newcomers else 0
    if waiting:
        said = ngettext(
            "%(count)s person you added is on the waiting list, because every place is taken. They have been told.",
            "%(count)s people you added are on the waiting list, because every place is taken. They have been told.",
            waiting,
        )
        messages.info(request, said % {"count": waiting})


def _after(request: HttpRequest, session: Session) -> str:
    """Back to where the person came from, else a leader's home, else the session."""
    if wanted := own_address(request, request.POST.get("next") or request.GET.get("next")):
        return wanted
    if session.viewer_leads:  # type: ignore[attr-defined]
        return reverse("home_leader")
    return reverse("programmes:session_detail", args=[session.uuid])
