"""Signing in and out, forgotten passwords, second steps: what strangers can and cannot do (trust.md §6.6)."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.accounts import services
from peerhub.accounts.models import User
from peerhub.common.models import AuditEvent
from tests.accounts.conftest import links_of
from tests.factories import NOW, OrgUnitFactory, RoleGrantFactory, UserFactory
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **more)


def is_in(client):
    return "_auth_user_id" in client.session


def code(at=None):
    return format_hotp_value(hotp_value(SECRET, int(at or time.time()) // 30))


@pytest.fixture
def ben():
    return UserFactory()


# --- in and out ---
def test_sign_in_takes_the_address_in_any_case(client, ben):
    assert sign_in(client, ben.email.upper()).status_code == 302
    assert is_in(client)


def test_sign_in_gives_a_new_session(client, ben):
    client.get(reverse("account_signup"))
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    sign_in(client, ben.email)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_sign_out_ends_the_session_and_clears_the_browser(client, ben):
    sign_in(client, ben.email)
    key = client.session.session_key
    reply = client.post(reverse("account_logout"))
    assert reply["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    client.cookies["peerhub"] = key
    assert client.get(reverse("profile")).status_code == 302


def test_sign_out_asks_first(client, ben):
    sign_in(client, ben.email)
    client.get(reverse("account_logout"))
    assert is_in(client)


def test_closing_an_account_ends_its_sessions_with_the_next_request(client, ben):
    sign_in(client, ben.email)
    assert client.get(reverse("profile")).status_code == 200
    services.deactivate_person(actor=UserFactory(), user=ben, now=NOW)
    assert client.get(reverse("profile")).status_code == 302
    assert sign_in(Client(), ben.email)["Location"] == reverse("account_inactive")


def test_roster_person_without_password_cannot_sign_in(client):
    person = UserFactory(password=None, verified=False)
    for guess in ("", "!", person.password, " "):
        assert sign_in(client, person.email, guess).status_code == 200
    assert not is_in(client)


def test_unconfirmed_address_gets_the_link_instead_of_the_door(client, letters):
    person = UserFactory(verified=False)
    assert sign_in(client, person.email)["Location"] == reverse("account_email_verification_sent")
    assert not is_in(client)
    assert [letter.kind for letter in letters()] == ["accounts.verify_email"]


@pytest.mark.parametrize(
    "goal", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "http:evil.test"]
)
def test_sign_in_never_sends_people_elsewhere(client, ben, goal):
    reply = client.post(
        f"{reverse('account_login')}?next={goal}", {"login": ben.email, "password": PASSWORD, "next": goal}
    )
    assert reply.status_code == 302
    assert "evil.test" not in reply["Location"]
    assert not reply["Location"].startswith("javascript:")


# --- nobody learns who has an account ---
def body(reply, *names):
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|credential" value)="[^"]*"', "", reply.content.decode())
    for name in names:
        text = text.replace(name, "ADDRESS")
    return text


def asked_twice(path, data_of, known, unknown):
    """(reply, number of statements) for a known and an unknown address, each in a fresh browser."""
    Client().post(path, data_of("warm.up@student.aberwen.ac.uk"))
    found = []
    for address in (known, unknown):
        with CaptureQueriesContext(connection) as queries:
            reply = Client().post(path, data_of(address))
        found.append((reply, len(queries)))
    return found


def test_sign_in_says_and_asks_the_same_for_known_and_unknown(ben):
    stranger = "stranger@student.aberwen.ac.uk"
    (known, n), (unknown, m) = asked_twice(
        reverse("account_login"), lambda who: {"login": who, "password": "wrong"}, ben.email, stranger
    )
    assert known.status_code == unknown.status_code == 200
    assert body(known, ben.email) == body(unknown, stranger)
    assert n == m


def test_forgotten_password_says_and_asks_the_same_for_known_and_unknown(ben):
    stranger = "stranger@student.aberwen.ac.uk"
    (known, n), (unknown, m) = asked_twice(
        reverse("account_reset_password"), lambda who: {"email": who}, ben.email, stranger
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert body(known) == body(unknown)
    assert n == m


def test_sign_up_says_the_same_for_known_and_unknown(ben):
    data = {"given_name": "A", "family_name": "B"}
    known, unknown = (
        Client().post(reverse("account_signup"), {**data, "email": who})
        for who in (ben.email, "stranger@student.aberwen.ac.uk")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert body(Client().get(known["Location"])) == body(Client().get(unknown["Location"]))


# --- guessing ---
def test_sixth_wrong_password_for_one_account_waits(client, ben):
    for _ in range(5):
        sign_in(client, ben.email, "wrong")
    reply = sign_in(client, ben.email)
    assert "Too many attempts" in reply.content.decode()
    assert not is_in(client)


def test_signing_in_too_often_gives_429_however_the_address_is_forged(ben, settings):
    """Without a trusted proxy, X-Forwarded-For is only what a visitor claims."""
    replies = [
        sign_in(Client(), f"nobody{n}@student.aberwen.ac.uk", "wrong", headers={"X-Forwarded-For": f"10.0.0.{n}"})
        for n in range(31)
    ]
    assert [reply.status_code for reply in replies[:30]] == [200] * 30
    assert replies[30].status_code == 429
    assert "Please wait a moment" in replies[30].content.decode()


def test_behind_one_trusted_proxy_only_its_word_counts(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    path, data = reverse("account_login"), {"login": "x@student.aberwen.ac.uk", "password": "wrong"}

    def ask(forwarded):
        return Client().post(path, data, headers={"X-Forwarded-For": forwarded}).status_code

    # What the visitor wrote stands left of what the proxy adds: changing it buys nothing.
    assert [ask(f"1.2.3.{n}, 9.9.9.9") for n in range(31)][-1] == 429
    assert ask("1.2.3.4, 8.8.8.8") == 200


def test_asking_for_mails_too_often_gives_429(ben):
    path = reverse("account_reset_password")
    replies = [Client().post(path, {"email": ben.email}).status_code for _ in range(4)]
    assert replies == [302, 302, 302, 429]


# --- forgotten passwords ---
def reset_link(client, user, letters, link_in, **headers):
    client.post(reverse("account_reset_password"), {"email": user.email}, **headers)
    return link_in(letters("accounts.reset_password")[-1])


def choose(client, path, password="another four odd words"):
    clean = client.get(path)
    assert clean.status_code == 302
    return client.post(clean["Location"], {"password1": password})


def test_reset_link_works_once_and_signs_out_everywhere(client, ben, letters, link_in):
    elsewhere = Client()
    sign_in(elsewhere, ben.email)
    path = reset_link(client, ben, letters, link_in)

    assert choose(client, path).status_code == 302

    ben.refresh_from_db()
    assert ben.check_password("another four odd words")
    assert elsewhere.get(reverse("profile")).status_code == 302, "other sessions end"
    assert "no longer works" in Client().get(path).content.decode()
    assert not is_in(client), "a link alone signs nobody in"
    assert [letter.kind for letter in letters()][-1] == "accounts.password_changed"
    assert AuditEvent.objects.filter(action="accounts.password_changed").count() == 1


def test_reset_link_dies_when_the_password_changes_otherwise(client, ben, letters, link_in):
    path = reset_link(client, ben, letters, link_in)
    ben.set_password("changed meanwhile 12")
    ben.save()
    assert "no longer works" in client.get(path).content.decode()


def test_reset_link_expires(client, ben, letters, link_in, frozen):
    path = reset_link(client, ben, letters, link_in)
    frozen.shift(4 * 3600 + 60)
    assert "no longer works" in client.get(path).content.decode()


def test_closed_account_gets_no_reset(client, ben, letters):
    User.objects.update(is_active=False)
    client.post(reverse("account_reset_password"), {"email": ben.email})
    assert letters() == []


@pytest.mark.logs_errors
def test_forged_host_is_refused(ben, letters):
    reply = Client().post(reverse("account_reset_password"), {"email": ben.email}, headers={"Host": "evil.test"})
    assert reply.status_code == 400
    assert letters() == []


def test_links_come_from_site_url_whatever_a_proxy_header_says(ben, letters, written):
    Client().post(reverse("account_reset_password"), {"email": ben.email}, headers={"X-Forwarded-Host": "evil.test"})
    wire = written(letters("accounts.reset_password")[0])
    found = links_of(wire.text) + links_of(wire.html)
    assert found
    assert all(link.startswith("http://testserver/") for link in found)


def test_no_secret_is_stored_with_a_mail(ben, letters, client, link_in):
    path = reset_link(client, ben, letters, link_in)
    token = path.rstrip("/").rpartition("-")[2]
    [row] = letters("accounts.reset_password")
    assert row.about == {"user": ben.pk}
    assert token not in str(vars(row))


# --- the address ---
def recently(client):
    """As after typing the password a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def test_changing_the_address_warns_the_old_one_and_waits_for_the_new(client_of, ben, letters, link_in):
    client = recently(client_of(ben))
    old = ben.email
    client.post(reverse("account_email"), {"email": "ben.new@student.aberwen.ac.uk", "action_add": "1"})
    ben.refresh_from_db()
    assert ben.email == old
    assert {letter.kind for letter in letters()} == {"accounts.address_change_asked", "accounts.verify_email"}

    stranger = Client()
    page = stranger.get(link_in(letters("accounts.verify_email")[0]), follow=True)
    assert "Confirm your address" in page.content.decode()
    stranger.post(reverse("account_confirm"))

    ben.refresh_from_db()
    assert ben.email == "ben.new@student.aberwen.ac.uk"
    assert list(EmailAddress.objects.filter(user=ben).values_list("email", "verified", "primary")) == [
        (ben.email, True, True)
    ]
    assert not is_in(stranger)


