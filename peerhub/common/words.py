"""Looking up English, which is what PeerHub is written in."""

from typing import Any

from django.conf import settings
from django.utils.translation import trans_real


def shorten_english() -> None:
    """Drop the empty catalogues behind British English.

    Django asks them one after the other for every text that needs no translation: half of each lookup, and a page has
    a hundred. They are kept if one of them ever says something (checked each start, so an upgrade cannot surprise).
    """
    english: Any = trans_real.translation(settings.LANGUAGE_CODE)
    behind = english._fallback  # noqa: SLF001 - gettext has no other way to ask
    while behind is not None:
        if any(message for message in behind._catalog):  # noqa: SLF001
            return
        behind = behind._fallback  # noqa: SLF001
    english._fallback = None  # noqa: SLF001
