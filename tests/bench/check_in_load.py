"""300 people who take part in a session that is on now, each signed in; Amara leads it. Prints JSON."""

import json
import os
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.urls import reverse

from peerhub.accounts.models import User
from programmes.models import GroupMember, Membership, Role
from tests import factories as make
from tests.bench.cast import cast, session_of

PEOPLE = 300
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def hall() -> dict[str, object]:
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug="bench-hall", name="Bench hall"))
    amara = make.MembershipFactory(cycle=cycle, user=cast()["amara"], role=Role.LEADER)
    group = make.GroupFactory(cycle=cycle)
    users = User.objects.bulk_create(
        User(given_name=f"Given{n}", family_name=f"Family{n}", password="!") for n in range(PEOPLE)
    )
    members = Membership.objects.bulk_create(
        Membership(cycle=cycle, user=user, role=Role.PARTICIPANT, created_at=NOW, joined_at=NOW) for user in users
    )
    GroupMember.objects.bulk_create(
        GroupMember(group=group, membership=member, started_at=NOW - timedelta(days=9)) for member in members
    )
    session = make.SessionFactory(group=group, starts_at=NOW, ends_at=NOW + timedelta(hours=3))
    make.SessionLeaderFactory(session=session, membership=amara)
    at = {"uuid": session.uuid}
    return {
        "session": session.pk,
        "screen": reverse("programmes:session_code_now", kwargs=at),
        "check_in": reverse("programmes:check_in"),
        "people": [session_of(user) for user in users],
    }


if __name__ == "__main__":
    print(json.dumps(hall()))
