"""The workspace of a cycle: overview, checklist, timeline, moving on, rolling over."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.common import timeline
from peerhub.common.access import can, require_perm
from peerhub.common.disclosure import profile_in_use
from peerhub.common.errors import DomainError
from peerhub.common.models import AuditEvent
from programmes.forms.cycles import RollOverForm
from programmes.models import AttendanceMode, Cycle, CycleState, Session
from programmes.models.queues import is_queue_on
from programmes.queries.gates import GATES, ORDER, blocking, next_state, previous_state, stage_lists, waivers_of
from programmes.queries.kiosks import sessions_on_now
from programmes.queries.overview import overview, wheel_in_words
from programmes.queries.rollover import roll_over_plan
from programmes.queries.workspace import cycles_or_404, workspace_or_404
from programmes.services.cycles import mark_read, move_cycle, unwaive_check, waive_check
from programmes.services.rollover import RollOverRefused, roll_over

EVENTS_A_PAGE = 25


def _cycle(request: HttpRequest, slug: str, code: str, permission: str = "programmes.view_workspace") -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, permission, cycle)
    return cycle


def _page(request: HttpRequest, cycle: Cycle, tab: str, **context: Any) -> dict[str, Any]:
    return {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": tab,
        "may_change": can(request.user, "programmes.change_cycle", cycle),
        **context,
    }


def _to(name: str, cycle: Cycle) -> HttpResponse:
    return redirect(f"programmes:{name}", slug=cycle.programme.slug, code=cycle.code)


def cycle_workspace(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The overview: how far the cycle is and what it needs."""
    cycle, cycles = cycles_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_workspace", cycle)
    sees_sessions = can(request.user, "programmes.view_sessions", cycle)
    sees_people = can(request.user, "programmes.view_people", cycle)
    # Who leads the unit is told no number that one person hides behind.
    profile = None if sees_people else profile_in_use()
    told = profile.count if profile else str
    shown = overview(request.user, cycle, cycles, now=timezone.now(), with_sessions=sees_sessions)
    context = _page(
        request,
        cycle,
        "overview",
        overview=shown,
        in_words=wheel_in_words(shown.rows, shown.wheel),
        sees_sessions=sees_sessions,
        sees_people=sees_people,
        rule=profile.rule if profile else "",
        leaders=told(cycle.leaders),  # type: ignore[attr-defined]  # as cycles_or_404 counted them
        participants=told(cycle.participants),  # type: ignore[attr-defined]
        may_plan=can(request.user, "programmes.plan_session", cycle),
        drop_in=_drop_in(request, cycle),
        next_label=CycleState(shown.next_state).label if shown.next_state else "",
    )
    return render(request, "programmes/cycles/overview.html", context)


def _drop_in(request: HttpRequest, cycle: Cycle) -> Session | None:
    """The session whose queue is on now, for who may run it. One query, and only where people queue."""
    if cycle.attendance_mode != AttendanceMode.QUEUE or not can(request.user, "programmes.change_people", cycle):
        return None
    now = timezone.now()
    return next((one for one in sessions_on_now(cycle, now=now) if is_queue_on(one, now=now)), None)


def cycle_checklist(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everything asked of the cycle, with reasons; here checks are set aside and copied parts marked as read."""
    cycle = _cycle(request, slug, code)
    lists = stage_lists(cycle)
    context = _page(
        request, cycle, "overview", lists=[part for part in lists if part.checks], waivers=waivers_of(cycle)
    )
    return render(request, "programmes/cycles/checklist.html", context)


def cycle_timeline(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What was done in this cycle, by whom, newest first."""
    cycle = _cycle(request, slug, code)
    actions = timeline.known_actions(private=can(request.user, "programmes.view_people", cycle))
    events = AuditEvent.objects.of_cycle(cycle.pk).filter(action__in=actions).select_related("actor")
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = _page(request, cycle, "overview", events=page, lines=timeline.lines(list(page.object_list)))
    return render(request, "programmes/cycles/timeline.html", context)


def cycle_move(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Move the cycle one state on, or one back with a reason."""
    cycle = _cycle(request, slug, code, "programmes.move_cycle")
    refusal, status = "", 200
    if request.method == "POST":
        to, reason = request.POST.get("to", ""), request.POST.get("reason", "")
        try:
            move_cycle(actor=request.user, cycle_id=cycle.pk, to=to, reason=reason, now=timezone.now())
        except DomainError as error:
            refusal, status = str(error.message), 422
        else:
            messages.success(request, _("The cycle is now: %(state)s") % {"state": CycleState(to).label})
            return _to("cycle_workspace", cycle)
    onward, back = next_state(cycle.state), previous_state(cycle.state)
    context = _page(
        request,
        cycle,
        "overview",
        refusal=refusal,
        onward=onward,
        onward_label=CycleState(onward).label if onward else "",
        gate=GATES.get(onward, ""),
        missing=blocking(stage_lists(cycle), onward) if onward else [],
        back=back,
        back_label=CycleState(back).label if back else "",
        states=[(state.label, ORDER.index(state) - ORDER.index(cycle.state)) for state in CycleState],
    )
    return render(request, "programmes/cycles/move.html", context, status=status)


@require_POST
def check_waive(request: HttpRequest, slug: str, code: str, check: str) -> HttpResponse:
    """Set a blocking check aside, with a reason."""
    cycle = _cycle(request, slug, code, "programmes.waive_check")
    reason = request.POST.get("reason", "")
    try:
        waive_check(actor=request.user, cycle_id=cycle.pk, code=check, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    return _to("cycle_checklist", cycle)


@require_POST
def check_unwaive(request: HttpRequest, slug: str, code: str, check: str) -> HttpResponse:
    """Ask for a check again."""
    cycle = _cycle(request, slug, code, "programmes.waive_check")
    try:
        unwaive_check(actor=request.user, cycle_id=cycle.pk, code=check, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    return _to("cycle_checklist", cycle)


@require_POST
def part_read(request: HttpRequest, slug: str, code: str, part: str) -> HttpResponse:
    """A copied part was read and still holds."""
    cycle = _cycle(request, slug, code, "programmes.change_cycle")
    try:
        mark_read(actor=request.user, cycle_id=cycle.pk, part=part, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    return _to("cycle_checklist", cycle)


def cycle_rollover(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Make the next cycle: what is copied, what is reset, what wants a fresh look."""
    cycle = _cycle(request, slug, code, "programmes.roll_over_cycle")
    plan = roll_over_plan(cycle)
    form = RollOverForm(request.POST if request.method == "POST" else None, initial=plan.suggestion)
    if request.method == "POST" and form.is_valid():
        try:
            made = roll_over(actor=request.user, cycle_id=cycle.pk, new=form.new_cycle(), now=timezone.now())
        except RollOverRefused as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("%(code)s is set up. Read what was copied, then move it on.") % {"code": made.code}
            )
            return redirect("programmes:cycle_checklist", slug=cycle.programme.slug, code=made.code)
    status = 422 if form.is_bound else 200
    context = _page(request, cycle, "overview", form=form, plan=plan)
    return render(request, "programmes/cycles/rollover.html", context, status=status)
