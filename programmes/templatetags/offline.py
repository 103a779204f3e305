"""Whose logs wait in a browser: a key that tells people apart and says nothing about them."""

from typing import Any

from django import template
from django.utils.crypto import salted_hmac

register = template.Library()


@register.simple_tag
def person_key(user: Any) -> str:
    """The same for a person on every device, and nothing anybody else could work out: {% person_key user %}"""
    return salted_hmac("peerhub.tray", str(user.pk), algorithm="sha256").hexdigest()[:24]
