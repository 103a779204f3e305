"""Joining, deciding, placing and inviting through the browser's eyes: forms, refusals, double presses."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from peerhub.accounts.models import ExternalId
from peerhub.common.models import AuditEvent
from programmes.models import Group, GroupMember, Invitation, InvitationBatch, InviteLink, JoinPolicy, Membership
from tests import factories as make
from tests.factories import NOW, in_days
from tests.programmes.joining import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def rhian(world, client_of):
    return client_of(world.rhian)


@pytest.fixture
def dev(world, client_of):
    return client_of(world.dev)


def of(world, name, **more):
    return reverse(f"programmes:{name}", kwargs={"slug": world.programme.slug, "code": world.cycle.code, **more})


def member(world, name, who, **more):
    return of(world, name, uuid=world.memberships[who].uuid, **more)


def text(response):
    return response.content.decode()


# --- joining ---
def test_joining_in_two_steps(world, dev):
    start, check = (reverse(f"programmes:{name}", args=["bio-pass"]) for name in ("join_start", "join_check"))
    page = text(dev.get(start))
    assert all(words in page for words in ("Students help one another learn.", "Who sees what", "Come each week."))
    assert dev.post(start, {"note": "I like <b>cells</b>."}).url == check
    page = text(dev.get(check))
    assert "I like &lt;b&gt;cells&lt;/b&gt;." in page
    refused = dev.post(check, {"form_key": str(uuid4())})
    assert refused.status_code == 422
    assert "Tick the box if you agree" in text(refused)
    assert not Membership.objects.filter(user=world.dev, cycle=world.cycle).exists()
    form = {"agree": "on", "form_key": str(uuid4())}
    done = dev.post(check, form)
    place = Membership.objects.get(user=world.dev, cycle=world.cycle)
    assert (place.status, place.join_note) == ("requested", "I like <b>cells</b>.")
    assert done.url == reverse("programmes:join_done", args=[place.uuid])
    assert dev.post(check, form).url == done.url  # the same form again: the same page
    assert "You have asked to join" in text(dev.get(done.url))
    assert "You have asked to join" in text(dev.get(start))
    assert Membership.objects.filter(user=world.dev, cycle=world.cycle).count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"join_policy": JoinPolicy.INVITATION}, "People join by invitation."),
        ({"join_policy": JoinPolicy.ROSTER}, "People come in from a class list."),
        ({"joining_open": False}, "Joining is closed now."),
        ({"join_policy": JoinPolicy.OPEN, "capacity": 1, "waiting_list": False}, "Every place is taken."),
    ],
)
def test_a_closed_door_says_why_and_offers_no_button(world, dev, change, words):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(**change)
    page = text(dev.get(reverse("programmes:join_start", args=["bio-pass"])))
    assert words in page
    assert "Continue" not in page
    assert dev.get(reverse("programmes:join_check", args=["bio-pass"])).status_code == 302


@pytest.mark.parametrize("who", ["ben", "zoe", "ines", "amara"])
def test_who_is_in_or_waits_sees_where_they_stand(world, client_of, who):
    page = text(client_of(getattr(world, who)).get(reverse("programmes:join_start", args=["bio-pass"])))
    words = {"ben": "in already", "zoe": "asked to join", "ines": "waiting list", "amara": "another role"}
    assert words[who] in page


def test_a_programme_without_a_cycle_has_nothing_to_join(world, dev):
    make.ProgrammeFactory(slug="old")
    assert "Nothing to join now" in text(dev.get(reverse("programmes:join_start", args=["old"])))


def test_my_programmes_shows_each_with_its_state(world, client_of):
    mine = reverse("programmes:my_memberships")
    page = text(client_of(world.ben).get(mine))
    assert "Next study session: Tomorrow, 10:00" in page
    assert "Group A" in page
    assert "You are number 1 on the list." in text(client_of(world.ines).get(mine))
    assert "You are not in a programme yet" in text(client_of(world.helen).get(mine))


def test_asking_where_all_places_are_taken_says_that_one_may_wait(world, dev):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(capacity=1, waiting_list=True)
    dev.post(reverse("programmes:join_start", args=["bio-pass"]), {"note": ""})
    page = text(dev.get(reverse("programmes:join_check", args=["bio-pass"])))
    assert "Every place is taken now." in page


def test_leaving_and_taking_back_from_my_programmes(world, client_of):
    ben, zoe = client_of(world.ben), client_of(world.zoe)
    leave = reverse("programmes:membership_leave", args=[world.memberships["ben"].uuid])
    assert "Your place goes to the next person." in text(ben.get(leave))
    ben.post(leave, {"reason": "Timetable."})
    zoe.post(reverse("programmes:membership_withdraw", args=[world.memberships["zoe"].uuid]))
    places = dict(Membership.objects.filter(user__in=[world.ben, world.zoe]).values_list("user__given_name", "status"))
    assert places == {"Ben": "left", "Zoe": "left"}
    assert ben.get(leave).status_code == 302
    assert "Taken back" in text(zoe.get(reverse("programmes:my_memberships")))
    assert "Taken back" not in text(ben.get(reverse("programmes:my_memberships")))


def test_an_offer_is_answered_on_its_page(world, client_of):
    place = world.memberships["ines"]
    Membership.objects.filter(pk=place.pk).update(status="offered", offer_expires_at=NOW + timedelta(days=1))
    ines, url = client_of(world.ines), reverse("programmes:offer_answer", args=[place.uuid])
    assert "A place is yours if you want it" in text(ines.get(url))
    assert ines.post(url, {"answer": "accept"}).url == reverse("programmes:join_done", args=[place.uuid])
    place.refresh_from_db()
    assert place.status == "active"
    assert "You took it: you are in." in text(ines.get(url))
    Membership.objects.filter(pk=place.pk).update(status="offered", offer_expires_at=NOW - timedelta(minutes=1))
    assert "This offer is over" in text(ines.get(url))
    assert "has run out" in text(ines.post(url, {"answer": "accept"}, follow=True))
    ines.post(url, {"answer": "decline"})
    place.refresh_from_db()
    assert place.status == "left"


# --- people ---
def test_people_are_found_by_name_address_and_number(world, rhian):
    ExternalId.objects.create(user=world.ben, source="records", value="00417733")
    for words, found in [
        ("ben", 1),
        ("hughes b", 1),
        ("ben.hughes@student", 1),
        ("004177", 1),
        ("17733", 0),
        ("dev", 0),
    ]:
        page = text(rhian.get(of(world, "people_list"), {"tab": "participants", "q": words}))
        assert (f"{found} " in page and "found" in page) or found == 0
        assert ("Ben Hughes" in page) is bool(found), words


def test_people_in_no_group_can_be_listed(world, rhian):
    page = text(rhian.get(of(world, "people_list"), {"tab": "participants", "group": "none"}))
    assert "Ben Hughes" not in page
    assert "Ben Hughes" in text(rhian.get(of(world, "people_list"), {"tab": "participants", "group": world.group.uuid}))
    rhian.get(of(world, "people_list"), {"tab": "participants", "group": "' or 1=1", "page": "zzz"})


def test_requests_come_first_and_are_approved_together(world, rhian):
    people = of(world, "people_list")
    assert "Zoe Marchetti" in text(rhian.get(people))
    Membership.objects.filter(pk=world.memberships["zoe"].pk).update(waiting_since=in_days(-1))
    form = {"who": [str(world.memberships["zoe"].uuid), "nonsense"], "form_key": str(uuid4())}
    page = text(rhian.post(of(world, "requests_approve"), form, follow=True))
    assert "1 person approved and told." in page
    assert "Answered in the last ten minutes" in page
    rhian.post(of(world, "requests_approve"), form)
    assert len(scenes.letters("join_approved")) == 1
    rhian.post(member(world, "decision_undo", "zoe"))
    assert Membership.objects.get(pk=world.memberships["zoe"].pk).status == "requested"


def test_approving_nobody_says_so(world, rhian):
    assert "Choose at least one person" in text(rhian.post(of(world, "requests_approve"), {}, follow=True))


def test_a_request_is_declined_with_a_ready_sentence_or_own_words(world, rhian):
    url = member(world, "request_turn_away", "zoe", answer="decline")
    assert rhian.post(url, {}).status_code == 422
    assert rhian.post(url, {"template": "own"}).status_code == 422
    rhian.post(url, {"template": "1"})
    zoe = Membership.objects.get(pk=world.memberships["zoe"].pk)
    assert zoe.status == "declined"
    assert zoe.decision_reason.startswith("Thank you for asking. Every place went to")
    rhian.post(member(world, "decision_undo", "zoe"))
    rhian.post(member(world, "request_turn_away", "zoe", answer="defer"), {"template": "0", "reason": "After Easter."})
    zoe.refresh_from_db()
    assert (zoe.status, zoe.decision_reason) == ("deferred", "After Easter.")
    assert rhian.get(member(world, "request_turn_away", "zoe", answer="shred")).status_code == 404


def test_removing_needs_a_reason_and_can_be_taken_back(world, rhian):
    url = member(world, "member_remove", "amara")
    page = text(rhian.get(url))
    assert "Remove Amara Okafor as PASS leader?" in page
    assert "Their 1 session stays in the record." in page
    assert rhian.post(url, {"reason": ""}).status_code == 422
    page = text(rhian.post(url, {"reason": "Asked us to."}, follow=True))
    assert "Asked us to." in page
    assert "Amara Okafor was removed" in page
    rhian.post(member(world, "member_reinstate", "amara"))
    assert Membership.objects.get(pk=world.memberships["amara"].pk).status == "active"
    assert GroupMember.objects.filter(membership=world.memberships["amara"], ended_at=None).count() == 1


def test_the_role_of_somebody_removed_ends_with_the_next_request(world, client_of, rhian):
    amara, group = client_of(world.amara), of(world, "group_detail", uuid=world.group.uuid)
    assert amara.get(group).status_code == 200
    rhian.post(member(world, "member_remove", "amara"), {"reason": "Asked us to."})
    assert amara.get(group).status_code == 404
    assert amara.get(reverse("programmes:session_detail", args=[world.upcoming.uuid])).status_code == 404


def test_member_page_shows_this_programme_only(world, rhian):
    make.MembershipFactory(cycle=world.other_cycle, user=world.ben)
    page = text(rhian.get(member(world, "member_detail", "ben")))
    assert "Came" in page
    assert "of 1 they were expected at" in page
    assert "History mentors" not in page


def test_people_are_exported_safely_and_on_record(world, rhian):
    world.ben.given_name = "=cmd|'/c calc'!A1"
    world.ben.save()
    reply = rhian.post(of(world, "people_export"), {"tab": "participants"})
    lines = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Given name,Family name")
    assert lines[1].startswith("'=cmd|'/c calc'!A1,Hughes")
    assert "Group A" in lines[1]
    assert AuditEvent.objects.get(action="programmes.people_exported").detail == {"what": "participants", "count": 1}


# --- the picker ---
def test_the_picker_finds_ten_at_most_and_nobody_for_one_letter(world, rhian):
    for number in range(15):
        make.UserFactory(given_name="Quentin", family_name=f"Q{number:02}")
    url = of(world, "member_add")
    assert text(rhian.get(url, {"q": "quen"})).count("Add as") == 10
    for words in ("", "q", " q "):
        assert "Add as" not in text(rhian.get(url, {"q": words}))


def test_adding_a_person_with_every_role(world, rhian):
    for role in ("participant", "leader", "supervisor", "partner", "coordinator"):
        person = make.UserFactory()
        rhian.post(of(world, "member_add"), {"role": role, "who": str(person.uuid)})
        assert Membership.objects.get(cycle=world.cycle, user=person).role == role
    page = text(rhian.post(of(world, "member_add"), {"role": "owner", "who": str(world.dev.uuid)}, follow=True))
    assert "Choose a person and a role." in page


def test_an_owner_of_the_unit_names_coordinators_only(world, client_of):
    owner = make.RoleGrantFactory(unit=world.biosciences, role="programme_owner").user
    url, client = of(world, "member_add"), client_of(owner)
    assert client.get(of(world, "people_list")).status_code == 403
    assert client.get(url, {"q": "dev"}).status_code == 200
    client.post(url, {"role": "leader", "who": str(world.dev.uuid)})
    client.post(url, {"role": "coordinator", "who": str(world.dev.uuid)})
    assert list(Membership.objects.filter(cycle=world.cycle, user=world.dev).values_list("role", flat=True)) == [
        "coordinator"
    ]


def test_posting_other_fields_changes_nothing_else(world, rhian):
    """Mass assignment: whatever is posted beside the form's fields is not looked at (trust.md, threat 2)."""
    extra = {
        "status": "active",
        "role": "coordinator",
        "is_point_person": "1",
        "cycle": "1",
        "user": "1",
        "source": "x",
    }
    before = Membership.objects.filter(pk=world.memberships["ben"].pk).values().get()
    rhian.post(member(world, "request_turn_away", "zoe", answer="defer"), {"reason": "Later.", **extra})
    zoe = Membership.objects.get(pk=world.memberships["zoe"].pk)
    assert (zoe.status, zoe.role, zoe.is_point_person, zoe.user) == ("deferred", "participant", False, world.zoe)
    group = Group.objects.filter(pk=world.group.pk).values().get()
    form = {"name": "Group A", "shape": "group", "external_ref": "x", "ended_at": "2026-01-01", "cycle": "1"}
    rhian.post(of(world, "group_edit", uuid=world.group.uuid), form)
    assert Group.objects.filter(pk=world.group.pk).values().get() == group
    assert Membership.objects.filter(pk=world.memberships["ben"].pk).values().get() == before


