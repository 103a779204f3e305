"""A pair of Business mentoring that has ended well, and two wishes for another match that wait for Rhian."""

from datetime import timedelta

from peerhub.demo.build.anchor import Anchor
from peerhub.demo.build.people import People, stable_uuid
from programmes.models import ClosingAnswer, Cycle, EndedHow, Ending, Group, GroupMember, RematchRequest, Role

ANSWERS = {
    Role.LEADER: ("well", "A list of questions for the first meeting."),
    Role.PARTICIPANT: ("well", ""),
}


def close_and_ask(*, anchor: Anchor, people: People) -> None:
    """The last pair ended this morning; in two others somebody would like another match."""
    cycle = Cycle.objects.get(programme__slug="business-mentoring", code=anchor.year_code())
    *others, last = Group.objects.filter(cycle=cycle, shape="pair", ended_at=None).order_by("pk")
    ended_at = anchor.now - timedelta(hours=3)
    places = list(GroupMember.objects.filter(group=last, ended_at=None).select_related("membership").order_by("pk"))
    GroupMember.objects.filter(pk__in=[one.pk for one in places]).update(ended_at=ended_at)
    Group.objects.filter(pk=last.pk).update(ended_at=ended_at)
    Ending.objects.create(
        uuid=stable_uuid("ending", last.uuid),
        group=last,
        how=EndedHow.COMPLETED,
        reason="She starts her placement on Monday; both are happy with how it went.",
        given_by=people.cast["rhian"],
        at=ended_at,
    )
    for place in places:
        feeling, helped = ANSWERS[Role(place.membership.role)]
        ClosingAnswer.objects.create(
            uuid=stable_uuid("closing", last.uuid, place.membership.role),
            place=place,
            asked_at=ended_at,
            answered_at=ended_at + timedelta(minutes=40),
            feeling=feeling,
            helped=helped,
        )
    _ask(anchor, others[-1], Role.PARTICIPANT, 26, "Somebody who knows accounting would help me most.")
    _ask(anchor, others[-2], Role.LEADER, 4, "")


def _ask(anchor: Anchor, group: Group, role: str, hours: int, note: str) -> None:
    place = GroupMember.objects.filter(group=group, ended_at=None, membership__role=role).order_by("pk").first()
    if place:
        RematchRequest.objects.create(
            uuid=stable_uuid("rematch", group.uuid, role),
            place=place,
            note=note,
            asked_at=anchor.now - timedelta(hours=hours),
        )
