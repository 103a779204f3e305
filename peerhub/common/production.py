"""Production refuses to start with what would hurt later: shown by `check --deploy`, enforced at every start."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "testserver"})
PER_PROCESS_CACHES = ("LocMemCache", "DummyCache")
SHORTEST_SECRET = 40


def is_local(host: str) -> bool:
    """True for a host only this machine answers to."""
    return host in LOCAL or host.endswith(".localhost")


def serves_only_this_machine() -> bool:
    """True when nobody from outside can be meant: a trial on one's own computer."""
    hosts = [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""]
    return bool(settings.ALLOWED_HOSTS) and all(is_local(host) for host in hosts)


@register(Tags.security, deploy=True)
def check_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every refusal, and what is only worth a warning."""
    found: list[CheckMessage] = list(refusals())
    if settings.SITE_SECURE and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        found.append(
            checks.Warning(
                "PEERHUB_TRUSTED_PROXIES is 0. Behind a proxy that ends TLS, redirects would loop and one visitor's "
                "rate limit would hit all.",
                id="peerhub.production.W001",
            )
        )
    return found


def refusals() -> Iterator[Error]:
    """What this installation may not start with."""
    if not serves_only_this_machine():
        yield from _deaths()
    if settings.PEERHUB_DEMO:
        yield from _demo()
        return
    yield from _secrets()
    yield from _hosts()
    yield from _stores()


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured with every refusal at once. Called by wsgi, asgi, worker and planner."""
    if settings.DEBUG and serves_only_this_machine():
        return
    found = [str(error.msg) for error in refusals()]
    if found:
        raise ImproperlyConfigured("PeerHub does not start like this:\n- " + "\n- ".join(found))


def _demo() -> Iterator[Error]:
    if not serves_only_this_machine() and not settings.PEERHUB_DEMO_PUBLIC:
        yield _refusal(
            "E001",
            "PEERHUB_DEMO lets anybody sign in as anybody, and this address is not only for this machine. Unset it, or "
            "set PEERHUB_DEMO_PUBLIC=1 if the world may play with made-up people.",
        )


def _secrets() -> Iterator[Error]:
    key = settings.SECRET_KEY
    if key == settings.INSECURE_SECRET_KEY or key.startswith("django-insecure-"):
        yield _refusal(
            "E002", "SECRET_KEY is the one from the source code: anybody can sign in as anybody. Set your own."
        )
    elif len(key) < SHORTEST_SECRET or len(set(key)) < 8:
        yield _refusal("E003", f"SECRET_KEY is too easy to guess: use at least {SHORTEST_SECRET} random characters.")
    if settings.DEBUG:
        yield _refusal("E004", "DEBUG shows strangers the inside of PeerHub. Unset it.")


def _hosts() -> Iterator[Error]:
    hosts, host = settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""
    if not hosts:
        yield _refusal("E005", "ALLOWED_HOSTS is empty: name the hosts people use.")
    if any(each in {"*", ".", ""} or each.startswith("*") for each in hosts):
        yield _refusal("E006", "ALLOWED_HOSTS contains a wildcard: requests could forge our name. Name the hosts.")
    elif hosts and not any(host == each or (each.startswith(".") and f".{host}".endswith(each)) for each in hosts):
        yield _refusal("E007", f"SITE_URL's host {host!r} is not in ALLOWED_HOSTS: every link in a mail would fail.")
    if not settings.SITE_SECURE and not serves_only_this_machine():
        yield _refusal("E008", "SITE_URL must start with https:// wherever people other than you use it.")


def _stores() -> Iterator[Error]:
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine.endswith("sqlite3") and not settings.PEERHUB_ALLOW_SQLITE:
        yield _refusal(
            "E009",
            "The database is SQLite. Set DATABASE_URL (PostgreSQL), or PEERHUB_ALLOW_SQLITE=1 for one small machine.",
        )
    if settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        yield _refusal(
            "E010", "The cache belongs to one process: rate limits would not hold. Use Redis or the database."
        )


def _deaths() -> Iterator[Error]:
    if os.environ.get("PEERHUB_FAILPOINT") or os.environ.get("PEERHUB_ALLOW_FAILPOINTS"):
        yield _refusal("E011", "PEERHUB_FAILPOINT and PEERHUB_ALLOW_FAILPOINTS kill PeerHub in tests: unset them.")


def _refusal(number: str, words: str) -> Error:
    return Error(words, id=f"peerhub.production.{number}")
