"""Opening an account: who may, what the mail says, and that nobody else's password ever opens it."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from peerhub.accounts import services
from peerhub.accounts.models import AccountInvitation, ErasureRequest, ExternalId, User
from peerhub.accounts.queries.sign_up import kind_of_domain, may_sign_up
from peerhub.common.mail import NotWanted
from peerhub.common.mail.writing import say_now
from peerhub.common.models import AuditEvent, Message
from tests.factories import NOW, UserFactory, in_days, in_hours
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db
NEW = {"email": "zoe.marchetti@student.aberwen.ac.uk", "given_name": "Zoe", "family_name": "Marchetti"}


def asked(client, **changed):
    return client.post(reverse("account_signup"), {**NEW, **changed})


def opened(client, path, **data):
    """Follow a mail's link and send the form behind it."""
    first = client.get(path)
    assert first.status_code == 302
    assert path not in first["Location"], "the token stays out of the page's address"
    return client.post(first["Location"], data)


# --- who may ---
@pytest.mark.parametrize(
    ("domains", "address", "kind"),
    [
        (["aberwen.ac.uk"], "a@aberwen.ac.uk", "student"),
        (["aberwen.ac.uk"], "a@ABERWEN.ac.uk ", "student"),
        (["aberwen.ac.uk"], "a@cs.aberwen.ac.uk", None),
        (["aberwen.ac.uk"], "a@notaberwen.ac.uk", None),
        (["aberwen.ac.uk"], "a@aberwen.ac.uk.evil.test", None),
        ([".aberwen.ac.uk"], "a@cs.aberwen.ac.uk", "student"),
        ([".aberwen.ac.uk"], "a@aberwen.ac.uk", "student"),
        ([".aberwen.ac.uk"], "a@notaberwen.ac.uk", None),
        (["student.aberwen.ac.uk=student", "aberwen.ac.uk=staff"], "a@aberwen.ac.uk", "staff"),
        ([], "a@aberwen.ac.uk", None),
    ],
)
def test_sign_up_domains_match_exactly_or_below(settings, domains, address, kind):
    settings.PEERHUB_SIGNUP_DOMAINS = domains
    assert kind_of_domain(address) == kind


def test_sign_up_refuses_other_domains_with_a_clear_message(client):
    reply = asked(client, email="zoe@gmail.test")
    assert reply.status_code == 422
    assert "PeerHub is for addresses at aberwen.ac.uk, student.aberwen.ac.uk." in reply.content.decode()
    assert not User.objects.filter(email="zoe@gmail.test").exists()


def test_sign_up_says_the_same_of_an_outside_address_that_has_an_account(client):
    UserFactory(email="known@gmail.test", kind="external")
    known, unknown = asked(client, email="known@gmail.test"), asked(client, email="other@gmail.test")
    assert known.status_code == unknown.status_code == 422
    assert plain(known) == plain(unknown)


def test_sign_up_lets_in_whom_a_programme_invited(settings):
    settings.PEERHUB_SIGNUP_HOOKS = ["tests.accounts.test_sign_up.invited_by_somebody"]
    assert may_sign_up("guest@gmail.test", now=NOW)
    assert not may_sign_up("stranger@gmail.test", now=NOW)


def invited_by_somebody(email, now):
    return email == "guest@gmail.test"


@pytest.mark.parametrize("name", ["http://evil.test", "a@b", "<b>x</b>", "win at www.evil.test", "x\u202ey"])
def test_sign_up_refuses_links_and_tricks_in_names(client, name):
    assert asked(client, given_name=name).status_code == 422
    assert not User.objects.exists()


