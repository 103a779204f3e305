"""The overview of a lead of units, and its files: leads only. A superuser leads nothing."""

from tests.access.matrix import LOGIN, Row, expect

LEADS = expect(403, anonymous=LOGIN, institution_lead=200)

ROWS = [
    Row("home_institution", LEADS),
    Row("home_institution", LEADS, query="?q=PASS&context=co&state=running&page=9&unit=nonsense", note="filtered"),
    *(
        Row("institution_download", LEADS, kwargs=lambda world, table=table: {"table": table}, note=table)
        for table in ("coverage", "programmes", "weeks", "no-offer")
    ),
    Row(
        "institution_download",
        expect(403, anonymous=LOGIN, institution_lead=404),
        kwargs=lambda world: {"table": "people"},
        note="no such table",
    ),
]
