"""Two people with links to their calendars: one leads a given number of sessions, one three. Prints the addresses."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.urls import reverse

from programmes.models import Role, Session, SessionLeader
from programmes.services.calendars import make_feed
from tests import factories as make

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def feed_of(events: int) -> str:
    """The address of the feed of somebody who leads so many sessions, of two groups, twice a day."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug=f"bench-calendar-{events}", name="Bench calendars"))
    leader = make.MembershipFactory(cycle=cycle, role=Role.LEADER, user__given_name="Amara", user__password="!")
    groups = [make.GroupFactory(cycle=cycle, name=f"Calculus 1, group {letter}") for letter in "AB"]
    starts = [NOW - timedelta(days=30) + timedelta(hours=12 * number) for number in range(events)]
    sessions = Session.objects.bulk_create(
        Session(
            cycle=cycle,
            group=groups[number % 2],
            starts_at=at,
            ends_at=at + timedelta(hours=1),
            place=f"Library, room {number % 7}",
            created_at=NOW,
        )
        for number, at in enumerate(starts)
    )
    SessionLeader.objects.bulk_create(SessionLeader(session=one, membership=leader) for one in sessions)
    _feed, token = make_feed(actor=leader.user, group=None, language="en", now=NOW)
    return reverse("programmes:calendar_feed", args=[token])


if __name__ == "__main__":
    print(json.dumps({"large": feed_of(int(sys.argv[1])), "small": feed_of(3)}))
