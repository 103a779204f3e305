"""Links and QR codes by which anyone who has one may come in: one per role, switched on and off, renewed, counted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState, InviteLink, Membership, Role
from programmes.services import joining, places


class LinkRefused(DomainError):
    """Codes: off, renewed, not_now, role_not_allowed."""


@transaction.atomic(durable=True)
def switch_link(*, actor: Any, cycle_id: int, role: str, is_on: bool, now: datetime) -> InviteLink:
    """Switch a role's link on (made the first time) or off. Off: prints and copies lead to a page that says so."""
    cycle = places.lock_cycle(cycle_id)
    if role not in {Role.LEADER, Role.PARTICIPANT}:
        raise LinkRefused(
            "role_not_allowed", _("There are links for people who lead and for people who take part only.")
        )
    link, created = InviteLink.objects.get_or_create(
        cycle=cycle, role=role, defaults={"is_on": is_on, "changed_by": actor, "changed_at": now}
    )
    if created or link.is_on != is_on:
        link.is_on, link.changed_by, link.changed_at = is_on, actor, now
        link.save(update_fields=["is_on", "changed_by", "changed_at"])
        action = "programmes.link_switched_on" if is_on else "programmes.link_switched_off"
        audit.record(actor=actor, action=action, target=link, cycle_id=cycle.pk, detail={"role": role}, now=now)
    return link


@transaction.atomic(durable=True)
def renew_link(*, actor: Any, cycle_id: int, role: str, form_key: UUID | None = None, now: datetime) -> InviteLink:
    """Make a new link; every earlier print and copy of this role's link stops working."""
    once.spend(user=actor, key=form_key, now=now)
    link = InviteLink.objects.select_for_update().get(cycle_id=cycle_id, role=role)
    link.version += 1
    link.is_on, link.changed_by, link.changed_at = True, actor, now
    link.save(update_fields=["version", "is_on", "changed_by", "changed_at"])
    audit.record(
        actor=actor,
        action="programmes.link_renewed",
        target=link,
        cycle_id=cycle_id,
        detail={"role": link.role},
        now=now,
    )
    return link


@transaction.atomic(durable=True)
def join_by_link(
    *, actor: Any, link_uuid: UUID, version: int, note: str = "", form_key: UUID | None = None, now: datetime
) -> Membership:
    """Come in by a link that was opened at `version`. Participants get a place or wait; who would lead asks first.

    Refuses with `LinkRefused`, `joining.JoiningRefused` or `NoPlace`.
    """
    once.spend(user=actor, key=form_key, now=now)
    link = InviteLink.objects.get(uuid=link_uuid)
    cycle = places.lock_cycle(link.cycle_id)
    link.refresh_from_db()
    refuse_unusable(link, cycle, version=version)
    membership = places.own_row(cycle, actor, link.role, now=now)
    joining.refuse_repeat(cycle, membership)

    places.settle(cycle, now=now)
    places.start_over(membership, source="link", note=note)
    if link.role == Role.PARTICIPANT:
        joining.take_place(cycle, membership, now=now)
    else:
        joining.request_place(cycle, membership, now=now)
    InviteLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1)
    action = joining.entry_action(membership)
    audit.record(actor=actor, action=action, target=membership, cycle_id=cycle.pk, detail={"link": link.pk}, now=now)
    return membership


def refuse_unusable(link: InviteLink, cycle: Cycle, *, version: int) -> None:
    """Say why a link that was genuine does not open the door now. Also for its page, before anyone joins."""
    if link.version != version:
        raise LinkRefused("renewed", _("This link has been replaced by a newer one. Ask whoever gave it to you."))
    if not link.is_on:
        raise LinkRefused("off", _("This link is switched off now. Ask whoever gave it to you."))
    early = () if link.role == Role.PARTICIPANT else (CycleState.DESIGN,)
    if cycle.state not in (*places.TAKING_PART, *early):
        raise LinkRefused("not_now", _("Nobody can come in by this link now. The programme is not running."))
