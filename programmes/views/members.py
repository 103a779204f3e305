"""One member of a cycle: their page, a request's answer, removing, taking back, the point person, adding people."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.accounts.models import User
from peerhub.common import timeline
from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.joining import ReasonForm
from programmes.forms.pauses import PauseForm
from programmes.models import Cycle, Membership, MembershipStatus, Role
from programmes.queries.people import ANSWERED, SHORTEST, led_so_far, person_page, pick_people, roles_of_picked
from programmes.queries.workspace import workspace_or_404
from programmes.services import memberships, requests
from programmes.services.letters import UNDO_WINDOW
from programmes.services.pauses import pause_member
from programmes.services.requests import ANSWERABLE
from programmes.views.join_steps import posted
from programmes.views.people import back_to_people, is_uuid

CAN_PAUSE = (Role.LEADER, Role.PARTICIPANT)
DECISIONS = {"decline": requests.decline_request, "defer": requests.defer_request}


@require_safe
def member_detail(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """What those who run the cycle see of one member."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.view_people")
    actions = timeline.known_actions(private=True)
    page = person_page(membership, actions=actions)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "membership": membership,
        "person": membership.user,
        "page_of": page,
        "led": led_so_far(page.led),
        "history": timeline.lines(page.history),
        "may_change": can(request.user, "programmes.change_people", cycle) and membership.user_id != request.user.pk,
        "may_appoint": can(request.user, "programmes.appoint_coordinator", cycle),
        "can_answer": membership.status in ANSWERABLE,
        "can_undo": _can_undo(membership),
        "can_end": membership.status in memberships.REMOVABLE,
        "can_pause": membership.status == MembershipStatus.ACTIVE
        and membership.role in {Role.LEADER, Role.PARTICIPANT},
        "today": cycle.today(now=timezone.now()),
        "can_return": membership.status in memberships.GONE,
    }
    return render(request, "programmes/people/detail.html", context)


@require_POST
def request_approve(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Say yes to one request."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    done = _try(
        request, lambda: requests.approve_request(actor=request.user, membership_id=membership.pk, now=timezone.now())
    )
    if done:
        waits = done.status == MembershipStatus.WAITING
        said = _("%(name)s is on the waiting list: every place is taken.") if waits else _("%(name)s has a place.")
        _say(request, membership, said)
    return back_to_people(cycle, "requests")


@require_http_methods(["GET", "HEAD", "POST"])
def request_turn_away(request: HttpRequest, slug: str, code: str, uuid: UUID, answer: str) -> HttpResponse:
    """Decline or defer one request, with a reason the person reads."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    if answer not in DECISIONS:
        raise Http404
    form = ReasonForm(
        posted(request),
        templates=_kind_words(answer),
        hint=_("%(name)s reads this, signed with your name.") % {"name": membership.user.short_name},
        own_words=_("My own words"),
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        decide = DECISIONS[answer]
        if _try(
            request, lambda: decide(actor=request.user, membership_id=membership.pk, reason=reason, now=timezone.now())
        ):
            _say(request, membership, _("%(name)s will hear from you in ten minutes."))
        return back_to_people(cycle, "requests")
    context = {"cycle": cycle, "programme": cycle.programme, "membership": membership, "form": form, "answer": answer}
    return render(request, "programmes/people/turn_away.html", context, status=422 if form.errors else 200)


@require_POST
def decision_undo(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Put a request back into the queue."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    if _try(
        request, lambda: requests.undo_decision(actor=request.user, membership_id=membership.pk, now=timezone.now())
    ):
        messages.success(request, _("%(name)s is back in the queue.") % {"name": membership.user.display_name})
    return back_to_people(cycle, "requests")


@require_POST
def member_pause(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Somebody is away until a day, or back: nobody expects them meanwhile."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    form = PauseForm(request.POST, today=cycle.today(now=timezone.now()))
    if form.is_valid():
        until = form.cleaned_data["until"]
        _try(
            request,
            lambda: pause_member(actor=request.user, membership_id=membership.pk, until=until, now=timezone.now()),
        )
    else:
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("programmes:member_detail", slug=slug, code=code, uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def member_remove(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Remove somebody, on a page of its own, with a private reason."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    form = ReasonForm(
        posted(request),
        templates=[],
        hint=_(
            "Those who run the programme read it. The person is told that it ended, not why; they find the reason "
            "under “My privacy”, with everything else we hold on them."
        ),
        own_words="",
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _try(
            request,
            lambda: memberships.remove_member(
                actor=request.user, membership_id=membership.pk, reason=reason, now=timezone.now()
            ),
        ):
            _say(request, membership, _("%(name)s is removed. Nobody has been told yet."))
        return redirect("programmes:member_detail", slug, code, uuid)
    page = person_page(membership, actions=[])
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "membership": membership,
        "form": form,
        "kept": led_so_far(page.led) if membership.role == Role.LEADER else page.sessions,
    }
    return render(request, "programmes/people/remove.html", context, status=422 if form.errors else 200)


@require_POST
def member_reinstate(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Take somebody back in."""
    _cycle, membership = _member(request, slug, code, uuid, "programmes.change_people")
    if _try(
        request,
        lambda: memberships.reinstate_member(actor=request.user, membership_id=membership.pk, now=timezone.now()),
    ):
        messages.success(request, _("%(name)s is back in.") % {"name": membership.user.display_name})
    return redirect("programmes:member_detail", slug, code, uuid)


