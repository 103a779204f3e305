"""A queue under everything that people and leaders do to it, in any order."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from programmes.models import LIVE, CheckIn, QueueEntry, Session
from programmes.services import queue_steps
from programmes.services.queues import (
    UNDO_WITHIN,
    QueueRefused,
    close_queue,
    join_queue,
    leave_queue,
    reopen_queue,
    settle_queues,
)
from tests import factories as make
from tests.factories import NOW

PEOPLE, LEADERS = 5, 2
WHO, LEADER = st.integers(0, PEOPLE - 1), st.integers(0, LEADERS - 1)
MINUTES = timedelta(minutes=1)
STEPS = {
    "call": queue_steps.call_person,
    "start": queue_steps.start_helping,
    "finish": queue_steps.finish_helping,
    "missed": queue_steps.note_missed,
    "back": queue_steps.put_back,
}


class QueueMachine(RuleBasedStateMachine):
    """The model: `line`, who waits in order; `held`, person to (leader, has begun); who missed; who was there."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.cycle = make.CycleFactory(attendance_mode="queue")
        self.session = make.SessionFactory(cycle=self.cycle, starts_at=NOW, ends_at=NOW + timedelta(hours=2))
        self.people = [make.MembershipFactory(cycle=self.cycle) for _ in range(PEOPLE)]
        self.leaders = [make.MembershipFactory(cycle=self.cycle, role="leader") for _ in range(LEADERS)]
        for one in self.leaders:
            make.SessionLeaderFactory(session=self.session, membership=one)
        self.now = NOW
        self.line: list[int] = []
        self.held: dict[int, tuple[int, bool]] = {}
        self.missed: set[int] = set()
        self.there: set[int] = set()
        self.tickets = 0
        self.is_closed = self.is_over = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- those who come ---------------------------------------------------------------------------
    @rule(who=WHO)
    def join(self, who: int) -> None:
        outcome = self.attempt(join_queue, actor=self.people[who].user, session_id=self.session.pk)
        if who in self.held and self.held[who][1]:
            assert outcome == "being_helped"
        elif who in self.held or who in self.line:
            assert outcome.is_repeat
        elif not self.takes():
            assert outcome in {"closed", "over", "saved"}
        else:
            self.tickets += 1
            assert (outcome.entry.number, outcome.is_repeat) == (self.tickets, False)
            self.line.append(who)
            self.missed.discard(who)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        outcome = self.attempt(leave_queue, actor=self.people[who].user, session_id=self.session.pk)
        if who in self.held and self.held[who][1]:
            assert outcome == "being_helped"
        elif who in self.held or who in self.line:
            assert outcome.state == "left"
            self.forget(who)
        else:
            assert outcome is None

    # --- those who lead ----------------------------------------------------------------------------
    @rule(leader=LEADER, also=st.booleans())
    def take_next(self, leader: int, also: bool) -> None:
        user = self.leaders[leader].user
        outcome = self.attempt(queue_steps.take_next, actor=user, session_id=self.session.pk, also=also, key=None)
        if not self.is_on():
            assert outcome in {"over", "saved"}
        elif not self.line:
            assert outcome == "nobody"
        elif self.is_busy(leader) and not also:
            assert outcome == "busy"
        else:
            assert outcome.membership == self.people[self.line[0]]  # in order
            self.held[self.line.pop(0)] = (leader, False)

    @rule(who=WHO, leader=LEADER, what=st.sampled_from(sorted(STEPS)), undo=st.booleans())
    def step(self, who: int, leader: int, what: str, undo: bool) -> None:
        entry = QueueEntry.objects.filter(session=self.session, membership=self.people[who]).order_by("-number").first()
        if entry is None:
            return
        before = self.copy()
        was_there = CheckIn.objects.filter(membership=self.people[who]).exists()
        outcome = self.attempt(STEPS[what], actor=self.leaders[leader].user, entry_id=entry.pk)
        if isinstance(outcome, str):
            assert self.copy() == before
            return
        if outcome.stepped_at != self.now or outcome.before == entry.before:
            return  # it was so already
        self.apply(who, leader, what)
        if undo and self.is_on():
            undone = self.attempt(queue_steps.undo_step, actor=self.leaders[leader].user, entry_id=entry.pk)
            assert undone.state == entry.state
            self.line, self.held, self.missed, self.there = before
            assert CheckIn.objects.filter(membership=self.people[who]).exists() == was_there

    def apply(self, who: int, leader: int, what: str) -> None:
        if what == "call":
            self.line.remove(who)
            self.held[who] = (leader, False)
        elif what == "start":
            self.held[who] = (leader, True)
            self.there.add(who)
        elif what == "finish":
            assert self.held.pop(who)[1]
        elif what == "missed":
            del self.held[who]
            if who not in self.missed:
                self.line.append(who)  # to the end, once
            self.missed.add(who)
        elif what == "back":
            del self.held[who]
            self.line = self.as_stored()

    @rule(back=st.booleans(), late=st.booleans())
    def close(self, back: bool, late: bool) -> None:
        outcome = self.attempt(close_queue, actor=self.leaders[0].user, session_id=self.session.pk)
        if not self.is_on():
            assert outcome in {"over", "saved"}
            return
        if not self.is_closed:
            assert outcome == len(self.line)
        waited, self.line, was_closed, self.is_closed = self.line, [], self.is_closed, True
        if not back or was_closed or not self.is_on():
            return
        if late:
            self.now += UNDO_WITHIN + MINUTES
        outcome = self.attempt(reopen_queue, actor=self.leaders[0].user, session_id=self.session.pk)
        if not self.is_on():
            assert outcome in {"over", "saved"}
            return
        self.is_closed = False
        assert outcome == (0 if late else len(waited))
        self.line = [] if late else waited

    # --- the world ----------------------------------------------------------------------------------
    @rule(minutes=st.integers(1, 25))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTES

    @rule()
    def settle(self) -> None:
        settle_queues(now=self.now)
        if not self.is_on():
            self.line, self.held = [], {}

    @rule()
    def register_is_saved(self) -> None:
        if self.now > NOW + timedelta(hours=1):
            Session.objects.filter(pk=self.session.pk).update(status="held")
            self.is_over = True

    # --- what always holds -------------------------------------------------------------------------
    @invariant()
    def the_rows_say_what_the_model_says(self) -> None:
        assert self.as_stored() == self.line
        rows = QueueEntry.objects.filter(session=self.session, state__in=["called", "helping"])
        assert {row.membership_id: (row.called_by_id, row.state == "helping") for row in rows} == {
            self.people[who].pk: (self.leaders[leader].pk, begun) for who, (leader, begun) in self.held.items()
        }
        live = list(QueueEntry.objects.filter(state__in=LIVE).values_list("membership_id", flat=True))
        assert len(live) == len(set(live))

    @invariant()
    def whoever_was_helped_was_there(self) -> None:
        helped = QueueEntry.objects.filter(state__in=["helping", "helped"]).values_list("membership_id", flat=True)
        there = set(CheckIn.objects.values_list("membership_id", flat=True))
        assert set(helped) <= there == {self.people[who].pk for who in self.there}

    # --- helpers ------------------------------------------------------------------------------------
    def is_on(self) -> bool:
        return not self.is_over and self.now < self.session.ends_at + 15 * MINUTES

    def takes(self) -> bool:
        return self.is_on() and not self.is_closed and self.now < self.session.ends_at

    def is_busy(self, leader: int) -> bool:
        return any(one == leader for one, _begun in self.held.values())

    def forget(self, who: int) -> None:
        self.held.pop(who, None)
        if who in self.line:
            self.line.remove(who)

    def copy(self):
        return list(self.line), dict(self.held), set(self.missed), set(self.there)

    def as_stored(self) -> list[int]:
        places = {one.pk: place for place, one in enumerate(self.people)}
        rows = QueueEntry.objects.filter(session=self.session, state="waiting").order_by("turn")
        return [places[pk] for pk in rows.values_list("membership_id", flat=True)]

    def attempt(self, service, **about):
        try:
            return service(now=self.now, **about)
        except QueueRefused as refusal:
            return refusal.code


@pytest.mark.django_db
def test_queue_machine():
    run_state_machine_as_test(QueueMachine, settings=settings(max_examples=20, stateful_step_count=25, deadline=None))
