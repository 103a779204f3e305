"""The demo's doors: closed to everybody where PEERHUB_DEMO is off, as it is in the suite."""

from uuid import uuid4

from tests.access.matrix import Row, expect

ROWS = [
    Row("demo", expect(404)),
    Row("demo_sign_in", expect(404), kwargs=lambda w: {"key": "rhian"}, method="POST"),
    Row("demo_mail_list", expect(404)),
    Row("demo_mail_detail", expect(404), kwargs=lambda w: {"mail_id": uuid4()}),
    Row("demo_mail_body", expect(404), kwargs=lambda w: {"mail_id": uuid4()}),
    Row("demo_sign_in", expect(405), kwargs=lambda w: {"key": "rhian"}),
]
