"""Being forgotten: asking for it, and doing it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import AccountInvitation, ErasureOutcome, ErasureRequest, PersonKind, User
from peerhub.accounts.queries.people import administrators
from peerhub.common import audit, mail, stages
from peerhub.common.models.outbox import MailPreference, StoredMail
from peerhub.common.stages import Erasure, ErasureRefused
from peerhub.institution.models import RoleGrant

FORMER = {
    PersonKind.STUDENT: _("Former student"),
    PersonKind.STAFF: _("Former member of staff"),
    PersonKind.EXTERNAL: _("Former guest"),
}


@dataclass(frozen=True)
class Forgotten:
    """What an erasure did: the person as they are now, and each part's report."""

    user: User
    report: list[Erasure]


@transaction.atomic(durable=True)
def ask_for_erasure(*, actor: User, now: datetime) -> ErasureRequest:
    """Record the person's wish to be forgotten and tell administrators that one waits. Asking again changes nothing."""
    request, made = ErasureRequest.objects.get_or_create(
        user=actor, outcome=ErasureOutcome.WAITING, defaults={"asked_at": now}
    )
    if made:
        audit.record(actor=actor, action="accounts.erasure_asked", target=actor, now=now)
        for admin in administrators():
            key = f"accounts.erasure_asked:{request.pk}:{admin.pk}"
            mail.queue("accounts.erasure_asked", to=admin, key=key, about={"request": request.pk}, now=now)
    return request


@transaction.atomic(durable=True)
def withdraw_erasure(*, actor: User, now: datetime) -> None:
    """The person has changed their mind. Nothing waits, nothing happens."""
    waiting = ErasureRequest.objects.filter(user=actor, outcome=ErasureOutcome.WAITING)
    if waiting.update(outcome=ErasureOutcome.WITHDRAWN, decided_at=now, decided_by=actor):
        audit.record(actor=actor, action="accounts.erasure_withdrawn", target=actor, now=now)


@transaction.atomic(durable=True)
def erase_person(*, actor: Any, user: User, now: datetime) -> Forgotten:
    """Forget a person for good. What others need (a register's number, a decision's date) stays, about nobody.

    Every stage forgets its part first and may refuse ("coordinates": a running programme would lose its coordinator).
    Refuses with `ErasureRefused`: coordinates, oneself, superuser, leads. Then nothing has changed.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    _check_may_go(actor, person)
    if person.erased_at:
        return Forgotten(person, [])
    report = [*stages.erase(person, now), *_erase_account(person, actor, now)]
    done = ErasureRequest.objects.filter(user=person, outcome=ErasureOutcome.WAITING)
    if not done.update(outcome=ErasureOutcome.ERASED, decided_at=now, decided_by=actor):
        # The ledger: after a backup is restored, these people are erased again.
        ErasureRequest.objects.create(
            user=person, asked_at=now, outcome=ErasureOutcome.ERASED, decided_at=now, decided_by=actor
        )
    counts = {"forgotten": sum(part.forgotten for part in report), "kept": sum(part.kept for part in report)}
    audit.record(actor=actor, action="accounts.person_erased", target=person, detail=counts, now=now)
    return Forgotten(person, report)


def _check_may_go(actor: Any, person: User) -> None:
    if actor is not None and actor.pk == person.pk:
        raise ErasureRefused("oneself", _("Ask another administrator to erase your own account."))
    if person.is_superuser:
        raise ErasureRefused("superuser", _("This person looks after PeerHub. Take that right away first."))
    if RoleGrant.objects.active().filter(user=person).exists():
        raise ErasureRefused("leads", _("This person still holds a role in the institution. End it first."))


def _erase_account(person: User, actor: Any, now: datetime) -> list[Erasure]:
    """The account becomes nobody's: no name, no address, no way in. The row stays for what hangs on it."""
    address = person.email
    forgotten = sum(
        rows.delete()[0]
        for rows in (
            EmailAddress.objects.filter(user=person),
            Authenticator.objects.filter(user=person),
            MailPreference.objects.filter(user=person),
            person.external_ids.all(),
            AccountInvitation.objects.filter(email=address or ""),
            # What an installation without a mail server keeps, and what the admin's own log calls people.
            StoredMail.objects.filter(recipient__iexact=address or ""),
            LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)),
        )
    )
    with translation.override(None):
        person.given_name = str(FORMER[PersonKind(person.kind)])
    person.email = None
    person.family_name = person.preferred_name = person.pronouns = person.time_zone = person.locale = ""
    person.theme = "system"
    person.set_unusable_password()
    person.is_active = person.is_staff = False
    person.last_login = None
    person.deactivated_at = person.deactivated_at or now
    person.erased_at = now
    person.save()
    return [Erasure(_("The account"), forgotten + 1)]
