"""Telling one browser from another: a random number in a signed cookie of our own, and nothing else.

It is needed to refuse one telephone that checks a whole row of friends in. What is kept of it in the database is a seal
over the number and one subject (`seal_of`), so that rows cannot be put together by browser.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from peerhub.common.seals import seal

SALT = "peerhub.common.devices"
KEPT = 365 * 24 * 3600
NUMBER_LENGTH = 22


def device_of(request: HttpRequest) -> str:
    """The number in this browser's cookie; a new one where there is none that we signed."""
    given = request.COOKIES.get(_name(), "")
    try:
        number = signing.Signer(salt=SALT).unsign(given)
    except signing.BadSignature:
        return secrets.token_urlsafe(16)
    return number if len(number) == NUMBER_LENGTH else secrets.token_urlsafe(16)


def keep_device(response: HttpResponse, number: str) -> HttpResponse:
    """The same response, leaving the number in the browser. It stays when somebody signs out: that is its point."""
    response.set_cookie(
        _name(), signing.Signer(salt=SALT).sign(number), max_age=KEPT, secure=settings.SITE_SECURE, httponly=True,
        samesite="Lax",
    )  # fmt: skip
    return response


def seal_of(number: str, subject: Any) -> str:
    """What a row about `subject` may hold of a browser: 22 characters that mean nothing beside any other row's."""
    return seal(SALT, number, subject)


def _name() -> str:
    return "__Host-device" if settings.SITE_SECURE else "device"
