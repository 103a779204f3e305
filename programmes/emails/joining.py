"""Letters about asking, joining, waiting, leaving and groups. Each reads the facts again before it speaks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.emails.offices import ANOTHERS, OfCycle, coordinators_of
from programmes.models import Cycle, GroupMember, Membership, MembershipStatus, Role, Session, SessionStatus
from programmes.queries.role_words import role_word

OVERTAKEN = gettext_lazy("Things have changed since.")
Words = Rendered | NotWanted


def _memberships(abouts: Iterable[Mapping[str, Any]]) -> dict[int, Membership]:
    rows = Membership.objects.select_related("cycle__programme__activity_type", "user", "decided_by")
    return rows.in_bulk({about["membership"] for about in abouts})


def _asked(abouts: Iterable[Mapping[str, Any]]) -> OfCycle:
    listed = list(abouts)
    return OfCycle(_memberships(listed), coordinators_of({about["cycle"] for about in listed}))


def _stamp(moment: datetime | None) -> int:
    """As in services.letters: a moment as a number."""
    return int(moment.timestamp() * 1_000_000) if moment else 0


def _membership(letter: Letter, status: str, *, at: str = "") -> Membership | None:
    """The membership while it is in `status` and, where `at` names a field, this is still the latest occasion."""
    membership: Membership | None = letter.facts.get(letter.about["membership"])
    if membership is None or membership.status != status:
        return None
    if at and _stamp(getattr(membership, at)) != letter.about.get("occasion"):
        return None
    return membership


def _mine(template: str, membership: Membership, title: str, **more: Any) -> Rendered:
    """A letter to the person themselves, leading to their own programmes."""
    programme = membership.cycle.programme
    context = {
        "programme": programme,
        "role": role_word(membership.cycle.programme, membership.role),
        **more.pop("context", {}),
    }
    return Rendered(
        f"programmes/{template}",
        context,
        url=reverse("programmes:my_memberships"),
        why=_("You are getting this because you asked to join %(programme)s or are part of it.")
        % {"programme": programme.name},
        title=title % {"programme": programme.name},
        **more,
    )


def _for_coordinator(template: str, cycle: Cycle, title: str, *, tab: str, personal: Mapping[str, str]) -> Rendered:
    programme = cycle.programme
    people = reverse("programmes:people_list", args=[programme.slug, cycle.code])
    return Rendered(
        f"programmes/{template}",
        {"programme": programme},
        personal=personal,
        url=f"{people}?tab={tab}",
        why=_("You are getting this because you coordinate %(programme)s.") % {"programme": programme.name},
        title=title % {**personal, "programme": programme.name},
    )


# --- to coordinators --------------------------------------------------------------------------------------------------
@mail.kind("programmes.join_requested", title=gettext_lazy("Somebody asks to join"), topic="programmes", load=_asked)
def join_requested(letter: Letter, now: datetime) -> Words:
    if letter.facts.is_anothers(letter):
        return NotWanted(ANOTHERS)
    membership = _membership(letter, MembershipStatus.REQUESTED, at="waiting_since")
    if membership is None:
        return NotWanted(gettext_lazy("The request has been answered or taken back."))
    name = {"person": membership.user.display_name, "role": role_word(membership.cycle.programme, membership.role)}
    return _for_coordinator(
        "join_requested", membership.cycle, _("%(person)s asks to join %(programme)s"), tab="requests", personal=name
    )


@mail.kind("programmes.member_left", title=gettext_lazy("Somebody left"), topic="programmes", load=_asked)
def member_left(letter: Letter, now: datetime) -> Words:
    if letter.facts.is_anothers(letter):
        return NotWanted(ANOTHERS)
    membership = _membership(letter, MembershipStatus.LEFT, at="ended_at")
    if membership is None:
        return NotWanted(OVERTAKEN)
    name = {"person": membership.user.display_name, "role": role_word(membership.cycle.programme, membership.role)}
    return _for_coordinator(
        "member_left", membership.cycle, _("%(person)s left %(programme)s"), tab="gone", personal=name
    )


def _cycles(abouts: Iterable[Mapping[str, Any]]) -> OfCycle:
    """Cycles with how many people wait for an answer and since when."""
    ids = {about["cycle"] for about in abouts}
    cycles = Cycle.objects.with_open_requests().select_related("programme").in_bulk(ids)
    return OfCycle(cycles, coordinators_of(ids))


@mail.kind("programmes.join_pending", title=gettext_lazy("People wait for an answer"), topic="programmes", load=_cycles)
def join_pending(letter: Letter, now: datetime) -> Words:
    if letter.facts.is_anothers(letter):
        return NotWanted(ANOTHERS)
    cycle = letter.facts.get(letter.about["cycle"])
    if cycle is None or not cycle.open_requests:
        return NotWanted(gettext_lazy("Every request has been answered."))
    count = str(cycle.open_requests)
    return _for_coordinator(
        "join_pending",
        cycle,
        _("People wait for your answer: %(count)s in %(programme)s"),
        tab="requests",
        personal={"count": count},
    )


# --- to the person: decisions -----------------------------------------------------------------------------------------
@mail.kind(
    "programmes.join_approved",
    title=gettext_lazy("You have a place"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def join_approved(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.ACTIVE, at="decided_at")
    if membership is None:
        return NotWanted(gettext_lazy("The decision was taken back, or the person left."))
    has_word = bool(membership.decision_reason)
    return _mine(
        "join_approved",
        membership,
        _("You have a place in %(programme)s"),
        context={"has_word": has_word},
        personal={"word_of_welcome": membership.decision_reason} if has_word else {},
    )


@mail.kind(
    "programmes.join_declined",
    title=gettext_lazy("An answer to your request"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def join_declined(letter: Letter, now: datetime) -> Words:
    return _turned_away(letter, MembershipStatus.DECLINED, "join_declined")


@mail.kind(
    "programmes.join_deferred", title=gettext_lazy("Not yet"), topic="joining", essential=True, load=_memberships
)
def join_deferred(letter: Letter, now: datetime) -> Words:
    return _turned_away(letter, MembershipStatus.DEFERRED, "join_deferred")


def _turned_away(letter: Letter, status: MembershipStatus, template: str) -> Words:
    membership = _membership(letter, status, at="decided_at")
    if membership is None:
        return NotWanted(gettext_lazy("The decision was taken back."))
    decided_by = membership.decided_by.display_name if membership.decided_by else _("The coordinator")
    return _mine(
        template,
        membership,
        _("An answer to your request to join %(programme)s"),
        personal={"reason": membership.decision_reason, "decided_by": decided_by},
    )


@mail.kind(
    "programmes.decision_undone",
    title=gettext_lazy("A decision was taken back"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def decision_undone(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.REQUESTED)
    if membership is None:
        return NotWanted(OVERTAKEN)
    return _mine("decision_undone", membership, _("Your request to join %(programme)s is being looked at again"))


# --- to the person: places --------------------------------------------------------------------------------------------
@mail.kind("programmes.joined", title=gettext_lazy("You are in"), topic="joining", essential=True, load=_memberships)
def joined(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.ACTIVE)
    if membership is None:
        return NotWanted(gettext_lazy("The person left again."))
    return _mine("joined", membership, _("You are in: %(programme)s"))


@mail.kind(
    "programmes.wait_listed",
    title=gettext_lazy("You are on the waiting list"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def wait_listed(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.WAITING)
    if membership is None:
        return NotWanted(OVERTAKEN)
    return _mine(
        "wait_listed",
        membership,
        _("You are on the waiting list of %(programme)s"),
        context={"days": membership.cycle.offer_days},
    )


@mail.kind(
    "programmes.place_offered",
    title=gettext_lazy("A place for you"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def place_offered(letter: Letter, now: datetime) -> Words:
    return _offer(letter, now, "place_offered", _("A place in %(programme)s is yours if you want it"))


@mail.kind(
    "programmes.offer_expiring",
    title=gettext_lazy("Your offered place"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def offer_expiring(letter: Letter, now: datetime) -> Words:
    return _offer(letter, now, "offer_expiring", _("Your place in %(programme)s is about to run out"))


def _offer(letter: Letter, now: datetime, template: str, title: str) -> Words:
    membership = _membership(letter, MembershipStatus.OFFERED)
    expires_at = membership.offer_expires_at if membership else None
    if membership is None or expires_at is None or expires_at <= now:
        return NotWanted(gettext_lazy("The offer has been answered or has run out."))
    said = _mine(template, membership, title, context={"expires_at": expires_at})
    return _with_url(said, reverse("programmes:offer_answer", args=[membership.uuid]))


def _with_url(said: Rendered, url: str) -> Rendered:
    return Rendered(said.template, said.context, said.personal, url, said.why, said.title)


@mail.kind(
    "programmes.offer_expired",
    title=gettext_lazy("An offer has run out"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def offer_expired(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.LEFT, at="ended_at")
    if membership is None:
        return NotWanted(OVERTAKEN)
    said = _mine("offer_expired", membership, _("The place in %(programme)s has gone to somebody else"))
    return _with_url(said, reverse("programmes:join_start", args=[membership.cycle.programme.slug]))


# --- to the person: roles ---------------------------------------------------------------------------------------------
@mail.kind(
    "programmes.appointed",
    title=gettext_lazy("You have a new role"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def appointed(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.ACTIVE)
    return _mine("appointed", membership, _("You have a role in %(programme)s")) if membership else NotWanted(OVERTAKEN)


@mail.kind(
    "programmes.point_person",
    title=gettext_lazy("You are the point person"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def point_person(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.ACTIVE)
    if membership is None or not membership.is_point_person:
        return NotWanted(OVERTAKEN)
    return _mine("point_person", membership, _("You are the point person of %(programme)s"))


@mail.kind(
    "programmes.removed",
    title=gettext_lazy("You are no longer in a programme"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def removed(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.REMOVED, at="ended_at")
    if membership is None:
        return NotWanted(gettext_lazy("The person was taken back in."))
    return _mine("removed", membership, _("You are no longer part of %(programme)s"))


@mail.kind(
    "programmes.reinstated", title=gettext_lazy("You are back in"), topic="joining", essential=True, load=_memberships
)
def reinstated(letter: Letter, now: datetime) -> Words:
    membership = _membership(letter, MembershipStatus.ACTIVE)
    return _mine("reinstated", membership, _("You are back in %(programme)s")) if membership else NotWanted(OVERTAKEN)


# --- groups -----------------------------------------------------------------------------------------------------------
def _places(abouts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Group places by key, leaders' names and the next session by group."""
    listed = list(abouts)
    groups = {about["group"] for about in listed}
    places = GroupMember.objects.select_related("group__cycle__programme__activity_type", "membership__user")
    leaders: dict[int, list[str]] = {}
    leading = GroupMember.objects.filter(group__in=groups, ended_at=None, membership__role=Role.LEADER)
    for place in leading.select_related("membership__user").order_by("pk"):
        leaders.setdefault(place.group_id, []).append(place.membership.user.display_name)
    planned = Session.objects.filter(group__in=groups, status=SessionStatus.PLANNED).order_by("group", "-starts_at")
    coming: dict[int, list[Session]] = {}
    for session in planned:
        coming.setdefault(session.group_id or 0, []).append(session)
    return {"places": places.in_bulk({about["place"] for about in listed}), "leaders": leaders, "coming": coming}


