"""Which of a programme's cycles is the one people mean today."""

from datetime import date

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from programmes.models import Cycle, CycleState, JoinPolicy


def open_now(today: date) -> Q:
    """Cycles a student could ask to join today, as a condition on `Cycle`. The same rule as `Cycle.takes_joiners`."""
    return (
        Q(joining_open=True, state__in=[CycleState.PREPARING, CycleState.RUNNING])
        & Q(join_policy__in=[JoinPolicy.OPEN, JoinPolicy.APPROVAL])
        & (Q(join_closes_on=None) | Q(join_closes_on__gte=today))
    )


def in_order_of_interest(today: date) -> QuerySet[Cycle]:
    """Cycles, most interesting first: open to join, running, preparing, in design, evaluating, closed; then newest."""
    ranks = [When(open_now(today), then=Value(0))]
    order = [CycleState.RUNNING, CycleState.PREPARING, CycleState.DESIGN, CycleState.EVALUATING, CycleState.CLOSED]
    ranks += [When(state=state, then=Value(rank)) for rank, state in enumerate(order, start=1)]
    return Cycle.objects.order_by(Case(*ranks, output_field=IntegerField()), "-starts_on", "-pk")


def current_cycle(today: date, field: str = "pk") -> Subquery:
    """`field` of a programme's current cycle, for a query over `Programme`."""
    return Subquery(in_order_of_interest(today).filter(programme=OuterRef("pk")).values(field)[:1])