def test_changing_the_address_asks_for_the_password_first(client_of, ben):
    reply = client_of(ben).post(reverse("account_email"), {"email": "x@student.aberwen.ac.uk", "action_add": "1"})
    assert reply["Location"].startswith(reverse("account_reauthenticate"))
    assert EmailAddress.objects.filter(user=ben).count() == 1


def test_students_stay_within_the_domains_and_guests_need_not(client_of, ben):
    asked = {"email": "me@gmail.test", "action_add": "1"}
    assert (
        "Use an address of the institution."
        in recently(client_of(ben)).post(reverse("account_email"), asked).content.decode()
    )
    guest = UserFactory(kind="external", email="guest@gmail.test")
    assert recently(client_of(guest)).post(reverse("account_email"), asked).status_code == 302


# --- the second step ---
@pytest.fixture
def helen(settings):
    """Leads safeguarding, where that role needs a second step."""
    settings.PEERHUB_MFA_ROLES = ["safeguarding_lead"]
    grant = RoleGrantFactory(role="safeguarding_lead", unit=OrgUnitFactory(kind="institution"))
    return grant.user


@pytest.mark.parametrize("name", ["profile", "privacy", "institution:service_list", "account_change_password", "home"])
def test_role_that_needs_a_second_step_opens_nothing_before_it(client_of, helen, name):
    assert client_of(helen).get(reverse(name))["Location"] == reverse("mfa_index")