# --- groups ---
def test_a_group_is_made_filled_and_ended(world, rhian):
    rhian.post(
        of(world, "group_create"), {"name": "Group B", "shape": "group", "capacity": "2", "form_key": str(uuid4())}
    )
    group = Group.objects.get(name="Group B")
    here = of(world, "group_detail", uuid=group.uuid)
    assert "Put who leads in first" in text(rhian.get(here)) or "Put in who leads first" in text(rhian.get(here))
    ben, amara = world.memberships["ben"], world.memberships["amara"]
    page = rhian.post(
        of(world, "group_move", uuid=world.group.uuid), {"who": str(ben.uuid), "to": str(group.uuid)}, follow=True
    )
    assert "Moved to Group B." in text(page)
    rhian.post(of(world, "group_place", uuid=group.uuid), {"who": str(amara.uuid)})
    assert {row.membership for row in group.members.filter(ended_at=None)} == {ben, amara}
    assert "Choose where they go." in text(
        rhian.post(of(world, "group_move", uuid=group.uuid), {"who": str(ben.uuid)}, follow=True)
    )
    rhian.post(of(world, "group_move", uuid=group.uuid), {"who": str(ben.uuid), "to": "out"})
    rhian.post(of(world, "group_end", uuid=group.uuid))
    group.refresh_from_db()
    assert group.ended_at == NOW
    assert not group.members.filter(ended_at=None).exists()
    assert "Group B" in text(rhian.get(of(world, "group_list"), {"show": "ended"}))


