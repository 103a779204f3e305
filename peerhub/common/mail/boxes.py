"""What is where: the six boxes of the Messages page, and plain reasons. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common.mail import beats
from peerhub.common.mail.kinds import Text, kind_of
from peerhub.common.models.outbox import Channel, Message, MessageQuerySet, MessageState, OutcomeClass
from peerhub.common.statements import compiled


@dataclass(frozen=True)
class Box:
    """One tab. `condition` picks its rows."""

    code: str
    title: Text
    empty: Text
    condition: Q


WAITING, SENDING, RETRY = MessageState.QUEUED, MessageState.SENDING, MessageState.RETRY
BOXES = (
    Box(
        "failed",
        gettext_lazy("Failed"),
        gettext_lazy("Nothing failed. Messages that could not be delivered show here, with the reason."),
        Q(state=MessageState.DEAD),
    ),
    Box(
        "missed",
        gettext_lazy("Missed"),
        gettext_lazy(
            "Nothing was missed. Reminders that became due while PeerHub was down, and came too late, show here."
        ),
        Q(state=MessageState.MISSED),
    ),
    Box(
        "retrying",
        gettext_lazy("Retrying"),
        gettext_lazy("Nothing is being tried again."),
        Q(state=RETRY) | Q(state=SENDING, attempts__gt=1),
    ),
    Box(
        "waiting",
        gettext_lazy("Waiting"),
        gettext_lazy("Nothing waits. Messages leave within seconds of their time."),
        Q(state=WAITING) | Q(state=SENDING, attempts__lte=1),
    ),
    Box(
        "twice",
        gettext_lazy("Possibly sent twice"),
        gettext_lazy("Nothing arrived twice, as far as anybody can know."),
        Q(state=MessageState.SENT, is_uncertain=True),
    ),
    Box(
        "cancelled",
        gettext_lazy("Cancelled"),
        gettext_lazy("Nothing was cancelled. Messages nobody needs any more show here for a while."),
        Q(state=MessageState.CANCELLED),
    ),
)
BOX_OF = {box.code: box for box in BOXES}

_PLAIN = {
    OutcomeClass.BAD_ADDRESS: gettext_lazy("The mail server said this address does not exist."),
    OutcomeClass.CONTENT: gettext_lazy("The mail server does not accept this message."),
    OutcomeClass.TRANSIENT: gettext_lazy("The mail server was busy or could not be reached."),
    OutcomeClass.UNKNOWN: gettext_lazy("The connection broke before the mail server answered. It may have arrived."),
    OutcomeClass.OUR_FAULT: gettext_lazy(
        "The mail server does not accept mail from PeerHub at the moment. The administrators know."
    ),
    OutcomeClass.BROKEN: gettext_lazy("PeerHub could not write this message. The administrators can see the fault."),
}
_SYNTAX = gettext_lazy("This is not an address a mail server understands.")
_GAVE_UP = gettext_lazy("Tried eight times over a day and a half, then given up.")


@dataclass(frozen=True)
class Line:
    """One message as a coordinator sees it. `person` is None where the recipient has no account, or is forgotten."""

    id: Any
    title: str
    person: Any
    about: Mapping[str, Any]
    at: datetime
    next_try: datetime | None
    attempts: int
    reason: str
    code: str
    may_send_again: bool
    may_give_up: bool
    is_address_wrong: bool
    is_address_correctable: bool


def mails_of_cycle(cycle_id: int) -> MessageQuerySet:
    """The e-mails a cycle's coordinators may know about."""
    return Message.objects.of_cycle(cycle_id).by_email()


def counts(messages: MessageQuerySet) -> dict[str, int]:
    """How many are in each box. One query, which leaves out what went out well."""
    wanted = {box.code: Count("pk", filter=box.condition) for box in BOXES}
    return messages.filter(Q(is_uncertain=True) | ~Q(state=MessageState.SENT)).aggregate(**wanted)


def in_box(messages: MessageQuerySet, code: str) -> MessageQuerySet:
    return messages.filter(BOX_OF[code].condition).order_by("-created_at", "pk")


