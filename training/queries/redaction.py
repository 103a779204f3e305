"""Taking out of free text what says who somebody is. A first pass: a person reads every copy before assessors do.

What is taken out leaves a mark in square brackets, so that a sentence can still be read: "As a [person] from
[nationality] parents I …". Patterns are bounded: a text of 100,000 hostile characters takes milliseconds.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MARK = re.compile(r"(\[[a-z][a-z ,/-]{2,30}\])")
SHORTEST_NAME = 2


@dataclass(frozen=True)
class Identity:
    """What is known of a person: parts of names, addresses, numbers of theirs."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def identity_of(user: Any) -> Identity:
    """From the account and what other systems call them. One query."""
    whole = (user.given_name, user.family_name, user.preferred_name)
    parts = {part for name in whole for part in (name, *re.split(r"[\s'’-]+", name)) if len(part) >= SHORTEST_NAME}
    numbers = tuple(user.external_ids.order_by("pk").values_list("value", flat=True))
    addresses = (user.email, user.email.partition("@")[0]) if user.email else ()
    return Identity(tuple(sorted(parts, key=len, reverse=True)), addresses, numbers)


# Names that are words, too, are taken out where they begin with a capital letter.
ALSO_WORDS = frozenset((
    "art", "bill", "bishop", "chance", "chase", "dawn", "dean", "drew", "faith", "fern", "frank", "gene",
    "glen", "grace", "grant", "hope", "iris", "ivy", "jack", "jay", "joy", "june", "lily", "mark", "may",
    "miles", "nick", "olive", "pat", "penny", "ray", "reed", "rich", "robin", "rose", "ruby", "sky", "summer",
    "sue", "teal", "temple", "violet", "wade", "will", "young", "brown", "green", "white", "black", "grey",
    "king", "knight", "long", "short", "small", "wood", "hill", "field", "day", "best", "love", "price", "west",
    "north", "east", "south",
))  # fmt: skip
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
LINK = re.compile(r"(?:https?://|www\.)\S{1,300}", re.IGNORECASE)
HANDLE = re.compile(r"(?<![\w@])@[A-Za-z_][\w.]{1,30}")
PHONE = re.compile(r"(?<![\w.])(?:\+|00|\(?0)\d(?:[\s().-]{0,2}\d){7,13}(?!\w)")
NUMBER = re.compile(r"(?<!\w)[A-Za-z]{0,2}\d{6,12}(?!\w)")
POSTCODE = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s{0,2}\d[A-Z]{2}(?!\w)", re.IGNORECASE)
ZIP = re.compile(r"(?<!\w)[A-Z]{2}\s\d{5}(?:-\d{4})?(?!\w)")
AGE = re.compile(
    r"(?<!\w)(?:(?:aged?\s\d{1,2})|(?:\d{1,2}[\s-]years?[\s-]old)|(?:born\s(?:in\s|on\s)?[^.,;\n]{0,20}(?:19|20)\d\d))"
    r"(?!\w)",
    re.IGNORECASE,
)
SCHOOL = re.compile(
    r"(?<!\w)Ysgol(?:\s[A-Z][\w’'-]{1,25}){1,3}"
    r"|(?:(?:(?<=\s)|^)(?:St|[A-Z][\w’'.-]{1,25})\s){1,4}"
    r"(?:High School|Grammar School|Primary School|School|Academy|Sixth Form|College|Comprehensive)(?!\w)"
)  # fmt: skip
PRONOUNS = re.compile(r"(?<!\w)(?:she\s?/\s?her|he\s?/\s?him|they\s?/\s?them)(?:\s?/\s?\w{2,8})?(?!\w)", re.IGNORECASE)
GENDERED = {
    "she": "they", "he": "they", "herself": "themself", "himself": "themself", "hers": "theirs", "her": "them/their",
    "him": "them", "his": "their", "woman": "person", "women": "people", "man": "person", "men": "people",
    "girl": "person", "girls": "people", "boy": "person", "boys": "people", "female": "person", "male": "person",
    "lady": "person", "ladies": "people", "gentleman": "person", "gentlemen": "people", "mother": "parent",
    "father": "parent", "mum": "parent", "mam": "parent", "mom": "parent", "dad": "parent", "wife": "partner",
    "husband": "partner", "girlfriend": "partner", "boyfriend": "partner", "daughter": "child", "son": "child",
    "sister": "sibling", "brother": "sibling", "mr": "title", "mrs": "title", "ms": "title", "miss": "title",
    "transgender": "person", "trans": "person", "non-binary": "person", "nonbinary": "person",
}  # fmt: skip
NATIONS = (
    "African|Afghan|Albanian|Algerian|American|Arab|Argentinian|Asian|Australian|Austrian|Bangladeshi|Belgian|Brazilian|"
    "British|Bulgarian|Cameroonian|Canadian|Caribbean|Chilean|Chinese|Colombian|Croatian|Cypriot|Czech|Danish|Dutch|"
    "Egyptian|English|Estonian|Ethiopian|European|Filipino|Finnish|French|German|Ghanaian|Greek|Hungarian|Indian|"
    "Indonesian|Iranian|Iraqi|Irish|Israeli|Italian|Jamaican|Japanese|Jordanian|Kenyan|Korean|Kurdish|Kuwaiti|Latvian|"
    "Lebanese|Lithuanian|Malaysian|Maltese|Mexican|Moroccan|Nepali|Nigerian|Norwegian|Pakistani|Palestinian|Peruvian|"
    "Polish|Portuguese|Romanian|Russian|Saudi|Scottish|Serbian|Slovak|Slovenian|Somali|Spanish|Sudanese|Swedish|Swiss|"
    "Syrian|Taiwanese|Thai|Tunisian|Turkish|Ugandan|Ukrainian|Vietnamese|Welsh|Zambian|Zimbabwean"
)
NATION = re.compile(rf"(?<!\w)(?:{NATIONS})s?(?!\w)")
GENDER = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(GENDERED, key=len, reverse=True))})(?!\w)", re.IGNORECASE)
IN_ORDER = (
    (EMAIL, "[e-mail]"), (LINK, "[link]"), (HANDLE, "[handle]"), (PHONE, "[phone]"), (POSTCODE, "[postcode]"),
    (ZIP, "[postcode]"), (NUMBER, "[number]"), (AGE, "[age]"), (SCHOOL, "[school]"), (PRONOUNS, "[pronouns]"),
    (NATION, "[nationality]"),
)  # fmt: skip


