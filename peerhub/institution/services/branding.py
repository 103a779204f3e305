"""How the installation looks. Colours that people could not read, and pictures that are not pictures, stay out."""

import io
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from peerhub.common import audit, contrast
from peerhub.common.errors import DomainError
from peerhub.institution.models import Branding
from peerhub.institution.queries.branding import forget_branding

FIELDS = (
    "institution_name", "product_name", "primary", "primary_dark", "help_email", "help_url", "emergency_text",
    "safeguarding_contact",
)  # fmt: skip
LOGO_BYTES = 2 * 1024 * 1024
LOGO_PIXELS = 16_000_000
LOGO_SIZE = (480, 160)
LOGO_FORMATS = ("PNG", "JPEG", "WEBP")


class BrandingRefused(DomainError):
    """Codes: primary, primary_dark (the colour cannot be read), logo (not a picture we take)."""


@transaction.atomic(durable=True)
def change_branding(
    *, actor: Any, details: Mapping[str, str], now: datetime, logo: BinaryIO | None = None, drop_logo: bool = False
) -> Branding:
    """Write names, colours, contacts and logo. Pages and mails show them at once.

    Refuses with `BrandingRefused`: see `unreadable` for colours and `clean_logo` for pictures.
    """
    row = Branding.objects.select_for_update().first() or Branding()
    for field in FIELDS:
        if field in details:
            setattr(row, field, details[field])
    for code, colour in (("primary", row.primary), ("primary_dark", row.primary_dark)):
        if (problem := unreadable(colour, dark=code == "primary_dark")) is not None:
            raise BrandingRefused(code, problem)
    before = row.logo.name
    if logo is not None:
        row.logo.save(f"logo-{now:%Y%m%d%H%M%S}.png", ContentFile(clean_logo(logo)), save=False)
    elif drop_logo:
        row.logo.name = ""
    row.updated_at = now
    row.save()
    if before and before != row.logo.name:
        transaction.on_commit(lambda: row.logo.storage.delete(before), robust=True)
    audit.record(actor=actor, action="institution.branding_changed", target=row, now=now)
    transaction.on_commit(forget_branding)
    return row


def unreadable(colour: str, *, dark: bool) -> str | None:
    """Why this colour cannot be used, with the nearest one that can; None when it reads on every ground (4.5 to 1)."""
    if not colour:
        return None
    grounds = contrast.DARK_GROUNDS if dark else contrast.LIGHT_GROUNDS
    lowest = min(contrast.ratio(colour, ground) for ground in grounds)
    if lowest >= contrast.TEXT:
        return None
    nearest = contrast.readable(colour, grounds, towards="light" if dark else "dark")
    # Rounded down: 4.49 must not read as 4.5.
    words = {"ratio": f"{int(lowest * 10) / 10:.1f}", "nearest": nearest}
    said = _(
        "Text in this colour has a contrast of only %(ratio)s to 1; 4.5 is needed. The nearest that works: %(nearest)s."
    )
    return said % words


def clean_logo(upload: BinaryIO) -> bytes:
    """The picture drawn anew as PNG, at most 480 by 160, without anything that was hidden in the file.

    Refuses with `BrandingRefused` (logo): not PNG, JPEG or WebP, over 2 MB, or more than 16 million pixels.
    """
    content = upload.read(LOGO_BYTES + 1)
    if len(content) > LOGO_BYTES:
        raise BrandingRefused("logo", _("The logo must be smaller than 2 MB."))
    wrong = _("Use a PNG, JPEG or WebP picture. This file is something else, or damaged.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as picture:
                if picture.width * picture.height > LOGO_PIXELS:
                    raise BrandingRefused("logo", _("The logo has too many pixels. Use one up to 4000 by 4000."))
                drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BrandingRefused("logo", wrong) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        raise BrandingRefused("logo", wrong) from error
    drawn.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    bare = Image.new("RGBA", drawn.size)  # a new picture has no metadata to carry over
    bare.paste(drawn)
    bare.save(out, "PNG", optimize=True)
    return out.getvalue()