@require_POST
def point_person_name(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Make a coordinator the point person."""
    cycle, membership = _member(request, slug, code, uuid, "programmes.appoint_coordinator")
    if membership.role != Role.COORDINATOR or membership.status != MembershipStatus.ACTIVE:
        messages.error(request, _("The point person is one of the coordinators. Make them a coordinator first."))
    elif _try(
        request,
        lambda: memberships.name_point_person(
            actor=request.user, cycle_id=cycle.pk, user_id=membership.user_id, now=timezone.now()
        ),
    ):
        messages.success(request, _("%(name)s is the point person now.") % {"name": membership.user.display_name})
    return back_to_people(cycle, "team")


@require_http_methods(["GET", "HEAD", "POST"])
def member_add(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Find somebody by name, address or number and give them a role."""
    cycle = workspace_or_404(request.user, slug, code)
    roles = _roles_to_give(request.user, cycle)
    if not roles:
        require_perm(request.user, "programmes.appoint_coordinator", cycle)
    if request.method == "POST":
        return _add(request, cycle, roles)
    words, role = request.GET.get("q", ""), request.GET.get("role", "")
    found = pick_people(words)
    known = roles_of_picked(cycle, found)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "roles": roles,
        "role": role if role in roles else roles[0],
        "words": words.strip()[:80],
        "searched": len(words.strip()) >= SHORTEST,
        "found": [{"person": one, "roles": known.get(one.pk, [])} for one in found],
    }
    template = "programmes/people/_found.html" if request.headers.get("HX-Request") else "programmes/people/add.html"
    return render(request, template, context)


def _add(request: HttpRequest, cycle: Cycle, roles: list[str]) -> HttpResponse:
    role, who = request.POST.get("role", ""), request.POST.get("who", "")
    person = User.objects.active().filter(uuid=who).first() if is_uuid(who) else None
    if role not in roles or person is None:
        messages.error(request, _("Choose a person and a role."))
        return redirect("programmes:member_add", cycle.programme.slug, cycle.code)
    try:
        memberships.appoint_member(
            actor=request.user,
            cycle_id=cycle.pk,
            user_id=person.pk,
            role=role,
            form_key=key_from(request.POST),
            now=timezone.now(),
        )
    except Repeated:
        pass
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:member_add", cycle.programme.slug, cycle.code)
    else:
        messages.success(request, _("%(name)s is added and told.") % {"name": person.display_name})
    if not can(request.user, "programmes.view_people", cycle):
        return redirect("programmes:cycle_workspace", cycle.programme.slug, cycle.code)
    return back_to_people(cycle, {Role.PARTICIPANT: "participants", Role.LEADER: "leaders"}.get(Role(role), "team"))


def _roles_to_give(user: Any, cycle: Cycle) -> list[str]:
    """Coordinators give every role; an owner of the unit names coordinators."""
    if can(user, "programmes.change_people", cycle):
        return [Role.PARTICIPANT, Role.LEADER, Role.SUPERVISOR, Role.PARTNER, Role.COORDINATOR]
    return [Role.COORDINATOR] if can(user, "programmes.appoint_coordinator", cycle) else []


def _member(request: HttpRequest, slug: str, code: str, uuid: UUID, permission: str) -> tuple[Cycle, Membership]:
    """The workspace, then the member in it: 404 for what this person may not know of, 403 for what they may not do."""
    cycle = workspace_or_404(request.user, slug, code)
    rows = Membership.objects.visible_to(request.user).select_related("user", "decided_by")
    membership = get_object_or_404(rows, cycle=cycle, uuid=uuid)
    membership.cycle = cycle
    require_perm(request.user, permission, cycle)
    return cycle, membership


def _can_undo(membership: Membership) -> bool:
    decided_at = membership.decided_at
    fresh = decided_at is not None and timezone.now() - decided_at <= UNDO_WINDOW
    return fresh and membership.status in ANSWERED


def _try(request: HttpRequest, use_case: Any) -> Any:
    """Run it; a refusal becomes a message and None."""
    try:
        return use_case()
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return None


def _say(request: HttpRequest, membership: Membership, text: str) -> None:
    """What was done; the list of requests and the person's page offer to undo it for ten minutes."""
    messages.success(request, text % {"name": membership.user.display_name})


def _kind_words(answer: str) -> list[str]:
    """Beginnings for a kind no or not yet."""
    if answer == "decline":
        return [
            _("Thank you for asking. This round is for first-year students; another one would suit you well."),
            _("Thank you for asking. Every place went to people who need it for a module this term."),
            _("Thank you for asking. Another of our programmes fits what you wrote better; I will send you its page."),
        ]
    return [
        _("Thank you for asking. Please ask again when the new term starts; there will be places then."),
        _("Thank you for asking. Could you add in a sentence what you hope to get out of it, and ask again?"),
        _("Thank you for asking. Please finish the introduction first, and ask again after it."),
    ]
