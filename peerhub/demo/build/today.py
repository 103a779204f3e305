"""What waits for people today: the session Amara has just run and the one that is on, with who has checked in; the
people who ask to join, the full programme's queue.
"""

from datetime import datetime, timedelta

from django.db.models import F

from peerhub.common.devices import seal_of
from peerhub.common.models import Message
from peerhub.common.models.outbox import MessageState
from peerhub.demo.build.anchor import ZONE, Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.institution.models import Closure
from programmes.models import (
    Announcement,
    Audience,
    CalendarFeed,
    CheckIn,
    CheckInHow,
    CoverRequest,
    Cycle,
    Group,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionLeader,
)
from programmes.queries.announcements import KIND
from programmes.queries.audiences import readers
from programmes.services.announcements import Draft, write_down


def set_the_day(*, anchor: Anchor, people: People) -> None:
    """Add today's sessions of Amara's group, and the requests that Rhian will find."""
    pass_cycle = Cycle.objects.get(programme__slug="pass-engineering", code=anchor.year_code())
    group = Group.objects.get(cycle=pass_cycle, name="Maths 1, group B")
    leader = Membership.objects.get(cycle=pass_cycle, user=people.cast["amara"], role=Role.LEADER)
    ended = _just_ended(anchor)
    over = _session(group, leader, ended - timedelta(minutes=60), "Library 3", "just-now")
    began = anchor.now.replace(second=0, microsecond=0) - timedelta(minutes=5)
    clinic = _session(group, leader, began, "B2.14", "on-now", minutes=120, title="Problem clinic")
    _session(group, leader, _next_slot(anchor), "B2.14", "next")
    _check_in(over, group, people, (2, 3, 3, 4, 6, 8, 21), CheckInHow.QR)
    _check_in(clinic, group, people, (-3, 0, 1), CheckInHow.CODE)
    _ask_for_cover(anchor, pass_cycle, leader)
    _write_to_people(anchor, people, pass_cycle)
    _close_a_day(anchor)
    _ask_to_join(anchor, people, pass_cycle)
    _fill_the_queue(anchor, people)
    _read_by_calendars(anchor, people, group)


def _just_ended(anchor: Anchor) -> datetime:
    """40 minutes ago; when that was at night, yesterday at 16:00."""
    ended = anchor.now.replace(second=0, microsecond=0) - timedelta(minutes=40)
    by_day = 10 <= ended.astimezone(ZONE).hour < 22
    return ended if by_day else at(ended.astimezone(ZONE).date() - timedelta(days=1), 16)


def _next_slot(anchor: Anchor) -> datetime:
    """14:00 today, or tomorrow when that is near, during what is on now, or past."""
    slot = at(anchor.today, 14)
    return slot if slot > anchor.now + timedelta(hours=2) else at(anchor.today + timedelta(days=1), 14)


def _session(
    group: Group, leader: Membership, starts_at: datetime, place: str, key: str, *, minutes: int = 60, title: str = ""
) -> Session:
    session = Session.objects.create(
        uuid=stable_uuid("today", key),
        cycle=group.cycle,
        group=group,
        title=title or group.name,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        place=place,
        created_at=starts_at - timedelta(days=14),
    )
    SessionLeader.objects.create(session=session, membership=leader)
    return session


def _check_in(session: Session, group: Group, people: People, minutes: tuple[int, ...], how: CheckInHow) -> None:
    """One of the group after the other, so many minutes after the start. Ben is left to do it himself."""
    members = Membership.objects.filter(role=Role.PARTICIPANT, group_places__group=group, group_places__ended_at=None)
    coming = members.exclude(user=people.cast["ben"]).order_by("pk")[: len(minutes)]
    CheckIn.objects.bulk_create(
        CheckIn(
            session=session,
            membership=member,
            at=session.starts_at + timedelta(minutes=late),
            how=how,
            device=seal_of(f"demo {member.uuid}", session.uuid),
        )
        for member, late in zip(coming, minutes, strict=False)
    )


