"""Health checks, notifications, preferences, and the one-click way out of mails."""

from typing import Any

from peerhub.common import mail
from peerhub.common.mail import beats
from peerhub.common.mail.unsubscribe import token_for
from peerhub.common.models import Message
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW
from tests.world import World


def extend(world: World) -> None:
    """Ben has a notification; a planner ran just now."""
    beats.beat(beats.PLANNER, NOW)
    mail.queue("common.mail_held_back", to=world.ben, key="world.ben", about={}, now=NOW, channels=("inapp",))
    world.extra["bens_notification"] = Message.objects.get(recipient=world.ben, channel="inapp")


def _bens(world: World) -> dict[str, Any]:
    return {"message_id": world.extra["bens_notification"].pk}


def _token(world: World) -> dict[str, Any]:
    return {"token": token_for(user=str(world.ben.uuid), topic="sessions")}


OPEN = expect(200)
OWN = expect(200, anonymous=LOGIN)
SAVED = expect(302, anonymous=LOGIN)

ROWS = [
    Row("healthz", OPEN),
    Row("readyz", OPEN),
    Row("admin:channel_probe", expect(LOGIN, superuser=302), method="POST"),
    Row("admin:channel_test", expect(LOGIN, superuser=302), method="POST"),
    Row("notification_list", OWN),
    Row(
        "notification_open",
        expect(404, anonymous=LOGIN, participant=302),
        kwargs=_bens,
        writes=True,
        note="marks it read",
    ),
    Row("notification_read_all", SAVED, method="POST"),
    Row("preferences_edit", OWN),
    Row("preferences_edit", SAVED, method="POST", data=lambda world: {"email-sessions": "on"}),
    Row("mail_unsubscribe", OPEN, kwargs=_token),
    Row("mail_unsubscribe", OPEN, kwargs=_token, method="POST", csrf_exempt=True),
    Row("mail_unsubscribe", expect(404), kwargs=lambda world: {"token": "u.nobody.sessions~forged"}, note="forged"),
]
