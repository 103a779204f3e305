"""The people of a cycle: lists, requests to answer, the export."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Cycle, Membership
from programmes.queries.people import (
    EXPORT_HEADER,
    PAGE,
    TABS,
    Tab,
    export_rows,
    groups_to_filter_by,
    just_answered,
    open_invitation_count,
    people_of,
    tab_counts,
    tab_of,
)
from programmes.queries.role_words import roles_word
from programmes.queries.workspace import workspace_or_404
from programmes.services import memberships, requests
from programmes.services.letters import UNDO_WINDOW
from programmes.services.requests import Approvals


@require_safe
def people_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everybody in the cycle, by tab, with search and the requests first."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_people", cycle)
    counts = tab_counts(cycle)
    tab = tab_of(request.GET.get("tab", ""), counts)
    words, group = request.GET.get("q", "").strip()[:80], _group_of(request)
    rows = people_of(cycle, tab, words=words, group=group)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "people": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "tab": tab,
        "tabs": [{"key": one.key, "label": tab_label(cycle, one), "count": counts[one.key]} for one in TABS],
        "words": words,
        "group": group,
        "groups": groups_to_filter_by(cycle) if tab.key in {"participants", "leaders"} else [],
        "label": tab_label(cycle, tab),
        "may_change": can(request.user, "programmes.change_people", cycle),
        "may_appoint": can(request.user, "programmes.appoint_coordinator", cycle),
        "may_export": can(request.user, "programmes.export_people", cycle),
        "answered": just_answered(cycle, since=timezone.now() - UNDO_WINDOW) if tab.key == "requests" else [],
        "invited": open_invitation_count(cycle, now=timezone.now()),
    }
    return render(request, "programmes/people/list.html", context)


@require_POST
def people_export(request: HttpRequest, slug: str, code: str) -> HttpResponseBase:
    """A tab as a CSV file; that it was taken is on record."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.export_people", cycle)
    counts = tab_counts(cycle)
    tab = tab_of(request.POST.get("tab", ""), counts)
    memberships.record_export(
        actor=request.user, cycle_id=cycle.pk, what=tab.key, count=counts[tab.key], now=timezone.now()
    )
    header = [str(heading) for heading in EXPORT_HEADER]
    return csv_response(f"{cycle.programme.slug}-{cycle.code}-{tab.key}.csv", header, export_rows(cycle, tab))


@require_POST
def requests_approve(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Approve every request that was ticked."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_people", cycle)
    chosen = Membership.objects.visible_to(request.user).filter(cycle=cycle, uuid__in=_uuids(request))
    try:
        outcome = requests.approve_requests(
            actor=request.user,
            cycle_id=cycle.pk,
            membership_ids=list(chosen.values_list("pk", flat=True)),
            form_key=key_from(request.POST),
            now=timezone.now(),
        )
    except Repeated:
        return back_to_people(cycle, "requests")
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return back_to_people(cycle, "requests")
    _say(request, outcome)
    return back_to_people(cycle, "requests")


def tab_label(cycle: Cycle, tab: Tab) -> str:
    """What a tab is called here."""
    return str(tab.label) if tab.label else str(capfirst(roles_word(cycle.programme, tab.roles[0])))


def back_to_people(cycle: Cycle, tab: str = "") -> HttpResponse:
    """To the list, on one of its tabs."""
    response = redirect("programmes:people_list", cycle.programme.slug, cycle.code)
    if tab:
        response["Location"] += f"?{urlencode({'tab': tab})}"
    return response


def _say(request: HttpRequest, outcome: Approvals) -> None:
    """What became of several approvals, one sentence each."""
    joined, waiting, left = len(outcome.joined), len(outcome.waiting), len(outcome.no_place)
    if joined:
        text = ngettext("%(count)s person approved and told.", "%(count)s people approved and told.", joined)
        messages.success(request, text % {"count": joined})
    if waiting:
        text = ngettext("%(count)s is on the waiting list now.", "%(count)s are on the waiting list now.", waiting)
        messages.info(request, text % {"count": waiting})
    if left:
        text = _("No place for %(names)s. They are still in the queue: raise the number of places, or answer them.")
        names = ", ".join(membership.user.display_name for membership in outcome.no_place[:10])
        messages.warning(request, text % {"names": names})
    if outcome.not_asking and not joined:
        messages.info(request, _("Somebody else has answered in the meantime."))


def _uuids(request: HttpRequest) -> list[str]:
    """The well-formed ids among those posted."""
    return [value for value in request.POST.getlist("who")[:PAGE] if is_uuid(value)]


def _group_of(request: HttpRequest) -> str:
    value = request.GET.get("group", "")
    return value if value == "none" or is_uuid(value) else ""


def is_uuid(value: Any) -> bool:
    """True for the text of a uuid as we write it."""
    text = str(value)
    return len(text) == 36 and text.count("-") == 4 and all(char in "0123456789abcdef-" for char in text.lower())
