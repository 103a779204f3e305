"""The few words a calendar needs, in English and Welsh.

A calendar speaks its reader's language although PeerHub's pages may not be translated into it yet: what a programme
calls things stays as the programme calls it, except for the framework's own words, which are known here.
"""

from dataclasses import dataclass

from programmes.models import CalendarLanguage


@dataclass(frozen=True)
class Words:
    """Patterns; `%s` is where the thing itself goes."""

    everything: str
    called_off: str
    led_by: str
    you_lead: str
    online: str
    own_time: str
    join: str


WORDS: dict[str, Words] = {
    CalendarLanguage.EN: Words(
        everything="My sessions (PeerHub)",
        called_off="Called off: %s",
        led_by="Led by %s.",
        you_lead="You lead this.",
        online="Online",
        own_time="In your own time.",
        join="Join online: %s",
    ),
    CalendarLanguage.CY: Words(
        everything="Fy sesiynau (PeerHub)",
        called_off="Wedi’i ganslo: %s",
        led_by="Dan arweiniad %s.",
        you_lead="Chi sy’n arwain.",
        online="Ar-lein",
        own_time="Yn eich amser eich hun.",
        join="Ymuno ar-lein: %s",
    ),
}

# The framework's words for a session (migration 0002), as they are where a programme has none of its own.
WELSH = {
    "activity": "gweithgaredd",
    "coaching session": "sesiwn hyfforddi",
    "discussion": "trafodaeth",
    "drop-in": "sesiwn galw heibio",
    "event": "digwyddiad",
    "meet-up": "cyfarfod",
    "meeting": "cyfarfod",
    "project meeting": "cyfarfod prosiect",
    "review": "adolygiad",
    "session": "sesiwn",
    "shift": "sifft",
    "study session": "sesiwn astudio",
    "workshop": "gweithdy",
}


def language_of(code: str | None) -> str:
    """The calendar's language for a reader of this language ("cy", "en-gb"): Welsh for Welsh, else English."""
    return CalendarLanguage.CY if (code or "").lower().startswith("cy") else CalendarLanguage.EN


def session_word(own: str, usual: str, language: str) -> str:
    """What a session is called: the programme's own word, else its kind's, translated where it is known."""
    return own or (WELSH.get(usual, usual) if language == CalendarLanguage.CY else usual)