# --- a new person ---
def test_sign_up_opens_an_account_after_the_address_is_confirmed(client, letters, link_in):
    assert asked(client).status_code == 302
    zoe = User.objects.get()
    assert (zoe.email, zoe.given_name, zoe.kind, zoe.has_usable_password()) == (NEW["email"], "Zoe", "student", False)
    [letter] = letters("accounts.verify_email")
    assert "zoe" not in str(letter.about).lower(), "the row holds ids only"

    reply = opened(client, link_in(letter), password="four words quite odd")

    assert reply.status_code == 302
    zoe.refresh_from_db()
    assert zoe.check_password("four words quite odd")
    assert EmailAddress.objects.get(user=zoe).verified
    assert client.session["_auth_user_id"] == str(zoe.pk)
    assert AuditEvent.objects.filter(action="accounts.account_opened", target_id=str(zoe.pk)).count() == 1


def test_confirmation_link_works_once(client, letters, link_in):
    asked(client)
    path = link_in(letters("accounts.verify_email")[0])
    opened(client, path, password="four words quite odd")
    again = Client().get(path)
    assert again.status_code == 200
    assert "This link no longer works" in again.content.decode()
    with pytest.raises(services.SignUpRefused, match="used"):
        services.confirm_address(address_id=EmailAddress.objects.get().pk, password="another one", now=NOW)


def test_confirmation_link_expires(client, letters, link_in, frozen):
    asked(client)
    path = link_in(letters("accounts.verify_email")[0])
    frozen.shift(3 * 24 * 3600 + 60)
    assert "This link no longer works" in client.get(path).content.decode()


@pytest.mark.parametrize("token", ["x", "MQ:1abc:def", "MQ:1abc:" + "a" * 500, "..", "%00"])
def test_confirmation_refuses_made_up_links(client, token):
    reply = client.get(f"/accounts/confirm-email/{token}/")
    assert reply.status_code in {200, 404}
    assert not Session.objects.exists()


def test_confirmation_refuses_weak_passwords_and_changes_nothing(client, letters, link_in):
    asked(client)
    reply = opened(client, link_in(letters("accounts.verify_email")[0]), password="zoe.marchetti")
    assert reply.status_code == 422
    assert not EmailAddress.objects.get().verified


def test_looking_at_the_link_changes_nothing(client, letters, link_in):
    """A mail scanner opens links; only the form behind them does anything."""
    asked(client)
    path = link_in(letters("accounts.verify_email")[0])
    for _ in range(3):
        scanner = Client()
        scanner.get(path, follow=True)
    assert not EmailAddress.objects.get().verified


def test_token_pages_are_never_kept(client, letters, link_in):
    asked(client)
    reply = client.get(link_in(letters("accounts.verify_email")[0]), follow=True)
    assert reply["Cache-Control"] == "no-store"
    assert reply["Referrer-Policy"] == "same-origin"


def test_asking_again_within_three_minutes_sends_one_mail(client, letters, frozen):
    asked(client)
    asked(Client())
    assert len(letters("accounts.verify_email")) == 1
    assert User.objects.count() == 1


# --- somebody we know ---
def test_roster_person_claims_their_own_account(client, letters, link_in):
    ben = UserFactory(email=NEW["email"], given_name="Ben", family_name="Hughes", password=None, verified=False)
    ExternalId.objects.create(user=ben, source="sits", value="00417733")

    asked(client, given_name="Somebody", family_name="Else")
    reply = opened(client, link_in(letters("accounts.verify_email")[0]), password="four words quite odd")

    assert reply.status_code == 302
    assert User.objects.count() == 1
    ben.refresh_from_db()
    assert ben.check_password("four words quite odd")
    assert (ben.given_name, ben.family_name) == ("Ben", "Hughes"), "whoever asks cannot rename a roster's person"
    assert client.session["_auth_user_id"] == str(ben.pk)


def test_roster_person_claims_by_forgotten_password_too(client, letters, link_in):
    ben = UserFactory(email=NEW["email"], password=None, verified=False)
    client.post(reverse("account_reset_password"), {"email": NEW["email"]})
    opened(client, link_in(letters("accounts.verify_email")[0]), password="four words quite odd")
    ben.refresh_from_db()
    assert ben.check_password("four words quite odd")


