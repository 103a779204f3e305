"""Scarce places under pressure, on both databases: threads meet in one real database, each with its own connection."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection

from peerhub.common.errors import DomainError
from peerhub.common.models import AuditEvent
from programmes.models import GroupMember, JoinPolicy, Membership, Role
from programmes.services.group_places import place_people
from programmes.services.invite_links import join_by_link, switch_link
from programmes.services.joining import accept_offer, ask_to_join, expire_offers, leave_programme
from programmes.services.requests import approve_request
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vocabulary")]


def together(jobs: list[Callable[[], Any]]) -> Counter[str]:
    """Run all jobs at the same moment; count what they returned, or the code they were refused with."""
    gate, outcomes, lock = threading.Barrier(len(jobs)), Counter[str](), threading.Lock()

    def run(job: Callable[[], Any]) -> None:
        try:
            close_old_connections()
            connection.ensure_connection()
            gate.wait(60)
            try:
                said = str(job())
            except DomainError as error:
                said = error.code
            with lock:
                outcomes[said] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def test_forty_people_for_ten_places_join_exactly_ten(now):
    cycle = scenes.cycle(places=10, waiting_list=False)
    people = [make.UserFactory() for _ in range(40)]
    outcomes = together([lambda who=who: ask_to_join(actor=who, cycle_id=cycle.pk, now=now).status for who in people])
    assert outcomes == {"active": 10, "full": 30}
    assert scenes.held(cycle) == 10
    assert len(scenes.letters("joined")) == 10
    assert AuditEvent.objects.filter(action="programmes.member_joined").count() == 10


def test_forty_people_for_ten_places_keep_one_waiting_order(now):
    cycle = scenes.cycle(places=10)
    people = [make.UserFactory() for _ in range(40)]
    outcomes = together([lambda who=who: ask_to_join(actor=who, cycle_id=cycle.pk, now=now).status for who in people])
    assert outcomes == {"active": 10, "waiting": 30}


def test_one_form_sent_eight_times_at_once_has_one_effect(now):
    cycle, ben, key = scenes.cycle(JoinPolicy.APPROVAL), make.UserFactory(), uuid4()
    outcomes = together(
        [lambda: ask_to_join(actor=ben, cycle_id=cycle.pk, form_key=key, now=now).status for _ in range(8)]
    )
    assert outcomes == {"requested": 1, "repeated": 7}
    assert Membership.objects.filter(user=ben).count() == 1
    assert len(scenes.letters("join_requested")) == 1


def test_approvals_links_and_clicks_share_the_same_last_places(now):
    cycle = scenes.cycle(JoinPolicy.OPEN, places=3, waiting_list=False)
    rhian = scenes.coordinator(cycle)
    link = switch_link(actor=rhian, cycle_id=cycle.pk, role="participant", is_on=True, now=now)
    asking = [scenes.asked(cycle) for _ in range(4)]
    others = [make.UserFactory() for _ in range(8)]
    jobs = [lambda one=one: approve_request(actor=rhian, membership_id=one.pk, now=now).status for one in asking]
    jobs += [lambda who=who: ask_to_join(actor=who, cycle_id=cycle.pk, now=now).status for who in others[:4]]
    jobs += [
        lambda who=who: join_by_link(actor=who, link_uuid=link.uuid, version=1, now=now).status for who in others[4:]
    ]
    assert together(jobs) == {"active": 3, "full": 9}
    assert scenes.held(cycle) == 3


def test_leaving_joining_and_sweeping_at_once_never_overfills(now):
    cycle = scenes.cycle(places=4)
    inside = scenes.taking_part(cycle, 4)
    queue = [scenes.waiting(cycle, days_ago=10 - number) for number in range(4)]
    jobs: list[Callable[[], Any]] = [
        lambda one=one: leave_programme(actor=one.user, membership_id=one.pk, now=now).status for one in inside
    ]
    others = [make.UserFactory() for _ in range(4)]
    jobs += [lambda who=who: ask_to_join(actor=who, cycle_id=cycle.pk, now=now).status for who in others]
    jobs += [lambda: expire_offers(now) * 0 for _ in range(4)]
    outcomes = together(jobs)
    assert outcomes["left"] == 4
    assert scenes.held(cycle) == 4
    statuses = {Membership.objects.get(pk=one.pk).status for one in queue}
    assert statuses == {"offered"}  # whoever waited is first, whatever else was clicked
    assert outcomes["waiting"] == 4


def test_an_offer_is_accepted_or_expires_never_both(now):
    cycle = scenes.cycle(places=1)
    ben = make.MembershipFactory(
        cycle=cycle, status="offered", waiting_since=in_days(-2), offer_expires_at=in_days(1), joined_at=None
    )
    scenes.waiting(cycle)
    jobs = [lambda: accept_offer(actor=ben.user, membership_id=ben.pk, now=now).status for _ in range(4)]
    jobs += [lambda: str(expire_offers(in_days(2)) * 0) for _ in range(4)]
    outcomes = together(jobs)
    assert scenes.held(cycle) == 1
    ben.refresh_from_db()
    accepted = outcomes["active"] > 0
    assert ben.status == ("active" if accepted else "left")


def test_eight_people_for_the_last_place_in_a_group(now):
    cycle = scenes.cycle()
    rhian, group = scenes.coordinator(cycle), make.GroupFactory(cycle=cycle, capacity=3)
    people = scenes.taking_part(cycle, 8)
    outcomes = together(
        [
            lambda one=one: len(place_people(actor=rhian, group_id=group.pk, membership_ids=[one.pk], now=now))
            for one in people
        ]
    )
    assert outcomes == {"1": 3, "full": 5}
    assert GroupMember.objects.filter(group=group, ended_at=None).count() == 3


def test_two_moves_in_opposite_directions_do_not_wait_for_each_other(now):
    cycle = scenes.cycle()
    rhian = scenes.coordinator(cycle)
    one, two = make.GroupFactory(cycle=cycle), make.GroupFactory(cycle=cycle)
    left, right = scenes.taking_part(cycle, 2)
    make.GroupMemberFactory(group=one, membership=left)
    make.GroupMemberFactory(group=two, membership=right)

    def move(who, origin, target):
        return len(
            place_people(actor=rhian, group_id=target.pk, membership_ids=[who.pk], from_group_id=origin.pk, now=now)
        )

    outcomes = together([lambda: move(left, one, two), lambda: move(right, two, one)])
    assert outcomes == {"1": 2}
    assert (
        Membership.objects.filter(role=Role.PARTICIPANT, group_places__ended_at=None, group_places__group=two).get()
        == left
    )
