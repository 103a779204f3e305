"""Home pages: what a person needs now, one page a role, and moving between them without losing one's place."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from peerhub.common import stages
from peerhub.common.access import can
from peerhub.common.disclosure import profile_in_use
from peerhub.institution.models import SupportService
from programmes.queries.home_leader import leading, next_sessions, people_in_your_corner
from programmes.queries.home_partner import partnered_by
from programmes.queries.home_roles import HOMES, LAST_ROLE, homes_of
from programmes.queries.home_staff import (
    cycles_supervised_by,
    leaders_supervised_by,
    programmes_run_by,
    sessions_this_week,
)
from programmes.queries.home_student import help_beyond_peers, my_programmes, next_sessions_for, suggestions
from programmes.queries.log_sheets import sheets_to_keep

PLACES = "home_places"  # role to the page it was left at


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home used last, else the likeliest."""
    homes = homes_of(request.user)
    last = request.session.get(LAST_ROLE)
    return redirect(HOMES[last if last in homes else homes[0]].url_name)


@require_safe
def home_as(request: HttpRequest, role: str) -> HttpResponse:
    """Change role: remembers where the person was in the one they leave, goes to where they were in this one."""
    if role not in homes_of(request.user):
        raise Http404
    places = dict(request.session.get(PLACES, {}))
    was, place = request.GET.get("was", ""), request.GET.get("from", "")
    if was in HOMES and was != role and _is_page_of_ours(request, place):
        places[was] = place
    request.session[LAST_ROLE], request.session[PLACES] = role, places
    return redirect(places.get(role) or reverse(HOMES[role].url_name))


def _is_page_of_ours(request: HttpRequest, place: str) -> bool:
    if not url_has_allowed_host_and_scheme(place, allowed_hosts=None) or not place.startswith("/") or len(place) > 300:
        return False
    try:
        resolve(urlsplit(place).path)
    except Resolver404:
        return False
    return True


def _mine_or_404(request: HttpRequest, role: str) -> list[str]:
    """The person's homes. A role they do not hold has no page; everybody may take part."""
    homes = homes_of(request.user)
    if role not in homes and role != "student":
        raise Http404
    if request.session.get(LAST_ROLE, homes[0]) != role:
        request.session[LAST_ROLE] = role
    return homes


def _todos(request: HttpRequest, role: str, now: Any) -> list[stages.Todo]:
    return [todo for todo in stages.todos(request.user, now) if todo.role == role]


def _newest(todo: stages.Todo) -> float:
    return -todo.due_at.timestamp() if todo.due_at else 0


@require_safe
def home_leader(request: HttpRequest) -> HttpResponse:
    """A leader's day, made for a phone."""
    _mine_or_404(request, "leader")
    now = timezone.now()
    todos = _todos(request, "leader", now)
    logs = sorted((todo for todo in todos if todo.code == "log_session"), key=_newest)  # one logs what one just did
    greet = [todo for todo in todos if todo.code == "contact_due"]
    upcoming = next_sessions(request.user, now=now)
    context = {
        "now": now,
        "log": logs[0] if logs else None,
        "logs": logs[1:4],
        "more_logs": max(0, len(logs) - 4),
        "greet": greet[:5],
        "greet_count": len(greet),
        "todos": [todo for todo in todos if todo.code not in {"log_session", "contact_due"}],
        "next": upcoming[0] if upcoming else None,
        "later": upcoming[1:],
        "leading": leading(request.user),
        "corner": people_in_your_corner(request.user),
        "sheets": " ".join(sheets_to_keep(logs, upcoming, now=now)),
    }
    return render(request, "programmes/homes/leader.html", context)


@require_safe
def home_student(request: HttpRequest) -> HttpResponse:
    """A participant's page."""
    _mine_or_404(request, "student")
    now = timezone.now()
    upcoming = next_sessions_for(request.user, now=now)
    context = {
        "now": now,
        "next": upcoming[0] if upcoming else None,
        "later": upcoming[1:],
        "todos": [todo for todo in _todos(request, "student", now) if todo.code != "session_soon"],
        "places": my_programmes(request.user),
        "suggestions": suggestions(request.user, today=timezone.localdate()),
        "services": help_beyond_peers(),
    }
    return render(request, "programmes/homes/student.html", context)


@require_safe
def home_coordinator(request: HttpRequest) -> HttpResponse:
    """What needs a coordinator, across their programmes."""
    _mine_or_404(request, "coordinator")
    now = timezone.now()
    todos = _todos(request, "coordinator", now)
    context = {
        "now": now,
        "todos": todos[:8],
        "more_todos": max(0, len(todos) - 8),
        "week": sessions_this_week(request.user, now=now),
        "page_obj": programmes_run_by(request.user, page=request.GET.get("page", "1"), now=now),
        "can_create": request.user.has_perm("programmes.create_programme"),
    }
    return render(request, "programmes/homes/coordinator.html", context)


@require_safe
def home_supervisor(request: HttpRequest) -> HttpResponse:
    """A supervisor's leaders."""
    _mine_or_404(request, "supervisor")
    now = timezone.now()
    context = {
        "now": now,
        "todos": _todos(request, "supervisor", now),
        "supervised": cycles_supervised_by(request.user),
        "page_obj": leaders_supervised_by(request.user, page=request.GET.get("page", "1"), now=now),
    }
    return render(request, "programmes/homes/supervisor.html", context)


@require_safe
def home_staff(request: HttpRequest) -> HttpResponse:
    """For who runs nothing themselves: what waits, what partners may see, the support services for who keeps them."""
    _mine_or_404(request, "staff")
    now = timezone.now()
    may_change = can(request.user, "institution.change_services")
    stale = SupportService.objects.stale(today=timezone.localdate(now)) if may_change else SupportService.objects.none()
    context = {
        "now": now,
        "todos": _todos(request, "staff", now),
        "partnered": partnered_by(request.user, profile_in_use()),
        "may_change_services": may_change,
        "may_change_institution": can(request.user, "institution.change_units"),
        "no_services": may_change and not SupportService.objects.active().exists(),
        "stale": list(stale.order_by("-is_urgent", "position", "name", "pk")[:12]),
    }
    return render(request, "programmes/homes/staff.html", context)
