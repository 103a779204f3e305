"""What every letter about a session says of it: templates/emails/programmes/_when_where reads these names."""

from typing import Any

from programmes.models import Mode, Session
from programmes.queries.naming import session_title


def session_words(session: Session, *, led_by: str = "", is_leader: bool = False) -> dict[str, Any]:
    """Of a session loaded with its group and its cycle's programme and activity type."""
    programme = session.cycle.programme
    return {
        "programme_name": programme.name,
        "session_word": programme.word("session"),
        "title": session_title(session),
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": session.place,
        "is_online": session.mode == Mode.ONLINE,
        "is_async": session.mode == Mode.ASYNC,
        "led_by": led_by,
        "is_leader": is_leader,
    }
