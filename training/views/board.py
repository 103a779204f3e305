"""The training board and who is ready: pages of those who run a cycle."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.keys import uuid_of
from programmes.queries.people import groups_to_filter_by
from programmes.queries.workspace import workspace_or_404
from training.queries.board import SHOWS, board_of, everybody, export_header, export_rows
from training.queries.readiness import readiness_of
from training.services.nudges import nudge


def _asked(request: HttpRequest) -> dict[str, str]:
    asked = request.POST if request.method == "POST" else request.GET
    show = asked.get("show", "all")
    return {"show": show if show in SHOWS else "all", "group": str(uuid_of(asked.get("group", "")) or "")}


@require_safe
def board(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who has done what: people down, modules across."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_board", cycle)
    asked = _asked(request)
    found = board_of(cycle, **asked, page=request.GET.get("page"), now=timezone.now())
    context: dict[str, Any] = {
        "cycle": cycle,
        "programme": cycle.programme,
        "board": found,
        **asked,
        "tabs": [(label, _address(asked, key), key == asked["show"]) for key, label in SHOWS.items()],
        "groups": groups_to_filter_by(cycle) if found.modules else [],
        "can_export": can(request.user, "training.export_board", cycle),
        "can_nudge": can(request.user, "training.nudge_people", cycle) and cycle.state != "closed",
        "can_change": can(request.user, "training.change_curriculum", cycle),
        "can_import": can(request.user, "training.import_completions", cycle.programme),
    }
    return render(request, "training/board/show.html", context)


def _address(asked: dict[str, str], show: str) -> str:
    return f"?show={show}&group={asked['group']}" if asked["group"] else f"?show={show}"


@require_safe
def board_export(request: HttpRequest, slug: str, code: str) -> HttpResponseBase:
    """Everybody on the board, as filtered, as a spreadsheet."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.export_board", cycle)
    modules, rows = everybody(cycle, **_asked(request), now=timezone.now())
    return csv_response(f"training-{slug}-{code}.csv", export_header(modules), export_rows(rows))


@require_POST
def board_nudge(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A friendly word to everybody of the filter for whom something is missing, or to one person."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.nudge_people", cycle)
    who = uuid_of(request.POST.get("who", ""))
    sent, spared = nudge(actor=request.user, cycle=cycle, who=who, group=_asked(request)["group"], now=timezone.now())
    said = ngettext("%(n)s person gets a reminder.", "%(n)s people get a reminder.", sent) % {"n": sent}
    if spared:
        said += " " + ngettext(
            "%(n)s had one in the last three days.", "%(n)s had one in the last three days.", spared
        ) % {"n": spared}
    messages.success(request, said)
    return redirect("training:person", slug, code, who) if who else redirect("training:board", slug, code)


@require_safe
def readiness(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who is not cleared and since when, who is about to lapse and what that touches, what was set aside."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_readiness", cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "found": readiness_of(cycle, now=timezone.now()),
        "can_decide": can(request.user, "training.decide_clearance", cycle),
    }
    return render(request, "training/board/readiness.html", context)
