"""The queue of a drop-in for those who lead it: the line, taking the next, adding somebody, closing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common import clock
from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.queues import WishForm
from programmes.models import Session
from programmes.models.check_ins import OPENS_BEFORE, is_logged
from programmes.models.queues import is_closed, is_queue_on, takes_queue
from programmes.queries.naming import place_of, session_title
from programmes.queries.queues import entry_of, mark_of, queue_of, standing, topics_to_choose
from programmes.queries.register import find_walk_ins
from programmes.services import queue_steps
from programmes.services.queues import add_to_queue, close_queue, reopen_queue
from programmes.views.queues import drop_in_or_404

STEPS: dict[str, Callable[..., Any]] = {
    "call": queue_steps.call_person,
    "start": queue_steps.start_helping,
    "finish": queue_steps.finish_helping,
    "missed": queue_steps.note_missed,
    "back": queue_steps.put_back,
    "undo": queue_steps.undo_step,
}
TAKES_ALSO = {"call", "start"}


def _drop_in(request: HttpRequest, uuid: UUID) -> Session:
    session = drop_in_or_404(request, uuid)
    require_perm(request.user, "programmes.run_queue", session)
    return session


@require_safe
def queue_run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The line. htmx gets the part that changes, and nothing at all while it has not."""
    session, now = _drop_in(request, uuid), timezone.now()
    queue = queue_of(session, viewer=request.user, now=now)
    rank = standing(session, now=now)
    is_on = is_queue_on(session, now=now)
    facts = [
        (one.uuid, one.state, one.is_mine, one.can_undo, _minutes(now, one.started_at or one.called_at))
        for one in (*queue.here, *queue.waiting, *queue.done)
    ]
    context = {
        "session": session,
        "programme": session.cycle.programme,
        "title": session_title(session),
        "place": place_of(session),
        "queue": queue,
        "wait": rank.next_wait,
        "leaders": rank.leaders,
        "is_on": is_on,
        "is_early": now < session.starts_at - OPENS_BEFORE,
        "opens_at": session.starts_at - OPENS_BEFORE,
        "takes": takes_queue(session, now=now),
        "is_closed": is_closed(session),
        "is_logged": is_logged(session),
        "can_log": session.can_be_logged(now=now),
        "mark": mark_of(facts, queue.helped, queue.lost, rank.next_wait, is_on, is_closed(session)),
    }
    if not request.htmx:
        return render(request, "programmes/queues/run.html", context)
    if request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    context["is_news"] = request.GET.get("heard") != str(len(queue.waiting))
    return render(request, "programmes/queues/_run_now.html", context)


def _minutes(now: Any, since: Any) -> int:
    return int((now - since).total_seconds() // 60) if since else 0


@require_POST
def queue_next(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call whoever waits longest. A form sent twice takes one."""
    session = _drop_in(request, uuid)
    about: dict[str, Any] = {"also": "also" in request.POST, "key": key_from(request.POST)}
    try:
        queue_steps.take_next(actor=request.user, session_id=session.pk, now=timezone.now(), **about)
    except Repeated:
        pass
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:queue_run", session.uuid)


@require_POST
def queue_step(request: HttpRequest, uuid: UUID, entry: UUID) -> HttpResponse:
    """One step with one person: call, start, finish, missed, back, undo."""
    session = _drop_in(request, uuid)
    found, do = entry_of(session, entry), request.POST.get("do", "")
    if found is None or do not in STEPS:
        raise Http404
    more = {"also": "also" in request.POST} if do in TAKES_ALSO else {}
    try:
        STEPS[do](actor=request.user, entry_id=found.pk, now=timezone.now(), **more)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:queue_run", session.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def queue_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Find somebody who is in the room without a telephone, and put them at the end."""
    session, now = _drop_in(request, uuid), timezone.now()
    topics = topics_to_choose(session)
    refusal, status = "", 200
    if request.method == "POST":
        wish = WishForm(request.POST, topics=topics).wish()
        try:
            ticket = add_to_queue(
                actor=request.user, session_id=session.pk, who=request.POST.get("who", ""), wish=wish, now=now
            )
        except DomainError as error:
            refusal, status = str(error.message), 422
        else:
            words = _("They are in already: ticket %(number)s.") if ticket.is_repeat else _("Added: ticket %(number)s.")
            messages.success(request, words % {"number": ticket.entry.number})
            return redirect("programmes:queue_run", session.uuid)
    asked = request.POST if request.method == "POST" else request.GET
    q = asked.get("q", "")
    today = clock.local(now, session.cycle.time_zone).date()
    context = {
        "session": session,
        "programme": session.cycle.programme,
        "title": session_title(session),
        "form": WishForm(asked if request.method == "POST" else None, topics=topics),
        "found": find_walk_ins(session, q, viewer=request.user, today=today),
        "q": q,
        "refusal": refusal,
        "takes": takes_queue(session, now=now),
    }
    return render(request, "programmes/queues/add.html", context, status=status)


@require_POST
def queue_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take nobody any more, or take people again."""
    session, now = _drop_in(request, uuid), timezone.now()
    about: dict[str, Any] = {"actor": request.user, "session_id": session.pk, "now": now}
    try:
        if request.POST.get("do") == "reopen":
            back = reopen_queue(**about)
            messages.success(request, _reopened(back))
        else:
            messages.success(request, _closed(close_queue(**about)))
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:queue_run", session.uuid)


def _closed(waiting: int) -> str:
    if not waiting:
        return _("The queue is closed. Nobody was waiting.")
    words = ngettext(
        "The queue is closed. %(n)s person who waited hears of it in two minutes, with when the next one is.",
        "The queue is closed. %(n)s people who waited hear of it in two minutes, with when the next one is.",
        waiting,
    )
    return words % {"n": waiting}


def _reopened(back: int) -> str:
    if not back:
        return _("The queue takes people again.")
    words = ngettext(
        "The queue takes people again. %(n)s person is back where they stood.",
        "The queue takes people again. %(n)s people are back where they stood.",
        back,
    )
    return words % {"n": back}
