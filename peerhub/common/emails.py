"""What the floor itself has to say."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from peerhub.common import mail


@mail.kind(
    "common.mail_held_back",
    title=_("E-mail is held back: the mail server refuses PeerHub"),
    topic="account",
    essential=True,
    internal=True,
)
def mail_held_back(letter: mail.Letter, now: datetime) -> mail.Rendered:
    """To superusers, inside PeerHub only: the post does not go out, so it cannot tell them."""
    return mail.Rendered("common/mail_held_back", url=reverse("admin:common_channelhealth_changelist"))


@mail.kind(
    "common.test_message",
    title=_("Test of the outbox"),
    topic="account",
    essential=True,
    internal=True,
    priority=mail.PRIORITY_ACCOUNT,
)
def test_message(letter: mail.Letter, now: datetime) -> mail.Rendered:
    """An administrator tries whether mail goes out."""
    return mail.Rendered(
        "common/test_message",
        url=reverse("admin:common_message_changelist"),
        why=_("You are getting this because you asked PeerHub for a test message."),
    )
