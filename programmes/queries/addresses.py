"""Whose address a programme may write down: whoever has the mailbox can open the account and all that it opens."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from peerhub.accounts.models import User
from peerhub.accounts.queries.sign_up import kind_of_domain
from peerhub.institution.models import RoleGrant
from programmes.models import Membership


def with_powers(user_ids: Collection[int]) -> set[int]:
    """Those who administer PeerHub or hold a role in the institution: their addresses are an administrator's to set."""
    granted = RoleGrant.objects.active().filter(user=OuterRef("pk"))
    powers = Q(is_staff=True) | Q(is_superuser=True) | Q(Exists(granted))
    return set(User.objects.filter(powers, pk__anyof=list(user_ids)).values_list("pk", flat=True))


def with_places_elsewhere(user_ids: Collection[int], *, cycle_id: int | None) -> set[int]:
    """Those who are or were in another cycle than this one."""
    others = Membership.objects.filter(user__anyof=list(user_ids)).exclude(cycle=cycle_id)
    return set(others.values_list("user_id", flat=True))


def is_ours(address: str) -> bool:
    """True for an address of the institution: it gave the mailbox to whom it belongs."""
    return kind_of_domain(address) is not None


def may_be_given(user_id: int, address: str, *, cycle_id: int) -> bool:
    """True when those who run this cycle may give a person this address.

    Not where the account has powers; nor, with a mailbox from outside, where it opens more than this cycle.
    """
    if with_powers([user_id]):
        return False
    return is_ours(address) or not with_places_elsewhere([user_id], cycle_id=cycle_id)
