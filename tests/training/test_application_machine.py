"""An application under everything people and the clock do to it, in any order: only legal moves, each on record."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from peerhub.common.errors import DomainError
from programmes.models import Membership
from tests import factories as make
from tests.factories import NOW
from tests.training.recruiting import CLOSES, apply, lock, name, open_round, prepare, said
from training.models import Application, ApplicationEvent, InterviewSlot
from training.models.applications import MOVES
from training.services import applications, interviews, offers, preparing, round_sweep, shortlist

PEOPLE = 3
WHO = st.integers(0, PEOPLE - 1)


class ApplicationMachine(RuleBasedStateMachine):
    """The model is the table of moves itself: whatever is tried, every step taken is one of it, and is on record."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.round = open_round(places=1)
        self.helpers = [name(self.round), name(self.round)]
        self.people = [make.UserFactory() for _ in range(PEOPLE)]
        self.desk = make.UserFactory()
        self.now = NOW
        self.seen = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def attempt(self, call, *args, **more):
        try:
            return call(*args, **more)
        except DomainError:
            return None

    def of(self, who: int) -> Application | None:
        return Application.objects.filter(applicant=self.people[who]).first()

    # --- those who apply --------------------------------------------------------------------------
    @rule(who=WHO)
    def save(self, who: int) -> None:
        call = {"actor": self.people[who], "round_id": self.round.pk, "said": said(self.round), "now": self.now}
        made = self.attempt(applications.save_application, **call)
        assert made is None or self.now < CLOSES

    @rule(who=WHO)
    def send(self, who: int) -> None:
        self.attempt(apply, self.round, self.people[who], now=self.now)

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        if one := self.of(who):
            self.attempt(applications.withdraw_application, actor=self.people[who], application_id=one.pk, now=self.now)

    @rule(who=WHO, accepts=st.booleans())
    def answer(self, who: int, accepts: bool) -> None:
        if one := self.of(who):
            self.attempt(
                offers.answer_offer, actor=self.people[who], application_id=one.pk, accepts=accepts, now=self.now
            )

    @rule(who=WHO)
    def book(self, who: int) -> None:
        slot = InterviewSlot.objects.order_by("starts_at").first()
        if (one := self.of(who)) and slot:
            call = {"actor": self.people[who], "application_id": one.pk, "slot_id": slot.pk, "now": self.now}
            self.attempt(interviews.book_slot, **call)

    # --- those who choose -------------------------------------------------------------------------
    @rule(who=WHO, value=st.sampled_from([1, 3, 4]))
    def prepare_and_score(self, who: int, value: int) -> None:
        if one := self.of(who):
            self.attempt(prepare, one, now=self.now)
            for helper in self.helpers:
                if one.assessments.filter(helper=helper).exists():
                    self.attempt(lock, one, helper, value, now=self.now)

    @rule(who=WHO)
    def find_ineligible(self, who: int) -> None:
        if one := self.of(who):
            call = {"actor": self.desk, "application_id": one.pk, "reason": "Not enrolled.", "now": self.now}
            self.attempt(preparing.find_ineligible, **call)

    @rule(cut=st.sampled_from([0, 60]))
    def decide(self, cut: int) -> None:
        self.attempt(shortlist.decide_shortlist, actor=self.desk, round_id=self.round.pk, cut=cut, now=self.now)

    @rule()
    def invite(self) -> None:
        call = {"actor": self.desk, "round_id": self.round.pk, "now": self.now}
        times = {"starts_at": self.now + timedelta(days=1), "minutes": 20, "count": 3, "where": "Here"}
        self.attempt(interviews.add_slots, **call, **times)
        self.attempt(interviews.invite_shortlisted, **call)

    @rule(who=WHO, step=st.sampled_from(["came", "missed", "offer", "reserve", "no"]))
    def step(self, who: int, step: str) -> None:
        if not (one := self.of(who)):
            return
        call = {"actor": self.desk, "application_id": one.pk, "now": self.now}
        if step in {"came", "missed"}:
            self.attempt(interviews.record_talk, came=step == "came", **call)
        elif step == "no":
            self.attempt(offers.turn_down, reason="Another time.", **call)
        else:
            self.attempt(offers.offer_role if step == "offer" else offers.put_on_reserve, **call)

    # --- the clock --------------------------------------------------------------------------------
    @rule(days=st.sampled_from([1, 8]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        round_sweep.lapse_drafts(now=self.now)
        round_sweep.lapse_offers(now=self.now)

    # --- what always holds ------------------------------------------------------------------------
    @invariant()
    def every_step_is_legal_and_on_record(self) -> None:
        for one in Application.objects.all():
            steps = list(one.events.order_by("pk").values_list("came_from", "to"))
            assert steps[0] == ("", "draft")
            assert all(to in MOVES[came_from] for came_from, to in steps[1:])
            assert [before for before, _to in steps[1:]] == [to for _before, to in steps[:-1]]
            assert steps[-1][1] == one.state

    @invariant()
    def places_are_kept_and_leaders_are_those_who_said_yes(self) -> None:
        taken = Application.objects.filter(state__in=["offered", "accepted"]).count()
        assert taken <= 1
        yes = set(Application.objects.filter(state="accepted").values_list("applicant", flat=True))
        leaders = Membership.objects.filter(cycle=self.round.cycle_id, role="leader", status="active")
        assert set(leaders.values_list("user", flat=True)) == yes

    @invariant()
    def nothing_on_record_is_ever_taken_back(self) -> None:
        count = ApplicationEvent.objects.count()
        assert count >= self.seen
        self.seen = count


@pytest.mark.django_db
def test_an_application_takes_only_legal_steps() -> None:
    run_state_machine_as_test(ApplicationMachine, settings=settings(max_examples=6, stateful_step_count=25))
