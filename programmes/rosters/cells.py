"""Single cells: names, addresses, identifiers, words for yes. Each returns the clean value or raises `Refusal`.

Ordinary values take one regular expression; the careful work is for the others.
"""

import re
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext as _

from programmes.rosters.errors import Refusal

NAME_LIMIT = 120
EMAIL_LIMIT = 254
ID_LIMIT = 160

Warn = Callable[[str, str], None]

# Letters of any alphabet with single signs between them. Not Ã, which tells of broken accents.
_PLAIN_NAME = re.compile(r"^[^\W\d_Ã]+(?:[ '’/.-][^\W\d_Ã]+)*$")
_PLAIN_EMAIL = re.compile(
    r"^[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}$", re.ASCII
)
_PLAIN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$", re.ASCII)
_LOCAL_EXTRA = re.compile(r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$", re.ASCII)
_DOMAIN = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})$", re.ASCII)
_EXCEL_TEXT = re.compile(r'^="([^"]*)"$')
_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?[eE]\+\d+$", re.ASCII)
_MAYBE_SCIENTIFIC = re.compile(r"^\d+(?:\.\d+)?[eE]\d+$", re.ASCII)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE_LIKE = re.compile(rf"^(?:\d{{1,2}}-(?:{_MONTHS})|(?:{_MONTHS})-\d{{1,2}})$", re.IGNORECASE | re.ASCII)
_EXCEL_ERROR = re.compile(r"^#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.ASCII)
# As programs write them: Nan, Na and Null are also people's names.
_NOTHING = frozenset({"NaN", "nan", "NULL", "null", "None", "N/A", "n/a", "undefined", "-", "."})
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|�")
_FORMULA = ("=", "+", "@", "\t")
YES = frozenset({"true", "1", "yes", "y", "t"})
NO = frozenset({"false", "0", "no", "n", "f"})
# Joiners are part of how some languages are written; everything else of category Cf hides or turns text around.
_JOINERS = "\u200c\u200d"


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) == "Cf" and char not in _JOINERS


