"""What a role opens ends with the role; what a role does not open stays shut wherever it could be read sideways."""

import pytest
from django.urls import reverse

from peerhub.common import audit
from peerhub.common.mail import NotWanted, notifications
from peerhub.common.mail.writing import say_now
from peerhub.common.models import Message
from programmes.models import CycleState, Invitation, Membership, MembershipStatus, Programme, Role, Topic, Visibility
from programmes.services import joining, letters
from tests import factories as make
from tests.factories import NOW, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


# --- a coordinator who is none any more ---
@pytest.fixture
def former(world):
    """Rhian coordinated Bio PASS when somebody asked to join and somebody left; now she does not."""
    joining.withdraw_request(actor=world.zoe, membership_id=world.memberships["zoe"].pk, now=NOW)
    joining.ask_to_join(actor=world.zoe, cycle_id=world.cycle.pk, now=NOW)
    joining.leave_programme(actor=world.ben, membership_id=world.memberships["ben"].pk, now=NOW)
    letters.to_coordinators("join_pending", world.memberships["zoe"], now=NOW)
    letters.to_coordinators("messages_failed", world.memberships["zoe"], now=NOW)
    notifications.deliver_due(NOW)
    rows = Message.objects.filter(recipient=world.rhian, cycle_id=world.cycle.pk)
    assert rows.count() >= 4
    world.memberships["owain"] = make.MembershipFactory(cycle=world.cycle, user=world.owain, role=Role.COORDINATOR)
    Membership.objects.filter(pk=world.memberships["rhian"].pk).update(
        status=MembershipStatus.REMOVED, is_point_person=False
    )
    return rows


def test_letters_to_coordinators_end_with_their_role(world, former):
    said = say_now(list(former), NOW)
    assert {type(one) for _row, one in said} == {NotWanted}


def test_notifications_name_nobody_to_a_former_coordinator(world, former, client_of):
    content = client_of(world.rhian).get(reverse("notification_list")).content.decode()
    assert "Somebody asks to join" in content
    assert "Marchetti" not in content
    assert "Hughes" not in content


# --- a coordinator of a cycle that is over ---
@pytest.fixture
def last_year(world):
    """Nia coordinated Bio PASS last year, and nothing since."""
    cycle = make.CycleFactory(
        programme=world.programme, code="2025-26", state=CycleState.CLOSED, starts_on="2025-09-22", ends_on="2026-06-12"
    )
    nia = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR, is_point_person=True).user
    return nia, cycle


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("programme_archive", {}),
        ("topic_list", {"do": "add", "name": "Mischief"}),
        ("visibility_set", {"visibility": Visibility.DRAFT}),
    ],
)
def test_who_ran_last_years_cycle_does_not_change_the_programme(world, client_of, last_year, name, data):
    nia, cycle = last_year
    address = reverse(f"programmes:{name}", args=[world.programme.slug, cycle.code])
    client_of(nia).post(address, data)
    programme = Programme.objects.get(pk=world.programme.pk)
    assert (programme.archived_at, programme.visibility) == (None, Visibility.PUBLIC)
    assert not Topic.objects.filter(name="Mischief").exists()


def test_settings_of_a_closed_cycle_offer_nothing_that_is_refused(world, client_of, last_year):
    nia, cycle = last_year
    content = client_of(nia).get(reverse("programmes:cycle_settings", args=[world.programme.slug, cycle.code])).content
    for name in ("programme_archive", "topic_list"):
        assert reverse(f"programmes:{name}", args=[world.programme.slug, cycle.code]).encode() not in content


def test_the_last_coordinator_archives_a_programme_that_is_over(world, client_of, last_year):
    nia, cycle = last_year
    type(cycle).objects.filter(pk=world.cycle.pk).update(state=CycleState.CLOSED, starts_on="2024-09-23")
    client_of(nia).post(reverse("programmes:programme_archive", args=[world.programme.slug, cycle.code]))
    assert Programme.objects.get(pk=world.programme.pk).archived_at


# --- people who lead a unit see numbers, never people ---
@pytest.mark.parametrize(
    "action",
    [
        "group_created", "group_changed", "group_ended", "people_placed", "people_moved", "people_taken_out",
    ],
)  # fmt: skip
def test_timeline_names_no_pair_to_who_leads_the_unit(world, client_of, action):
    """A pair is called by the names of the two students in it."""
    pair = make.GroupFactory(cycle=world.cycle, name="Samir and Ha-eun", shape="pair")
    audit.record(actor=world.rhian, action=f"programmes.{action}", target=pair, cycle_id=world.cycle.pk, now=NOW)
    address = reverse("programmes:cycle_timeline", args=[world.programme.slug, world.cycle.code])
    assert "Ha-eun" in client_of(world.rhian).get(address).content.decode()
    assert "Ha-eun" not in client_of(world.carys).get(address).content.decode()


@pytest.mark.parametrize(
    "action", ["session_started", "session_planned", "session_logged", "log_corrected", "marks_recorded"]
)
def test_timeline_tells_who_leads_the_unit_neither_which_student_led_nor_that_one_came(world, client_of, action):
    detail = {"outcome": "held", "here": 1}
    audit.record(
        actor=world.amara, action=f"programmes.{action}", target=world.past, cycle_id=world.cycle.pk, detail=detail,
        now=NOW,
    )  # fmt: skip
    address = reverse("programmes:cycle_timeline", args=[world.programme.slug, world.cycle.code])
    assert "Amara" in client_of(world.imran).get(address).content.decode()
    shown = client_of(world.carys).get(address).content.decode()
    assert "Amara" not in shown
    assert "1 person came" not in shown


# --- what a token opens ---
def test_pages_behind_tokens_are_kept_out_of_caches(world, client):
    invitation = Invitation.objects.create(
        cycle=world.cycle, role="leader", email="guest@example.org", created_at=NOW, sent_at=NOW, expires_at=in_days(9)
    )
    door = client.get(reverse("programmes:invitation_answer", args=[invitation.uuid, invitation.token]))
    page = client.get(door["Location"])
    assert b"guest@example.org" in page.content
    assert [reply["Cache-Control"] for reply in (door, page)] == ["no-store", "no-store"]


def test_overview_tells_who_leads_the_unit_no_number_that_one_person_hides_behind(world, client_of, settings):
    settings.PEERHUB_DISCLOSURE_PROFILE = "us5"
    address = reverse("programmes:cycle_workspace", args=[world.programme.slug, world.cycle.code])
    assert "<strong>1 of 30</strong>" in client_of(world.imran).get(address).content.decode()
    assert "<strong>fewer than 5 of 30</strong>" in client_of(world.carys).get(address).content.decode()


def test_whoever_removes_somebody_is_told_that_they_can_read_why(world, client_of):
    """The reason is in “My privacy”, as the law asks: nobody should write it believing that it is not."""
    ben = world.memberships["ben"]
    address = reverse("programmes:member_remove", args=[world.programme.slug, world.cycle.code, ben.uuid])
    rhian = client_of(world.rhian)
    assert "they find the reason under “My privacy”" in rhian.get(address).content.decode()
    rhian.post(address, {"reason": "Did not keep to the boundaries."})
    assert (
        "Did not keep to the boundaries."
        in client_of(world.ben).get(reverse("privacy") + "?of=programmes").content.decode()
    )