def test_roster_person_without_address_cannot_be_claimed(client, letters):
    nobody = UserFactory(email=None, given_name="Zoe", family_name="Marchetti", password=None)
    asked(client)
    assert User.objects.count() == 2
    nobody.refresh_from_db()
    assert nobody.email is None
    assert not EmailAddress.objects.filter(user=nobody).exists()


def test_closed_account_gets_no_mail(client, letters):
    UserFactory(email=NEW["email"], password=None, verified=False, is_active=False)
    assert asked(client).status_code == 302
    assert letters() == []


def test_known_address_is_told_and_nobody_else_learns(client, letters):
    zoe = UserFactory(email=NEW["email"])
    known = asked(client, email=NEW["email"])
    unknown = asked(Client(), email="nobody.here@student.aberwen.ac.uk")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [letter.kind for letter in letters() if letter.recipient_id == zoe.pk] == ["accounts.account_exists"]
    zoe.refresh_from_db()
    assert zoe.check_password(PASSWORD)


def test_unconfirmed_claim_of_anothers_address_counts_for_nothing(client, letters, link_in):
    """Dev asked to use Zoe's address and never confirmed it: Zoe still gets her own account."""
    dev = UserFactory()
    EmailAddress.objects.create(user=dev, email=NEW["email"], verified=False)
    asked(client)
    opened(client, link_in(letters("accounts.verify_email")[0]), password="four words quite odd")
    zoe = User.objects.get(email=NEW["email"])
    assert zoe != dev
    assert EmailAddress.objects.get(user=zoe).verified


def test_confirming_an_address_somebody_else_holds_is_refused(client):
    zoe, dev = UserFactory(email=NEW["email"]), UserFactory()
    claim = EmailAddress.objects.create(user=dev, email=zoe.email, verified=False)
    with pytest.raises(services.SignUpRefused, match="taken"):
        services.confirm_address(address_id=claim.pk, password=None, now=NOW)
    dev.refresh_from_db()
    assert dev.email != zoe.email


def test_signing_up_when_signed_in_goes_home(client_of):
    assert client_of(UserFactory()).get(reverse("account_signup")).status_code == 302


def test_sign_up_returns_to_where_they_were_going(client, letters, link_in):
    asked(client, next="/programmes/pass/join/")
    reply = opened(client, link_in(letters("accounts.verify_email")[0]), password="four words quite odd")
    assert reply["Location"] == "/programmes/pass/join/"


def test_sign_up_never_sends_people_elsewhere(client, letters, link_in):
    asked(client, next="https://evil.test/")
    reply = opened(client, link_in(letters("accounts.verify_email")[0]), password="four words quite odd")
    assert "evil.test" not in reply["Location"]


# --- invitations ---
def invite(email="guest@gmail.test", **more):
    return services.invite_person(actor=UserFactory(kind="staff"), email=email, now=NOW, **more)


def test_invited_person_opens_an_account(client, letters, link_in, frozen):
    invitation = invite()
    [letter] = letters("accounts.invitation")
    assert letter.recipient_id is None
    reply = opened(client, link_in(letter), given_name="Gwen", family_name="Price", password="four words quite odd")
    assert reply.status_code == 302
    guest = User.objects.get(email="guest@gmail.test")
    assert (guest.kind, guest.given_name, guest.check_password("four words quite odd")) == ("external", "Gwen", True)
    invitation.refresh_from_db()
    assert (invitation.user, invitation.accepted_at) == (guest, NOW)


def test_invitation_works_once_and_not_after_withdrawal_or_its_time(client, letters, link_in, frozen):
    invitation = invite()
    path = link_in(letters("accounts.invitation")[0])
    services.withdraw_invitation(actor=invitation.invited_by, invitation_id=invitation.pk, now=NOW)
    assert "This link no longer works" in client.get(path).content.decode()
    invite()
    path = next(filter(None, map(link_in, letters("accounts.invitation"))))  # the withdrawn one has no link
    frozen.shift(15 * 24 * 3600)
    assert "This link no longer works" in client.get(path).content.decode()
    with pytest.raises(services.SignUpRefused, match="used"):
        services.join_by_invitation(
            invitation_id=AccountInvitation.objects.latest("pk").pk, given_name="G", family_name="", password="p" * 14,
            now=in_days(15),
        )  # fmt: skip


