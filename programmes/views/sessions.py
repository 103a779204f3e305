"""Sessions of a cycle as a list and as a file, and one session for whoever looks at it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_text_response
from peerhub.common.keys import uuid_of
from programmes.models import LOGGED, AttendanceMode, Session, SessionStatus
from programmes.models.check_ins import CLOSES_AFTER, takes_check_ins
from programmes.models.queues import is_drop_in, is_queue_on
from programmes.queries.attendance_export import attendance_header, attendance_lines
from programmes.queries.check_ins import own_check_in
from programmes.queries.clearing import missing_to_lead
from programmes.queries.naming import place_of, session_title
from programmes.queries.register import register, session_to_read
from programmes.queries.revisions import history
from programmes.queries.series import own_in_words
from programmes.queries.sessions import (
    OF_COORDINATORS,
    attendance_in_words,
    groups_of,
    leader_names,
    sessions_of_cycle,
    shows_link,
    state_of,
)
from programmes.queries.workspace import workspace_or_404
from programmes.views.booking_desk import seats_for_page
from programmes.views.bookings import seat_for
from programmes.views.cover import covers_for_page


@require_safe
def session_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A cycle's sessions: coming up, without a log, past, called off; by group; paged."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_sessions", cycle)
    show = request.GET.get("show", "upcoming")
    show = show if show in OF_COORDINATORS else "upcoming"
    books = cycle.attendance_mode == AttendanceMode.BOOK
    group = str(uuid_of(request.GET.get("group", "")) or "")
    groups = groups_of(cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "show": show,
        "shows": {key: label for key, label in OF_COORDINATORS.items() if key != "wanted" or books or show == key},
        "groups": groups,
        "group": next((one for one in groups if one.uuid == group), None),
        "page_obj": sessions_of_cycle(
            cycle, show=show, group=group, page=request.GET.get("page", "1"), now=timezone.now()
        ),
        "can_plan": can(request.user, "programmes.plan_session", cycle),
        "can_open_desk": can(request.user, "programmes.open_kiosk", cycle),
        "can_export": can(request.user, "programmes.export_attendance", cycle),
    }
    return render(request, "programmes/sessions/list.html", context)


@require_safe
def attendance_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """Every attendance of the cycle as CSV, streamed."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.export_attendance", cycle)
    filename = f"attendance-{cycle.programme.slug}-{cycle.code}.csv"
    return csv_text_response(filename, attendance_header(), attendance_lines(cycle))


@require_safe
def session_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """When, where, with whom. Those who run it also see the register and what may be done."""
    session = session_to_read(request.user, uuid)
    if session is None:
        raise Http404
    now, user = timezone.now(), request.user
    runs = can(user, "programmes.log_session", session) or can(user, "programmes.view_sessions", session)
    said = attendance_in_words(session, reader=None if runs else user) if session.status in LOGGED else ""
    kind, words, icon = state_of(session, said, now)
    context = {
        "session": session,
        "programme": session.cycle.programme,
        "title": session_title(session),
        "place": place_of(session),
        "leaders": leader_names([session]).get(session.pk, []),
        "state": {"kind": kind, "text": words, "icon": icon},
        "link": session.link if shows_link(session, reader=user, runs=runs, now=now) else "",
        "runs": runs,
        "is_coming": session.status == SessionStatus.PLANNED and session.ends_at > now,
        "own": own_in_words(session),
        **({} if runs else _for_those_who_come(user, session, now)),
        **(_for_those_who_run(request, session, now) if runs else {}),
    }
    return render(request, "programmes/sessions/detail.html", context)


def _for_those_who_come(user: Any, session: Session, now: Any) -> dict[str, Any]:
    takes_code = takes_check_ins(session, now=now)
    if is_drop_in(session):
        is_coming = session.status == SessionStatus.PLANNED and session.ends_at + CLOSES_AFTER > now
        return {"queues": is_coming and can(user, "programmes.join_queue", session)}
    is_in = takes_code and own_check_in(user, session.uuid) is not None
    return {"takes_code": takes_code, "is_in": is_in, "seat": seat_for(user, session)}


def _for_those_who_run(request: HttpRequest, session: Session, now: Any) -> dict[str, Any]:
    people = register(session, viewer=request.user)
    may_log = can(request.user, "programmes.log_session", session)
    may_change = can(request.user, "programmes.change_session", session) and session.cycle.state != "closed"
    log = getattr(session, "log", None)
    is_planned = session.status == SessionStatus.PLANNED
    missing = missing_to_lead(session, request.user, now)
    acts = may_log and not missing
    return {
        "people": people,
        "log": log,
        "topics": [topic.name for topic in log.topics.all()] if log else [],
        "kinds": _kinds(log),
        "missing": missing,
        "can_log": acts and session.can_be_logged(now=now),
        "shows_code": acts and takes_check_ins(session, now=now) and not is_drop_in(session),
        "runs_queue": acts and is_queue_on(session, now=now),
        "can_change": may_change and is_planned,
        "can_cancel": may_change and is_planned and session.starts_at > now,
        "can_restore": may_change and session.status == SessionStatus.CANCELLED and session.starts_at > now,
        "is_logged": session.status in LOGGED,
        "history": history(session, people) if log and may_log else [],
        "workspace": can(request.user, "programmes.view_sessions", session),
        **covers_for_page(request.user, session, now),
        **seats_for_page(session),
    }


def _kinds(log: Any) -> str:
    words = (("is_academic", _("academic")), ("is_social", _("social")), ("is_emotional", _("emotional")))
    return ", ".join(word for name, word in words if log and getattr(log, name))
