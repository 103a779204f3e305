"""Row numbers as forms post them."""

DIGITS = 18  # a bigint has 19: every number of 18 digits fits


def is_key(text: str) -> bool:
    """True for text that can be a row's number. More digits overflow a database, thousands of them Python."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS
