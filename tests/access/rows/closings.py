"""Leaving groups, the question at the end, and wishes for another match."""

from typing import Any

from programmes.models import ClosingAnswer, Ending, RematchRequest
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.delivery import cycle
from tests.factories import NOW, in_days
from tests.world import World


def extend(world: World) -> None:
    """A pair of Amara and Ben in which he wishes for another match, and one that he ended a minute ago."""
    running, over = (
        make.GroupFactory(cycle=world.cycle, name=name, shape="pair", created_at=in_days(-20))
        for name in ("Amara and Ben", "Lena and Ben")
    )
    amaras = make.GroupMemberFactory(group=running, membership=world.memberships["amara"])
    bens = make.GroupMemberFactory(group=running, membership=world.memberships["ben"])
    ended = make.GroupMemberFactory(group=over, membership=world.memberships["ben"], ended_at=NOW)
    type(over).objects.filter(pk=over.pk).update(ended_at=NOW)
    world.extra |= {
        "matched": running,
        "wish": RematchRequest.objects.create(place=bens, note="Tuesdays suit me", asked_at=in_days(-1)),
        "amaras_place": amaras,
        "ending": Ending.objects.create(group=over, reason="We never met", given_by=world.ben, at=NOW),
        "closing": ClosingAnswer.objects.create(place=ended, asked_at=NOW),
    }


def grow(world: World, times: int) -> None:
    """More wishes, endings and answers, in the same group and in others."""
    for _ in range(times):
        for group in (world.extra["matched"], make.GroupFactory(cycle=world.cycle, shape="pair")):
            places = [
                make.GroupMemberFactory(group=group, membership=make.MembershipFactory(cycle=world.cycle, role=role))
                for role in ("leader", "participant")
            ]
            RematchRequest.objects.create(place=places[1], asked_at=NOW)
            Ending.objects.create(group=group, place=places[1], given_by=places[1].membership.user, at=NOW)
            ClosingAnswer.objects.create(place=places[1], asked_at=NOW, answered_at=NOW, feeling="well")


def of(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


# Whoever may see the pair: its two, and those who run the cycle. Who is not in it is led back to its page.
SEES = {"anonymous": LOGIN, "coordinator": 302, "supervisor": 302}
RUNS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
COORDINATES = {"anonymous": LOGIN, "coordinator": 200}
BENS = {"anonymous": LOGIN, "participant": 200}

ROWS = [
    Row("programmes:group_leave", expect(404, **SEES, participant=200, leader=302), kwargs=of("matched")),
    Row("programmes:group_leave", expect(404, **SEES, participant=302, leader=302), of("matched"), method="POST"),
    Row("programmes:rematch_ask", expect(404, **SEES, participant=200, leader=200), kwargs=of("matched")),
    Row("programmes:rematch_ask", expect(404, **SEES, participant=302, leader=302), of("matched"), method="POST"),
    Row("programmes:ending_undo", expect(404, anonymous=LOGIN, participant=302, coordinator=302), of("ending"), "POST"),
    Row("programmes:closing_answer", expect(404, **BENS), kwargs=of("closing")),
    Row("programmes:closing_answer", expect(404, **BENS | {"participant": 302}), of("closing"), method="POST"),
    Row("programmes:rematch_list", expect(404, **RUNS), kwargs=cycle),
    Row("programmes:rematch_answer", expect(404, **COORDINATES), kwargs=of("wish")),
    Row(
        "programmes:rematch_answer",
        expect(404, **COORDINATES | {"coordinator": 302}),
        of("wish"),
        method="POST",
        data=lambda w: {"answer": "close"},
    ),
    Row("programmes:rematch_withdraw", expect(404, anonymous=LOGIN, participant=302), of("wish"), method="POST"),
]
