"""Reads about the organisation."""

from peerhub.institution.queries.branding import BrandingFacts, current_branding

__all__ = ["BrandingFacts", "current_branding"]
