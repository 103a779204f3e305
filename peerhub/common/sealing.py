"""Sealed bytes: what only the running application can read, and nobody with the database or its backups alone.

Keys live in the environment (reference: AES-256-GCM, the first key seals and all open). A setting holds a ring of them,
"v2:<base64 of 32 bytes>,v1:<…>". A kind of data has a ring of its own; what lives for a while has a key of its own,
kept wrapped under the ring: once that is thrown away, nothing sealed with it can be read again.
"""

import base64
import binascii
import hmac
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16


class RingRefused(ValueError):
    """A ring that cannot be used; the message never holds a key."""


@dataclass(frozen=True)
class Ring:
    """Keys by version, the newest first."""

    keys: tuple[tuple[str, bytes], ...]

    def __bool__(self) -> bool:
        return bool(self.keys)

    def __repr__(self) -> str:
        return f"Ring({', '.join(version for version, _key in self.keys)})"

    @property
    def newest(self) -> str:
        return self.keys[0][0]

    def key(self, version: str) -> bytes:
        """Raises KeyError with the version when it has been taken away too early."""
        return dict(self.keys)[version]


def ring_of(text: str) -> Ring:
    """The ring a setting describes; an empty one for "". Refuses (RingRefused) what is no key of 32 random bytes."""
    found: list[tuple[str, bytes]] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        version, _colon, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not version or len(version) > 20 or len(key) != KEY_BYTES or len(set(key)) < 8:
            raise RingRefused("a key is written as version:base64, of 32 random bytes")
        if version in dict(found):
            raise RingRefused(f"two keys are called {version}")
        found.append((version, key))
    return Ring(tuple(found))


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither `key` nor a sibling can be worked out."""
    return hmac.digest(key, f"key for {purpose}".encode(), "sha256")


def mark(key: bytes, text: str) -> bytes:
    """32 bytes that stand for `text`, and say nothing of it to whoever lacks the key."""
    return hmac.digest(key, f"mark of {text}".encode(), "sha256")


def seal(key: bytes, plain: bytes, *, about: bytes, size: int = 0) -> bytes:
    """`plain`, filled up to `size` bytes so that its length says nothing, readable only with `key` and `about`."""
    framed = len(plain).to_bytes(4, "big") + plain
    if size and len(framed) > size:
        raise ValueError("more than fits")
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, framed.ljust(size, b"\0"), about)


def unseal(key: bytes, sealed: bytes | memoryview, *, about: bytes) -> bytes:
    """What was sealed. Raises cryptography's InvalidTag for another key, another `about` or a changed byte."""
    whole = bytes(sealed)
    framed = AESGCM(key).decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], about)
    return framed[4 : 4 + int.from_bytes(framed[:4], "big")]
