"""The outbox as a machine: any order of queueing, claiming, dying, finishing late, sweeping and people's decisions."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from peerhub.common import mail
from peerhub.common.mail import actions, leases
from peerhub.common.mail.actions import MessageRefused
from peerhub.common.mail.kinds import NotWanted
from peerhub.common.mail.outcomes import MAX_ATTEMPTS, Outcome
from peerhub.common.models import ChannelHealth, Message
from peerhub.common.models.outbox import FINISHED_STATES, MessageState, OutcomeClass
from tests.common.mail.posts import Clock, a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CYCLE = 9
WORKERS = st.integers(0, 2)
RESULTS = st.sampled_from(
    [
        Outcome(),
        Outcome(),
        Outcome(OutcomeClass.TRANSIENT, "451"),
        Outcome(OutcomeClass.UNKNOWN, "timeout"),
        Outcome(OutcomeClass.BAD_ADDRESS, "550"),
        Outcome(OutcomeClass.OUR_FAULT, "535"),
        NotWanted("Moved."),
    ]
)


class OutboxMachine(RuleBasedStateMachine):
    """Three workers, six occasions, one clock. `accepted` is what the mail server took; it never lies."""

    def __init__(self) -> None:
        super().__init__()
        Message.objects.all().delete()
        ChannelHealth.objects.all().delete()
        self.clock = Clock()
        self.person = UserFactory()
        self.held: dict[int, list] = {}
        self.accepted: dict[object, int] = {}
        self.over: dict[object, str] = {}

    @rule(number=st.integers(0, 5), wait=st.integers(0, 2))
    def queue(self, number, wait):
        later = self.clock() + timedelta(minutes=wait)
        about = {"cycle": CYCLE}
        key = f"occasion:{number}"
        mail.queue(
            "tests.note", to=self.person, key=key, about=about, now=self.clock(), not_before=later, channels=("email",)
        )
        assert Message.objects.filter(dedupe_key__startswith=f"{key}|").count() == 1

    @rule(worker=WORKERS, count=st.integers(1, 4))
    def claim(self, worker, count):
        if not self.held.get(worker):
            self.held[worker] = list(leases.claim(count, self.clock()).messages)

    @rule(worker=WORKERS, result=RESULTS)
    @precondition(lambda self: any(self.held.values()))
    def work(self, worker, result):
        """One message of a worker's hands, whatever happened to its lease meanwhile."""
        if not self.held.get(worker):
            return
        message = self.held[worker].pop(0)
        row = Message.objects.get(pk=message.pk)
        is_ours = row.lease == message.lease and row.state == MessageState.SENDING
        if not is_ours and message.lease is not None and not isinstance(result, NotWanted):
            result = Outcome()  # the sender looks at its clock before each message: at most one is under way by then
        if isinstance(result, Outcome) and result.kind in {"", OutcomeClass.UNKNOWN}:
            self.accepted[message.pk] = self.accepted.get(message.pk, 0) + 1
        assert leases.finish(message, result, self.clock()) == is_ours
        if not is_ours:
            self.held[worker] = []

    @rule(worker=WORKERS, is_in_flight=st.booleans())
    def die(self, worker, is_in_flight):
        """SIGKILL, perhaps just after the server took the first of what the worker held."""
        held = self.held.pop(worker, [])
        if held and is_in_flight and Message.objects.get(pk=held[0].pk).lease == held[0].lease:
            self.accepted[held[0].pk] = self.accepted.get(held[0].pk, 0) + 1

    @rule(worker=WORKERS)
    def stop(self, worker):
        """Politely: what is in hand goes back untouched."""
        if held := self.held.pop(worker, []):
            leases.hand_back(held, held[0].lease)

    @rule(seconds=st.sampled_from([1, 70, 301, 90000]))
    def wait(self, seconds):
        self.clock.forward(seconds=seconds)

    @rule()
    def sweep(self):
        leases.recover(self.clock())

    @rule(is_again=st.booleans())
    def decide(self, is_again):
        """A coordinator sends everything again that may be, or gives it up."""
        chosen = list(Message.objects.filter(state__in=actions.MAY_SEND_AGAIN).values_list("pk", flat=True))
        try:
            if is_again:
                actions.send_again(actor=self.person, cycle_id=CYCLE, message_ids=chosen, now=self.clock())
            else:
                actions.give_up(
                    actor=self.person, cycle_id=CYCLE, message_ids=chosen, reason="Enough.", now=self.clock()
                )
        except MessageRefused:
            assert not chosen
        for pk in chosen:
            self.over.pop(pk, None)

    @invariant()
    def rows_are_sound(self):
        for row in Message.objects.all():
            taken = self.accepted.get(row.pk, 0)
            assert row.attempts <= MAX_ATTEMPTS
            assert (row.finished_at is not None) == (row.state in FINISHED_STATES)
            if row.state == MessageState.SENT:
                assert taken >= 1, "said to be sent, and was not"
            if taken > 1 and row.lease is None:
                assert row.is_uncertain, "a double nobody could know of"
            known = self.over.get(row.pk)
            assert known is None or known == row.state, "what is over changed by itself"
            if row.state in FINISHED_STATES:
                self.over[row.pk] = row.state

    @invariant()
    def no_two_hold_one(self):
        held = [message.pk for messages in self.held.values() for message in messages if _is_valid(message)]
        assert len(held) == len(set(held))

    def teardown(self):
        """In the end everything is over: nothing is ever stuck."""
        self.held.clear()
        for _round in range(3 * MAX_ATTEMPTS):
            self.clock.forward(days=2)
            leases.recover(self.clock())
            for message in leases.claim(100, self.clock()).messages:
                leases.finish(message, Outcome(), self.clock())
        assert not Message.objects.filter(finished_at=None).exists()


def _is_valid(message):
    return Message.objects.filter(pk=message.pk, lease=message.lease, state=MessageState.SENDING).exists()


def test_the_outbox_is_sound_in_any_order():
    with a_kind():
        run_state_machine_as_test(
            OutboxMachine,
            settings=settings(
                max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