def test_a_group_with_planned_sessions_is_not_ended(world, rhian):
    page = text(rhian.post(of(world, "group_end", uuid=world.group.uuid), follow=True))
    assert "1 planned session" in page


def test_people_of_another_programme_cannot_be_put_in(world, rhian):
    stranger = Membership.objects.get(cycle=world.other_cycle, user=world.dev)
    page = rhian.post(of(world, "group_place", uuid=world.group.uuid), {"who": str(stranger.uuid)}, follow=True)
    assert "Choose at least one person first." in text(page)
    elsewhere = {"who": str(world.memberships["ben"].uuid), "to": str(world.other_group.uuid)}
    assert rhian.post(of(world, "group_move", uuid=world.group.uuid), elsewhere).status_code == 404


def test_group_forms_say_what_is_wrong(world, rhian):
    page = rhian.post(
        of(world, "group_create"), {"name": "", "shape": "ring", "capacity": "-1", "link": "javascript:1"}
    )
    assert page.status_code == 422
    assert text(page).count('id="error_') >= 4 or text(page).count("invalid-feedback") >= 4
    small = rhian.post(of(world, "group_edit", uuid=world.group.uuid), {"name": "A", "shape": "pair"})
    assert small.status_code == 302  # one leads, one takes part: a pair fits
    make.GroupMemberFactory(group=world.group)
    again = rhian.post(of(world, "group_edit", uuid=world.group.uuid), {"name": "A", "shape": "pair"})
    assert "2 people are in this group" in text(again)


