"""Pairs, contacts and registers in a few words."""

import itertools
from datetime import timedelta

import pytest

from programmes.models import Session
from tests import factories as make
from tests.factories import NOW, in_days

NUMBER = itertools.count()


@pytest.fixture
def pair(world):
    """Amara mentors Kai, matched 30 days ago."""
    return pair_in(world.cycle, world.memberships["amara"], "Kai", "Davies")


def pair_in(cycle, leader, given="Kai", family="Davies", *, days=30):
    group = make.GroupFactory(cycle=cycle, name=f"Pair of {given}", shape="pair", created_at=in_days(-days))
    member = make.MembershipFactory(cycle=cycle, user__given_name=given, user__family_name=family)
    for one in filter(None, (leader, member)):
        make.GroupMemberFactory(group=group, membership=one, started_at=in_days(-days))
    group.partner = member
    return group


def contact(group, days, *, status="held", now=NOW):
    """A contact, or an attempt, `days` before."""
    at = now - timedelta(days=days)
    return Session.objects.create(
        cycle=group.cycle, group=group, kind="contact", channel="met", status=status, starts_at=at,
        ends_at=at + timedelta(minutes=30), created_at=at, log_version=1,
    )  # fmt: skip


def held(group, days, came=(), missed=(), excused=(), *, status="held"):
    """A session that many days ago, with its register (memberships)."""
    session = make.SessionFactory(group=group, starts_at=in_days(-days))
    Session.objects.filter(pk=session.pk).update(status=status, log_version=1)
    for mark, members in (("present", came), ("absent", missed), ("excused", excused)):
        for member in members:
            make.AttendanceFactory(session=session, membership=member, status=mark)
    return session
