"""The support services directory as people read it."""

from datetime import date

from django.db.models import Q

from peerhub.institution.models import SupportService
from peerhub.institution.models.services import SupportServiceQuerySet


def listed_services(*, search: str = "") -> SupportServiceQuerySet:
    """Services in use, urgent first, then as ordered. Every word of `search` must occur somewhere in an entry."""
    services = SupportService.objects.active().select_related("owner_unit")
    for word in search.split()[:8]:
        found = Q(name__icontains=word) | Q(what_for__icontains=word) | Q(place__icontains=word)
        services = services.filter(found)
    return services.order_by("-is_urgent", "position", "name", "pk")


def unlisted_services() -> SupportServiceQuerySet:
    """Services taken off the list, for those who keep it."""
    return SupportService.objects.filter(is_active=False).select_related("owner_unit").order_by("name", "pk")


def stale_count(*, today: date) -> int:
    return SupportService.objects.stale(today=today).count()
