"""Rows of a model as dictionaries, loaded in bulk: what a row does not say takes the field's own default."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from peerhub.common.bulk import insert_rows


def load(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`; all have the same keys (field names). A default that is a function is asked once a row."""
    if not rows:
        return
    given = list(rows[0])
    auto = model._meta.pk
    rest = [
        field
        for field in model._meta.local_concrete_fields
        if field.name not in rows[0] and not (field is auto and isinstance(field, models.AutoField))
    ]
    columns = [*given, *(field.name for field in rest)]
    insert_rows(
        model, columns, ([*(row[name] for name in given), *(field.get_default() for field in rest)] for row in rows)
    )