def lines(messages: Sequence[Message]) -> list[Line]:
    """Rows with names and reasons. One query for the people."""
    people = get_user_model().objects.in_bulk({m.recipient_id for m in messages if m.recipient_id})
    return [_line(message, people.get(message.recipient_id or 0)) for message in messages]


def _line(message: Message, person: Any) -> Line:
    kind = kind_of(message.kind)
    is_over = message.state in {MessageState.DEAD, MessageState.MISSED}
    is_waiting = message.state in {MessageState.QUEUED, MessageState.RETRY}
    can_be_written = kind is not None and bool(message.recipient_id or message.about)
    return Line(
        id=message.pk,
        title=str(kind.title) if kind else _("A message from an earlier version"),
        person=person,
        about=message.about,
        at=message.finished_at or message.created_at,
        next_try=message.not_before if is_waiting else None,
        attempts=message.attempts,
        reason=plain_reason(message),
        code=message.last_code if message.last_class != OutcomeClass.BROKEN else "",
        may_send_again=can_be_written and (is_over or message.state == MessageState.RETRY),
        may_give_up=is_over or is_waiting,
        is_address_wrong=message.state == MessageState.DEAD and message.last_class == OutcomeClass.BAD_ADDRESS,
        is_address_correctable=kind is not None and kind.is_address_correctable,
    )


def plain_reason(message: Message) -> str:
    """Why a message is where it is, in a sentence or two."""
    if message.reason:
        return _(message.reason)
    if message.state == MessageState.MISSED:
        return _("It became due while PeerHub was not running, and was too late afterwards.")
    if message.state == MessageState.SENT and message.is_uncertain:
        return _("An attempt ended without an answer, so it was sent again.")
    if not message.last_class or message.state == MessageState.QUEUED:
        return ""
    why = _SYNTAX if message.last_code == "syntax" else _PLAIN[OutcomeClass(message.last_class)]
    is_exhausted = message.state == MessageState.DEAD and message.last_class in {
        OutcomeClass.TRANSIENT,
        OutcomeClass.UNKNOWN,
        OutcomeClass.BROKEN,
    }
    return f"{why} {_GAVE_UP}" if is_exhausted and message.attempts > 1 else str(why)


@dataclass(frozen=True)
class Overview:
    """The whole outbox in numbers, for administrators."""

    waiting: int
    retrying: int
    failed: int
    sent_today: int
    oldest_due: timedelta
    planner_age: timedelta | None


def overview(now: datetime) -> Overview:
    """Counts over all programmes, and how old the oldest due message is."""
    mails = Message.objects.by_email()
    waiting = mails.waiting().aggregate(
        new=Count("pk", filter=Q(state=WAITING)), again=Count("pk", filter=Q(state=RETRY))
    )
    recent = mails.filter(finished_at__gte=now - timedelta(days=1)).aggregate(
        sent=Count("pk", filter=Q(state=MessageState.SENT)), failed=Count("pk", filter=Q(state=MessageState.DEAD))
    )
    return Overview(
        waiting["new"],
        waiting["again"],
        recent["failed"],
        recent["sent"],
        beats.oldest_due(now),
        beats.planner_age(now),
    )


def failed_of_cycles(cycle_ids: Sequence[int]) -> dict[int, int]:
    """How many failed e-mails each cycle has; cycles without any are left out. One query, for dashboards."""
    return dict(_failed(cycle_ids=cycle_ids))


@compiled
def _failed(*, cycle_ids: Sequence[int]) -> QuerySet[Message, tuple[int, int]]:
    return failed_by_cycle(cycle_ids).values_list("cycle_id", "count")


def failed_by_cycle(cycle_ids: Any) -> QuerySet[Message, Any]:
    """Rows with `cycle_id` and `count`, for statements that read something else as well."""
    rows = Message.objects.filter(cycle_id__in=cycle_ids, channel=Channel.EMAIL, state=MessageState.DEAD).order_by()
    return rows.values("cycle_id").annotate(count=Count("pk"))


def first_worth_a_look(found: Mapping[str, int]) -> Box:
    """The box to open first: what failed or was missed, else what is on its way."""
    return next((box for box in BOXES[:4] if found[box.code]), BOXES[0])