# --- doors ---
@pytest.fixture
def link(world):
    return InviteLink.objects.create(cycle=world.cycle, role="participant", changed_by=world.rhian, changed_at=NOW)


def test_a_link_is_gone_from_the_address_at_once(world, dev, link):
    reply = dev.get(reverse("programmes:invite_link", args=[link.token]))
    assert (reply.status_code, reply.url) == (303, reverse("programmes:invite_welcome"))
    page = dev.get(reply.url)
    assert link.token not in text(page)
    assert dev.post(reply.url, {"note": ""}).url == reverse("programmes:invite_check")
    done = dev.post(reverse("programmes:invite_check"), {"agree": "on", "form_key": str(uuid4())})
    place = Membership.objects.get(cycle=world.cycle, user=world.dev)
    assert (place.status, place.source) == ("active", "link")
    assert done.url == reverse("programmes:join_done", args=[place.uuid])


def test_a_link_leads_strangers_through_sign_in(world, client, link):
    client.get(reverse("programmes:invite_link", args=[link.token]))
    page = text(client.get(reverse("programmes:invite_welcome")))
    assert f"{reverse('account_login')}?next={reverse('programmes:invite_welcome')}" in page
    assert "Bio PASS" in page
    client.force_login(world.dev)
    assert "What joining means" in text(client.get(reverse("programmes:invite_welcome")))


