"""The board: who has done what, to filter and to take away, at any size."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories as make
from tests.factories import NOW, TODAY
from training.models import ClearanceWaiver, Completion, Module
from training.queries.board import Cell, board_of, everybody
from training.queries.standing import State

pytestmark = pytest.mark.django_db


def address(world, name="board"):
    return reverse(f"training:{name}", args=[world.programme.slug, world.cycle.code])


@pytest.fixture
def modules(world):
    """Amara has the first, which runs out soon, and lacks the second; Lena has both."""
    modules = [make.ModuleFactory(title="Role"), make.ModuleFactory(title="=Formula")]
    make.CurriculumFactory(cycle=world.cycle, modules=modules)
    make.CompletionFactory(user=world.amara, module=modules[0], expires_on=TODAY + timedelta(days=5))
    make.MembershipFactory(cycle=world.cycle, user=world.lena, role="leader")
    for module in modules:
        make.CompletionFactory(user=world.lena, module=module)
    return modules


def names(world, show, group=""):
    return [row.name for row in board_of(world.cycle, show=show, group=group, page=1, now=NOW).page]


def test_board_shows_everybody_or_whom_something_is_missing(world, modules):
    assert names(world, "all") == ["Lena Novak", "Amara Okafor"]
    assert names(world, "missing") == ["Amara Okafor"]
    assert names(world, "expiring") == ["Amara Okafor"]
    assert names(world, "all", str(world.group.uuid)) == ["Amara Okafor"]
    _modules, (row,) = everybody(world.cycle, show="missing", group="", now=NOW)
    assert [cell.state for cell in row.cells] == [State.EXPIRING, State.NOT_STARTED]
    assert (row.current, row.needed) == (1, 2)


def test_missing_leaves_out_who_lacks_only_what_was_set_aside(world, modules):
    """An exemption ends by its day; from safeguarding nobody is exempt."""
    amara = world.memberships["amara"]
    ClearanceWaiver.objects.create(
        membership=amara, code=f"module-{modules[1].uuid}", reason="Ill", until=TODAY, by=world.rhian, at=NOW
    )
    assert names(world, "missing") == []
    assert names(world, "expiring") == ["Amara Okafor"]
    ClearanceWaiver.objects.update(until=TODAY - timedelta(days=1))
    assert names(world, "missing") == ["Amara Okafor"]
    ClearanceWaiver.objects.update(until=TODAY)
    Module.objects.filter(pk=modules[1].pk).update(is_safeguarding=True)
    assert names(world, "missing") == ["Amara Okafor"]


def test_filters_go_by_what_counts_today(world, modules):
    """What ran out is missing and not soon; a second completion that lasts longer makes it neither."""
    mine = Completion.objects.filter(user=world.amara)
    make.CompletionFactory(user=world.amara, module=modules[1])
    mine.update(expires_on=TODAY)
    assert (names(world, "missing"), names(world, "expiring")) == (["Amara Okafor"], [])
    mine.update(expires_on=TODAY + timedelta(days=31))
    assert (names(world, "missing"), names(world, "expiring")) == ([], [])
    mine.update(expires_on=TODAY + timedelta(days=30))
    assert (names(world, "missing"), names(world, "expiring")) == ([], ["Amara Okafor"])
    make.CompletionFactory(user=world.amara, module=modules[0], completed_on=TODAY)
    make.CompletionFactory(user=world.amara, module=modules[1], completed_on=TODAY)
    assert names(world, "expiring") == []


def test_a_curriculum_of_options_lacks_nothing(world, modules):
    world.cycle.curricula.get().entries.update(is_mandatory=False)
    assert names(world, "missing") == []


def test_export_runs_no_formula(world, modules, client_of, frozen):
    response = client_of(world.rhian).get(address(world, "board_export"))
    text = b"".join(response.streaming_content).decode()
    assert "'=Formula" in text
    assert 'Amara Okafor,"Runs out soon, 2026-11-09",Not started,1,2' in text


@pytest.mark.parametrize("show", ["all", "missing", "expiring"])
def test_board_takes_twelve_queries_and_cells_of_one_page(world, modules, show, client_of, frozen, monkeypatch):
    """Somebody on the board with an exemption is the dearest case."""
    monkeypatch.setattr("training.queries.board.PAGE", 1)
    made = []
    monkeypatch.setattr("training.queries.board.Cell", lambda *parts: made.append(parts) or Cell(*parts))
    for number in range(3):
        lead = make.MembershipFactory(cycle=world.cycle, role="leader")
        make.CompletionFactory(user=lead.user, module=modules[0], expires_on=TODAY + timedelta(days=5))
        ClearanceWaiver.objects.create(
            membership=lead,
            code=f"module-{modules[number % 2].uuid}",
            reason="Ill",
            until=TODAY,
            by=world.rhian,
            at=NOW,
        )
    client = client_of(world.rhian)
    client.get(address(world))
    made.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address(world), {"show": show}).status_code == 200
    assert len(asked) <= 12, "\n".join(one["sql"][:150] for one in asked)
    assert len(made) == len(modules)
