"""Which of a programme's cycles is the one people mean today."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject

from programmes.models import Cycle, CycleState, JoinPolicy, Membership


def open_now(today: date) -> Q:
    """Cycles a student could ask to join today, as a condition on `Cycle`. The same rule as `Cycle.takes_joiners`."""
    return (
        Q(joining_open=True, state__in=[CycleState.PREPARING, CycleState.RUNNING])
        & Q(join_policy__in=[JoinPolicy.OPEN, JoinPolicy.APPROVAL])
        & (Q(join_closes_on=None) | Q(join_closes_on__gte=today))
    )


def in_order_of_interest(today: date) -> QuerySet[Cycle]:
    """Cycles, best first: open to join, then running, preparing, evaluating, in design, closed; then newest.

    The states happen to stand in that order by the alphabet, backwards: a plain column is cheap to sort by.
    """
    closed_to_all = Case(When(open_now(today), then=Value(0)), default=Value(1), output_field=IntegerField())
    return Cycle.objects.order_by(closed_to_all, "-state", "-starts_on", "-pk")


def current_cycle(today: date, field: str = "pk") -> Subquery:
    """`field` of a programme's current cycle, for a query over `Programme`."""
    return Subquery(in_order_of_interest(today).filter(programme=OuterRef("pk")).values(field)[:1])


CYCLE_FIELDS = (
    "pk", "code", "state", "starts_on", "ends_on",
    "join_policy", "joining_open", "join_closes_on", "capacity", "waiting_list",
)  # fmt: skip


def current_with_places(today: date) -> Subquery:
    """A programme's current cycle with the places taken, as one value: it is only looked up for the rows shown."""
    places = Membership.objects.holding_place().filter(cycle=OuterRef("pk")).order_by().values("cycle")
    taken = Coalesce(Subquery(places.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
    facts = JSONObject(**{name: name for name in CYCLE_FIELDS}, taken=taken)
    cycles = in_order_of_interest(today).filter(programme=OuterRef("pk"))
    return Subquery(cycles.annotate(facts=facts).values("facts")[:1], output_field=JSONField())


def unpack_cycles(programmes: Iterable[Any]) -> None:
    """Give every programme of a page its `cycle` (or None), with `taken`, from what the query brought."""
    for programme in programmes:
        facts, programme.cycle = programme.current, None
        if facts:
            taken = facts.pop("taken")
            for name in ("starts_on", "ends_on", "join_closes_on"):
                facts[name] = date.fromisoformat(facts[name]) if facts[name] else None
            for name in ("joining_open", "waiting_list"):
                facts[name] = bool(facts[name])  # SQLite says 0 and 1
            programme.cycle = Cycle(programme=programme, **facts)
            programme.cycle.taken = taken
