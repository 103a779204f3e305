"""Catalogue, programme pages, setting up, workspaces, settings, roll-over and the institution lead's page."""

from typing import Any

from tests.access.matrix import LOGIN, Row, expect
from tests.world import World


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug}


def draft(world: World) -> dict[str, Any]:
    return {"slug": world.draft_programme.slug}


def cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


ROWS = [
    Row("programmes:catalogue", expect(200)),
    Row("programmes:catalogue", expect(200), query="?q=pass&context=co&faculty=every&open=1&sort=az&page=9"),
    Row("programmes:programme_detail", expect(200), kwargs=slug),
    Row(
        "programmes:programme_detail",
        expect(404, coordinator=200, institution_lead=200, superuser=200),
        kwargs=draft,
        note="a draft is for those who run it",
    ),
]
