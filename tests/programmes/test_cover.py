"""Cover: a leader cannot run a session, the others are asked, the first who takes it leads it."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from peerhub.common import mail, stages
from peerhub.common.mail.planner import plan as plan_mails
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from peerhub.common.stages import Blocker
from programmes.models import CoverRequest, CoverState, Membership, SessionLeader, SessionStatus
from programmes.permissions import forget_roles
from programmes.queries.covers import cover_todos
from programmes.queries.delivery_todos import delivery_todos
from programmes.services.cover import CoverRefused, ask_cover, take_cover, withdraw_cover
from programmes.services.memberships import remove_member
from programmes.services.sessions import cancel_session, change_session
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.programmes.test_log_races import all_at_once
from tests.programmes.test_plan_series import as_it_is
from tests.world import build_world

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def tomos(world):
    return make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")


@pytest.fixture
def lowri(world):
    return make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Lowri")


def ask(world, *, actor=None, session=None, key=None, reason=""):
    session = session or world.upcoming
    return ask_cover(actor=actor or world.amara, session_id=session.pk, reason=reason, key=key, now=NOW)


def take(cover, who):
    return take_cover(actor=who.user, request_id=cover.pk, now=LATER)


def leaders(session):
    return {row.membership.user.given_name for row in session.leaders.select_related("membership__user")}


def told(kind):
    rows = Message.objects.filter(kind=f"programmes.{kind}", channel="email").select_related("recipient")
    return sorted(row.recipient.given_name for row in rows)


def letters(kind, now=NOW):
    rows = list(Message.objects.filter(kind=f"programmes.{kind}", channel="email"))
    return {row.recipient.given_name: said for row, said in write_letters(rows, now)}


def test_asking_asks_everybody_else_who_leads_and_tells_the_coordinator(world, tomos, lowri):
    gone = make.MembershipFactory(cycle=world.cycle, role="leader", status="left", ended_at=NOW)
    cover = ask(world, reason="Exam that day")
    assert told("cover_wanted") == ["Lowri", "Tomos"]
    assert told("cover_asked") == ["Rhian"]
    assert gone.user.given_name not in told("cover_wanted")
    assert leaders(world.upcoming) >= {"Amara"}
    said = letters("cover_wanted")["Tomos"]
    assert said.subject == "Can you lead Group A on Thursday 5 November, 10:00?"
    assert "Amara Okafor writes: Exam that day" in said.text
    assert f"/cover/{cover.uuid}/" in said.text
    assert AuditEvent.objects.get(action="programmes.cover_asked").detail == {}


def test_asking_twice_asks_once(world, tomos):
    key = uuid.uuid4()
    assert ask(world, key=key) == ask(world)
    with pytest.raises(Repeated):
        ask(world, key=key)
    assert CoverRequest.objects.count() == 1
    assert told("cover_wanted") == ["Tomos"]


def test_who_is_not_cleared_is_not_asked_and_cannot_take_it(world, tomos, lowri, monkeypatch):
    monkeypatch.setattr(
        stages,
        "clearance",
        lambda ids, now: {pk: [Blocker("training", "Not trained yet.")] * (pk == tomos.pk) for pk in ids},
    )
    cover = ask(world)
    assert told("cover_wanted") == ["Lowri"]
    with pytest.raises(CoverRefused, match="Not trained yet"):
        take(cover, tomos)


def test_the_first_who_takes_it_leads_it(world, tomos, lowri):
    cover = ask(world)
    for _ in range(2):
        take(cover, tomos)
    with pytest.raises(CoverRefused) as refusal:
        take(cover, lowri)
    assert refusal.value.code == "taken"
    assert leaders(world.upcoming) == {"Tomos"}
    world.upcoming.refresh_from_db()
    assert world.upcoming.has_own_leaders
    assert world.upcoming.sequence == 1  # calendars name who leads
    seen = Message.objects.filter(kind="programmes.leaders_changed").values_list("recipient__given_name", "channel")
    assert set(seen) == {("Ben", "inapp")}
    assert told("cover_taken") == ["Amara"]
    assert letters("cover_taken", LATER)["Amara"].subject == "Covered: Group A, Thursday 5 November, 10:00"
    assert all(isinstance(one, mail.NotWanted) for one in letters("cover_wanted", LATER).values())
    assert AuditEvent.objects.filter(action="programmes.cover_taken").count() == 1


def test_reminders_go_to_whoever_leads_it_then(world, tomos):
    take(ask(world), tomos)
    plan_mails(stages.reminders(in_hours(1)), in_hours(1))
    assert told("session_tomorrow") == ["Ben", "Tomos"]


def test_taking_back_the_question_stops_the_mails_on_their_way(world, tomos):
    cover = ask(world)
    for _ in range(2):
        withdraw_cover(actor=world.amara, request_id=cover.pk, now=LATER)
    assert isinstance(letters("cover_wanted", LATER)["Tomos"], mail.NotWanted)
    with pytest.raises(CoverRefused) as refusal:
        take(cover, tomos)
    assert refusal.value.code == "withdrawn"
    assert ask(world) != cover


def test_once_taken_it_cannot_be_taken_back(world, tomos):
    cover = ask(world)
    take(cover, tomos)
    with pytest.raises(CoverRefused) as refusal:
        withdraw_cover(actor=world.amara, request_id=cover.pk, now=LATER)
    assert refusal.value.code == "taken"


def test_asking_and_taking_are_refused(world, tomos):
    def code(call, *args, **kwargs):
        with pytest.raises(CoverRefused) as refusal:
            call(*args, **kwargs)
        return refusal.value.code

    assert code(ask, world, actor=tomos.user) == "not_leading"
    assert code(ask, world, session=world.today) == "over"
    cover = ask(world)
    assert code(take, cover, world.memberships["amara"]) == "already_leads"
    assert code(take, cover, world.memberships["ben"]) == "not_yours"
    assert code(withdraw_cover, actor=tomos.user, request_id=cover.pk, now=LATER) == "not_yours"
    cancel_session(actor=world.rhian, session_id=world.upcoming.pk, reason="Snow", now=NOW)
    assert code(take, cover, tomos) == "over"
    assert all(isinstance(one, mail.NotWanted) for one in letters("cover_wanted", LATER).values())
    type(world.cycle).objects.update(state="closed")
    assert code(take, cover, tomos) == "closed"


def test_whoever_left_gets_no_mail_and_their_question_can_still_be_taken(world, tomos, lowri):
    cover = ask(world)
    for member in (world.memberships["amara"], lowri):
        remove_member(actor=world.rhian, membership_id=member.pk, reason="Moved away", now=NOW)
    assert isinstance(letters("cover_wanted", LATER)["Lowri"], mail.NotWanted)
    take(cover, tomos)
    assert "Tomos" in leaders(world.upcoming)
    assert isinstance(letters("cover_taken", LATER)["Amara"], mail.NotWanted)


def test_a_coordinator_who_names_somebody_else_settles_it(world, tomos):
    cover = ask(world)
    change_session(
        actor=world.rhian, session_id=world.upcoming.pk, plan=as_it_is(world.upcoming, leaders=[tomos]), now=NOW
    )
    cover.refresh_from_db()
    assert cover.state == CoverState.SETTLED
    assert isinstance(letters("cover_wanted", LATER)["Tomos"], mail.NotWanted)


def test_todos_ask_leaders_and_show_the_coordinator_what_is_uncovered(world, tomos):
    def todos(user):
        forget_roles(user)
        found = [*delivery_todos(user, NOW), *cover_todos(user, NOW)]
        return [(one.code, str(one.title)) for one in found if one.code.startswith("cover")]

    cover = ask(world)
    assert todos(tomos.user) == [("cover_wanted", "Can you lead Group A?")]
    assert todos(world.rhian) == [("cover_missing", "1 study session wants cover")]
    assert todos(world.amara) == todos(world.ben) == todos(world.owain) == []
    take(cover, tomos)
    assert todos(world.rhian) == todos(tomos.user) == []


# --- pages ----------------------------------------------------------------------------------------
@pytest.mark.usefixtures("frozen")
def test_from_the_phone_of_one_leader_to_that_of_another(world, tomos, client_of):
    amara, other, rhian = client_of(world.amara), client_of(tomos.user), client_of(world.rhian)
    session = reverse("programmes:session_detail", args=[world.upcoming.uuid])
    assert "I can’t run this" in amara.get(session).content.decode()
    amara.post(reverse("programmes:cover_ask", args=[world.upcoming.uuid]), {"reason": "Exam <that> day"})
    assert "I can run it after all" in amara.get(session).content.decode()
    seen = rhian.get(session).content.decode()
    assert "Amara Okafor cannot run this. “Exam &lt;that&gt; day”" in seen
    assert "Name somebody else" in seen
    listed = reverse("programmes:session_list", args=[world.programme.slug, world.cycle.code]) + "?show=uncovered"
    assert "Group A" in rhian.get(listed).content.decode()
    page = reverse("programmes:cover_detail", args=[CoverRequest.objects.get().uuid])
    assert "I take it" in other.get(page).content.decode()
    assert other.post(f"{page}take/").url == session
    assert "I can’t run this" in other.get(session).content.decode()
    assert "Tomos" in amara.get(page).content.decode()


# --- two at once ----------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_who_take_it_at_once_are_one_leader(vocabulary):
    world = build_world()
    people = make.MembershipFactory.create_batch(8, cycle=world.cycle, role="leader")
    cover = ask(world)

    def taking(who):
        return lambda: take(cover, who)

    assert all_at_once([taking(who) for who in people]) == ["ok", *["taken"] * 7]
    (led,) = SessionLeader.objects.filter(session=world.upcoming, membership__in=people)
    cover.refresh_from_db()
    assert cover.taken_by_id == led.membership_id
    assert Membership.objects.filter(led_sessions__session=world.upcoming).count() == 1
    assert world.upcoming.status == SessionStatus.PLANNED