@pytest.mark.parametrize("change", [{"is_on": False}, {"version": 2}])
def test_a_link_switched_off_or_replaced_says_so(world, dev, link, change):
    token = link.token
    InviteLink.objects.filter(pk=link.pk).update(**change)
    dev.get(reverse("programmes:invite_link", args=[token]))
    for name in ("invite_welcome", "invite_check"):
        page = dev.get(reverse(f"programmes:{name}"))
        assert page.status_code == 410
        assert "This link does not open" in text(page)


def test_opening_links_a_hundred_times_changes_nothing(world, client, link):
    letter = Invitation.objects.create(
        cycle=world.cycle, role="leader", email="a@example.org", created_at=NOW, sent_at=NOW, expires_at=in_days(9)
    )
    before = AuditEvent.objects.count()
    for _ in range(50):
        client.get(reverse("programmes:invite_link", args=[link.token]))
        client.head(reverse("programmes:invitation_answer", args=[letter.uuid, letter.token]))
    link.refresh_from_db()
    letter.refresh_from_db()
    assert (link.uses, letter.status, AuditEvent.objects.count()) == (0, "sent", before)


def test_every_bent_token_leads_to_the_same_clear_page(world, dev, link):
    token = link.token
    for index in range(0, len(token), 5):
        bent = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        page = dev.get(reverse("programmes:invite_link", args=[bent]))
        assert page.status_code == 404
        assert "This link is not complete." in text(page)
    assert "invite_link" not in dev.session


def test_an_invitation_is_accepted_by_its_own_person(world, dev, client_of):
    letter = Invitation.objects.create(
        cycle=world.cycle, role="leader", email=world.dev.email, created_by=world.rhian, created_at=NOW, sent_at=NOW,
        expires_at=in_days(9),
    )  # fmt: skip
    door = reverse("programmes:invitation_answer", args=[letter.uuid, letter.token])
    welcome = dev.get(door).url
    assert "Rhian Pugh invites you" in text(dev.get(welcome))
    dev.post(welcome, {"note": ""})
    dev.post(reverse("programmes:invitation_check"), {"agree": "on", "form_key": str(uuid4())})
    assert Membership.objects.get(cycle=world.cycle, user=world.dev).status == "active"
    assert "answered already" in text(dev.get(welcome))
    other = client_of(world.ben)
    other.get(door)
    assert other.get(welcome).status_code == 410


def test_an_invitation_cannot_be_passed_on(world, client_of):
    letter = Invitation.objects.create(
        cycle=world.cycle, role="coordinator", email="a@example.org", created_at=NOW, sent_at=NOW, expires_at=in_days(9)
    )
    ben = client_of(world.ben)
    welcome = ben.get(reverse("programmes:invitation_answer", args=[letter.uuid, letter.token])).url
    page = ben.get(welcome)
    assert page.status_code == 403
    assert "This invitation is for another address" in text(page)
    assert "a@example.org" not in text(page)
    ben.post(reverse("programmes:invitation_check"), {"agree": "on"})
    assert not Membership.objects.filter(user=world.ben, role="coordinator").exists()


def test_both_ways_to_invite_have_labels_of_their_own(world, client_of):
    html = text(client_of(world.rhian).get(of(world, "invitation_list")))
    for kept in ("id_role", "list_role", "list_file"):
        assert html.count(f'id="{kept}"') == html.count(f'for="{kept}"') == 1


