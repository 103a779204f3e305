"""Each page with one and with three of everything: the same, small number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.queries import checks
from tests.access.rows import programmes as rows

pytestmark = pytest.mark.django_db

LIGHT, DASHBOARD = 8, 15
# Session, person and the frame (roles, notifications) are in the count.
PAGES = {
    ("", "/"): LIGHT,
    ("", "/?q=pass&context=co&open=1&sort=soonest"): LIGHT,
    ("", "/programmes/bio-pass/"): LIGHT,
    ("dev", "/"): LIGHT,
    ("dev", "/programmes/bio-pass/"): LIGHT,
    ("ben", "/programmes/bio-pass/"): LIGHT + 1,  # and their next session
    ("rhian", "/programmes/bio-pass/2026-27/"): DASHBOARD + 1,  # and who is not cleared to lead
    ("rhian", "/programmes/bio-pass/2026-27/checklist/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/timeline/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/roll-over/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/settings/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/settings/topics/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/setup/basics/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/setup/people/?q=imran"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/setup/boundaries/"): DASHBOARD,
    ("rhian", "/programmes/bio-pass/2026-27/setup/check/"): DASHBOARD,
}


def asked(client, path):
    client.get(path)  # the first request of a process fills its caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_pages_ask_the_same_at_any_size(who, path, world, client_of, client, frozen):
    browser = client_of(getattr(world, who)) if who else client
    rows.extend(world)
    rows.grow(world, 1)
    small = asked(browser, path)
    rows.grow(world, 2)
    large = asked(browser, path)

    assert len(small) == len(large) <= PAGES[who, path], "\n".join(sql[:200] for sql in large)


def test_progress_asks_two_queries_for_any_number_of_cycles(world, django_assert_num_queries):
    rows.grow(world, 3)
    ids = [world.cycle.pk, world.other_cycle.pk]
    with django_assert_num_queries(2):
        one = checks.progress(ids[:1])
    with django_assert_num_queries(2):
        two = checks.progress(ids)

    assert one[world.cycle.pk] == two[world.cycle.pk]
    assert set(two) == set(ids)
