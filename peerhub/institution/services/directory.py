"""Keeping the support services directory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.institution.models import SupportService

FIELDS = (
    "name",
    "what_for",
    "hours",
    "phone",
    "email",
    "url",
    "place",
    "is_urgent",
    "is_internal",
    "owner_unit",
    "position",
)


class ServiceRefused(DomainError):
    """Codes: unreachable."""


@transaction.atomic(durable=True)
def save_service(
    *, actor: Any, details: Mapping[str, Any], now: datetime, service: SupportService | None = None
) -> SupportService:
    """Add a service, or change one. Whoever saves it has just looked at it, so it counts as verified today.

    Refuses with `ServiceRefused` (unreachable) when nobody could get in touch with it.
    """
    found = service or SupportService()
    for field in FIELDS:
        if field in details:
            setattr(found, field, details[field])
    if not any((found.phone, found.email, found.url, found.place)):
        raise ServiceRefused("unreachable", _("Give at least one way to reach it: phone, e-mail, web page or place."))
    found.last_verified_on = timezone.localdate(now)
    found.save()
    action = "institution.service_changed" if service else "institution.service_created"
    audit.record(actor=actor, action=action, target=found, now=now)
    return found


@transaction.atomic(durable=True)
def verify_service(*, actor: Any, service: SupportService, now: datetime) -> SupportService:
    """Somebody checked that hours and contact are still right."""
    service.last_verified_on = timezone.localdate(now)
    service.save(update_fields=["last_verified_on"])
    audit.record(actor=actor, action="institution.service_verified", target=service, now=now)
    return service


@transaction.atomic(durable=True)
def switch_service(*, actor: Any, service: SupportService, is_active: bool, now: datetime) -> SupportService:
    """Take a service off the list, or put it back. Logs that named it keep it."""
    service.is_active = is_active
    service.save(update_fields=["is_active"])
    action = "institution.service_activated" if is_active else "institution.service_deactivated"
    audit.record(actor=actor, action=action, target=service, now=now)
    return service
