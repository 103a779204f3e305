"""Words about endings and wishes for another match. None says who wished it, or why; each is kind, and short."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from programmes.models import ClosingAnswer, Cycle, GroupMember, Membership, MembershipStatus, RematchRequest, Role

Words = mail.Rendered | mail.NotWanted


def _endings(abouts: Iterable[Mapping[str, Any]]) -> dict[int, ClosingAnswer]:
    """The closing question of each place, with the place and its group. One query a batch."""
    places = {about["place"] for about in abouts}
    related = ("place__group__cycle__programme", "place__membership")
    return {row.place_id: row for row in ClosingAnswer.objects.filter(place__in=places).select_related(*related)}


@mail.kind(
    "programmes.pair_ended", title=gettext_lazy("Your pair has ended"), topic="groups", essential=True, load=_endings
)
def pair_ended(letter: mail.Letter, now: datetime) -> Words:
    """To those whose pair ended: that it did, and the question how it was."""
    closing = letter.facts.get(letter.about["place"])
    if closing is None or closing.place.ended_at is None:
        return mail.NotWanted(_("It goes on after all."))
    if closing.place.membership.status != MembershipStatus.ACTIVE:
        return mail.NotWanted(_("The person has left the programme."))
    group = closing.place.group
    programme = group.cycle.programme
    return mail.Rendered(
        "programmes/pair_ended",
        {"group_name": group.name, "programme_name": programme.name},
        url=reverse("programmes:closing_answer", args=[closing.uuid]),
        why=_("You are getting this because you are part of %(programme)s.") % {"programme": programme.name},
        title=_("%(group)s has come to its end (%(programme)s)") % {"group": group.name, "programme": programme.name},
    )


def _memberships(abouts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Whom each is about, who coordinates, and which of them still wait for another match."""
    listed = list(abouts)
    keys, cycles = {about["membership"] for about in listed}, {about["cycle"] for about in listed}
    coordinators = Membership.objects.active().filter(cycle__in=cycles, role=Role.COORDINATOR)
    waiting = RematchRequest.objects.open().filter(place__membership__in=keys)
    placed = GroupMember.objects.filter(membership__in=keys, ended_at=None, group__ended_at=None)
    return {
        "memberships": Membership.objects.in_bulk(keys),
        "cycles": Cycle.objects.select_related("programme").in_bulk(cycles),
        "coordinators": set(coordinators.values_list("cycle_id", "user_id")),
        "waiting": set(waiting.values_list("place__membership_id", flat=True)),
        "placed": set(placed.values_list("membership_id", flat=True)),
    }


def _to_coordinator(letter: mail.Letter, template: str, page: str, title: str) -> Words:
    cycle = letter.facts["cycles"].get(letter.about["cycle"])
    if cycle is None or (cycle.pk, letter.recipient.pk) not in letter.facts["coordinators"]:
        return mail.NotWanted(_("The person does not coordinate this any more."))
    programme = cycle.programme
    return mail.Rendered(
        f"programmes/{template}",
        {"programme_name": programme.name},
        url=reverse(page, args=[programme.slug, cycle.code]),
        why=_("You are getting this because you coordinate %(programme)s.") % {"programme": programme.name},
        title=title % {"programme": programme.name},
    )


@mail.kind(
    "programmes.rematch_asked",
    title=gettext_lazy("Somebody asks for another match"),
    topic="programmes",
    load=_memberships,
)
def rematch_asked(letter: mail.Letter, now: datetime) -> Words:
    """To who coordinates. Who asked stands on the page alone."""
    if letter.about["membership"] not in letter.facts["waiting"]:
        return mail.NotWanted(_("It was answered or taken back."))
    title = _("Somebody asks for another match (%(programme)s)")
    return _to_coordinator(letter, "rematch_asked", "programmes:rematch_list", title)


@mail.kind("programmes.group_left", title=gettext_lazy("Somebody left a group"), topic="programmes", load=_memberships)
def group_left(letter: mail.Letter, now: datetime) -> Words:
    """To who coordinates: somebody may need another group."""
    if letter.about["membership"] in letter.facts["placed"]:
        return mail.NotWanted(_("They are in a group again."))
    title = _("Somebody left a group (%(programme)s)")
    return _to_coordinator(letter, "group_left", "programmes:group_list", title)


@mail.kind(
    "programmes.rematch_closed",
    title=gettext_lazy("About your wish for another match"),
    topic="groups",
    essential=True,
    load=_memberships,
)
def rematch_closed(letter: mail.Letter, now: datetime) -> Words:
    """To who asked: it was looked at."""
    membership = letter.facts["memberships"].get(letter.about["membership"])
    cycle = letter.facts["cycles"].get(letter.about["cycle"])
    if membership is None or cycle is None or membership.status != MembershipStatus.ACTIVE:
        return mail.NotWanted(_("The person has left the programme."))
    programme = cycle.programme
    return mail.Rendered(
        "programmes/rematch_closed",
        {"programme_name": programme.name},
        url=reverse("programmes:my_memberships"),
        why=_("You are getting this because you asked for another match in %(programme)s.")
        % {"programme": programme.name},
        title=_("About your wish for another match (%(programme)s)") % {"programme": programme.name},
    )