def test_an_invitation_is_declined_without_an_account(world, client):
    letter = Invitation.objects.create(
        cycle=world.cycle, role="leader", email="a@example.org", created_at=NOW, sent_at=NOW, expires_at=in_days(9)
    )
    client.get(reverse("programmes:invitation_answer", args=[letter.uuid, letter.token]))
    assert "Thank you for telling us" in text(client.post(reverse("programmes:invitation_decline")))
    letter.refresh_from_db()
    assert letter.status == "declined"


# --- inviting ---
def test_links_are_made_shown_replaced_and_switched_off(world, rhian):
    role = {"role": "leader"}
    rhian.post(of(world, "link_switch", **role), {"on": "1"})
    link = InviteLink.objects.get(cycle=world.cycle)
    here = of(world, "invitation_list")
    assert link.token in text(rhian.get(here))
    drawn = rhian.get(of(world, "link_qr", **role))
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    assert "Scan to take part as PASS leader" in text(rhian.get(of(world, "link_print", **role)))
    rhian.post(of(world, "link_renew", **role), {"form_key": str(uuid4())})
    assert link.token not in text(rhian.get(here))
    rhian.post(of(world, "link_switch", **role), {"on": "0"})
    assert rhian.get(of(world, "link_qr", **role)).status_code == 404
    assert "people who lead" in text(rhian.post(of(world, "link_switch", role="partner"), {"on": "1"}, follow=True))


def test_one_person_is_invited_and_the_list_tells(world, rhian):
    form = {"role": "leader", "email": "Jo@Example.org", "name": "Jo", "form_key": str(uuid4())}
    for _ in range(2):
        page = text(rhian.post(of(world, "invitation_send"), form, follow=True))
    assert "jo@example.org" in page
    assert Invitation.objects.count() == 1
    again = rhian.post(of(world, "invitation_send"), {**form, "form_key": str(uuid4())})
    assert again.status_code == 422
    assert "open invitation" in text(again)
    assert rhian.post(of(world, "invitation_send"), {"role": "owner", "email": "nobody"}).status_code == 422
    [one] = Invitation.objects.all()
    assert "a moment ago" in text(rhian.post(reverse("programmes:invitation_resend", args=[one.uuid]), follow=True))
    rhian.post(reverse("programmes:invitation_withdraw", args=[one.uuid]))
    assert "Withdrawn" in text(rhian.get(of(world, "invitation_list"), {"show": "over"}))


def test_a_list_is_read_looked_at_sent_and_reported(world, rhian, tmp_path):
    rows = [
        "First,Last,Email",
        "Jo,Visitor,jo@example.org",
        f"Ben,Hughes,{world.ben.email}",
        "Sam,,nobody",
        "No,Address,",
    ]
    upload = tmp_path / "people.csv"
    upload.write_text("\n".join(rows))
    with upload.open("rb") as file:
        reply = rhian.post(of(world, "batch_upload"), {"role": "participant", "file": file})
    batch = InvitationBatch.objects.get()
    assert reply.url == reverse("programmes:batch_detail", args=[batch.uuid])
    page = text(rhian.get(reply.url))
    assert "Send 1 invitation" in page
    assert "In already: not invited" in page
    assert "is not an e-mail address" in page
    for _ in range(2):
        rhian.post(reverse("programmes:batch_confirm", args=[batch.uuid]))
    assert [(one.email, one.row) for one in Invitation.objects.all()] == [("jo@example.org", 2)]
    assert "Has this role already." in text(rhian.get(reply.url))
    report = b"".join(rhian.get(reverse("programmes:batch_report", args=[batch.uuid])).streaming_content).decode(
        "utf-8-sig"
    )
    assert [line.split(",")[0] for line in report.splitlines()] == ["Row", "2", "3", "4", "5"]
    rhian.post(reverse("programmes:batch_stop", args=[batch.uuid]))
    assert Invitation.objects.get().status == "revoked"


def test_a_list_that_is_thrown_away_invites_nobody(world, rhian):
    batch = InvitationBatch.objects.create(
        cycle=world.cycle, role="leader", created_at=NOW, rows=[{"row": 2, "email": "a@example.org", "name": ""}]
    )
    rhian.post(reverse("programmes:batch_discard", args=[batch.uuid]))
    assert not InvitationBatch.objects.exists()
    assert not Invitation.objects.exists()
