"""What holds for every page of the matrix: few queries at any size, no statement again and again, and sound HTML."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from tests.access import matrix
from tests.access.conftest import client_for, undone
from tests.access.matrix import PERSONAS, Row
from tests.html import html_faults
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MOST_QUERIES = 20
# The one file that is everything: a query or two for every table that holds something about a person, whoever they are.
MOST_IN_ALL = {"GET privacy_download": 40}
MOST_REPEATS = 2
NOT_OURS = (
    "admin:",  # Django's own; its lists repeat what Django repeats
    "account_reauthenticate",  # allauth asks each of its methods whether it applies, one query each
)


def open_pages() -> Iterator[tuple[str, Row]]:
    """Every page with everybody who may read it."""
    for row in matrix.all_rows():
        if row.method == "GET" and not row.url_name.startswith(NOT_OURS):
            for persona in PERSONAS:
                if row.expect.get(persona) == 200:
                    yield persona, row


def read(persona: str, row: Row, world: World, cookies: dict[str, str]) -> tuple[Any, list[str]]:
    """The response, and the statements it took."""
    with undone():
        client, path = client_for(persona, cookies), matrix.path_of(row, row.kwargs(world))
        reset_queries()  # Django keeps 9,000 statements and warns after that
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
            if response.streaming:
                b"".join(response.streaming_content)
    statements = [
        query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
    ]
    return response, statements


def counted(world: World, cookies: dict[str, str]) -> dict[str, list[str]]:
    return {f"{persona}: {row.id}": read(persona, row, world, cookies)[1] for persona, row in open_pages()}


def test_pages_ask_little_and_not_more_when_there_is_more(world: World, cookies: dict[str, str]) -> None:
    """One more and four more of everything: the same number of queries, few, and none more than twice."""
    with undone():
        matrix.grow(world, 1)
        for persona, row in {row.id: (persona, row) for persona, row in open_pages()}.values():
            read(persona, row, world, cookies)  # the first request of a process fills its caches
        small = counted(world, cookies)
        matrix.grow(world, 3)
        large = counted(world, cookies)
    faults = []
    for page, statements in large.items():
        if len(statements) != len(small[page]):
            faults.append(
                f"{page}: {len(small[page])} queries, then {len(statements)}: {_added(small[page], statements)}"
            )
        if len(statements) > MOST_IN_ALL.get(page.partition(": ")[2], MOST_QUERIES):
            faults.append(f"{page}: {len(statements)} queries")
        statement, times = Counter(map(_shape, statements)).most_common(1)[0] if statements else ("", 0)
        if times > MOST_REPEATS:
            faults.append(f"{page}: {times} times {statement[:160]}")
    assert not faults, "\n".join(faults)


def _shape(sql: str) -> str:
    """The statement without its values."""
    return matrix.VALUES.sub("?", sql)


def _added(before: list[str], after: list[str]) -> str:
    more = Counter(map(_shape, after)) - Counter(map(_shape, before))
    return "; ".join(f"{times} x {sql[:120]}" for sql, times in more.most_common(2))


def test_pages_are_sound_html(world: World, cookies: dict[str, str]) -> None:
    """Every different page once, judged by the Nu checker."""
    pages: dict[str, str] = {}
    for persona, row in open_pages():
        response, _ = read(persona, row, world, cookies)
        if response.headers.get("Content-Type", "").startswith("text/html") and response.content.strip():
            pages[f"{row.id} as {persona}"] = response.content.decode()
    faults = html_faults(pages)
    if faults is None:
        pytest.skip("the HTML checker needs Java and npm")
    once = {(fault.partition(" as ")[0], fault.partition(": ")[2]): fault for fault in faults}
    assert not once, f"{len(once)} faults\n" + "\n".join(list(once.values())[:60])
