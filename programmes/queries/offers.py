"""What a cycle offers somebody who wants to join today, in words: on a catalogue card and on the programme's page."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from programmes.models import Cycle, CycleState, JoinPolicy, Level, Programme
from programmes.queries.catalogue import CONTEXT_NUMBER, plain_context

CLOSES_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Offer:
    """`code` is for branches: open, approval, waiting, full, invitation, roster, closed, later, over, none."""

    code: str
    kind: str  # of tag
    icon: str
    text: str
    places: str = ""

    @property
    def can_ask(self) -> bool:
        return self.code in {"open", "approval", "waiting"}


def places_left(cycle: Cycle, taken: int) -> int | None:
    """None: without limit."""
    return None if cycle.capacity is None else max(0, cycle.capacity - taken)


def _left_in_words(left: int | None) -> str:
    if left is None:
        return _("Places for everyone")
    return ngettext("%(count)s place left", "%(count)s places left", left) % {"count": left}


def _takes_joiners(cycle: Cycle, taken: int, today: date) -> Offer:
    left = places_left(cycle, taken)
    if left == 0:
        places = ngettext("The only place is taken", "All %(count)s places taken", cycle.capacity or 0) % {
            "count": cycle.capacity
        }
        if cycle.waiting_list:
            return Offer("waiting", "turn", "hourglass-split", _("Waiting list open"), places)
        return Offer("full", "todo", "dash-circle", _("Full"), places)
    code = "open" if cycle.join_policy == JoinPolicy.OPEN else "approval"
    if cycle.join_closes_on and cycle.join_closes_on - today <= CLOSES_SOON:
        closes = _("Closes %(day)s") % {"day": dates.day_month(cycle.join_closes_on)}
        return Offer(code, "turn", "exclamation-circle", closes, _left_in_words(left))
    return Offer(code, "done", "check-circle-fill", _("Open to join"), _left_in_words(left))


def offer(cycle: Cycle | None, *, taken: int, today: date) -> Offer:
    """What `cycle` offers today; `taken` counts the participants who hold a place."""
    if cycle is None:
        return Offer("none", "todo", "circle", _("Not open yet"))
    if cycle.takes_joiners(today=today):
        return _takes_joiners(cycle, taken, today)
    if cycle.state in {CycleState.EVALUATING, CycleState.CLOSED}:
        ended = _("Ended %(day)s") % {"day": dates.long_day(cycle.ends_on)} if cycle.ends_on < today else ""
        return Offer("over", "todo", "flag", _("Finished for now"), ended)
    if cycle.join_policy == JoinPolicy.INVITATION:
        return Offer("invitation", "todo", "envelope", _("By invitation"))
    if cycle.join_policy == JoinPolicy.ROSTER:
        return Offer("roster", "todo", "book", _("Part of a module"), _("In your timetable"))
    if cycle.starts_on > today:
        return Offer(
            "later",
            "todo",
            "calendar-event",
            _("Not open yet"),
            _("Starts %(day)s") % {"day": dates.long_day(cycle.starts_on)},
        )
    return Offer("closed", "todo", "lock", _("Not taking new people"))


@dataclass(frozen=True)
class Card:
    """A programme in the catalogue. Everything is ready to print."""

    slug: str
    name: str
    context: str
    ring: tuple[int, ...]
    summary: str
    who: str
    when: str
    offer: Offer


def who_for(programme: Programme) -> str:
    """Whose programme it is, for students: the unit, or every faculty."""
    return _("Every faculty") if programme.level == Level.INSTITUTION else programme.owner_unit.name


def when_it_is(programme: Programme, cycle: Cycle | None) -> str:
    return programme.when_text or (dates.span(cycle.starts_on, cycle.ends_on) if cycle else "")


def card(programme: Programme, today: date) -> Card:
    """Expects what `catalogue` loads: type, unit, `cycle` with `taken`."""
    cycle: Cycle | None = programme.cycle  # type: ignore[attr-defined]
    return Card(
        slug=programme.slug,
        name=programme.name,
        context=plain_context(programme.context),
        ring=(CONTEXT_NUMBER[programme.context],),
        summary=programme.summary or programme.activity_type.description,
        who=who_for(programme),
        when=when_it_is(programme, cycle),
        offer=offer(cycle, taken=cycle.taken if cycle else 0, today=today),  # type: ignore[attr-defined]
    )
