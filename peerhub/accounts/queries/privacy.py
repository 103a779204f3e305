"""What PeerHub holds on one person, and what its record says was done to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext as _

from peerhub.accounts.models import AccountInvitation, ErasureOutcome, ErasureRequest, ExternalId, User
from peerhub.common import stages, timeline
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import MailPreference, Message
from peerhub.common.stages import Holding
from peerhub.institution.models import RoleGrant

EVENTS_SHOWN = 200
MESSAGES_SHOWN = 500


@dataclass(frozen=True)
class Event:
    """One line of the record: what was done, when, by whom ("" for PeerHub itself), and whether that was you.

    `where` is the programme it was in.
    """

    at: datetime
    sentence: str
    by: str
    is_own: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A page of "My privacy": the account, or one stage. `key` is "" for the account."""

    key: str
    title: str


def areas() -> list[Area]:
    """The account, and every stage that holds anything on anybody: each is a page, so that none reads every table."""
    return [Area("", _("Your account")), *(Area(one.code, str(one.area or one.title)) for one in stages.keepers())]


def holdings_in(user: User, area: str) -> list[Holding]:
    """The sections of one area."""
    if not area:
        return _own(user)
    return [holding for stage in stages.keepers() if stage.code == area for holding in stage.export(user)]


def holdings(user: User) -> list[Holding]:
    """Every section of "My privacy": the account's own, the institution's, and every stage's."""
    return [*_own(user), *stages.export(user)]


def _own(user: User) -> list[Holding]:
    me = [("accounts.user", str(user.pk))]
    account, *more = _account(user)
    return [replace(account, about=[*account.about, *me]), *more, _roles(user), *_mail(user)]


def events_about(user: User, held: Iterable[Holding]) -> list[Event]:
    """What the audit record says of the rows in these sections, newest first. Ids and codes, never text."""
    by_type: dict[str, list[str]] = {}
    for holding in held:
        for label, key in holding.about:
            by_type.setdefault(label, []).append(key)
    if not by_type:
        return []
    wanted = reduce(or_, (Q(target_type=label, target_id__in=keys) for label, keys in by_type.items()))
    rows = AuditEvent.objects.filter(wanted, action__in=timeline.known_actions(private=True))
    events = list(rows.select_related("actor").order_by("-at", "-pk")[:EVENTS_SHOWN])
    return [
        Event(line.at, line.sentence, line.actor.display_name if line.actor else "", line.actor == user, where)
        for line, where in zip(timeline.lines(events), timeline.places_of(events), strict=True)
    ]


def open_request(user: User) -> ErasureRequest | None:
    """The person's wish to be forgotten that still waits, if there is one."""
    return next((one for one in _erasures(user) if one.outcome == ErasureOutcome.WAITING), None)


def _erasures(user: User) -> list[ErasureRequest]:
    """What the person asked, oldest first; read once for one person object."""
    prefetch_related_objects([user], Prefetch("erasure_requests", ErasureRequest.objects.order_by("pk")))
    return list(user.erasure_requests.all())


def as_text(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _account(user: User) -> list[Holding]:
    while_open = _("As long as you have an account. Erased when you ask us to forget you.")
    account = {
        "email": user.email,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "preferred_name": user.preferred_name,
        "pronouns": user.pronouns,
        "kind": user.kind,
        "language": user.locale,
        "time_zone": user.time_zone,
        "colours": user.theme,
        "account_since": as_text(user.date_joined),
        "last_sign_in": as_text(user.last_login),
        "number": str(user.uuid),
    }
    why = _("To call you by your name, to sign you in, and to show times and words your way.")
    why_keys = _("To know that it is you. Passwords and keys are kept so that nobody can read them.")
    why_numbers = _("To match you with lists from other systems of the institution, so that you exist once.")
    why_asked = _("To show how your account came about, and what you asked of us.")
    return [
        Holding(_("Your account"), why, while_open, [account]),
        Holding(_("How you sign in"), why_keys, while_open, _sign_in(user)),
        Holding(_("Your numbers elsewhere"), why_numbers, while_open, _numbers(user)),
        Holding(_("Invitations and requests"), why_asked, _("Two years after they were answered."), _requests(user)),
    ]


def _sign_in(user: User) -> list[dict[str, Any]]:
    addresses: list[dict[str, Any]] = [
        {"email": row.email, "confirmed": row.verified} for row in EmailAddress.objects.filter(user=user).order_by("pk")
    ]
    factors = [
        {
            "second_step": row.get_type_display(),
            "name": row.data.get("name", ""),
            "added": as_text(row.created_at),
            "last_used": as_text(row.last_used_at),
        }
        for row in Authenticator.objects.filter(user=user).order_by("pk")
    ]
    return addresses + factors


def _numbers(user: User) -> list[dict[str, Any]]:
    return [{"source": row.source, "number": row.value} for row in ExternalId.objects.filter(user=user).order_by("pk")]


def _requests(user: User) -> list[dict[str, Any]]:
    invited = AccountInvitation.objects.filter(user=user).order_by("pk")
    asked = _erasures(user)
    return [
        *(
            {"what": "invitation", "on": as_text(row.created_at), "accepted": as_text(row.accepted_at)}
            for row in invited
        ),
        *({"what": "erasure request", "on": as_text(row.asked_at), "outcome": row.outcome} for row in asked),
    ]


def _roles(user: User) -> Holding:
    grants = RoleGrant.objects.filter(user=user).select_related("unit").order_by("granted_at", "pk")
    rows = [
        {
            "role": grant.role,
            "where": grant.unit.name,
            "from": as_text(grant.granted_at),
            "until": as_text(grant.ended_at),
        }
        for grant in grants
    ]
    about = [("institution.rolegrant", str(grant.pk)) for grant in grants]
    why = _("To let you do your work, and to show who could see what when.")
    return Holding(_("Roles in the institution"), why, _("Six years after a role ends."), rows, about)


def _mail(user: User) -> list[Holding]:
    chosen = MailPreference.objects.filter(user=user).order_by("topic")
    wishes: list[dict[str, Any]] = [{"topic": row.topic, "email": row.email, "in_peerhub": row.inapp} for row in chosen]
    sent = Message.objects.filter(recipient=user).order_by("-created_at", "pk")[:MESSAGES_SHOWN]
    rows = [
        {
            "kind": row.kind,
            "channel": row.channel,
            "state": row.state,
            "on": as_text(row.created_at),
            "read": as_text(row.seen_at),
        }
        for row in sent
    ]
    return [
        Holding(
            _("What you want to hear about"), _("To send you only that."), _("As long as you have an account."), wishes
        ),
        Holding(
            _("Messages to you"),
            _("To deliver them once, and to show you what you were told. The words themselves are not kept."),
            _("A few months; see the privacy notice."),
            rows,
        ),
    ]
