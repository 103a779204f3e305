"""Giving and ending institution roles."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.institution.models import GrantRole, OrgUnit, RoleGrant


class RoleRefused(DomainError):
    """Codes: oneself, inactive, last_lead, ended."""


@transaction.atomic(durable=True)
def grant_role(*, actor: Any, user: Any, role: str, unit: OrgUnit, now: datetime) -> RoleGrant:
    """Give `user` a role on `unit` and all below it. Giving it again changes nothing.

    Refuses with `RoleRefused`: oneself (nobody gives roles to themselves, except who installs PeerHub), inactive.
    """
    if actor is not None and actor.pk == user.pk and not actor.is_superuser:
        raise RoleRefused("oneself", _("Ask somebody else to give you a role."))
    if not user.is_active:
        raise RoleRefused("inactive", _("This account is closed. Open it before you give it a role."))
    grant, made = RoleGrant.objects.get_or_create(
        user=user, role=GrantRole(role), unit=unit, ended_at=None, defaults={"granted_by": actor, "granted_at": now}
    )
    if made:
        detail = {"role": grant.role, "unit": unit.pk, "user": user.pk}
        audit.record(actor=actor, action="institution.role_granted", target=grant, detail=detail, now=now)
    return grant


@transaction.atomic(durable=True)
def end_role(*, actor: Any, grant_id: int, now: datetime) -> RoleGrant:
    """End a role. It takes effect with the person's next request; the row stays as history.

    Refuses with `RoleRefused`: ended (it had ended already), last_lead (nobody would lead the institution).
    """
    # Lock every lead of the institution: of two who step down at once, the second finds themselves the last.
    leads = list(
        RoleGrant.objects.select_for_update(of=("self",)).active()
        .filter(role=GrantRole.LEAD, unit__parent=None).order_by("pk")
    )  # fmt: skip
    grant = RoleGrant.objects.select_for_update(of=("self",)).get(pk=grant_id)
    if grant.ended_at is not None:
        raise RoleRefused("ended", _("This role has ended already."))
    if [lead.pk for lead in leads] == [grant.pk]:
        raise RoleRefused("last_lead", _("This is the last institution lead. Name another one first."))
    grant.ended_at = now
    grant.save(update_fields=["ended_at"])
    detail = {"role": grant.role, "unit": grant.unit_id, "user": grant.user_id}
    audit.record(actor=actor, action="institution.role_ended", target=grant, detail=detail, now=now)
    return grant
