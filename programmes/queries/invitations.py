"""Reading invitations: links, letters, lists and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerhub.common.models.outbox import Message, MessageState, OutcomeClass
from programmes.models import Cycle, Invitation, InvitationBatch, InvitationStatus, InviteLink, Role

PAGE = 50
LINK_ROLES = (Role.PARTICIPANT, Role.LEADER)
# A tag's kind and words for each thing that can become of an invitation.
STANDINGS: dict[str, tuple[str, str | Promise]] = {
    "queued": ("progress", _("About to be sent")),
    "sent": ("progress", _("Sent, no answer yet")),
    "bounced": ("late", _("The address does not work")),
    "failed": ("late", _("Could not be sent")),
    "accepted": ("done", _("Accepted")),
    "declined": ("todo", _("Said no")),
    "revoked": ("todo", _("Withdrawn")),
    "run_out": ("todo", _("Ran out")),
}


def addresses_of(user: Any) -> set[str]:
    """Every address that is proven to be this person's, in lower case."""
    verified = user.emailaddress_set.filter(verified=True).values_list("email", flat=True)
    return {address.lower() for address in (user.email, *verified) if address}


def has_open_invitation(email: str, now: datetime) -> bool:
    """True when this address may have an account because a programme has invited it. For PEERHUB_SIGNUP_HOOKS."""
    return Invitation.objects.open(now=now).filter(email=email.strip().lower()).exists()


def sent_to(user: Any, *, email: str, now: datetime) -> QuerySet[Invitation]:
    """Open invitations to any proven address of a person (`email` is theirs), as part of one query."""
    proven = EmailAddress.objects.filter(user=user, verified=True).values(address=Lower("email"))
    return Invitation.objects.open(now=now).filter(Q(email=email) | Q(email__in=proven))


def links_of(cycle: Cycle) -> dict[str, InviteLink | None]:
    """The links of a cycle by role; None where nobody has made one."""
    known = {link.role: link for link in InviteLink.objects.filter(cycle=cycle)}
    return {role: known.get(role) for role in LINK_ROLES}


@dataclass(frozen=True)
class Sent:
    """One invitation with what became of it: a tag's kind and words, and what can be done."""

    invitation: Invitation
    standing: str
    kind: str
    text: str | Promise
    detail: str
    can_resend: bool
    can_withdraw: bool


def invitations_of(cycle: Cycle, *, words: str = "", only: str = "", now: datetime) -> QuerySet[Invitation]:
    """Invitations of a cycle, newest first. `only`: open, accepted, over."""
    rows = Invitation.objects.filter(cycle=cycle).select_related("batch")
    for word in words.split()[:4]:
        rows = rows.filter(Q(email__icontains=word) | Q(name__icontains=word))
    if only == "open":
        rows = rows.open(now=now)
    elif only == "accepted":
        rows = rows.filter(status=InvitationStatus.ACCEPTED)
    elif only == "over":
        rows = rows.exclude(status=InvitationStatus.ACCEPTED).exclude(status=InvitationStatus.SENT, expires_at__gt=now)
    return rows.order_by("-sent_at", "-pk")


def invitations_in(batch: InvitationBatch) -> QuerySet[Invitation]:
    """A list's invitations in the order of the file."""
    return Invitation.objects.filter(batch=batch).order_by("row", "pk")


def standings(invitations: Sequence[Invitation], *, now: datetime) -> list[Sent]:
    """What became of each, with the outbox asked once for all."""
    keys = {f"invitation:{one.pk}:{one.sent_count}|email": one.pk for one in invitations}
    letters = {keys[letter.dedupe_key]: letter for letter in Message.objects.filter(dedupe_key__in=keys)}
    return [_standing(one, letters.get(one.pk), now=now) for one in invitations]


def _standing(invitation: Invitation, letter: Message | None, *, now: datetime) -> Sent:
    standing, detail = _what_became(invitation, letter, now=now)
    kind, text = STANDINGS[standing]
    is_open = invitation.is_open(now=now)
    can_resend = invitation.status == InvitationStatus.SENT
    return Sent(invitation, standing, kind, text, detail, can_resend, is_open)


def _what_became(invitation: Invitation, letter: Message | None, *, now: datetime) -> tuple[str, str]:
    if invitation.status != InvitationStatus.SENT:
        return str(invitation.status), ""
    if invitation.expires_at <= now:
        return "run_out", ""
    if letter and letter.state == MessageState.DEAD:
        bounced = letter.last_class == OutcomeClass.BAD_ADDRESS
        return ("bounced" if bounced else "failed"), letter.reason
    if letter and letter.state != MessageState.SENT:
        return "queued", ""
    return "sent", ""


def batches_of(cycle: Cycle) -> list[InvitationBatch]:
    """The latest lists, with `invited`, `accepted` counted; drafts first."""
    rows = InvitationBatch.objects.filter(cycle=cycle).select_related("created_by")
    counted = rows.annotate(
        invited=Count("invitations"),
        accepted=Count("invitations", filter=Q(invitations__status=InvitationStatus.ACCEPTED)),
    )
    return list(counted.order_by("confirmed_at", "-created_at", "-pk")[:20])


@dataclass(frozen=True)
class BatchNumbers:
    """A list in figures."""

    invited: int
    accepted: int
    declined: int
    waiting: int
    left_out: int


def batch_numbers(batch: InvitationBatch) -> BatchNumbers:
    """One query."""
    rows = dict(Invitation.objects.filter(batch=batch).order_by().values_list("status").annotate(count=Count("pk")))
    return BatchNumbers(
        sum(rows.values()),
        rows.get(InvitationStatus.ACCEPTED, 0),
        rows.get(InvitationStatus.DECLINED, 0),
        rows.get(InvitationStatus.SENT, 0),
        len(batch.rejected),
    )
