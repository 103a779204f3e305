"""Rows of the access matrix, one file per area.

Each file has `ROWS: list[Row]`. It may have `extend(world)`, which adds what its pages need, and `grow(world, times)`,
which adds `times` more of what its pages list: query counts must not move (tests/access/test_pages.py).

from tests.access.matrix import LOGIN, Row, expect

ROWS = [
    Row("programmes:cycle_people", expect(404, anonymous=LOGIN, coordinator=200, supervisor=200, participant=403),
        kwargs=lambda w: {"slug": w.programme.slug, "code": w.cycle.code}),
]
"""
