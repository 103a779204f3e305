"""Accounts of people whom an administrator's roster says have left, or are back. A class list never does this."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from peerhub.accounts.models import User
from peerhub.institution.models import RoleGrant
from programmes.models import ImportState, Membership, RosterImport
from programmes.services.rosters.finding import Known
from programmes.services.rosters.outcome import DEACTIVATED, PEOPLE, UNCHANGED, UPDATED
from programmes.services.rosters.run import Run

COLUMNS: Final = ("is_active", "deactivated_at")


def close_accounts(run: Run, left: Iterable[int]) -> None:
    """Close the accounts of people who have left, unless they hold a role or take part by another way than this source.

    Nothing of them is deleted: their history stays, they can no longer sign in.
    """
    elsewhere = Membership.objects.active().filter(user=OuterRef("pk")).exclude(source=run.source)
    granted = RoleGrant.objects.active().filter(user=OuterRef("pk"))
    free = (
        User.objects.filter(
            pk__anyof=[key for key in left if key > 0], is_active=True, is_staff=False, is_superuser=False
        )
        .exclude(Exists(elsewhere))
        .exclude(Exists(granted))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    keys = list(free)
    run.hand.update(User, COLUMNS, [[key, True, None] for key in keys], [[key, False, run.options.now] for key in keys])
    run.outcome.count(PEOPLE, DEACTIVATED, len(keys))
    run.outcome.counts[PEOPLE][UNCHANGED] -= min(len(keys), run.outcome.counts[PEOPLE][UNCHANGED])


def reopen_accounts(run: Run, returned: list[Known]) -> None:
    """Reopen accounts that an earlier import of this source closed. Those an administrator closed stay closed."""
    if not returned:
        return
    closed_by_us = set(closing_times(run.source))
    back = [known for known in returned if known.deactivated_at in closed_by_us]
    before = [[known.id, known.is_active, known.deactivated_at] for known in back]
    run.hand.update(User, COLUMNS, before, [[known.id, True, None] for known in back])
    run.outcome.count(PEOPLE, UPDATED, len(back))
    run.outcome.counts[PEOPLE][UNCHANGED] -= min(len(back), run.outcome.counts[PEOPLE][UNCHANGED])


def closing_times(source: str, cycle_id: int | None = None) -> list[datetime]:
    """When imports of this source ended things: what bears one of these times was ended by an import, not a person."""
    imports = RosterImport.objects.filter(source=source, state__in=[ImportState.APPLIED, ImportState.UNDONE])
    if cycle_id is not None:
        imports = imports.filter(cycle=cycle_id)
    return [at for at in imports.values_list("applied_at", flat=True) if at is not None]
