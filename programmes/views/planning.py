"""Planning, moving and calling off sessions; starting one on the spot."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerhub.common import clock
from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.sessions import CancelForm, SessionForm, StartForm, initial_of, warnings_about
from programmes.models import Cycle, Group, Membership, Session, SessionKind, SessionStatus
from programmes.queries.naming import session_title
from programmes.queries.planning import planning_for
from programmes.queries.sessions import session_rows
from programmes.services.sessions import (
    cancel_session,
    change_session,
    plan_session,
    restore_session,
    start_session_now,
)

# A refusal belongs to the field where it can be put right.
FIELD_OF = {
    "ends_before_start": "end",
    "too_long": "end",
    "outside_cycle": "on",
    "no_leader": "leaders",
    "not_cleared": "leaders",
    "too_many_hours": "leaders",
    "not_your_group": "group",
    "wrong_group": "group",
}


def cycle_or_404(request: HttpRequest, slug: str, code: str) -> Cycle:
    """A cycle the person has a place in. Whether they may plan in it is the permission's question."""
    user: Any = request.user
    mine = Membership.objects.active().filter(cycle=OuterRef("pk"), user=user)
    seen = Cycle.objects.filter(Exists(mine)).select_related("programme__activity_type", "programme__owner_unit")
    cycle: Cycle = get_object_or_404(seen, programme__slug=slug, code=code)
    return cycle


def session_or_404(request: HttpRequest, uuid: UUID) -> Session:
    seen = Session.objects.visible_to(request.user).with_viewer(request.user)
    related = ("cycle__programme__activity_type", "cycle__programme__owner_unit", "group", "series")
    session: Session = get_object_or_404(seen.select_related(*related), uuid=uuid, kind=SessionKind.SESSION)
    return session


@require_http_methods(["GET", "HEAD", "POST"])
def session_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Plan one session."""
    cycle = cycle_or_404(request, slug, code)
    require_perm(request.user, "programmes.plan_session", cycle)
    planning = planning_for(request.user, cycle)
    if request.method != "POST":
        start = {"group": wanted_group(request, planning.groups)}
        return _form(request, cycle, SessionForm(cycle=cycle, planning=planning, initial=start))
    form = SessionForm(request.POST, cycle=cycle, planning=planning)
    if not form.is_valid():
        return _form(request, cycle, form, status=422)
    plan = form.plan(user_id=request.user.pk)
    if warnings := _unheeded(request, warnings_about(plan, cycle)):
        return _form(request, cycle, form, warnings=warnings)
    try:
        session = plan_session(
            actor=request.user, cycle=cycle, plan=plan, key=key_from(request.POST), now=timezone.now()
        )
    except Repeated:
        return redirect(back_to_sessions(request, cycle))
    except DomainError as refusal:
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return _form(request, cycle, form, status=422)
    messages.success(request, _("Planned. It is in the calendar of everyone concerned."))
    return redirect("programmes:session_detail", uuid=session.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Move a session or change its details."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.change_session", session)
    if session.status != SessionStatus.PLANNED:
        messages.info(request, _("Only what is still planned can be changed."))
        return redirect("programmes:session_detail", uuid=session.uuid)
    cycle, planning = session.cycle, planning_for(request.user, session.cycle)
    if request.method != "POST":
        form = SessionForm(cycle=cycle, planning=planning, initial=initial_of(session))
        return _form(request, cycle, form, session=session)
    form = SessionForm(request.POST, cycle=cycle, planning=planning)
    if not form.is_valid():
        return _form(request, cycle, form, session=session, status=422)
    plan = form.plan(user_id=request.user.pk)
    if warnings := _unheeded(request, warnings_about(plan, cycle, besides=session)):
        return _form(request, cycle, form, session=session, warnings=warnings)
    try:
        changed = change_session(actor=request.user, session_id=session.pk, plan=plan, now=timezone.now())
    except DomainError as refusal:
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return _form(request, cycle, form, session=session, status=422)
    is_told = changed.moved_at != session.moved_at
    messages.success(request, _("Changed. Everyone concerned is told.") if is_told else _("Changed."))
    return redirect("programmes:session_detail", uuid=session.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call a session off, with the reason everyone expected will read."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.change_session", session)
    form = CancelForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            cancel_session(actor=request.user, session_id=session.pk, reason=reason, now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Called off. Everyone expected is told why."))
            return redirect("programmes:session_detail", uuid=session.uuid)
    if form.errors:
        status = 422
    context = {"session": session, "title": session_title(session), "programme": session.cycle.programme, "form": form}
    return render(request, "programmes/sessions/cancel.html", context, status=status)


@require_POST
def session_restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put back what was called off."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.change_session", session)
    try:
        restore_session(actor=request.user, session_id=session.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("It is on again. Everyone expected is told."))
    return redirect("programmes:session_detail", uuid=session.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def adhoc_session(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A leader is with people now: a session from this minute, then its log."""
    cycle = cycle_or_404(request, slug, code)
    require_perm(request.user, "programmes.lead_session", cycle)
    now = timezone.now()
    planning = planning_for(request.user, cycle)
    form = StartForm(request.POST or None, planning=planning, programme_name=cycle.programme.name)
    if request.method == "POST" and form.is_valid():
        group = form.groups.get(form.cleaned_data["group"])
        try:
            session = start_session_now(
                actor=request.user, cycle=cycle, group=group, key=key_from(request.POST), now=now
            )
        except Repeated:
            return redirect("my_sessions")
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("programmes:session_log", uuid=session.uuid)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "form": form,
        "today": _todays_sessions(request, cycle, now),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "programmes/sessions/ad_hoc.html", context, status=status)


def _todays_sessions(request: HttpRequest, cycle: Cycle, now: Any) -> list[Any]:
    """Planned sessions of today that this person leads: perhaps one of them is meant."""
    start, end = clock.day_bounds(clock.local(now, cycle.time_zone).date(), cycle.time_zone)
    rows = (
        Session.objects.led_by(request.user)
        .filter(cycle=cycle, status=SessionStatus.PLANNED, kind=SessionKind.SESSION)
        .filter(starts_at__lt=end, ends_at__gt=start)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")[:10]
    )
    return session_rows(list(rows), now=now)


def _unheeded(request: HttpRequest, warnings: list[str]) -> list[str]:
    """Warnings the person has not yet said to go on despite of."""
    return [] if request.POST.get("confirm") == "1" else warnings


def wanted_group(request: HttpRequest, groups: list[Group]) -> str:
    """The group the link named, else the only one, else none."""
    wanted = request.GET.get("group", "")
    found = next((one for one in groups if str(one.uuid) == wanted), groups[0] if len(groups) == 1 else None)
    return str(found.pk) if found else ""


def back_to_sessions(request: HttpRequest, cycle: Cycle) -> str:
    if request.user.has_perm("programmes.view_sessions", cycle):
        return reverse("programmes:session_list", args=[cycle.programme.slug, cycle.code])
    return reverse("my_sessions")


def _form(request: HttpRequest, cycle: Cycle, form: SessionForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"cycle": cycle, "programme": cycle.programme, "form": form, "back": back_to_sessions(request, cycle)}
    return render(request, "programmes/sessions/form.html", {**context, **more}, status=status)
