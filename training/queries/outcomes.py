"""How far everybody who applied in a round came. Read once, when it is finished; no page asks this."""

from uuid import UUID

from django.db.models import Case, IntegerField, Max, Value, When

from training.models import Application, ApplicationState, RecruitmentRound

S = ApplicationState
# The stages of a funnel, in order: whoever was in one of these has come so far.
REACHED = (S.SUBMITTED, S.ELIGIBLE, S.SHORTLISTED, S.INTERVIEWED, S.OFFERED, S.ACCEPTED)
PLACES = 2 * len(REACHED) - 1  # stopped at each stage but the last, left by oneself at it; got through


def ways_of(round_: RecruitmentRound) -> dict[UUID, int]:
    """Each application's uuid with its place in peerhub.common.disclosure.funnels' ways. One query."""
    steps = [When(events__to=state, then=Value(number)) for number, state in enumerate(REACHED)]
    furthest = Max(Case(*steps, default=Value(0), output_field=IntegerField()))
    rows = Application.objects.sent().filter(round=round_).order_by().annotate(furthest=furthest)
    return {uuid: _place(state, stage) for uuid, state, stage in rows.values_list("uuid", "state", "furthest")}


def _place(state: str, stage: int) -> int:
    if state == S.INELIGIBLE:
        return 0  # also when found so only later
    if state == S.ACCEPTED:
        return PLACES - 1
    return 2 * stage + (state == S.WITHDRAWN)
