"""Threat 12 of reference/trust.md: no page of a round shows, or changes by, what applicants told about themselves."""

import pytest

from tests.access import matrix
from tests.access.conftest import client_for, undone
from tests.access.matrix import VARIABLE
from tests.factories import in_days
from tests.world import World
from training.models import EqualityAnswers
from training.services.equality import tell_about_oneself

pytestmark = pytest.mark.django_db
READERS = ("coordinator", "assessor", "equality_analyst")


def pages(world: World) -> list[tuple[str, str]]:
    """Every page of recruitment that somebody else may read: (persona, path)."""
    parts = ("recruitment", "app", "help", "short", "slot", "offer", "prepare", "assess", "fairness")
    about = tuple(f"training:{part}" for part in parts)
    return [
        (persona, matrix.path_of(row, row.kwargs(world)))
        for row in matrix.written_rows()
        if row.method == "GET" and row.url_name.startswith(about)
        for persona in READERS
        if row.expect.get(persona) == 200
    ]


def read(world: World, cookies: dict[str, str]) -> dict[tuple[str, str], bytes]:
    found = {}
    for persona, path in pages(world):
        with undone():
            response = client_for(persona, cookies).get(path)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            found[persona, path] = VARIABLE.sub(b"", body)
    return found


def test_no_page_of_a_round_differs_by_what_an_applicant_told(world: World, cookies: dict[str, str]) -> None:
    before = read(world, cookies)
    with undone():
        for key in ("devs_application", "chosen_application", "locked_application"):
            given = {"religion": ["sikh"], "disability": ["57"]}
            tell_about_oneself(actor=world.dev, application_id=world.extra[key].pk, given=given, now=in_days(0))
        assert EqualityAnswers.objects.count() >= 3
        after = read(world, cookies)
    assert {persona for persona, _path in before} == set(READERS)
    assert [page for page in before if before[page] != after[page]] == []
    said = [path for (_who, path), body in after.items() if b"Sikh" in body or b"hard of hearing" in body]
    assert not [path for path in said if "/fairness" not in path]  # which names every group there is
