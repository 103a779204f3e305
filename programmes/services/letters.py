"""Which letters go out when people join, wait, move or leave. Steps of use cases, run inside their transaction.

A letter's `key` names the occasion: membership and the moment. Letters about a decision also carry that moment, so that
one written for an undone decision finds out and is not sent.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from peerhub.common import mail
from peerhub.common.mail.outbox import BOTH
from peerhub.common.models.outbox import Message, MessageState
from programmes.models import GroupMember, Membership, Role

# For as long as a decision can be undone, bad news waits with it.
UNDO_WINDOW = timedelta(minutes=10)


def stamp(moment: datetime) -> int:
    """A moment as a number, for keys and for comparing."""
    return int(moment.timestamp() * 1_000_000)


def to_person(kind: str, membership: Membership, *, now: datetime, hold: timedelta | None = None) -> None:
    """One letter to the person a membership is about; `hold` keeps it back for that long."""
    mail.queue(
        f"programmes.{kind}",
        to=membership.user_id,
        key=f"{kind}:{membership.pk}:{stamp(now)}",
        about={"membership": membership.pk, "cycle": membership.cycle_id, "occasion": stamp(now)},
        now=now,
        not_before=now + hold if hold else None,
    )


def to_coordinators(
    kind: str,
    membership: Membership,
    *,
    now: datetime,
    channels: Sequence[str] = BOTH,
    hold: timedelta | None = None,
) -> None:
    """The same letter to everyone who coordinates the cycle, but not to the person it is about."""
    about = {"membership": membership.pk, "cycle": membership.cycle_id, "occasion": stamp(now)}
    key = f"{kind}:{membership.pk}:{stamp(now)}"
    readers = _coordinators_of(membership.cycle_id, but=membership.user_id)
    entries = [
        mail.Entry(
            f"programmes.{kind}",
            reader,
            f"{key}:{reader}",
            about,
            not_before=now + hold if hold else None,
            channels=channels,
        )
        for reader in readers
    ]
    mail.queue_many(entries, now=now)


def to_placed(kind: str, places: Iterable[tuple[int, Membership]], *, group_id: int, now: datetime) -> None:
    """A letter to each person newly in a group; `places` are (group place's key, membership)."""
    mail.queue_many(
        [
            mail.Entry(
                f"programmes.{kind}",
                membership.user_id,
                f"{kind}:{place}",
                {"place": place, "group": group_id, "membership": membership.pk, "cycle": membership.cycle_id},
            )
            for place, membership in places
        ],
        now=now,
    )


def to_closed(places: Iterable[GroupMember], *, now: datetime, hold: timedelta | None = None) -> None:
    """To each person whose pair has ended, with the question how it was; places carry their membership."""
    mail.queue_many(
        [
            mail.Entry(
                "programmes.pair_ended",
                place.membership.user_id,
                f"pair_ended:{place.pk}:{stamp(now)}",
                {"place": place.pk, "cycle": place.membership.cycle_id, "occasion": stamp(now)},
                not_before=now + hold if hold else None,
            )
            for place in places
        ],
        now=now,
    )


class Offer(NamedTuple):
    """Something offered until a moment: the pk of what holds it, and whose it is."""

    pk: int
    user_id: int
    expires_at: datetime | None


def untold(kind: str, about: str, offers: Sequence[Offer], *, cycle_id: int) -> dict[int, Message]:
    """Of offers that have run out, those whose letter did not leave in time, with that letter.

    It waits still, or was dropped because the offer was over when its turn came: that is PeerHub's fault, not theirs.
    Who has no address, or one that does not work, was told inside PeerHub. `about` is what the letter calls the pk.
    """
    rows = Message.objects.by_email().filter(
        kind=f"programmes.{kind}", cycle_id=cycle_id, recipient__in=[one.user_id for one in offers]
    )
    latest = {row.about[about]: row for row in rows.order_by("created_at")}
    return {one.pk: row for one in offers if (row := latest.get(one.pk)) and _came_too_late(row, one)}


def _came_too_late(letter: Message, offer: Offer) -> bool:
    if letter.state == MessageState.CANCELLED:
        return bool(letter.finished_at and offer.expires_at and letter.finished_at >= offer.expires_at)
    return letter.finished_at is None


def _coordinators_of(cycle_id: int, *, but: int) -> list[int]:
    """Users who coordinate now, by key."""
    coordinators = Membership.objects.active().filter(cycle_id=cycle_id, role=Role.COORDINATOR).exclude(user_id=but)
    return list(coordinators.order_by("pk").values_list("user_id", flat=True))
