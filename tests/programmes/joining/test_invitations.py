from datetime import timedelta
from uuid import uuid4

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import CycleState, Invitation, InvitationBatch, JoinPolicy, Membership, Role
from programmes.queries.invitations import has_open_invitation
from programmes.services.invitation_batches import (
    BadRow,
    BatchRefused,
    InviteRow,
    confirm_batch,
    discard_batch,
    forget_drafts,
    prepare_batch,
    stop_batch,
)
from programmes.services.invitations import (
    HOLD,
    LASTS,
    InvitationRefused,
    accept_invitation,
    decline_invitation,
    invite_person,
    remind_invited,
    resend_invitation,
    withdraw_invitation,
)
from programmes.services.places import NoPlace
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db):
    return scenes.cycle(JoinPolicy.INVITATION, places=1)


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


def invite(cycle, email="ben@example.org", role="participant", now=None, **more):
    return invite_person(actor=scenes.coordinator(cycle), cycle_id=cycle.pk, role=role, email=email, now=now, **more)


# --- one person ---
def test_invite_person_writes_to_an_address_without_an_account(now, cycle):
    invitation = invite(cycle, " Ben@Example.ORG ", name="Ben Hughes", now=now)
    assert (invitation.email, invitation.status, invitation.expires_at) == ("ben@example.org", "sent", now + LASTS)
    [letter] = scenes.letters("invitation")
    assert (letter.recipient, letter.about["invitation"]) == (None, invitation.pk)
    assert "ben@" not in str(letter.about)


@pytest.mark.parametrize("role", Role.values)
def test_accept_invitation_gives_the_role_at_once(now, role):
    cycle, ben = scenes.cycle(JoinPolicy.ROSTER), make.UserFactory()
    invitation = invite(cycle, ben.email, role, now)
    membership = accept_invitation(actor=ben, invitation_id=invitation.pk, note="Hello.", now=now)
    invitation.refresh_from_db()
    assert (membership.status, membership.role, membership.source, membership.join_note) == (
        "active",
        role,
        "invite",
        "Hello.",
    )
    assert (invitation.status, invitation.membership, invitation.answered_at) == ("accepted", membership, now)


def test_accept_invitation_with_any_proven_address(now, cycle):
    ben = make.UserFactory()
    ben.emailaddress_set.create(email="ben@example.org", verified=True)
    assert accept_invitation(actor=ben, invitation_id=invite(cycle, now=now).pk, now=now).status == "active"


@pytest.mark.parametrize("owns_unproven", [False, True])
def test_accept_invitation_of_somebody_else_is_refused(now, cycle, owns_unproven):
    ben = make.UserFactory()
    if owns_unproven:
        ben.emailaddress_set.create(email="ben@example.org", verified=False)
    with pytest.raises(InvitationRefused, match="other_address"):
        accept_invitation(actor=ben, invitation_id=invite(cycle, now=now).pk, now=now)
    assert not Membership.objects.filter(user=ben).exists()


def test_accept_invitation_when_full_waits_or_is_refused(now, cycle):
    scenes.taking_part(cycle)
    ben, zoe = make.UserFactory(), make.UserFactory()
    waits = accept_invitation(actor=ben, invitation_id=invite(cycle, ben.email, now=now).pk, now=now)
    assert waits.status == "waiting"
    type(cycle).objects.filter(pk=cycle.pk).update(waiting_list=False)
    with pytest.raises(NoPlace):
        accept_invitation(actor=zoe, invitation_id=invite(cycle, zoe.email, now=now).pk, now=now)


@pytest.mark.parametrize("status", ["requested", "waiting", "offered", "declined", "removed", "left"])
def test_accept_invitation_overrules_what_was_before(now, status):
    cycle = scenes.cycle(JoinPolicy.APPROVAL)
    before = make.MembershipFactory(
        cycle=cycle, status=status, waiting_since=in_days(-1), offer_expires_at=in_days(1), joined_at=None
    )
    invitation = invite(cycle, before.user.email, now=now)
    after = accept_invitation(actor=before.user, invitation_id=invitation.pk, now=now)
    assert (after.pk, after.status) == (before.pk, "active")