def test_invitation_is_a_permission_to_sign_up_while_open():
    invite()
    assert may_sign_up("guest@gmail.test", now=NOW)
    assert not may_sign_up("guest@gmail.test", now=in_days(14))


def test_inviting_again_renews_the_one_invitation(letters):
    invite()
    services.invite_person(actor=UserFactory(), email="Guest@Gmail.test", now=in_hours(2), kind="staff")
    row = AccountInvitation.objects.get()
    assert (row.kind, row.expires_at) == ("staff", in_days(14) + (in_hours(2) - NOW))
    assert len(letters("accounts.invitation")) == 2


def test_inviting_refuses_what_is_no_address_and_who_has_an_account():
    with pytest.raises(services.InvitationRefused, match="bad_address"):
        invite("nobody")
    with pytest.raises(services.InvitationRefused, match="has_account"):
        invite(UserFactory().email)


def test_withdrawn_invitation_is_not_mailed(letters):
    invitation = invite()
    services.withdraw_invitation(actor=None, invitation_id=invitation.pk, now=NOW)
    [(_row, said)] = say_now(letters("accounts.invitation"), NOW)
    assert isinstance(said, NotWanted)
    with pytest.raises(services.InvitationRefused, match="not_open"):
        services.withdraw_invitation(actor=None, invitation_id=invitation.pk, now=NOW)


# --- what the database forbids ---
def forbids(name, rows, **values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**values)


def test_user_constraints():
    UserFactory()
    rows = User.objects.all()
    forbids("user_email_lower_case|user_email", rows, email="UPPER@aberwen.ac.uk")
    forbids("user_email_not_empty", rows, email="")
    forbids("user_kind_known", rows, kind="robot")
    forbids("user_theme_known", rows, theme="pink")
    forbids("user_erased_is_nobody", rows, erased_at=NOW)


def test_account_invitation_constraints():
    invite()
    rows = AccountInvitation.objects.all()
    forbids("account_invitation_email_lower", rows, email="UP@x.test")
    forbids("account_invitation_kind_known", rows, kind="robot")
    forbids("account_invitation_expires", rows, expires_at=in_days(-1))
    forbids("account_invitation_one_end", rows, accepted_at=NOW, revoked_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountInvitation.objects.create(email="guest@gmail.test", created_at=NOW, expires_at=in_days(1))


def test_erasure_request_constraints():
    user = UserFactory()
    services.ask_for_erasure(actor=user, now=NOW)
    rows = ErasureRequest.objects.all()
    forbids("erasure_outcome_known", rows, outcome="maybe", decided_at=NOW)
    forbids("erasure_decided_when_over", rows, outcome="erased")
    with pytest.raises(IntegrityError), transaction.atomic():
        ErasureRequest.objects.create(user=user, asked_at=NOW)


def test_external_id_constraints():
    ExternalId.objects.create(user=UserFactory(), source="sits", value="1")
    forbids("external_id_not_empty", ExternalId.objects.all(), value="")
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalId.objects.create(user=UserFactory(), source="sits", value="1")


def plain(reply):
    """A page without what differs between two visits anyway."""
    text = reply.content.decode()
    for mark in ('name="csrfmiddlewaretoken" value="', 'nonce="'):
        while mark in text:
            start = text.index(mark)
            end = text.index('"', start + len(mark))
            text = text[:start] + text[end:]
    return text.replace("known@gmail.test", "X").replace("other@gmail.test", "X")


def test_no_message_row_holds_an_address():
    invite()
    assert "guest@gmail.test" not in str(list(Message.objects.values()))
