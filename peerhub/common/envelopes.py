"""Secrets at rest: AES-256-GCM envelopes under a key derived from SECRET_KEY (reference/trust.md §4).

A copy of the database alone opens none of them. SECRET_KEY_FALLBACKS still open what an earlier key sealed.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = "v1:"
NONCE_BYTES = 12


class CannotOpen(ValueError):
    """The envelope is damaged, for another purpose, or sealed with a key we do not have."""


def enclose(text: str, *, purpose: str) -> str:
    """`text` in an envelope only `open_envelope` with the same purpose opens."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key(settings.SECRET_KEY, purpose)).encrypt(nonce, text.encode(), purpose.encode())
    return VERSION + base64.b64encode(nonce + sealed).decode()


def open_envelope(envelope: str, *, purpose: str) -> str:
    """The text in the envelope, or `CannotOpen`."""
    if not envelope.startswith(VERSION):
        raise CannotOpen("not an envelope")
    try:
        raw = base64.b64decode(envelope.removeprefix(VERSION), validate=True)
    except ValueError as error:
        raise CannotOpen("damaged") from error
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            opened = AESGCM(_key(secret, purpose)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError):
            continue
        return opened.decode()
    raise CannotOpen("no key fits")


def _key(secret: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"peerhub:" + purpose.encode()).derive(secret.encode())
