"""A person's own sessions, and a leader's own students."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from programmes.queries.home_leader import leading, my_students
from programmes.queries.home_roles import homes_of
from programmes.queries.sessions import SHOWS, sessions_for, sessions_led_by

ROLES = ("leader", "student")


@require_safe
def my_sessions(request: HttpRequest) -> HttpResponse:
    """Sessions one leads, and those one takes part in; who does both chooses."""
    homes = [role for role in homes_of(request.user) if role in ROLES] or ["student"]
    role = request.GET.get("as", "")
    role = role if role in homes else homes[0]
    shows = {key: label for key, label in SHOWS.items() if role == "leader" or key != "unlogged"}
    show = request.GET.get("show", "upcoming")
    show = show if show in shows else "upcoming"
    read = sessions_led_by if role == "leader" else sessions_for
    context = {
        "role": role,
        "roles": homes,
        "show": show,
        "shows": shows,
        "page_obj": read(request.user, show=show, page=request.GET.get("page", "1"), now=timezone.now()),
        "leading": leading(request.user) if role == "leader" else [],
    }
    return render(request, "programmes/sessions/mine.html", context)


@require_safe
def students(request: HttpRequest) -> HttpResponse:
    """The people in a leader's groups: names and when they last came, nothing else."""
    if "leader" not in homes_of(request.user):
        raise Http404
    context = {"page_obj": my_students(request.user, page=request.GET.get("page", "1"))}
    return render(request, "programmes/sessions/students.html", context)
