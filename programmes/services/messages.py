"""Correcting an address a message could not reach."""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.accounts.models.users import clean_email
from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.mail import actions, boxes
from peerhub.common.mail.outbox import ring_after_commit
from peerhub.common.models import Message
from peerhub.common.models.outbox import MessageState, OutcomeClass
from programmes.models import Invitation, InvitationStatus
from programmes.queries.addresses import may_be_given


class AddressRefused(DomainError):
    """Codes: not_wrong, confirmed, not_yours, gone, taken, closed, same."""


@transaction.atomic(durable=True)
def correct_address(*, actor: Any, cycle_id: int, message_id: UUID, email: str, now: datetime) -> None:
    """Give the recipient of a failed message another address and send it, and all that failed with it, again.

    Only where nobody confirmed the old one: somebody known from a class list, or an open invitation. Refuses:
    not_wrong, confirmed (theirs to change), not_yours (their account opens more than this cycle), gone (account closed
    or erased), taken (somebody else has it), closed (invitation answered), same.
    """
    message = boxes.mails_of_cycle(cycle_id).select_for_update(of=("self",)).filter(pk=message_id).first()
    if message is None or message.state != MessageState.DEAD or message.last_class != OutcomeClass.BAD_ADDRESS:
        raise AddressRefused("not_wrong", _("This message has gone out, or its address is not the trouble."))
    address = clean_email(email) or ""
    if message.recipient_id:
        _correct_person(message.recipient_id, address, cycle_id)
        failed = boxes.mails_of_cycle(cycle_id).filter(recipient_id=message.recipient_id)
    else:
        invitation = _correct_invitation(message, cycle_id, address)
        failed = boxes.mails_of_cycle(cycle_id).filter(recipient=None, about__invitation=invitation.pk)
    actions.requeue(failed.filter(state=MessageState.DEAD, last_class=OutcomeClass.BAD_ADDRESS), now)
    audit.record(actor=actor, action="programmes.address_corrected", target=message, cycle_id=cycle_id, now=now)
    ring_after_commit()


def _correct_person(user_id: int, address: str, cycle_id: int) -> None:
    person = User.objects.select_for_update().get(pk=user_id)
    if not person.is_active:
        raise AddressRefused("gone", _("This account is closed."))
    if person.email == address:
        raise AddressRefused("same", _("This is the address that did not work."))
    if person.last_login or EmailAddress.objects.filter(user=person, verified=True).exists():
        raise AddressRefused(
            "confirmed",
            _("This person confirmed their address themselves. Ask them to change it under “Your account”."),
        )
    if not may_be_given(person.pk, address, cycle_id=cycle_id):
        raise AddressRefused(
            "not_yours", _("This person is known elsewhere too, so an administrator has to change their address.")
        )
    if User.objects.filter(email=address).exists() or EmailAddress.objects.filter(email=address).exists():
        raise AddressRefused("taken", _("Somebody else in PeerHub has this address. They may be the same person."))
    User.objects.filter(pk=person.pk).update(email=address)
    EmailAddress.objects.filter(user=person).update(email=address)


def _correct_invitation(message: Message, cycle_id: int, address: str) -> Invitation:
    invitations = Invitation.objects.select_for_update().filter(cycle_id=cycle_id, status=InvitationStatus.SENT)
    invitation = invitations.filter(pk=message.about.get("invitation", 0)).first()
    if invitation is None:
        raise AddressRefused("closed", _("This invitation has been answered or withdrawn."))
    if invitation.email == address:
        raise AddressRefused("same", _("This is the address that did not work."))
    if invitations.filter(role=invitation.role, email=address).exists():
        raise AddressRefused("taken", _("This address already has an invitation."))
    Invitation.objects.filter(pk=invitation.pk).update(email=address)
    return invitation
