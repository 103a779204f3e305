"""Django admin: superusers only, behind the same door, writing by use cases, blind to private reflections."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.accounts.models import AccountInvitation, ErasureRequest, User
from peerhub.accounts.services import AccountRefused, ask_for_erasure, erase_person, save_person
from peerhub.common.models import AuditEvent
from peerhub.institution.models import OrgUnit, RoleGrant
from programmes.models import ActivityType, LogRevision, Session, SessionLog
from tests.factories import NOW, OrgUnitFactory, RoleGrantFactory, SessionLogFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam():
    return UserFactory(given_name="Sam", is_staff=True, is_superuser=True)


def test_staff_without_superuser_right_stay_outside(client_of):
    assert client_of(UserFactory(is_staff=True)).get(reverse("admin:index")).status_code in {302, 403}


def test_admin_sign_in_is_the_house_sign_in(client):
    reply = client.get(reverse("admin:login"))
    assert reply["Location"].startswith(reverse("account_login"))


def test_every_registered_list_opens(client_of, sam):
    client = client_of(sam)
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(path).status_code == 200, path


def test_nothing_private_is_registered_or_reachable(client_of, sam):
    assert not {SessionLog, LogRevision, Session} & set(admin.site._registry)
    canary = "canary of a private reflection"
    SessionLogFactory(private_reflection=canary)
    client = client_of(sam)
    for model, model_admin in admin.site._registry.items():
        assert all(inline.model is not SessionLog for inline in model_admin.inlines), model
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert canary not in client.get(path).content.decode()


def test_seconds_steps_show_no_secret(client_of, sam):
    row = Authenticator.objects.create(user=sam, type="totp", data={"secret": "v1:SEALED"})
    page = client_of(sam).get(reverse("admin:mfa_authenticator_change", args=[row.pk]))
    assert page.status_code == 200
    assert "SEALED" not in page.content.decode()


def act(client, name, action, *rows, **more):
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(reverse(f"admin:{name}_changelist"), data, follow=True)


def test_closing_and_opening_accounts(client_of, sam):
    ben = UserFactory()
    client = client_of(sam)
    page = act(client, "accounts_user", "deactivate", ben, sam)
    ben.refresh_from_db()
    sam.refresh_from_db()
    assert (ben.is_active, sam.is_active) == (False, True)
    assert "You cannot close your own account here." in page.content.decode()
    act(client, "accounts_user", "reactivate", ben)
    ben.refresh_from_db()
    assert ben.is_active


def test_erasing_asks_first(client_of, sam):
    ben = UserFactory(given_name="Ben", family_name="Hughes")
    ask_for_erasure(actor=ben, now=NOW)
    row, client = ErasureRequest.objects.get(), client_of(sam)
    asked = act(client, "accounts_erasurerequest", "erase", row)
    assert "Ben Hughes" in asked.content.decode()
    assert "This cannot be undone" in asked.content.decode()
    assert User.objects.filter(family_name="Hughes").exists()
    act(client, "accounts_erasurerequest", "erase", row, confirmed="yes")
    ben.refresh_from_db()
    assert (ben.display_name, ben.email) == ("Former student", None)


def test_a_person_made_here_has_no_password_and_gets_in_by_mail(client_of, sam):
    data = {"email": "New.Person@aberwen.ac.uk", "given_name": "New", "kind": "staff"}
    data |= {"external_ids-TOTAL_FORMS": "0", "external_ids-INITIAL_FORMS": "0"}
    client_of(sam).post(reverse("admin:accounts_user_add"), data)
    made = User.objects.get(email="new.person@aberwen.ac.uk")
    assert not made.has_usable_password()
    assert AuditEvent.objects.filter(action="accounts.person_added", actor=sam).exists()


def test_changing_an_address_here_unconfirms_it(client_of, sam):
    ben = UserFactory()
    data = {"email": "other@student.aberwen.ac.uk", "given_name": "Ben", "kind": "student"}
    data |= {"external_ids-TOTAL_FORMS": "0", "external_ids-INITIAL_FORMS": "0"}
    client_of(sam).post(reverse("admin:accounts_user_change", args=[ben.pk]), data)
    ben.refresh_from_db()
    assert ben.email == "other@student.aberwen.ac.uk"
    assert not EmailAddress.objects.filter(user=ben, verified=True).exists()


def test_inviting_and_withdrawing(client_of, sam, letters):
    client = client_of(sam)
    client.post(reverse("admin:accounts_accountinvitation_add"), {"email": "guest@gmail.test", "kind": "external"})
    row = AccountInvitation.objects.get()
    assert row.invited_by == sam
    assert len(letters("accounts.invitation")) == 1
    act(client, "accounts_accountinvitation", "withdraw", row)
    row.refresh_from_db()
    assert row.revoked_at


def test_roles_are_given_and_ended_by_use_cases(client_of, sam):
    top, helen = OrgUnitFactory(kind="institution"), UserFactory()
    client = client_of(sam)
    client.post(reverse("admin:institution_rolegrant_add"), {"user": helen.pk, "role": "lead", "unit": top.pk})
    grant = RoleGrant.objects.get()
    assert grant.granted_by == sam
    page = act(client, "institution_rolegrant", "end", grant)
    assert "This is the last institution lead." in page.content.decode()
    RoleGrantFactory(unit=top, role="lead")
    act(client, "institution_rolegrant", "end", grant)
    grant.refresh_from_db()
    assert grant.ended_at


def test_units_keep_their_paths_and_refusals_are_said(client_of, sam):
    top = OrgUnitFactory(kind="institution", name="Aberwen")
    client = client_of(sam)
    inline = {"external_ids-TOTAL_FORMS": "0", "external_ids-INITIAL_FORMS": "0"}
    client.post(
        reverse("admin:institution_orgunit_add"), {"name": "Arts", "kind": "faculty", "parent": top.pk, **inline}
    )
    arts = OrgUnit.objects.get(name="Arts")
    assert arts.path == f"{top.path}{arts.pk}/"
    page = client.post(
        reverse("admin:institution_orgunit_change", args=[top.pk]),
        {"name": "Aberwen", "kind": "institution", "parent": arts.pk, **inline},
        follow=True,
    )
    assert "stays at the top" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("academicyear", {"code": "2030-31", "starts_on": "2030-09-01", "ends_on": "2031-08-31"}),
        ("closure", {"name": "Open day", "starts_on": "2026-12-02", "ends_on": "2026-12-02"}),
        ("supportservice", {"name": "Money", "what_for": "Money", "phone": "1", "position": "0"}),
        ("branding", {"institution_name": "Aberwen", "product_name": "PeerHub"}),
    ],
)
def test_calendar_services_and_look_are_written_by_use_cases(client_of, sam, name, data):
    reply = client_of(sam).post(reverse(f"admin:institution_{name}_add"), data)
    assert reply.status_code == 302
    assert apps.get_model("institution", name).objects.exists()
    assert AuditEvent.objects.filter(action__startswith="institution.", actor=sam).exists()


def test_framework_types_keep_code_and_context(client_of, sam):
    kind = ActivityType.objects.get(code="pass")
    page = client_of(sam).get(reverse("admin:programmes_activitytype_change", args=[kind.pk])).content.decode()
    assert 'name="code"' not in page
    assert 'name="context"' not in page
    assert 'name="name"' in page


def test_createsuperuser_needs_no_mail(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "four words quite odd")
    call_command("createsuperuser", "--noinput", "--email", "Root@aberwen.ac.uk")
    root = User.objects.get(is_superuser=True)
    assert EmailAddress.objects.get(user=root).verified


# --- tens of thousands of people --------------------------------------------------------------------
LARGE = {"accounts.User", "institution.OrgUnit", "programmes.Programme", "programmes.Cycle", "programmes.Membership"}


def editable(model_admin, request):
    return model_admin.has_add_permission(request) or model_admin.has_change_permission(request)


@pytest.fixture
def as_sam(rf, sam):
    request = rf.get("/admin/")
    request.user = sam
    return request


def test_lists_count_once_and_offer_no_calendar_of_every_day(as_sam):
    for model, model_admin in admin.site._registry.items():
        if model._meta.label in {"programmes.RosterMapping"}:
            continue
        assert not model_admin.show_full_result_count, model
        assert model_admin.list_per_page == 50, model
        assert not model_admin.date_hierarchy, model


def test_large_tables_are_picked_by_search_never_from_a_list_of_all(as_sam):
    for model, model_admin in admin.site._registry.items():
        if not editable(model_admin, as_sam):
            continue
        fields = model_admin.get_form(as_sam).base_fields
        for name in fields:
            related = model._meta.get_field(name).related_model
            if related and related._meta.label in LARGE:
                assert name in {*model_admin.autocomplete_fields, *model_admin.raw_id_fields}, (model, name)


def test_groups_of_django_are_not_offered(client_of, sam):
    assert "auth.Group" not in {model._meta.label for model in admin.site._registry}


@pytest.mark.parametrize("query", ["", "?q=ben"])
def test_the_list_of_people_asks_the_same_for_any_number(client_of, sam, query):
    path, client = reverse("admin:accounts_user_changelist") + query, client_of(sam)
    counts = []
    for _ in range(2):
        for _n in range(15):
            UserFactory(given_name="Ben")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_mails_are_filtered_by_known_kinds_without_reading_them_all(client_of, sam):
    with CaptureQueriesContext(connection) as captured:
        page = client_of(sam).get(reverse("admin:common_message_changelist"), {"kind": "accounts.invitation"})
    assert page.status_code == 200
    assert "You are invited to PeerHub" in page.content.decode()
    assert not any("DISTINCT" in query["sql"] for query in captured)


def test_nothing_is_done_to_more_people_than_were_looked_at(client_of, sam):
    people = [UserFactory() for _ in range(51)]
    for action in ("deactivate", "erase"):
        page = act(client_of(sam), "accounts_user", action, *people, confirmed="yes")
        assert "Choose at most 50 at once." in page.content.decode()
    assert User.objects.filter(is_active=True).count() == 52


# --- what goes by a use case ------------------------------------------------------------------------
PERSON = {"given_name": "Ben", "kind": "student", "external_ids-INITIAL_FORMS": "0"}


def test_numbers_of_a_person_are_changed_with_a_line_in_the_record(client_of, sam):
    ben = UserFactory()
    number = {"external_ids-0-source": "sits", "external_ids-0-value": "0041", "external_ids-TOTAL_FORMS": "1"}
    path = reverse("admin:accounts_user_change", args=[ben.pk])
    client_of(sam).post(path, {**PERSON, "email": ben.email, **number})
    assert ben.external_ids.get().value == "0041"
    event = AuditEvent.objects.get(action="accounts.external_ids_changed", actor=sam)
    assert (event.target_id, event.detail) == (str(ben.pk), {"added": 1, "changed": 0, "removed": 0})


def test_somebody_erased_is_changed_no_more(client_of, sam):
    gone = UserFactory()
    erase_person(actor=sam, user=gone, now=NOW)
    path = reverse("admin:accounts_user_change", args=[gone.pk])
    reply = client_of(sam).post(path, {**PERSON, "email": "back@aberwen.ac.uk", "external_ids-TOTAL_FORMS": "0"})
    gone.refresh_from_db()
    assert (reply.status_code, gone.email) == (403, None)
    with pytest.raises(AccountRefused, match="erased"):
        save_person(actor=sam, person=gone, changed=["email"], now=NOW)


def test_nobody_takes_the_right_to_look_after_peerhub_from_themselves(client_of, sam):
    path = reverse("admin:accounts_user_change", args=[sam.pk])
    page = (
        client_of(sam)
        .post(path, {**PERSON, "email": sam.email, "external_ids-TOTAL_FORMS": "0"}, follow=True)
        .content.decode()
    )
    sam.refresh_from_db()
    assert sam.is_superuser
    assert "You cannot take this right from yourself." in page


def test_a_lost_second_step_is_taken_away_recorded_and_told(client_of, sam, letters):
    ben = UserFactory()
    row = Authenticator.objects.create(user=ben, type="totp", data={})
    client = client_of(sam)
    assert client.post(reverse("admin:mfa_authenticator_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    act(client, "mfa_authenticator", "take_away", row)
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(action="accounts.factor_taken_away").actor == sam
    assert [one.recipient for one in letters("accounts.second_factor_changed")] == [ben]
