"""No URL without a row; every cell as written; refusals change nothing and tell nothing."""

import dataclasses

import pytest
from django.test import Client

from tests.access import matrix
from tests.access.conftest import client_for, undone
from tests.access.matrix import Reply, Row
from tests.world import World

pytestmark = pytest.mark.django_db
ROWS = matrix.all_rows()


def test_every_url_has_a_row() -> None:
    rows = {row.url_name for row in matrix.written_rows()}
    assert matrix.names_that_need_rows() - rows == set(), "URLs without a row in tests/access/rows/"
    assert rows - set(matrix.url_names()) == set(), "rows for URLs that do not exist"


def test_exempt_list_is_short_and_true() -> None:
    assert len(matrix.EXEMPT) <= 10
    assert set(matrix.EXEMPT) <= set(matrix.url_names())


def test_rows_are_unique() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids)), "two rows for the same URL and method need different notes"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_cells(row: Row, world: World, cookies: dict[str, str]) -> None:
    """All personas of one row; every fault of the row is shown at once."""
    faults = []
    for persona, expected in row.expect.items():
        with undone():
            kwargs, data = row.kwargs(world), row.data(world)
            client = client_for(persona, cookies)
            reply = matrix.ask(client, row, matrix.path_of(row, kwargs), data)
            found = [f"expected {expected}, got {reply.outcome}"] if reply.outcome != expected else []
            if (reply.is_refusal or row.method in {"GET", "HEAD"}) and reply.writes and not row.writes:
                found.append(f"wrote {reply.writes}")
            found += matrix.header_faults(reply)
            if reply.outcome == 404 and kwargs and not tells_nothing(client, row, kwargs, data, reply):
                found.append("a hidden thing's 404 differs from an unknown thing's")
            faults += [f"{persona}: {fault}" for fault in found]
    if row.method != "GET":
        world.refresh()
    assert not faults, f"{row.id}\n" + "\n".join(faults)


def tells_nothing(client: Client, row: Row, kwargs: dict, data: dict, reply: Reply) -> bool:
    """True when the refusal reads exactly as for something that does not exist."""
    other = matrix.ask(client, row, matrix.path_of(row, matrix.swapped(kwargs)), data)
    return other.outcome == 404 and matrix.plain_body(other) == matrix.plain_body(reply)


@pytest.mark.once
@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "POST"], ids=lambda row: row.id)
def test_posts_need_the_csrf_token(row: Row, world: World, cookies: dict[str, str]) -> None:
    persona = next((name for name, status in row.expect.items() if status in {200, 302, 303, 400}), "anonymous")
    with undone():
        client = client_for(persona, cookies, enforce_csrf_checks=True)
        reply = matrix.ask(client, row, matrix.path_of(row, row.kwargs(world)), row.data(world))
    assert (reply.outcome == 403) is not row.csrf_exempt
    if not row.csrf_exempt:
        assert not reply.writes


@pytest.mark.once
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_an_undeclared_post_writes_nothing(row: Row, world: World, cookies: dict[str, str]) -> None:
    """A page without a POST row may be posted to by anybody who may read it: nothing happens."""
    if row.method != "GET" or any(other.url_name == row.url_name and other.method == "POST" for other in ROWS):
        return
    persona = next((name for name, status in row.expect.items() if status == 200), "anonymous")
    posting = dataclasses.replace(row, method="POST")
    with undone():
        client = client_for(persona, cookies)
        reply = matrix.ask(client, posting, matrix.path_of(row, row.kwargs(world)), {})
    assert not reply.writes, "give this POST its row, or answer 405 (require_safe)"
