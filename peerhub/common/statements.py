"""Reads whose SQL is written once a process and afterwards only filled in.

Building a queryset and turning it into SQL costs a page's thread 1 to 5 ms each time, several times what running it
does. A read that every visit repeats word for word pays it once (docs/adr/0012-statements-compiled-once.md):

    @compiled
    def _led_by(*, user: User, now: datetime) -> QuerySet[Session, Session]:
        return Session.objects.upcoming(now=now).filter(leaders__membership__user=user)

    sessions = _led_by(user=request.user, now=now)  # a list of what the queryset yields

Keyword arguments are holes: values that change from visit to visit. The body runs with stand-ins for them, which may
be compared and annotated, but not looked into, added to or put in an `if`. A row stands for its key, a list or set
belongs to `__in`. Positional arguments choose the shape: a statement is kept for each of their values, which must be
few. Nothing read is ever kept, only the words of the question.
"""

import copy
import functools
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    Expression,
    Model,
    QuerySet,
    TextField,
    UUIDField,
)
from django.utils import timezone

P = ParamSpec("P")
R = TypeVar("R")
KINDS: tuple[tuple[Any, Any], ...] = (
    (bool, BooleanField), (int | Model, BigIntegerField), (str, TextField), (UUID, UUIDField),
    (datetime, DateTimeField), (date, DateField),
)  # fmt: skip
COLLECTIONS = (list, tuple, set, frozenset)
SHAPES = 64  # statements kept for each function; the oldest goes first


class Given(Expression):
    """A place in a statement for the argument of that name."""

    def __init__(self, name: str, many: bool = False, kind: Any = None) -> None:
        super().__init__(output_field=kind() if kind else None)
        self.name, self.many = name, many
        self.mark = f"[many:{name}]"

    def get_group_by_cols(self) -> list[Any]:
        return []  # the same for every row, as a Value is

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return (self.mark if self.many else "%s"), (self,)


class Hole:
    """What the body gets for an argument. It can stand in a condition, and that is all it can do."""

    is_authenticated = True  # a person who is a hole is signed in: strangers are part of the shape

    def __init__(self, name: str, value: Any) -> None:
        self.name, self.many = name, isinstance(value, COLLECTIONS)
        sample = next(iter(value)) if self.many else value
        self.kind = next((field for kind, field in KINDS if isinstance(sample, kind)), None)

    @property
    def pk(self) -> "Hole":
        return self

    def __bool__(self) -> bool:
        raise TypeError(f"{self.name} is a hole of a compiled statement: what decides its shape is positional.")

    def resolve_expression(self, *_args: Any, **_kwargs: Any) -> Given:
        return Given(self.name, self.many, self.kind)

    # What FilteredRelation does to the conditions it is given.
    def copy(self) -> "Hole":
        return self

    def get_source_expressions(self) -> list[Any]:
        return []

    def set_source_expressions(self, _expressions: list[Any]) -> None:
        """Nothing stands inside a hole."""


def compiled(build: Callable[P, QuerySet[Any, R]]) -> Callable[P, list[R]]:
    """Turn a function that builds a queryset into one that returns its rows, compiled once for each shape."""
    kept: dict[Any, _Statement] = {}

    @functools.wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[R]:
        # Where days are cut out of moments, the zone is part of the statement.
        shape = (args, timezone.get_current_timezone_name(), *((n, _is_shape(v)) for n, v in kwargs.items()))
        statement = kept.get(shape)
        if statement is None:
            if len(kept) >= SHAPES:
                kept.pop(next(iter(list(kept))), None)
            holes: Any = {name: value if _is_shape(value) else Hole(name, value) for name, value in kwargs.items()}
            statement = kept[shape] = _Statement(build(*args, **holes))
        return list(statement.run(kwargs))

    return rows


def _is_shape(value: Any) -> bool:
    """A stranger (AnonymousUser) has no key to fill in, and Django knows what follows from an empty list."""
    return (isinstance(value, COLLECTIONS) and not value) or getattr(value, "is_anonymous", False) is True


class _Statement:
    """One compiled read. Django's own row iterables make the rows, so they are what the queryset would give."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        if queryset._prefetch_related_lookups or queryset.query.select_for_update:  # type: ignore[attr-defined]  # noqa: SLF001
            raise TypeError("A compiled statement neither prefetches nor locks.")
        self.queryset, self.alias = queryset, queryset.db
        self.compiler = queryset.query.get_compiler(using=self.alias)
        try:
            self.sql, self.params = self.compiler.as_sql()
        except EmptyResultSet:  # Django knows that nothing can be found: it is not asked
            self.sql, self.params = "", ()
            return
        self.converters = self.compiler.get_converters([one[0] for one in self.compiler.select])
        self.many = [one for one in self.params if isinstance(one, Given) and one.many]

    def run(self, values: dict[str, Any]) -> Iterator[Any]:
        """Fill in the holes, ask, and yield the rows."""
        if not self.sql:
            return iter(())
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.alias]
        filled = self._filled(values, compiler.connection)
        compiler.as_sql = lambda *_args, **_kwargs: filled  # type: ignore[method-assign]
        compiler.get_converters = lambda _columns: self.converters  # type: ignore[method-assign]
        query = self.queryset.query
        asked: Any = SimpleNamespace(
            query=SimpleNamespace(
                get_compiler=lambda *_args, **_kwargs: compiler,
                selected=query.selected,  # type: ignore[attr-defined]
                extra_select=query.extra_select,
                values_select=query.values_select,
                annotation_select=query.annotation_select,
            ),
            db=self.alias,
            model=self.queryset.model,
            _fields=self.queryset._fields,  # type: ignore[attr-defined]  # noqa: SLF001
            _known_related_objects={},
        )
        made: Any = self.queryset._iterable_class(asked)  # type: ignore[attr-defined]  # noqa: SLF001
        return iter(made)

    def _filled(self, values: dict[str, Any], connection: Any) -> tuple[str, list[Any]]:
        sql, params = self.sql, []
        for param in self.params:
            if not isinstance(param, Given):
                params.append(param)
            elif param.many:
                params.extend(_adapted(value, connection) for value in values[param.name])
            else:
                params.append(_adapted(values[param.name], connection))
        for param in self.many:
            sql = sql.replace(param.mark, ", ".join(["%s"] * len(values[param.name])))
        return sql, params


def _adapted(value: Any, connection: Any) -> Any:
    """As the field's own get_db_prep_value would hand it to the driver."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if value is None:
        raise TypeError("Nothing equals NULL: a hole needs a value.")
    return value


def first(rows: Iterable[R]) -> R | None:
    """The first of the rows, or None: `.first()` of a compiled statement."""
    return next(iter(rows), None)
