"""What people call a session."""

from django.template.defaultfilters import capfirst

from programmes.models import Session


def session_title(session: Session) -> str:
    """Its own title, its group's name, or the programme's word. Load `group` and `cycle__programme__activity_type`."""
    if session.title:
        return session.title
    return session.group.name if session.group else str(capfirst(session.cycle.programme.word("session")))


def place_of(session: Session) -> str:
    """Where, in a few words; "" when nobody said."""
    return session.place or ("" if session.mode == "in_person" else str(session.get_mode_display()))
