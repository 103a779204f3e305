"""Small things about the person at the other end: their time zone and language."""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class PersonMiddleware:
    """Shows times in the person's own zone and words in their own language, when they chose one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.time_zone:
            with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):  # a zone renamed since: show the institution's
                timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
        if user.locale:
            translation.activate(user.locale)
            request.LANGUAGE_CODE = translation.get_language()
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
