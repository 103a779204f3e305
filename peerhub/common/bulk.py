"""Writing thousands of rows in a few statements, on both databases, and finding them again.

PostgreSQL loads with COPY and updates from arrays; SQLite takes executemany. Constraints hold as always: a row that
breaks one fails the statement and with it the caller's transaction. Django's own `bulk_create` costs 25 µs a row and
would be half of an import's time (docs/adr/0007-bulk-loading.md).

    ExternalId.objects.filter(source="records", value__anyof=values)     one parameter, however many values
"""

import csv
import io
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

# What stands for NULL in a COPY: no cell can say it, because nobody knows it beforehand.
_NULL_BYTES = 12


class AnyOf(models.Lookup):
    """`field__anyof=[…]`: like `in`, with all values in one parameter. For lists of thousands."""

    lookup_name = "anyof"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        if connection.vendor == "postgresql":
            return f"{left} = ANY(%s)", [*params, values]
        return f"{left} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values)]  # noqa: S608


models.Field.register_lookup(AnyOf)
models.ForeignObject.register_lookup(AnyOf)


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """`count` primary keys nobody else will get. On SQLite the caller holds the write lock (IMMEDIATE)."""
    if not count:
        return []
    table = model._meta.db_table
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sql, [quoted, count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last: int = cursor.fetchone()[0]
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {quoted}")  # noqa: S608 - our name
        first = max(last, cursor.fetchone()[0]) + 1
        return list(range(first, first + count))


def random_uuids() -> Iterator[str]:
    """Version 4 UUIDs without end, as 32 hexadecimal digits: both databases take them, at a tenth of uuid4()'s cost."""
    while True:
        digits = secrets.token_hex(16 * 1000)
        for start in range(0, len(digits), 32):
            one = digits[start : start + 32]
            yield f"{one[:12]}4{one[13:16]}{'89ab'[int(one[16], 16) & 3]}{one[17:]}"


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values in the order of `columns` (field names); other columns get their fields' defaults.

    UUIDs are given as text. `save` and signals play no part, as with `bulk_create`.
    """
    defaults = _defaults(model, columns)
    fields = [*_fields(model, columns), *(field for field, _values in defaults)]
    if defaults:
        given = zip(*(values for _field, values in defaults), strict=True)
        # The defaults never end: the rows do.
        rows = ((*row, *more) for row, more in zip(rows, given, strict=False))
    table, names = _quoted(model._meta.db_table), ", ".join(_quoted(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"{table} ({names})", rows)
        else:
            sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608 - our names
            cursor.executemany(sql, list(_prepared(fields, rows)))


def refresh_statistics(model: type[models.Model]) -> None:
    """Tell PostgreSQL's planner what a large load has put into a table; its own housekeeping comes a minute later.

    Until then it plans for the table as it was: reading 100,000 people just loaded took 60 seconds instead of one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {_quoted(model._meta.db_table)}")


def _defaults(model: type[models.Model], columns: Sequence[str]) -> list[tuple[models.Field, Iterator[Any]]]:
    """Columns nobody named that want a value all the same, each with endlessly many."""
    found: list[tuple[models.Field, Iterator[Any]]] = []
    for field in model._meta.concrete_fields:
        if field.name in columns or field.primary_key or field.generated or field.has_db_default():
            continue
        if isinstance(field, models.UUIDField) and field.default is uuid4:
            found.append((field, random_uuids()))
        elif field.has_default() and callable(field.default):
            found.append((field, _fresh(field)))
        elif (value := field.get_db_prep_save(field.get_default(), connection)) is not None:
            found.append((field, repeat(value)))
    return found


def _fresh(field: models.Field) -> Iterator[Any]:
    """The field's default, asked anew for every row."""
    while True:
        yield field.get_db_prep_save(field.get_default(), connection)


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set `columns` of many rows: each of `rows` is (primary key, value, …) in the order of `columns`."""
    if not rows:
        return
    fields = _fields(model, columns)
    table, names = _quoted(model._meta.db_table), [_quoted(field.column) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = ["bigint", *(str(field.db_type(connection)) for field in fields)]
            values = ", ".join(f"%s::{kind}[]" for kind in kinds)
            changes = ", ".join(f"{name} = v.v{number}" for number, name in enumerate(names))
            aliases = ", ".join(f"v{number}" for number in range(len(names)))
            sql = f"UPDATE {table} AS t SET {changes} FROM unnest({values}) AS v(id, {aliases}) WHERE t.id = v.id"  # noqa: S608 - our names
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        else:
            changes = ", ".join(f"{name} = %s" for name in names)
            ready = _prepared(fields, (row[1:] for row in rows))
            sql = f"UPDATE {table} SET {changes} WHERE id = %s"  # noqa: S608 - our names
            cursor.executemany(sql, [[*values, row[0]] for values, row in zip(ready, rows, strict=True)])


def _fields(model: type[models.Model], columns: Sequence[str]) -> list[models.Field]:
    fields = [model._meta.get_field(name) for name in columns]
    return [field for field in fields if isinstance(field, models.Field)]


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[Sequence[Any]]) -> None:
    null = secrets.token_hex(_NULL_BYTES)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([null if value is None else value for value in row] for row in rows)
    buffer.seek(0)

    def send(statement: str, params: Any, many: bool, context: Any) -> None:
        cursor.cursor.copy_expert(statement, buffer, 1 << 20)

    # Through Django's wrappers, so that COPY is timed and counted like every other statement.
    execute: Callable[..., Any] = send
    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    with connection.wrap_database_errors:
        statement = f"COPY {target} FROM STDIN WITH (FORMAT csv, NULL '{null}')"
        is_many = False
        execute(statement, None, is_many, {"connection": connection, "cursor": cursor})


def _prepared(fields: Sequence[models.Field], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Values as SQLite takes them: dates and times become text. An import has few of them, so each is prepared once."""
    dates = [(at, field) for at, field in enumerate(fields) if isinstance(field, models.DateField)]
    known: dict[tuple[int, Any], Any] = {}
    for row in rows:
        values = list(row)
        for at, field in dates:
            if (at, values[at]) not in known:
                known[at, values[at]] = field.get_db_prep_save(values[at], connection)
            values[at] = known[at, values[at]]
        yield values


def delete_rows(model: type[models.Model], keys: Sequence[int]) -> None:
    """Delete by primary key, without asking Django what hangs on the rows: foreign keys of the database refuse."""
    table = _quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(keys)])  # noqa: S608 - our name
        else:
            sql = f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(%s))"  # noqa: S608 - our name
            cursor.execute(sql, [json.dumps(list(keys))])
