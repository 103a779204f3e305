"""What coordinators see of messages, and what they may do."""

from uuid import uuid4

import pytest

from peerhub.common import mail
from peerhub.common.mail import actions, addresses, boxes
from peerhub.common.mail.actions import MessageRefused
from peerhub.common.mail.outcomes import Outcome
from peerhub.common.mail.sending import send_due
from peerhub.common.models import AddressFlag, AuditEvent, Message
from peerhub.common.models.outbox import MessageState, OutcomeClass
from tests.common.mail.posts import FakePost
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CYCLE = 4711


def failed(kind, clock, person=None, *, code="550 5.1.1", outcome=OutcomeClass.BAD_ADDRESS):
    person = person or UserFactory()
    mail.queue(kind, to=person, key=f"k{uuid4()}", about={"cycle": CYCLE}, now=clock(), channels=("email",))
    send_due(clock=clock, transport=FakePost(Outcome(outcome, code)))
    return Message.objects.latest("created_at")


def test_boxes_count_what_is_where(note, clock):
    failed(note, clock)
    mail.queue(note, to=UserFactory(), key="w", about={"cycle": CYCLE}, now=clock(), channels=("email",))
    mail.queue(note, to=UserFactory(), key="o", about={"cycle": 1}, now=clock(), channels=("email",))
    found = boxes.counts(boxes.mails_of_cycle(CYCLE))
    assert found == {"failed": 1, "missed": 0, "retrying": 0, "waiting": 1, "twice": 0, "cancelled": 0}
    assert boxes.first_worth_a_look(found).code == "failed"


def test_a_line_says_the_reason_plainly_and_no_address(note, clock):
    message = failed(note, clock)
    [line] = boxes.lines([message])
    assert line.reason == "The mail server said this address does not exist."
    assert line.code == "550 5.1.1"
    assert line.may_send_again
    assert line.is_address_wrong


def test_failed_of_cycles_leaves_the_well_ones_out(note, clock):
    failed(note, clock)
    assert boxes.failed_of_cycles([CYCLE, 5]) == {CYCLE: 1}


def test_send_again_gives_a_message_all_its_attempts(note, clock):
    message = failed(note, clock)
    rhian, post = UserFactory(), FakePost()
    assert actions.send_again(actor=rhian, cycle_id=CYCLE, message_ids=[message.pk], now=clock()) == 1
    send_due(clock=clock, transport=post)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert not AddressFlag.objects.exists()
    assert AuditEvent.objects.get(action="common.messages_sent_again").detail == {"count": 1}


def test_send_again_takes_a_whole_box(note, clock):
    for _number in range(3):
        failed(note, clock)
    assert actions.send_again(actor=UserFactory(), cycle_id=CYCLE, box="failed", now=clock()) == 3


def test_send_again_reaches_no_other_cycle(note, clock):
    message = failed(note, clock)
    with pytest.raises(MessageRefused) as refused:
        actions.send_again(actor=UserFactory(), cycle_id=CYCLE + 1, message_ids=[message.pk], now=clock())
    assert refused.value.code == "too_late"


def test_send_again_never_repeats_what_went_out(note, clock):
    mail.queue(note, to=UserFactory(), key="x", about={"cycle": CYCLE}, now=clock(), channels=("email",))
    send_due(clock=clock, transport=FakePost())
    with pytest.raises(MessageRefused):
        actions.send_again(actor=UserFactory(), cycle_id=CYCLE, message_ids=[Message.objects.get().pk], now=clock())


def test_send_again_wants_a_choice():
    with pytest.raises(MessageRefused) as refused:
        actions.send_again(actor=UserFactory(), cycle_id=CYCLE, message_ids=[], now=None)
    assert refused.value.code == "nothing_chosen"


def test_give_up_keeps_the_reason(note, clock):
    message = failed(note, clock)
    actions.give_up(actor=UserFactory(), cycle_id=CYCLE, message_ids=[message.pk], reason=" We  rang. ", now=clock())
    message.refresh_from_db()
    assert (message.state, message.reason) == (MessageState.CANCELLED, "We rang.")


def test_give_up_wants_a_reason(note, clock):
    message = failed(note, clock)
    with pytest.raises(MessageRefused) as refused:
        actions.give_up(actor=UserFactory(), cycle_id=CYCLE, message_ids=[message.pk], reason=" ", now=clock())
    assert refused.value.code == "no_reason"


def test_an_address_that_fails_again_stays_flagged(note, clock):
    person = UserFactory()
    message = failed(note, clock, person)
    actions.send_again(actor=UserFactory(), cycle_id=CYCLE, message_ids=[message.pk], now=clock())
    send_due(clock=clock, transport=FakePost(Outcome(OutcomeClass.BAD_ADDRESS, "550 5.1.1")))
    message.refresh_from_db()
    assert message.state == MessageState.DEAD
    assert addresses.flags_of([person.email])[0] == {person.email: "550 5.1.1"}


def test_overview_counts_all_programmes(note, clock):
    failed(note, clock)
    mail.queue(note, to=UserFactory(), key="w", about={}, now=clock(), channels=("email",))
    overview = boxes.overview(clock.forward(minutes=3))
    assert (overview.waiting, overview.failed, overview.oldest_due.total_seconds()) == (1, 1, 180)
