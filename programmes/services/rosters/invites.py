"""Telling people whom a roster brought in, when the coordinator asked for it. Nobody is written to by accident."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from peerhub.common import mail
from programmes.models import Membership, MembershipStatus, RosterImport

AT_ONCE: Final = 1000


def invite_new_members(roster_import: RosterImport, membership_ids: Sequence[int], *, now: datetime) -> int:
    """Queue one letter to each new member who is taking part and has an address; returns how many."""
    rows = Membership.objects.filter(
        pk__anyof=list(membership_ids), status=MembershipStatus.ACTIVE, user__email__isnull=False, user__is_active=True
    )
    people = iter(rows.order_by("pk").values_list("pk", "user_id").iterator(chunk_size=AT_ONCE))
    queued = 0
    while some := list(islice(people, AT_ONCE)):
        mail.queue_many(
            [
                mail.Entry(
                    "programmes.roster_added",
                    user_id,
                    f"roster.added:{membership_id}:{roster_import.pk}",
                    {"membership": membership_id, "cycle": roster_import.cycle_id},
                    priority=mail.PRIORITY_BULK,
                )
                for membership_id, user_id in some
            ],
            now=now,
        )
        queued += len(some)
    return queued
