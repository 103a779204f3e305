"""Links that prove where they came from: a short seal over facts, made with the secret key.

A seal is 22 characters of URL-safe text (128 bits), short enough for a QR code on paper. It is compared as text, so
that no other spelling of the same bits passes. Old keys in SECRET_KEY_FALLBACKS still open what they sealed.
"""

import base64

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SEAL_LENGTH = 22


def seal(purpose: str, *facts: object) -> str:
    """The seal of `facts` for `purpose` ("programmes.invite_link"). Facts are ids and versions, never people's text."""
    return _seal(purpose, facts, settings.SECRET_KEY)


def is_seal(token: str, purpose: str, *facts: object) -> bool:
    """True when `token` is the seal of exactly these facts."""
    if len(token) != SEAL_LENGTH or not token.isascii():
        return False
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(token, _seal(purpose, facts, key)) for key in keys)


def _seal(purpose: str, facts: tuple[object, ...], key: str | bytes) -> str:
    text = "|".join(str(fact) for fact in facts)
    digest = salted_hmac(f"peerhub.seal.{purpose}", text, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