def _first_session(facts: Mapping[str, Any], group_id: int, now: datetime) -> Session | None:
    later = [session for session in facts["coming"].get(group_id, []) if session.starts_at > now]
    return later[-1] if later else None


def _grouped(letter: Letter, now: datetime, template: str, title: str) -> Words:
    place = letter.facts["places"].get(letter.about["place"])
    if place is None or place.ended_at or place.group.ended_at or place.membership.status != MembershipStatus.ACTIVE:
        return NotWanted(gettext_lazy("The person is not in this group any more."))
    group, programme = place.group, place.group.cycle.programme
    names = letter.facts["leaders"].get(group.pk, [])
    context = {
        "programme": programme,
        "group": group,
        "leaders": ", ".join(names),
        "leader_word": programme.word("leader"),
        "session": _first_session(letter.facts, group.pk, now),
        "session_word": programme.word("session"),
    }
    return Rendered(
        f"programmes/{template}",
        context,
        url=reverse("programmes:group_detail", args=[programme.slug, group.cycle.code, group.uuid]),
        why=_("You are getting this because you are part of %(programme)s.") % {"programme": programme.name},
        title=title % {"group": group.name, "programme": programme.name},
    )


@mail.kind("programmes.grouped", title=pgettext_lazy("mail", "Your group"), topic="groups", load=_places)
def grouped(letter: Letter, now: datetime) -> Words:
    return _grouped(letter, now, "grouped", _("You are in %(group)s, %(programme)s"))


@mail.kind("programmes.leads_group", title=gettext_lazy("You lead a group"), topic="groups", load=_places)
def leads_group(letter: Letter, now: datetime) -> Words:
    return _grouped(letter, now, "leads_group", _("You lead %(group)s, %(programme)s"))
