"""Joining as a state machine: whatever people and coordinators do, in whatever order, places are never overfilled and
the waiting list is served in its order.
"""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from peerhub.common.errors import DomainError
from peerhub.common.models import AuditEvent
from programmes.models import Cycle, GroupMember, JoinPolicy, Membership, MembershipStatus, Role
from programmes.services import joining, memberships, requests
from tests import factories as make
from tests.factories import NOW
from tests.programmes.joining import scenes

PEOPLE = st.integers(0, 5)


class Joining(RuleBasedStateMachine):
    """Six people, a coordinator, a clock. Refusals are part of the game; broken promises are not."""

    @initialize(
        policy=st.sampled_from([JoinPolicy.OPEN, JoinPolicy.APPROVAL]), places=st.integers(1, 4), waits=st.booleans()
    )
    def begin(self, policy, places, waits):
        self.now = NOW
        self.cycle = scenes.cycle(policy, places=places, waiting_list=waits)
        self.rhian = scenes.coordinator(self.cycle)
        self.people = [make.UserFactory() for _ in range(6)]

    # --- what people do ---
    @rule(who=PEOPLE)
    def ask(self, who):
        self._try(joining.ask_to_join, self.people[who], cycle_id=self.cycle.pk)

    @rule(who=PEOPLE, what=st.sampled_from(["withdraw_request", "accept_offer", "decline_offer", "leave_programme"]))
    def answer(self, who, what):
        row = self._row(who)
        if row:
            self._try(getattr(joining, what), self.people[who], membership_id=row.pk)

    # --- what the coordinator does ---
    @rule(who=PEOPLE, what=st.sampled_from(["approve_request", "decline_request", "defer_request"]))
    def decide(self, who, what):
        row = self._row(who)
        if row:
            self._try(getattr(requests, what), self.rhian, membership_id=row.pk, reason="Because.")

    @rule(who=PEOPLE)
    def undo(self, who):
        row = self._row(who)
        if row:
            self._try(requests.undo_decision, self.rhian, membership_id=row.pk)

    @rule(who=PEOPLE)
    def remove(self, who):
        row = self._row(who)
        if row:
            self._try(memberships.remove_member, self.rhian, membership_id=row.pk, reason="Because.")

    @rule(who=PEOPLE)
    def reinstate(self, who):
        row = self._row(who)
        if row:
            self._try(memberships.reinstate_member, self.rhian, membership_id=row.pk)

    @rule(who=PEOPLE)
    def appoint(self, who):
        self._try(
            memberships.appoint_member,
            self.rhian,
            cycle_id=self.cycle.pk,
            user_id=self.people[who].pk,
            role="participant",
        )

    @rule(more=st.integers(0, 3))
    def change_places(self, more):
        """A coordinator sets the number of places, never below those held."""
        Cycle.objects.filter(pk=self.cycle.pk).update(capacity=max(1, scenes.held(self.cycle) + more))

    # --- time ---
    @rule(hours=st.sampled_from([0.1, 5, 30, 80]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def the_sweep_runs(self):
        joining.expire_offers(self.now)
        self.cycle.refresh_from_db()
        rows = Membership.objects.filter(cycle=self.cycle)
        assert not rows.filter(status="offered", offer_expires_at__lte=self.now).exists()
        free = self.cycle.capacity - rows.holding_place().count()
        assert free <= 0 or not rows.filter(status="waiting").exists()

    # --- what always holds ---
    @invariant()
    def never_more_people_than_places(self):
        if hasattr(self, "cycle"):
            capacity = Cycle.objects.values_list("capacity", flat=True).get(pk=self.cycle.pk)
            assert scenes.held(self.cycle) <= capacity

    @invariant()
    def rows_are_whole(self):
        if not hasattr(self, "cycle"):
            return
        for row in Membership.objects.filter(cycle=self.cycle, role=Role.PARTICIPANT):
            assert (row.status == MembershipStatus.OFFERED) == (row.offer_expires_at is not None)
            assert row.status != MembershipStatus.ACTIVE or (row.joined_at and not row.ended_at)
            assert row.status not in {"left", "removed"} or row.ended_at
        outside = GroupMember.objects.filter(ended_at=None).exclude(membership__status="active")
        assert not outside.exists()

    # --- helpers ---
    def _row(self, who):
        return Membership.objects.filter(cycle=self.cycle, user=self.people[who], role=Role.PARTICIPANT).first()

    def _try(self, use_case, actor, **arguments):
        """Do it or be refused. Either way nobody who waits is passed by somebody who waits behind them."""
        before = [row.pk for row in Membership.objects.filter(cycle=self.cycle).waiting_in_order()]
        lines = AuditEvent.objects.count()
        try:
            use_case(actor=actor, now=self.now, **arguments)
        except DomainError:
            assert AuditEvent.objects.count() == lines  # a refusal changes nothing
            return
        offered = set(Membership.objects.filter(cycle=self.cycle, status="offered").values_list("pk", flat=True))
        passed = [pk for pk in before if Membership.objects.get(pk=pk).status == "waiting"]
        served = [pk for pk in before if pk in offered]
        if passed and served:
            assert before.index(served[-1]) < before.index(passed[0])


@pytest.mark.django_db
class TestJoining(TestCase, Joining.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=30, stateful_step_count=25)
