"""What happens around every request: an id, honest timings when asked, and headers that keep pages out of caches."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import get_template

from peerhub.common.logs import request_id

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
LENGTH_DIGITS = 18
FORM_AROUND_FILE = 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Takes a proxy's X-Request-ID when it looks like one, else makes one; it is in every log line and the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if _ID.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class ServerTimingMiddleware:
    """`Server-Timing: app;dur=MS, cpu;dur=MS, db;dur=MS;desc="N"`: wall, request-thread CPU, database time, queries.

    Only when PEERHUB_SERVER_TIMING=1: timings tell strangers things.
    """

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.PEERHUB_SERVER_TIMING:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        spent, count = 0.0, 0
        seen: dict[str, int] = {}

        def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal spent, count
            started = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent += time.perf_counter() - started
                count += 1
                seen[sql] = seen.get(sql, 0) + 1

        wall, cpu = time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(watch):
            response = self.get_response(request)
            if not response.streaming and hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        app_ms, cpu_ms = (time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000
        worst = max(seen.values(), default=0)
        response["Server-Timing"] = (
            f'app;dur={app_ms:.2f}, cpu;dur={cpu_ms:.2f}, db;dur={spent * 1000:.2f};desc="{count}", dup;desc="{worst}"'
        )
        return response


class UploadLimitMiddleware:
    """Answers 413 to what says it is larger than any upload we take, before a byte of it is read or kept.

    Django reads a form, files and all, before it looks at its token: anybody could fill the disk.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:LENGTH_DIGITS]) > settings.PEERHUB_UPLOAD_LIMIT + FORM_AROUND_FILE:
            return HttpResponse(get_template("400.html").render(), status=413)
        return self.get_response(request)


class NoZeroBytesMiddleware:
    """Answers 400 to a zero byte in a query, a cookie or a form: no person types one, PostgreSQL takes none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.refuse_zero(*request.COOKIES.values(), *_texts(request.GET))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        self.refuse_zero(*_texts(request.POST))

    @staticmethod
    def refuse_zero(*texts: str) -> None:
        if any("\0" in text for text in texts):
            raise BadRequest("zero byte")


def _texts(query: QueryDict) -> Iterator[str]:
    """Every name and value."""
    for name, values in query.lists():
        yield str(name)
        yield from map(str, values)


class BusyMiddleware:
    """Answers 503, "press it again", where a write waited too long for others, or they for it: nothing was changed.

    PostgreSQL says so by a code (lock not available, deadlock, serialisation failure), SQLite by a sentence. Anything
    else that a database refuses is a fault of ours and stays one.
    """

    CODES = frozenset({"55P03", "40P01", "40001"})
    RETRY_AFTER = "2"  # seconds

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not self.is_busy(error):
            return None
        log.warning("%s %s waited too long for a lock: %s", request.method, request.path, error)
        return HttpResponse(get_template("503.html").render(), status=503, headers={"Retry-After": self.RETRY_AFTER})

    @classmethod
    def is_busy(cls, error: Exception) -> bool:
        code = getattr(error.__cause__, "pgcode", None)
        return isinstance(error, OperationalError) and (code in cls.CODES or "database is locked" in str(error))


class PrivacyHeadersMiddleware:
    """Signed-in and token pages are never kept by a cache or a shared computer's history."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        signed_in = user is not None and user.is_authenticated
        is_private = signed_in or getattr(request, "is_token_page", False)
        # A file whose address changes with its content (static files, the institution's colours) is nobody's secret.
        is_public = request.path.startswith(settings.STATIC_URL) or "immutable" in response.get("Cache-Control", "")
        if is_private and not is_public:
            response["Cache-Control"] = "no-store"
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response


class ButtonAddressMiddleware:
    """Who opens the address of a button in a browser (signing in again leads there) reads why nothing happened."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
