"""Words about cover: who could take it is asked, whoever asked hears that it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail, stages
from programmes.emails.session_words import session_words
from programmes.models import (
    CoverRequest,
    CoverState,
    Membership,
    MembershipStatus,
    Role,
    SessionLeader,
    SessionStatus,
)


@dataclass(frozen=True)
class CoverFacts:
    """Requests of a batch, who leads their sessions (user pks), and who runs or leads in their cycles."""

    requests: Mapping[int, CoverRequest]
    leaders: Mapping[int, set[int]]
    led_as: Mapping[tuple[int, int], int]  # (cycle, user) to their membership as a leader
    active: set[tuple[int, int, str]]  # (cycle, user, role)
    _blocked: dict[datetime, set[int]] = field(default_factory=dict)  # asked once a batch: its letters share a moment

    def may_lead(self, cycle_id: int, user_id: int, now: datetime) -> bool:
        if now not in self._blocked:
            found = stages.clearance(sorted(self.led_as.values()), now)
            self._blocked[now] = {pk for pk, blockers in found.items() if blockers}
        mine = self.led_as.get((cycle_id, user_id))
        return mine is not None and mine not in self._blocked[now]


def _cover_facts(abouts: Sequence[Mapping[str, Any]]) -> CoverFacts:
    """Three queries a batch, beside what stages ask before anyone leads."""
    related = ("session__cycle__programme__activity_type", "session__group", "asked_by__user", "taken_by__user")
    requests = CoverRequest.objects.select_related(*related).in_bulk({about["cover"] for about in abouts})
    cycles = {one.session.cycle_id for one in requests.values()}
    leaders: dict[int, set[int]] = {one.session_id: set() for one in requests.values()}
    led = SessionLeader.objects.filter(session__in=list(leaders), membership__status=MembershipStatus.ACTIVE)
    for session_id, user_id in led.values_list("session_id", "membership__user_id"):
        leaders[session_id].add(user_id)
    people = Membership.objects.active().filter(cycle__in=cycles, role__in=[Role.LEADER, Role.COORDINATOR])
    rows = list(people.values_list("pk", "cycle_id", "user_id", "role"))
    return CoverFacts(
        requests=requests,
        leaders=leaders,
        led_as={(cycle, user): pk for pk, cycle, user, role in rows if role == Role.LEADER},
        active={(cycle, user, role) for _pk, cycle, user, role in rows},
    )


def _request(letter: mail.Letter, state: str, role: str, now: datetime) -> CoverRequest | mail.NotWanted:
    """The request, when it is still so and the reader still has that role."""
    request = letter.facts.requests.get(letter.about["cover"])
    if request is None or request.state != state:
        return mail.NotWanted(_("It was settled otherwise."))
    if request.session.status != SessionStatus.PLANNED or request.session.starts_at <= now:
        return mail.NotWanted(_("It has begun, or was called off."))
    if (request.session.cycle_id, letter.recipient.pk, role) not in letter.facts.active:
        return mail.NotWanted(_("The person is not part of it any more."))
    return request


def _rendered(request: CoverRequest, template: str, title: str, *, leads: bool) -> mail.Rendered:
    session = request.session
    context = {
        **session_words(session),
        "asker": request.asked_by.user.display_name,
        "taker": request.taken_by.user.display_name if request.taken_by else "",
        "reason": request.reason,
    }
    if leads:
        url = reverse("programmes:cover_detail", args=[request.uuid])
        why = _("You are getting this because you lead in %(programme)s.")
    else:
        url = reverse("programmes:session_detail", args=[session.uuid])
        why = _("You are getting this because you coordinate %(programme)s.")
    words = {"title": context["title"], "programme": context["programme_name"]}
    return mail.Rendered(
        f"programmes/{template}", context, url=url, why=why % words, title=title % {**context, **words}
    )


@mail.kind("programmes.cover_wanted", title=gettext_lazy("Cover is wanted"), topic="sessions", load=_cover_facts)
def cover_wanted(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To those who could take it: who leads in the cycle, is cleared to, and does not lead this one."""
    request = _request(letter, CoverState.OPEN, Role.LEADER, now)
    if isinstance(request, mail.NotWanted):
        return request
    reader = letter.recipient.pk
    if reader in letter.facts.leaders[request.session_id]:
        return mail.NotWanted(_("The person leads it already."))
    if not letter.facts.may_lead(request.session.cycle_id, reader, now):
        return mail.NotWanted(_("The person may not lead now."))
    return _rendered(request, "cover_wanted", _("Can you lead %(title)s? (%(programme)s)"), leads=True)


@mail.kind(
    "programmes.cover_asked", title=gettext_lazy("A leader asked for cover"), topic="programmes", load=_cover_facts
)
def cover_asked(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To the coordinators."""
    request = _request(letter, CoverState.OPEN, Role.COORDINATOR, now)
    if isinstance(request, mail.NotWanted):
        return request
    return _rendered(request, "cover_asked", _("%(asker)s cannot run %(title)s (%(programme)s)"), leads=False)


@mail.kind(
    "programmes.cover_taken",
    title=gettext_lazy("Your session is covered"),
    topic="sessions",
    essential=True,
    load=_cover_facts,
)
def cover_taken(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To whoever asked."""
    request = _request(letter, CoverState.TAKEN, Role.LEADER, now)
    if isinstance(request, mail.NotWanted):
        return request
    return _rendered(request, "cover_taken", _("%(taker)s leads %(title)s (%(programme)s)"), leads=True)


@mail.kind("programmes.cover_found", title=gettext_lazy("Cover was found"), topic="programmes", load=_cover_facts)
def cover_found(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To the coordinators, in PeerHub only."""
    request = _request(letter, CoverState.TAKEN, Role.COORDINATOR, now)
    if isinstance(request, mail.NotWanted):
        return request
    return _rendered(request, "cover_taken", _("%(taker)s leads %(title)s (%(programme)s)"), leads=False)
