"""A coordinator's message on its way. Whoever has not been told yet is asked for once more when it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.emails.offices import coordinators_of
from programmes.models import HOLDS_PLACE, Announcement, CycleState, Membership, Role
from programmes.queries.announcements import KIND, inapp_key, told
from programmes.queries.audiences import reader_ids

mail.topic(
    "coordinators",
    title=gettext_lazy("Messages from coordinators"),
    help=gettext_lazy("What those who run your programmes write to you"),
)


@dataclass
class AnnouncementFacts:
    """Messages of a batch, who was told already, who still has a place, and who answers for each cycle."""

    announcements: Mapping[int, Announcement]
    told: set[str]
    placed: set[tuple[int, int]]  # (cycle, user)
    coordinators: Mapping[int, set[int]]
    contacts: Mapping[int, str]  # address of the point person, by cycle
    readers: dict[int, set[int]] = field(default_factory=dict)

    def belongs(self, one: Announcement, user_id: int, now: datetime) -> bool:
        """Whether somebody belongs to whom it was written. Read once for each message of a batch."""
        if one.pk not in self.readers:
            self.readers[one.pk] = reader_ids(one, now=now)
        return user_id in self.readers[one.pk]


def _facts(abouts: Sequence[Mapping[str, Any]]) -> AnnouncementFacts:
    """Five queries a batch, and those of each message's audience when somebody has not been told."""
    pairs = [(about["announcement"], about["user"]) for about in abouts]
    rows = Announcement.objects.select_related("cycle__programme__activity_type", "group", "sender")
    found = rows.in_bulk({one for one, _user in pairs})
    cycles = {one.cycle_id for one in found.values()}
    people = Membership.objects.filter(cycle__in=cycles)
    placed = people.filter(user__in={user for _one, user in pairs}, status__in=HOLDS_PLACE)
    points = people.active().filter(role=Role.COORDINATOR, is_point_person=True, user__email__isnull=False)
    return AnnouncementFacts(
        announcements=found,
        told=told(pairs),
        placed=set(placed.values_list("cycle_id", "user_id")),
        coordinators=coordinators_of(cycles),
        contacts={pk: email or "" for pk, email in points.values_list("cycle_id", "user__email")},
    )


@mail.kind(
    KIND,
    title=gettext_lazy("A message from your coordinator"),
    topic="coordinators",
    load=_facts,
    priority=mail.PRIORITY_BULK,
)
def announcement(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """To everybody who belongs to whom it was written when it leaves."""
    facts: AnnouncementFacts = letter.facts
    one = facts.announcements.get(letter.about["announcement"])
    if one is None or one.cancelled_at:
        return NotWanted(gettext_lazy("Its writer took it back."))
    refusal = _refusal(one, letter.recipient.pk, facts, now)
    if refusal:
        return refusal
    programme, sender = one.cycle.programme, one.sender
    name = sender.display_name if sender else programme.name
    return Rendered(
        "programmes/announcement",
        {"subject": one.subject, "text": one.text, "sender": name, "programme_name": programme.name},
        url=reverse("programmes:announcement_read", args=[one.uuid]),
        why=_("You are getting this because you have a place in %(programme)s.") % {"programme": programme.name},
        title=_("%(subject)s (%(programme)s)") % {"subject": one.subject, "programme": programme.name},
        reply_to=facts.contacts.get(one.cycle_id) or (sender.email if sender and sender.email else ""),
    )


def _refusal(one: Announcement, user_id: int, facts: AnnouncementFacts, now: datetime) -> NotWanted | None:
    """Why this person is not to get it. Whoever was told keeps it for as long as they have a place."""
    if (one.cycle_id, user_id) not in facts.placed:
        return NotWanted(gettext_lazy("The person has no place in the programme any more."))
    if inapp_key(one.pk, user_id) in facts.told:
        return None
    if one.cycle.state == CycleState.CLOSED:
        return NotWanted(gettext_lazy("The cycle is closed."))
    if one.sender_id not in facts.coordinators[one.cycle_id]:
        return NotWanted(gettext_lazy("Whoever wrote it does not coordinate this any more."))
    if not facts.belongs(one, user_id, now):
        return NotWanted(gettext_lazy("The person does not belong to those it was written to any more."))
    return None