def test_role_that_needs_a_second_step_may_set_one_up_and_leave(client_of, helen):
    client = recently(client_of(helen))
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout"):
        assert client.get(reverse(name)).status_code == 200


def test_setting_up_an_app_opens_everything_and_shows_recovery_codes(
    client_of, helen, letters, django_capture_on_commit_callbacks
):
    client = recently(client_of(helen))
    page = client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    digits = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        reply = client.post(reverse("mfa_activate_totp"), {"code": digits})
    assert reply["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(reverse("mfa_view_recovery_codes")).content.decode().count('class="ph-mono"') == 10
    assert client.get(reverse("profile")).status_code == 200
    assert "accounts.second_factor_changed" in {letter.kind for letter in letters()}
    stored = str(Authenticator.objects.get(type="totp").data)
    assert secret not in stored
    assert "v1:" in stored


def test_second_step_takes_effect_with_the_next_request(client_of, settings, ben):
    settings.PEERHUB_MFA_ROLES = ["payroll"]
    client = client_of(ben)
    assert client.get(reverse("profile")).status_code == 200
    services_now = RoleGrantFactory(user=ben, role="payroll")
    assert client.get(reverse("profile")).status_code == 302
    services_now.ended_at = services_now.granted_at
    services_now.save()
    assert client.get(reverse("profile")).status_code == 200


def test_last_second_step_of_such_a_role_cannot_be_removed(client_of, helen, rf):
    TOTP.activate(helen, SECRET)
    client = recently(client_of(helen))
    reply = client.post(reverse("mfa_deactivate_totp"))
    assert "Your role needs a second step" in reply.content.decode()
    assert Authenticator.objects.filter(user=helen).exists()


def test_others_may_remove_theirs(client_of, ben, letters):
    TOTP.activate(ben, SECRET)
    recently(client_of(ben)).post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=ben).exists()
    assert [letter.about["what"] for letter in letters()] == ["totp_deactivated"]


def test_password_alone_is_not_enough_with_a_second_step(client, ben):
    TOTP.activate(ben, SECRET)
    assert sign_in(client, ben.email)["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 302
    assert is_in(client)


def test_a_code_works_once(ben):
    TOTP.activate(ben, SECRET)
    first, second = Client(), Client()
    digits = code()
    for browser in (first, second):
        sign_in(browser, ben.email)
        browser.post(reverse("mfa_authenticate"), {"code": digits})
    assert is_in(first)
    assert not is_in(second)


def test_recovery_code_works_once_in_place_of_the_app(client, ben):
    TOTP.activate(ben, SECRET)
    recovery = RecoveryCodes.activate(ben).get_unused_codes()[0]
    for expected in (True, False):
        browser = Client()
        sign_in(browser, ben.email)
        browser.post(reverse("mfa_authenticate"), {"code": recovery})
        assert is_in(browser) is expected


def test_changing_the_password_tells_its_owner(client_of, ben, letters):
    client = client_of(ben)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "another four odd words"})
    ben.refresh_from_db()
    assert ben.check_password("another four odd words")
    assert [letter.kind for letter in letters()] == ["accounts.password_changed"]
    assert client.get(reverse("profile")).status_code == 200, "this session stays"


@pytest.mark.django_db(transaction=True)
def test_person_without_a_password_is_not_asked_twice(client_of):
    """Somebody from single sign-on: no password to ask for, and the app they set up just now is proof enough."""
    client = client_of(UserFactory(password=None))
    client.get(reverse("mfa_activate_totp"))
    digits = format_hotp_value(hotp_value(client.session["mfa.totp.secret"], int(time.time()) // 30))
    client.post(reverse("mfa_activate_totp"), {"code": digits})
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200


def test_pages_about_second_factors_ask_for_them_once(world, client_of):
    browser = recently(client_of(world.amara))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    assert sum('FROM "mfa_authenticator"' in query["sql"] for query in asked) <= 2
