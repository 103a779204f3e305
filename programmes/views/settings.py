"""The settings of a programme and its cycle: everything at a glance, topics, archive."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.keys import is_key
from programmes.models import Cycle, Topic, Visibility
from programmes.queries.workspace import workspace_or_404
from programmes.services.programmes import archive_programme, restore_programme
from programmes.services.topics import add_topic, rename_topic, switch_topic


def _cycle(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_cycle", cycle)
    return cycle


def _cycle_for_programme(request: HttpRequest, slug: str, code: str) -> Cycle:
    """For what belongs to the programme: who ran a cycle that is over does not change this year's."""
    cycle = _cycle(request, slug, code)
    require_perm(request.user, "programmes.change_programme", cycle.programme)
    return cycle


def cycle_settings(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Every part with a link to change it."""
    cycle = _cycle(request, slug, code)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "settings",
        "visibilities": Visibility.choices,
        "topics": list(cycle.programme.topics.filter(is_active=True).order_by("position", "pk")),
        "is_closed": cycle.state == "closed",
        "today": timezone.localdate(),
        "may_change_programme": can(request.user, "programmes.change_programme", cycle.programme),
    }
    return render(request, "programmes/settings/detail.html", context)


def topic_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The topics that logs offer: add, rename, switch off."""
    cycle = _cycle_for_programme(request, slug, code)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _change_topics(request, cycle)
        except DomainError as error:
            refusal, status = str(error.message), 422
        else:
            return redirect("programmes:topic_list", slug=slug, code=code)
    topics = cycle.programme.topics.order_by("-is_active", "position", "pk")
    context = {"cycle": cycle, "programme": cycle.programme, "tab": "settings", "topics": topics, "refusal": refusal}
    return render(request, "programmes/settings/topics.html", context, status=status)


def _change_topics(request: HttpRequest, cycle: Cycle) -> None:
    action, name = request.POST.get("do", ""), request.POST.get("name", "")[:80]
    about: dict[str, Any] = {"actor": request.user, "cycle_id": cycle.pk, "now": timezone.now()}
    if action == "add":
        add_topic(programme=cycle.programme, name=name, **about)
        return
    number = request.POST.get("topic", "")
    topic = get_object_or_404(Topic, programme=cycle.programme, pk=int(number) if is_key(number) else 0)
    if action == "rename":
        rename_topic(topic=topic, name=name, **about)
    elif action in {"on", "off"}:
        switch_topic(topic=topic, on=action == "on", **about)


def programme_archive(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take a programme out of use, or bring it back; asked on its own page."""
    cycle = _cycle_for_programme(request, slug, code)
    programme = cycle.programme
    if request.method == "POST":
        wants_back = request.POST.get("do") == "restore"  # said by the button: pressed twice it is not undone
        change = restore_programme if wants_back else archive_programme
        change(actor=request.user, programme_id=programme.pk, cycle_id=cycle.pk, now=timezone.now())
        messages.success(request, _("It is back.") if wants_back else _("It is archived. Its history stays."))
        return redirect("programmes:cycle_settings", slug=slug, code=code)
    context = {"cycle": cycle, "programme": programme, "tab": "settings"}
    return render(request, "programmes/settings/archive.html", context)
