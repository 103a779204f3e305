"""The outbox: how PeerHub says things to people (docs/adr/0003-outbox.md).

Saying something, inside a service and its transaction:

    mail.queue("programmes.join_approved", to=membership.user, key=f"join.approved:{membership.pk}",
               about={"membership": membership.pk, "cycle": membership.cycle_id}, now=now)

What it says, in the app's emails.py (loaded by itself at start):

    def _memberships(abouts):
        return Membership.objects.select_related("cycle__programme").in_bulk({about["membership"] for about in abouts})

    @mail.kind("programmes.join_approved", title=_("You have a place"), topic="joining", load=_memberships)
    def join_approved(letter, now):
        membership = letter.facts.get(letter.about["membership"])
        if membership is None or membership.status != Status.ACTIVE:
            return mail.NotWanted(_("The place was given up."))
        return mail.Rendered("programmes/join_approved", {"programme": membership.cycle.programme}, url=…, why=…)

with templates/emails/programmes/join_approved.subject.txt, .txt and .html. The row holds ids; the words are written
when it leaves, with the facts as they are then. Delivered at least once; a repeat in a rare crash carries the same
Message-ID.

Account mail (verification, password reset) takes the same way: a kind with `essential=True, priority=PRIORITY_ACCOUNT`,
`about` with the EmailAddress' or the user's id, and a function that makes the key or token there and then, so that no
secret is ever stored: `Rendered("accounts/verify_email", url=reverse("account_confirm_email", args=[key]), to=…)`.
An address without an account gets no mail (ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False): there is no id to keep.

Somebody outside (an invitation) is `to=None`: the function looks the address up by id and returns `Rendered(to=…)`.
"""

from peerhub.common.mail.kinds import (
    PRIORITY_ACCOUNT,
    PRIORITY_BULK,
    PRIORITY_NORMAL,
    PRIORITY_SAFETY,
    Letter,
    NotWanted,
    Rendered,
    kind,
    topic,
)
from peerhub.common.mail.outbox import Entry, queue, queue_many
from peerhub.common.mail.wire import Attachment

__all__ = [
    "PRIORITY_ACCOUNT",
    "PRIORITY_BULK",
    "PRIORITY_NORMAL",
    "PRIORITY_SAFETY",
    "Attachment",
    "Entry",
    "Letter",
    "NotWanted",
    "Rendered",
    "kind",
    "queue",
    "queue_many",
    "topic",
]
