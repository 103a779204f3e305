"""Signed one-click links (RFC 8058). A token names a person (or an outside address' digest) and a topic."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.signing import BadSignature, Signer

SALT = "peerhub.mail.unsubscribe"


@dataclass(frozen=True)
class Wish:
    """Who wants no more e-mail about what: `user` is a uuid, or "" where `digest` names an outside address."""

    user: str
    digest: str
    topic: str


@lru_cache(maxsize=2)
def _signer(secret: str) -> Signer:
    return Signer(key=secret, salt=SALT, sep="~", fallback_keys=[*settings.SECRET_KEY_FALLBACKS])


def token_for(*, user: str = "", digest: str = "", topic: str) -> str:
    return _signer(settings.SECRET_KEY).sign(f"{'u' if user else 'a'}.{user or digest}.{topic}")


def wish_in(token: str) -> Wish | None:
    """What the token asks for, or None when it was not made here."""
    try:
        who, name, topic = _signer(settings.SECRET_KEY).unsign(token).split(".", 2)
    except (BadSignature, ValueError):
        return None
    return Wish(name if who == "u" else "", name if who == "a" else "", topic)


def one_click_url(token: str) -> str:
    """The full address in the List-Unsubscribe header and at the foot of a mail."""
    return f"{settings.SITE_URL}/u/{token}/"
