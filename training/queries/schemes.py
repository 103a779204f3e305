"""Certification schemes for those who write them."""

from django.db.models import Count, Q, QuerySet

from training.models import CertificationScheme, Module

SHOWN = 100


def schemes_with_numbers() -> QuerySet[CertificationScheme]:
    """All of them with how many levels they have and how many awards stand, open ones first."""
    return CertificationScheme.objects.annotate(
        level_count=Count("levels", distinct=True),
        award_count=Count("levels__awards", filter=Q(levels__awards__withdrawn_at=None), distinct=True),
    ).order_by("closed_at", "title", "pk")


def modules_of(scheme: CertificationScheme) -> list[Module]:
    """Open modules, each with how many of the scheme’s topics it covers (`covered`), most first. The first 100."""
    topics = Q(certification_topics__level__scheme=scheme)
    rows = Module.objects.open().select_related("owner").annotate(covered=Count("certification_topics", filter=topics))
    return list(rows.order_by("-covered", "owner__name", "title", "pk")[:SHOWN])