def name_of(char: str) -> str:
    """A character as people can look it up: U+202E RIGHT-TO-LEFT OVERRIDE."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()


def clean_text(text: str, warn: Warn, *, limit: int = NAME_LIMIT) -> str:
    """A name or title: NFC, single spaces, nothing invisible.

    Refusals: control_character, excel_error, formula, too_long.
    """
    if len(text) <= limit and _PLAIN_NAME.match(text) and text not in _NOTHING:
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if match := _EXCEL_TEXT.match(text.strip()):
        text = match[1]
    text = unicodedata.normalize("NFC", text)
    if any(map(_is_hidden, text)):
        warn(
            "invisible_character",
            _("Invisible characters were taken out (%(which)s).") % {"which": name_of(next(filter(_is_hidden, text)))},
        )
        text = "".join(char for char in text if not _is_hidden(char))
    text = " ".join(text.split())
    _refuse_broken(text)
    if text.startswith(_FORMULA):
        raise Refusal("formula", _("“%(value)s” looks like a formula, not a name.") % {"value": text[:40]})
    if len(text) > limit:
        raise Refusal(
            "too_long",
            _("This is %(length)s characters long; %(limit)s is the most we keep.")
            % {"length": len(text), "limit": limit},
        )
    if _MOJIBAKE.search(text):
        warn(
            "mojibake",
            _("“%(value)s” looks as if accents were broken on the way. Export the file as UTF-8.")
            % {"value": text[:40]},
        )
    if text in _NOTHING:
        warn("says_nothing", _("“%(value)s” may mean “no value”. It is kept as written.") % {"value": text})
    return text


def _refuse_broken(text: str) -> None:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Cn"} for char in text):
        raise Refusal("control_character", _("This holds a character that cannot be shown. Type the value again."))
    if _EXCEL_ERROR.match(text):
        raise Refusal(
            "excel_error", _("“%(value)s” is an error of the spreadsheet, not a value.") % {"value": text[:20]}
        )


def clean_email(text: str) -> str:
    """An address in lower case, "" for blank. An address is never repaired by guessing.

    Refusals: invisible_character, lookalike, several_addresses, bad_email.
    """
    text = text.strip().lower()
    if len(text) <= 100 and _PLAIN_EMAIL.match(text):
        return text
    if match := _EXCEL_TEXT.match(text):
        text = match[1].strip()
    text = text.removeprefix("mailto:")
    if text in {"", "-", "n/a"}:
        return ""
    _refuse_disguised(text)
    if text.count("@") > 1 or ";" in text or "," in text:
        raise Refusal("several_addresses", _("Give one e-mail address per person; this cell holds several."))
    local, at, domain = text.partition("@")
    fits = at and len(text) <= EMAIL_LIMIT and len(local) <= 64 and _LOCAL_EXTRA.match(local) and _DOMAIN.match(domain)
    if not fits:
        raise Refusal("bad_email", _("“%(value)s” is not an e-mail address.") % {"value": text[:80]})
    return text


def _refuse_disguised(text: str) -> None:
    for char in text:
        if char.isascii() and char.isprintable():
            continue
        which = {"which": name_of(char)}
        if unicodedata.category(char) in {"Cf", "Cc", "Zs", "Zl", "Zp"} or not char.isprintable():
            raise Refusal(
                "invisible_character", _("The address holds an invisible character (%(which)s). Type it again.") % which
            )
        raise Refusal(
            "lookalike",
            _("The address holds a letter that is not plain a to z (%(which)s). It may imitate another address.")
            % which,
        )


def clean_identifier(text: str, warn: Warn) -> str:
    """A student number or other key, as text: leading zeros are part of it; "" for blank.

    Refusals: scientific_number, date_for_text, rounded_number, excel_error, invisible_character, control_character,
    formula, not_an_identifier, too_long.
    """
    plain = type(text) is str and len(text) <= ID_LIMIT and _PLAIN_ID.match(text)
    if plain and not text[0].isdigit() and text not in _NOTHING:
        return text
    if plain and text.isdigit():
        return text
    mangled = type(text) is not str
    text = unicodedata.normalize("NFC", text.strip())
    if match := _EXCEL_TEXT.match(text):
        text = match[1].strip()
    if not text:
        return ""
    _refuse_mangled(text, mangled)
    if any(map(_is_hidden, text)):
        which = {"which": name_of(next(filter(_is_hidden, text)))}
        raise Refusal(
            "invisible_character", _("The identifier holds an invisible character (%(which)s). Type it again.") % which
        )
    _refuse_broken(text)
    if text.startswith(_FORMULA):
        raise Refusal("formula", _("“%(value)s” looks like a formula, not an identifier.") % {"value": text[:40]})
    if text in _NOTHING:
        raise Refusal(
            "not_an_identifier",
            _("“%(value)s” is not an identifier. Leave the cell empty if there is none.") % {"value": text},
        )
    if len(text) > ID_LIMIT:
        raise Refusal(
            "too_long",
            _("This is %(length)s characters long; %(limit)s is the most we keep.")
            % {"length": len(text), "limit": ID_LIMIT},
        )
    if _MAYBE_SCIENTIFIC.match(text):
        warn(
            "maybe_scientific",
            _("“%(value)s” may be a number shortened by Excel. It is kept as written.") % {"value": text[:40]},
        )
    return text


def _refuse_mangled(text: str, mangled: bool) -> None:
    value = {"value": text[:40]}
    if _SCIENTIFIC.match(text):
        message = (
            _("Excel has shortened this number to “%(value)s”. Format the column as Text and export again.") % value
        )
        raise Refusal("scientific_number", message)
    if mangled and text.lstrip("-").isdigit():
        raise Refusal(
            "rounded_number", _("Excel has rounded this long number. Format the column as Text and export again.")
        )
    if mangled or _DATE_LIKE.match(text):
        raise Refusal(
            "date_for_text",
            _("Excel has made a date of this (“%(value)s”). Format the column as Text and export again.") % value,
        )


def clean_label(text: str, warn: Warn, *, limit: int = NAME_LIMIT) -> str:
    """A group, band or module label: as `clean_text`, with a warning where Excel has changed it."""
    mangled = type(text) is not str
    label = clean_text(text, warn, limit=limit)
    if mangled or _DATE_LIKE.match(label):
        warn(
            "date_for_text",
            _("“%(value)s” may be a range that Excel turned into a date. Check it.") % {"value": label[:40]},
        )
    elif _SCIENTIFIC.match(label) or _MAYBE_SCIENTIFIC.match(label):
        warn(
            "maybe_scientific",
            _("“%(value)s” may be a number shortened by Excel. It is kept as written.") % {"value": label[:40]},
        )
    return label


def yes_or_no(text: str, *, default: bool) -> bool:
    """TRUE, 1, yes and FALSE, 0, no in any case; `default` for blank. Refusal: not_yes_or_no."""
    word = text.strip().lower()
    if not word:
        return default
    if word in YES or word in NO:
        return word in YES
    raise Refusal("not_yes_or_no", _("“%(value)s” is neither TRUE nor FALSE.") % {"value": text[:20]})


def split_name(text: str) -> tuple[str, str]:
    """(given, family) of a full name: "Last, First" by its comma, else the last word is the family name."""
    family, comma, given = text.partition(",")
    if comma and given.strip():
        return given.strip(), family.strip()
    given, _space, family = text.strip().rpartition(" ")
    return (given, family) if given else (family, "")
