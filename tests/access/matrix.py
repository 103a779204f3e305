"""The access matrix: every URL, every method it answers, every persona, one expected status.

Rows live in tests/access/rows/. `test_matrix.py` checks that no URL is without a row and runs every cell.
"""

import importlib
import pkgutil
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access import rows as row_modules
from tests.world import World, grow_world

LOGIN = "login"  # a redirect to the sign-in page

PERSONAS: dict[str, str | None] = {
    "anonymous": None,
    "participant": "ben",
    "elsewhere": "dev",
    "leader": "amara",
    "coordinator": "rhian",
    "other_coordinator": "owain",
    "supervisor": "imran",
    "partner": "elin",
    "institution_lead": "carys",
    "safeguarding_lead": "helen",
    "superuser": "sam",
    "former": "nia",  # removed from every role at home: rows/roles_that_end.py
    "last_year": "mair",  # coordinated last year's cycle
    "student_partner": "seren",  # designs Bio PASS with others and has no other part in it: rows/design.py
    "assessor": "lena",  # scores applications at home, where she has no other role
    "equality_analyst": "nerys",  # reads totals of equality monitoring at home, and nothing else: rows/fairness.py
}
# Whoever has one right and no other is like "elsewhere" on all pages but those about it: asked where a row names them.
ONLY_WHERE_NAMED = {"assessor", "equality_analyst"}

# URL names nobody needs a row for, each with the reason. At most ten.
EXEMPT: dict[str, str] = {
    "admin:jsi18n": "a catalogue of translated words",
    "admin:view_on_site": "no model has a page of its own in the admin",
    "admin:autocomplete": "answers only with a model field's permission; the admin's own",
    "admin:logout": "allauth's account_logout is the way out; this one only ends the same session",
    "admin:password_change": "behind the same door as admin:index; allauth's account_change_password is the one linked",
    "admin:password_change_done": "a sentence, behind the same door as admin:index",
}

Expected = int | str


def expect(default: Expected, **personas: Expected) -> dict[str, Expected]:
    """A status for every persona: those named, and `default` for all the others."""
    unknown = set(personas) - set(PERSONAS)
    if unknown:
        raise ValueError(f"no such persona: {sorted(unknown)}")
    return {name: personas.get(name, default) for name in PERSONAS if name in personas or name not in ONLY_WHERE_NAMED}


@dataclass(frozen=True)
class Row:
    """One URL and method with what every persona gets. `kwargs` and `data` are made from the world, cell by cell.

    `writes=True` allows a GET to write (say why beside it); `csrf_exempt=True` only for RFC 8058's one-click address;
    `host_page=False` for replies that are not pages (files, JSON), whose caching headers are their own.
    """

    url_name: str
    expect: Mapping[str, Expected]
    kwargs: Callable[[World], dict[str, Any]] = lambda world: {}
    method: str = "GET"
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    query: str = ""
    writes: bool = False
    csrf_exempt: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        return f"{self.method} {self.url_name}{self.query}{f' ({self.note})' if self.note else ''}"


# --- all URLs -----------------------------------------------------------------------------------
def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """Every name in the URLconf, with its namespace; an unnamed pattern is named by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or f'unnamed {pattern.pattern}'}"
        else:
            yield from url_names(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


ADMIN_PAGE = re.compile(r"admin:\w+_\w+_(changelist|add|change|delete|history)$|admin:unnamed .*|admin:app_list")


def names_that_need_rows() -> set[str]:
    """Every URL but the exempt ones and the admin's generated pages, whose rows are generated too (`admin_rows`)."""
    return {name for name in url_names() if name not in EXEMPT and not ADMIN_PAGE.match(name)}


# --- all rows -----------------------------------------------------------------------------------
def _modules() -> list[Any]:
    found = pkgutil.iter_modules(row_modules.__path__, f"{row_modules.__name__}.")
    return [importlib.import_module(module.name) for module in found]


def written_rows() -> list[Row]:
    return [row for module in _modules() for row in module.ROWS]


