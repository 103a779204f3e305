"""My privacy: what is held, the file, the record, and being forgotten."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from peerhub.accounts import services
from peerhub.accounts.models import ErasureRequest, ExternalId, User
from peerhub.accounts.queries.privacy import events_about, holdings
from peerhub.common import audit, stages
from peerhub.common.models import AuditEvent
from peerhub.common.stages import Erasure, ErasureRefused, Holding, Silent
from tests.factories import NOW, RoleGrantFactory, UserFactory, in_days

pytestmark = pytest.mark.django_db


class Rows(Silent):
    """A stage that holds something on everybody, and refuses to forget coordinators."""

    code = "places"
    area = "Places and groups"
    refuses = False

    def export(self, user):
        about = [("programmes.membership", f"m{user.pk}")]
        return [Holding("Places", "To run programmes", "A year", [{"role": "leader", "since": "2026-09-21"}], about)]

    def erase(self, user, now):
        if Rows.refuses:
            raise ErasureRefused("coordinates", "PASS would lose its coordinator.")
        return [Erasure("Places", forgotten=2, kept=3, kept_until="2032")]


@pytest.fixture
def stage(settings):
    settings.PEERHUB_STAGES = ["tests.accounts.test_privacy.Rows"]
    Rows.refuses = False
    yield Rows
    Rows.refuses = False


@pytest.fixture
def ben():
    ben = UserFactory(given_name="Ben", family_name="Hughes", pronouns="he/him")
    ExternalId.objects.create(user=ben, source="sits", value="00417733")
    return ben


def test_privacy_shows_every_section_with_why_and_until_when(client_of, ben, stage):
    client = client_of(ben)
    account = client.get(reverse("privacy")).content.decode()
    for words in ("he/him", "00417733", "Places and groups", "?of=places", "Until when:"):
        assert words in account
    places = client.get(reverse("privacy") + "?of=places").content.decode()
    for words in ("Places", "To run programmes", "21 September 2026", "Until when:"):
        assert words in places
    assert "00417733" not in places
    assert client.get(reverse("privacy") + "?of=elsewhere").status_code == 404


def test_the_record_says_in_which_programme(world, client_of):
    place = world.memberships["ben"]
    audit.record(
        actor=world.rhian, action="programmes.request_approved", target=place, cycle_id=world.cycle.pk, now=NOW
    )
    client = client_of(world.ben)
    record = client.get(reverse("privacy") + "?of=programmes").content.decode().partition('id="record"')[2]
    assert "Bio PASS, 2026-27" in record
    told = json.loads(client.get(reverse("privacy_download")).content)["record"]
    assert "Bio PASS, 2026-27" in [line["where"] for line in told]


def test_download_holds_it_all_as_json(client_of, ben, stage):
    RoleGrantFactory(user=ben, role="payroll")
    reply = client_of(ben).get(reverse("privacy_download"))
    assert reply["Content-Disposition"].startswith("attachment")
    assert reply["Cache-Control"] == "no-store"
    content = json.loads(reply.content)
    sections = {each["section"]: each for each in content["sections"]}
    assert sections["Your account"]["rows"][0]["email"] == ben.email
    assert sections["Your numbers elsewhere"]["rows"] == [{"source": "sits", "number": "00417733"}]
    assert sections["Roles in the institution"]["rows"][0]["role"] == "payroll"
    assert all(each["why"] and each["kept_until"] for each in content["sections"])


def test_privacy_holds_no_secret(client_of, ben, stage):
    Authenticator.objects.create(user=ben, type="totp", data={"secret": "v1:SEALED"})
    client = client_of(ben)
    for name in ("privacy", "privacy_download"):
        text = client.get(reverse(name)).content.decode()
        assert ben.password not in text
        assert "SEALED" not in text


def test_every_model_about_a_person_is_in_the_export(ben):
    """What accounts and institution know of a person: a new row with a link to people must be shown or named here."""
    not_shown = {
        "LogEntry",  # the admin's own history of what a superuser did
        "EmailConfirmation",
        "ProcessedForm",  # keys of forms sent, gone after a day
    }
    shown = {"EmailAddress", "Authenticator", "ExternalId", "AccountInvitation", "ErasureRequest", "RoleGrant"}
    shown |= {"AuditEvent", "Message", "MailPreference"}
    apps = {"accounts", "institution", "common", "account", "mfa", "admin"}
    linked = {
        relation.related_model.__name__
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created and relation.is_relation and relation.related_model._meta.app_label in apps
    }
    assert {name for name in linked if not name.startswith("User_")} - not_shown <= shown


def test_record_tells_who_did_what_to_me_and_no_more(ben, stage):
    rhian = UserFactory(given_name="Rhian", family_name="Pugh")
    services.change_profile(actor=ben, details={"pronouns": "they/them"}, now=NOW)
    services.deactivate_person(actor=rhian, user=ben, now=in_days(1))
    grant = RoleGrantFactory(user=ben)
    audit.record(actor=rhian, action="institution.role_granted", target=grant, now=in_days(2))
    services.deactivate_person(actor=rhian, user=UserFactory(), now=in_days(3))
    lines = events_about(ben, holdings(ben))
    assert [(line.sentence.split(":")[0], line.by, line.is_own) for line in lines] == [
        ("You were given a role", "Rhian Pugh", False),
        ("The account was closed", "Rhian Pugh", False),
        ("Details were changed", "Ben Hughes", True),
    ]
    assert "they/them" not in str(AuditEvent.objects.values_list("detail", flat=True))


# --- asking ---
def test_asking_to_be_forgotten_tells_administrators_once_and_not_whose(client_of, ben, letters, written):
    sam = UserFactory(is_superuser=True, is_staff=True)
    client = client_of(ben)
    for _ in range(2):
        client.post(reverse("erasure_ask"))
    assert ErasureRequest.objects.get().user == ben
    [letter] = letters("accounts.erasure_asked")
    assert letter.recipient == sam
    assert "Ben" not in written(letter).text


def test_withdrawing_the_wish_leaves_everything(client_of, ben):
    client = client_of(ben)
    client.post(reverse("erasure_ask"))
    client.post(reverse("erasure_withdraw"))
    assert ErasureRequest.objects.get().outcome == "withdrawn"
    client.post(reverse("erasure_withdraw"))
    ben.refresh_from_db()
    assert ben.is_active


# --- being forgotten ---
def test_erase_person_leaves_nobody(ben, stage, client_of):
    client = client_of(ben)
    Authenticator.objects.create(user=ben, type="totp", data={})
    services.ask_for_erasure(actor=ben, now=NOW)
    done = services.erase_person(actor=UserFactory(is_superuser=True), user=ben, now=in_days(3))

    ben.refresh_from_db()
    assert (ben.display_name, ben.email, ben.pronouns, ben.is_active) == ("Former student", None, "", False)
    assert not ben.has_usable_password()
    assert not EmailAddress.objects.filter(user=ben).exists()
    assert not Authenticator.objects.filter(user=ben).exists()
    assert not ben.external_ids.exists()
    assert client.get(reverse("profile")).status_code == 302, "signed out with the next request"
    assert ErasureRequest.objects.get().outcome == "erased"
    assert (done.report[0].forgotten, done.report[0].kept) == (2, 3)
    assert "Hughes" not in str(AuditEvent.objects.values_list("detail", flat=True))


def test_erase_person_without_a_request_writes_the_ledger(ben, stage):
    services.erase_person(actor=None, user=ben, now=NOW)
    services.erase_person(actor=None, user=ben, now=in_days(1))
    assert ErasureRequest.objects.get().outcome == "erased"
    with pytest.raises(services.AccountRefused, match="erased"):
        services.reactivate_person(actor=None, user=ben, now=NOW)


def test_stage_that_refuses_keeps_everything(ben, stage):
    Rows.refuses = True
    with pytest.raises(ErasureRefused, match="coordinates"):
        services.erase_person(actor=None, user=ben, now=NOW)
    ben.refresh_from_db()
    assert (ben.given_name, ben.is_active) == ("Ben", True)


def test_erase_person_refuses_oneself_superusers_and_role_holders(ben, stage):
    sam = UserFactory(is_superuser=True)
    with pytest.raises(ErasureRefused, match="oneself"):
        services.erase_person(actor=ben, user=ben, now=NOW)
    with pytest.raises(ErasureRefused, match="superuser"):
        services.erase_person(actor=None, user=sam, now=NOW)
    grant = RoleGrantFactory(user=ben)
    with pytest.raises(ErasureRefused, match="leads"):
        services.erase_person(actor=sam, user=ben, now=NOW)
    grant.ended_at = NOW
    grant.save()
    assert services.erase_person(actor=sam, user=ben, now=NOW).user.erased_at == NOW


def test_stages_are_asked_for_real():
    assert stages.export(UserFactory()) is not None


# --- one's details ---
def test_profile_changes_what_it_shows_and_nothing_else(client_of, ben):
    client = client_of(ben)
    data = {"given_name": " Benjamin  J ", "family_name": "Hughes", "preferred_name": "Ben", "pronouns": "he/they"}
    data |= {"theme": "dark", "locale": "cy", "time_zone": "Asia/Tokyo"}
    forged = {
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "",
        "email": "x@y.test",
        "kind": "staff",
        "password": "x",
    }
    assert client.post(reverse("profile"), {**data, **forged}).status_code == 302
    before = (ben.email, ben.kind, ben.password)
    ben.refresh_from_db()
    assert (ben.given_name, ben.preferred_name, ben.theme, ben.locale, ben.time_zone) == (
        "Benjamin J", "Ben", "dark", "cy", "Asia/Tokyo",
    )  # fmt: skip
    assert (ben.is_superuser, ben.is_staff, ben.is_active) == (False, False, True)
    assert (ben.email, ben.kind, ben.password) == before
    page = client.get(reverse("profile")).content.decode()
    assert 'data-bs-theme="dark"' in page
    assert 'lang="cy"' in page


def test_profile_refuses_other_details():
    with pytest.raises(KeyError):
        services.change_profile(actor=UserFactory(), details={"is_superuser": "1"}, now=NOW)


def test_language_is_kept_for_people_and_visitors(client, client_of, ben):
    client_of(ben).post(reverse("set_language"), {"language": "es", "next": "/me/"})
    ben.refresh_from_db()
    assert ben.locale == "es"
    reply = client.post(reverse("set_language"), {"language": "cy", "next": "https://evil.test/"})
    assert reply["Location"] == "/"
    assert client.cookies["django_language"].value == "cy"
    client.post(reverse("set_language"), {"language": "xx", "next": "/"})
    assert client.cookies["django_language"].value == "cy"


def test_deactivate_and_reactivate(ben):
    sam = UserFactory()
    with pytest.raises(services.AccountRefused, match="oneself"):
        services.deactivate_person(actor=ben, user=ben, now=NOW)
    services.deactivate_person(actor=sam, user=ben, now=NOW)
    assert services.reactivate_person(actor=sam, user=ben, now=in_days(1)).is_active