def _write_to_people(anchor: Anchor, people: People, cycle: Cycle) -> None:
    """Rhian wrote to everybody who takes part two days ago, and a moment ago to those who keep missing sessions."""
    sent = Draft(
        Audience.PARTICIPANTS,
        "Rooms next week",
        "Library 3 is closed on Monday for repairs. All groups meet in B2.14 instead.\n\n"
        "The map is at https://www.aberwen.ac.uk/maps.",
    )
    held = Draft(
        Audience.ABSENT,
        "We have missed you",
        "You have not been for a while. That is fine, and you can come back any week: nobody will ask why.",
    )
    for draft, now in ((sent, anchor.now - timedelta(days=2)), (held, anchor.now)):
        found = readers(cycle, draft.audience, None, now=anchor.now)
        written = write_down(people.cast["rhian"], cycle, draft, found, now=now)
        Announcement.objects.filter(pk=written.pk).update(uuid=stable_uuid("announcement", draft.subject))
    gone = Message.objects.filter(kind=KIND, not_before__lt=anchor.now)
    gone.update(state=MessageState.SENT, finished_at=F("not_before"))


def _ask_to_join(anchor: Anchor, people: People, cycle: Cycle) -> None:
    taken = set(cycle.memberships.values_list("user_id", flat=True))
    strangers = [user for user in people.students(0) if user.pk not in taken]
    asking = [people.cast["maya"], *strangers[-3:]]
    Membership.objects.bulk_create(
        Membership(
            uuid=stable_uuid("asks", user.uuid),
            cycle=cycle,
            user=user,
            role=Role.PARTICIPANT,
            status=MembershipStatus.REQUESTED,
            source="self",
            created_at=anchor.now - timedelta(days=days, hours=3),
            join_note=note,
        )
        for days, (user, note) in enumerate(
            zip(
                asking,
                ("I find Thermodynamics hard and missed two lectures.", "", "My friend comes and says it helps.", ""),
                strict=True,
            )
        )
    )


def _fill_the_queue(anchor: Anchor, people: People) -> None:
    cycle = Cycle.objects.get(programme__slug="pal-nursing", code=anchor.year_code())
    taken = set(cycle.memberships.values_list("user_id", flat=True))
    waiting = [user for user in people.students(0) if user.pk not in taken][:3]
    Membership.objects.bulk_create(
        Membership(
            uuid=stable_uuid("waits", user.uuid),
            cycle=cycle,
            user=user,
            role=Role.PARTICIPANT,
            status=MembershipStatus.WAITING,
            source="self",
            created_at=anchor.now - timedelta(days=5 - place),
            waiting_since=anchor.now - timedelta(days=5 - place),
        )
        for place, user in enumerate(waiting)
    )


def _close_a_day(anchor: Anchor) -> None:
    """Since the series were planned, the university has closed a Tuesday: Rhian finds what that would change."""
    tuesday = anchor.term_starts_on + timedelta(weeks=9, days=1)
    Closure.objects.create(name="Graduation", starts_on=tuesday, ends_on=tuesday)


def _ask_for_cover(anchor: Anchor, cycle: Cycle, leader: Membership) -> None:
    """Somebody who leads beside Amara cannot run one of next week's: she is asked, and Rhian sees it."""
    led = SessionLeader.objects.exclude(session__leaders__membership=leader).filter(
        session__cycle=cycle, session__starts_at__gt=anchor.now + timedelta(days=2)
    )
    first = led.select_related("membership").order_by("session__starts_at", "pk").first()
    if first:
        CoverRequest.objects.create(
            uuid=stable_uuid("cover", "first"),
            session_id=first.session_id,
            asked_by=first.membership,
            reason="I have an exam that morning.",
            asked_at=anchor.now - timedelta(hours=5),
        )


def _read_by_calendars(anchor: Anchor, people: People, group: Group) -> None:
    """Amara and Ben read their sessions in calendars of their own. Nobody has the links: no token has these digests."""
    links = [("amara", None, 52, 3), ("amara", group, 20, 5), ("ben", None, 31, 9)]
    CalendarFeed.objects.bulk_create(
        CalendarFeed(
            user=people.cast[who],
            group=of,
            token_digest=stable_uuid("calendar", who, of).hex * 2,
            made_at=anchor.now - timedelta(days=days),
            read_at=anchor.now - timedelta(hours=hours),
        )
        for who, of, days, hours in links
    )
