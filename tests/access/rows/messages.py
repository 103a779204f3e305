"""Health checks, notifications, preferences, and the one-click way out of mails."""

from typing import Any

from django.utils import timezone

from peerhub.common import mail
from peerhub.common.mail import beats
from peerhub.common.mail.unsubscribe import token_for
from peerhub.common.models import Message
from tests import factories as make
from tests.access.matrix import LOGIN, PERSONAS, Row, expect
from tests.factories import NOW, in_days
from tests.world import World


def extend(world: World) -> None:
    """Ben has a notification, a mail to him failed; a planner ran just now."""
    beats.beat(beats.PLANNER, NOW)
    mail.queue("common.mail_held_back", to=world.ben, key="world.ben", about={}, now=NOW, channels=("inapp",))
    mail.queue(
        "common.test_message",
        to=world.ben,
        key="world.ben.failed",
        about={"cycle": world.cycle.pk},
        now=NOW,
        channels=("email",),
    )
    world.extra["failed_mail"] = Message.objects.get(dedupe_key="world.ben.failed|email")
    Message.objects.filter(pk=world.extra["failed_mail"].pk).update(
        state="dead", attempts=1, finished_at=NOW, last_class="bad_address", last_code="550 5.1.1"
    )
    world.extra["bens_notification"] = Message.objects.get(dedupe_key="world.ben|inapp")


def grow(world: World, times: int) -> None:
    """More notifications for everybody, read and not; more mails of the cycle that failed, wait, or went out."""
    for _ in range(times):
        number = Message.objects.count()
        for name in filter(None, PERSONAS.values()):
            about = {"cycle": world.cycle.pk, "membership": world.memberships["ben"].pk, "occasion": 0}
            for kind in ("common.mail_held_back", "programmes.joined"):
                key = f"grown.{number}.{name}.{kind}"
                mail.queue(kind, to=getattr(world, name), key=key, about=about, now=NOW, channels=("inapp",))
        for state in ("dead", "queued", "sent"):
            key, reader = f"grown.{number}.{state}", make.UserFactory()
            about = {"cycle": world.cycle.pk}
            later = in_days(2)  # a mail that is due and stays would make the outbox look ill
            mail.queue(
                "common.test_message", to=reader, key=key, about=about, now=NOW, not_before=later, channels=("email",)
            )
            outcome: dict[str, Any] = {"finished_at": None if state == "queued" else NOW}
            if state == "dead":
                outcome |= {"attempts": 1, "last_class": "bad_address", "last_code": "550 5.1.1"}
            Message.objects.filter(dedupe_key=f"{key}|email").update(state=state, **outcome)


def _bens(world: World) -> dict[str, Any]:
    return {"message_id": world.extra["bens_notification"].pk}


def _token(world: World) -> dict[str, Any]:
    return {"token": token_for(user=str(world.ben.uuid), topic="sessions")}


def _cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def _failed(world: World) -> dict[str, Any]:
    return {**_cycle(world), "message_id": world.extra["failed_mail"].pk}


def _chosen(world: World) -> dict[str, Any]:
    return {"message": str(world.extra["failed_mail"].pk), "reason": "We spoke on the telephone."}


OPEN = expect(200)
# Mails of a cycle are its coordinators' business: others who run it open its workspace, but not this.
RUNS = {"supervisor": 403, "institution_lead": 403}
READS = expect(404, anonymous=LOGIN, coordinator=200, **RUNS)
ACTS = expect(404, anonymous=LOGIN, coordinator=302, **RUNS)
OWN = expect(200, anonymous=LOGIN)
SAVED = expect(302, anonymous=LOGIN)


def beating(_world: World) -> dict[str, object]:
    """The planner has just run, and the mail of this world has left: all cells take minutes, and are days old."""
    beats.beat(beats.PLANNER, timezone.now())
    Message.objects.waiting().update(state="sent", finished_at=NOW)
    return {}


ROWS = [
    Row("healthz", OPEN),
    Row("service_worker", OPEN),
    Row("app_manifest", OPEN),
    Row("offline", OPEN),
    Row("readyz", OPEN, kwargs=beating),
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
    Row("programmes:message_list", READS, kwargs=_cycle),
    Row("programmes:message_send_again", ACTS, kwargs=_cycle, method="POST", data=_chosen),
    Row("programmes:message_give_up", ACTS, kwargs=_cycle, method="POST", data=_chosen),
    Row("programmes:message_correct_address", READS, kwargs=_failed),
    Row(
        "programmes:message_correct_address",
        expect(404, anonymous=LOGIN, coordinator=422, **RUNS),
        kwargs=_failed,
        method="POST",
        data=lambda world: {"email": "other@student.aberwen.ac.uk"},
        note="an address its owner confirmed",
    ),
    Row("mail_unsubscribe", OPEN, kwargs=_token),
    Row("mail_unsubscribe", OPEN, kwargs=_token, method="POST", csrf_exempt=True),
    Row("mail_unsubscribe", expect(404), kwargs=lambda world: {"token": "u.nobody.sessions~forged"}, note="forged"),
]