def test_accept_invitation_of_somebody_already_in_only_closes_it(now, cycle):
    ben = make.UserFactory()
    invitation = invite(cycle, ben.email, now=now)
    make.MembershipFactory(cycle=cycle, user=ben)
    accept_invitation(actor=ben, invitation_id=invitation.pk, now=now)
    invitation.refresh_from_db()
    assert invitation.status == "accepted"
    assert not scenes.letters("joined")


def test_accept_invitation_double_submit_has_one_effect(now, cycle):
    ben, key = make.UserFactory(), uuid4()
    invitation = invite(cycle, ben.email, now=now)
    accept_invitation(actor=ben, invitation_id=invitation.pk, form_key=key, now=now)
    with pytest.raises(Repeated):
        accept_invitation(actor=ben, invitation_id=invitation.pk, form_key=key, now=now)


def test_answering_says_why_it_cannot(now, cycle, rhian):
    ben = make.UserFactory()
    invitation = invite(cycle, ben.email, now=now)
    for change, code in [
        ({"status": "revoked"}, "withdrawn"),
        ({"status": "accepted"}, "answered"),
        ({"status": "sent", "expires_at": now}, "run_out"),
    ]:
        Invitation.objects.filter(pk=invitation.pk).update(**change)
        for answer in (accept_invitation, decline_invitation):
            with pytest.raises(InvitationRefused, match=code):
                answer(actor=ben, invitation_id=invitation.pk, now=now)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=in_days(9))
    type(cycle).objects.filter(pk=cycle.pk).update(state=CycleState.CLOSED)
    with pytest.raises(InvitationRefused, match="cycle_closed"):
        accept_invitation(actor=ben, invitation_id=invitation.pk, now=now)


def test_decline_invitation_needs_no_account(now, cycle):
    invitation = invite(cycle, now=now)
    for _ in range(2):
        assert decline_invitation(actor=None, invitation_id=invitation.pk, now=now).status == "declined"
    assert AuditEvent.objects.about(invitation).filter(action="programmes.invitation_declined").count() == 1


def test_invite_person_refusals(now, cycle, rhian):
    invite(cycle, now=now)
    with pytest.raises(InvitationRefused, match="already_invited"):
        invite(cycle, "BEN@example.org", now=now)
    [ben] = scenes.taking_part(cycle)
    with pytest.raises(InvitationRefused, match="already_in"):
        invite(cycle, ben.user.email, now=now)
    with pytest.raises(InvitationRefused, match="cycle_closed"):
        invite(scenes.cycle(state=CycleState.CLOSED), now=now)


def test_invite_person_again_after_it_ran_out(now, cycle):
    first = invite(cycle, now=in_days(-31))
    again = invite(cycle, now=now)
    first.refresh_from_db()
    assert (first.status, again.status) == ("revoked", "sent")


def test_resend_invitation_lasts_from_now(now, cycle, rhian):
    invitation = invite(cycle, now=in_days(-20))
    again = resend_invitation(actor=rhian, invitation_id=invitation.pk, now=now)
    assert (again.sent_count, again.expires_at) == (2, now + LASTS)
    assert len(scenes.letters("invitation")) == 2
    with pytest.raises(InvitationRefused, match="too_soon"):
        resend_invitation(actor=rhian, invitation_id=invitation.pk, now=now + timedelta(minutes=9))


def test_withdraw_invitation(now, cycle, rhian):
    invitation = invite(cycle, now=now)
    for _ in range(2):
        assert withdraw_invitation(actor=rhian, invitation_id=invitation.pk, now=now).status == "revoked"
    with pytest.raises(InvitationRefused, match="not_open"):
        resend_invitation(actor=rhian, invitation_id=invitation.pk, now=in_days(1))
    answered = invite(cycle, "zoe@example.org", now=now)
    Invitation.objects.filter(pk=answered.pk).update(status="accepted")
    with pytest.raises(InvitationRefused, match="not_open"):
        withdraw_invitation(actor=rhian, invitation_id=answered.pk, now=now)