def redact(text: str, identity: Identity) -> str:
    """`text` with what gives the person away replaced by marks. Doing it again changes nothing."""
    for value in (*identity.addresses, *identity.numbers):
        mark = "[e-mail]" if value in identity.addresses else "[number]"
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", mark, text, flags=re.IGNORECASE)
    for pattern, mark in IN_ORDER:
        text = pattern.sub(mark, text)
    text = _without_names(text, identity.names)
    return "".join(part if MARK.fullmatch(part) else GENDER.sub(_ungendered, part) for part in MARK.split(text))


def _ungendered(found: re.Match[str]) -> str:
    return f"[{GENDERED[found.group().lower()]}]"


def _plain(text: str) -> str:
    """The same letters without accents, one for one, so that places in it are places in the text."""
    return "".join((unicodedata.normalize("NFKD", char)[:1] or char).lower() for char in text)


def _without_names(text: str, names: Iterable[str]) -> str:
    """Names as whole words, with or without their accents; one that is a word only where it is capitalised."""
    for name in names:
        plain, cut, done = _plain(text), 0, []
        for found in re.finditer(rf"(?<![\w\[]){re.escape(_plain(name))}(?!\w)", plain):
            start, end = found.span()
            if plain[start:end] in ALSO_WORDS and not text[start].isupper():
                continue
            done += [text[cut:start], "[name]"]
            cut = end
        text = "".join([*done, text[cut:]])
    return text


def marked_parts(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a mark."""
    return [(part, bool(MARK.fullmatch(part))) for part in MARK.split(text) if part]
