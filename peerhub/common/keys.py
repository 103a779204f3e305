"""Row numbers and public ids as forms post them."""

from uuid import UUID

DIGITS = 18  # a bigint has 19: every number of 18 digits fits


def is_key(text: str) -> bool:
    """True for text that can be a row's number. More digits overflow a database, thousands of them Python."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS


def uuid_of(text: str) -> UUID | None:
    """The public id that `text` spells, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
