"""Words about invitations: {% load invitations %}{{ row|why_left_out }}."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def why_left_out(bad: Mapping[str, Any]) -> str:
    """Why a row of a list invited nobody, in a sentence."""
    known = {"already_in": _("Has this role already."), "already_invited": _("Has an open invitation.")}
    return str(known.get(bad["code"]) or bad["message"])