def admin_rows() -> list[Row]:
    """Every list and add page of the admin: superusers only (an add page may be switched off for all)."""
    lists = sorted({name for name in url_names() if name.startswith("admin:") and name.endswith("_changelist")})
    return [Row(name, expect(LOGIN, superuser=200)) for name in lists]


def all_rows() -> list[Row]:
    return [*written_rows(), *admin_rows()]


def extend(world: World) -> World:
    """Let every area add the rows its pages need."""
    for module in _modules():
        if hasattr(module, "extend"):
            module.extend(world)
    return world


def grow(world: World, times: int) -> None:
    """Add `times` more of everything that pages list: tests/world.py's own, and what each area's `grow` adds."""
    grow_world(world, times)
    for module in _modules():
        if hasattr(module, "grow"):
            module.grow(world, times)
    if (
        connection.vendor == "postgresql"
    ):  # what its own housekeeping would do soon: without it plans are made for no rows
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


# --- one cell -----------------------------------------------------------------------------------
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|REPLACE|COPY|MERGE)\b", re.IGNORECASE)
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+\b|\([\s?,%s]*\)")
NOT_A_FACT = re.compile(r'"(django_session|common_cache)"|\bSAVEPOINT\b', re.IGNORECASE)


@dataclass
class Reply:
    response: HttpResponse
    writes: list[str]
    path: str

    @property
    def outcome(self) -> Expected:
        status = self.response.status_code
        if status == 302 and self.response["Location"].startswith((reverse("account_login"), reverse("admin:login"))):
            return LOGIN
        return status

    @property
    def is_refusal(self) -> bool:
        return self.outcome in {LOGIN, 401, 403, 404, 405, 410}


def ask(client: Client, row: Row, path: str, data: dict[str, Any]) -> Reply:
    """Send the request, noting every statement that wrote something that is a fact."""
    writes: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITE.match(sql) and not NOT_A_FACT.search(sql):
            writes.append(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        response = client.generic(row.method, path) if row.method in {"HEAD"} else _send(client, row, path, data)
        if getattr(response, "streaming", False):
            b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return Reply(response, writes, path)


def _send(client: Client, row: Row, path: str, data: dict[str, Any]) -> Any:
    return getattr(client, row.method.lower())(path, data)


def path_of(row: Row, kwargs: dict[str, Any]) -> str:
    return reverse(row.url_name, kwargs=kwargs) + row.query


def swapped(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The same address for things that do not exist."""
    unknown: dict[type, Any] = {uuid.UUID: uuid.UUID(int=0xDEAD), int: 987654321, str: "no-such-thing"}
    return {name: unknown.get(type(value), value) for name, value in kwargs.items()}


VARIABLE = re.compile(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|name="form_key" value="[^"]*"')


def plain_body(reply: Reply) -> bytes:
    """The page without what differs between two requests anyway."""
    body = VARIABLE.sub(b"", reply.response.content)
    return body.replace(reply.path.encode(), b"PATH").replace(_quoted(reply.path), b"PATH")


def _quoted(path: str) -> bytes:
    return path.replace("/", "%2F").encode()


# --- what holds for every response ----------------------------------------------------------------
def header_faults(reply: Reply) -> list[str]:
    headers, faults = reply.response.headers, []
    policy = headers.get("Content-Security-Policy", "")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    faults += [f"{name} is {headers.get(name)!r}" for name, value in wanted.items() if headers.get(name) != value]
    if "unsafe-" in policy or not all(part in policy for part in ("default-src 'none'", "frame-ancestors 'none'")):
        faults.append(f"Content-Security-Policy is {policy!r}")
    if "Permissions-Policy" not in headers:
        faults.append("no Permissions-Policy")
    user = getattr(reply.response.wsgi_request, "user", None)  # type: ignore[attr-defined]
    if user is not None and user.is_authenticated and "no-store" not in headers.get("Cache-Control", ""):
        faults.append("a signed-in page may be cached")
    return faults
