"""The square code of a check-in."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common.qr import qr_svg

register = template.Library()


@register.simple_tag
def qr(address: str) -> SafeString:
    """The code that opens `address`, as large as its box."""
    return qr_svg(address, title=_("Square code to scan with a telephone"))