def test_remind_invited_once_after_a_week(now, cycle):
    invite(cycle, now=in_days(-7))
    invite(cycle, "new@example.org", now=in_days(-6))
    assert (remind_invited(now), remind_invited(now)) == (1, 0)
    assert len(scenes.letters("invitation_reminder")) == 1


def test_has_open_invitation_allows_an_account(now, cycle, rhian):
    invitation = invite(cycle, now=now)
    assert has_open_invitation(" BEN@example.org ", now)
    assert not has_open_invitation("zoe@example.org", now)
    withdraw_invitation(actor=rhian, invitation_id=invitation.pk, now=now)
    assert not has_open_invitation("ben@example.org", now)


# --- lists ---
def prepare(cycle, rhian, now, emails, rejected=()):
    rows = [InviteRow(number, email, f"Person {number}") for number, email in enumerate(emails, start=2)]
    return prepare_batch(actor=rhian, cycle_id=cycle.pk, role="participant", rows=rows, rejected=rejected, now=now)


def test_prepare_batch_invites_nobody_yet(now, cycle, rhian):
    batch = prepare(cycle, rhian, now, ["ben@example.org"], [BadRow(3, "bad_email", "No.", "ben")])
    assert len(batch.rows) == 1
    assert not Invitation.objects.exists()
    assert not scenes.letters("invitation")


def test_confirm_batch_invites_who_is_neither_in_nor_invited(now, cycle, rhian):
    [ben] = scenes.taking_part(cycle)
    invite(cycle, "zoe@example.org", now=now)
    batch = prepare(cycle, rhian, now, [ben.user.email, "zoe@example.org", "ines@example.org"])
    for _ in range(2):
        batch = confirm_batch(actor=rhian, batch_id=batch.pk, now=now)
    assert [(one.email, one.row) for one in batch.invitations.all()] == [("ines@example.org", 4)]
    assert [(row["row"], row["code"]) for row in batch.rejected] == [(2, "already_in"), (3, "already_invited")]
    assert (batch.rows, batch.confirmed_at) == ([], now)
    assert len(scenes.letters("invitation")) == 2


def test_confirm_batch_of_nobody_new_is_refused(now, cycle, rhian):
    invite(cycle, now=now)
    batch = prepare(cycle, rhian, now, ["ben@example.org"])
    with pytest.raises(BatchRefused, match="nobody"):
        confirm_batch(actor=rhian, batch_id=batch.pk, now=now)


def test_a_long_list_waits_ten_minutes_and_can_be_stopped(now, cycle, rhian):
    batch = prepare(cycle, rhian, now, [f"person{number}@example.org" for number in range(51)])
    confirm_batch(actor=rhian, batch_id=batch.pk, now=now)
    assert {letter.not_before for letter in scenes.letters("invitation")} == {now + HOLD}
    assert stop_batch(actor=rhian, batch_id=batch.pk, now=now) == 51
    assert stop_batch(actor=rhian, batch_id=batch.pk, now=now) == 0
    assert set(Invitation.objects.values_list("status", flat=True)) == {"revoked"}


def test_prepare_batch_has_a_limit(now, cycle, rhian):
    with pytest.raises(BatchRefused, match="too_many"):
        prepare(cycle, rhian, now, [f"person{number}@example.org" for number in range(2001)])


def test_discard_batch_throws_away_drafts_only(now, cycle, rhian):
    draft, sent = prepare(cycle, rhian, now, ["a@example.org"]), prepare(cycle, rhian, now, ["b@example.org"])
    confirm_batch(actor=rhian, batch_id=sent.pk, now=now)
    for batch in (draft, sent, draft):
        discard_batch(actor=rhian, batch_id=batch.pk, now=now)
    assert list(InvitationBatch.objects.all()) == [sent]


def test_forget_drafts_after_a_day(now, cycle, rhian):
    prepare(cycle, rhian, in_days(-1), ["a@example.org"])
    kept = prepare(cycle, rhian, now, ["b@example.org"])
    assert forget_drafts(now) == 1
    assert list(InvitationBatch.objects.all()) == [kept]
