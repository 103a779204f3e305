"""What we remember of addresses: a keyed digest, never the address."""

import hmac
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from peerhub.common.models.outbox import AddressFlag, FlagReason


def digest(address: str) -> str:
    """The same for every spelling of one address; useless without this installation's secret key."""
    return hmac.new(
        settings.SECRET_KEY.encode(), b"mail.address:" + address.strip().lower().encode(), sha256
    ).hexdigest()


def flag_bad(address: str, code: str, now: datetime) -> None:
    """Remember that the mail server said this address does not exist."""
    AddressFlag.objects.update_or_create(
        digest=digest(address), reason=FlagReason.BAD_ADDRESS, topic="", defaults={"code": code, "flagged_at": now}
    )


def silence(address_digest: str, topic: str, now: datetime) -> None:
    """Somebody without an account wants no more mail on a topic."""
    AddressFlag.objects.get_or_create(
        digest=address_digest, reason=FlagReason.UNSUBSCRIBED, topic=topic, defaults={"flagged_at": now}
    )


def trust_again(address: str) -> None:
    """A person says this address works after all."""
    AddressFlag.objects.filter(digest=digest(address), reason=FlagReason.BAD_ADDRESS).delete()


def flags_of(addresses: Iterable[str]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """(bad address -> the server's code, {(address, topic) silenced}) of those given, in one query."""
    by_digest = {digest(address): address for address in addresses}
    bad: dict[str, str] = {}
    silent: set[tuple[str, str]] = set()
    if by_digest:
        for flag in AddressFlag.objects.filter(digest__in=by_digest):
            address = by_digest[flag.digest]
            if flag.reason == FlagReason.BAD_ADDRESS:
                bad[address] = flag.code
            else:
                silent.add((address, flag.topic))
    return bad, silent
