"""Text as it is searched: without accents, case or punctuation, so that "Ŵyn", "wyn" and "WYN" find each other."""

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_STROKES = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_NOT_WORD = re.compile(r"[^\w]+")


def fold(text: str) -> str:
    """Lower case, accents off, every run of anything but letters and digits one space."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_STROKES)
    return _NOT_WORD.sub(" ", plain).strip()
