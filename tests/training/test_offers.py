"""From the shortlist to leaders: times booked once, offers answered, the reserve list in order, records that go."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from peerhub.common import mail, stages
from programmes.models import Membership
from tests import factories as make
from tests.factories import in_days
from tests.training.recruiting import (
    LATER,
    apply,
    letters_to,
    name,
    open_round,
    refused,
    scored,
    state,
)
from training.models import Answer, Application, ApplicationEvent, InterviewSlot, RecruitmentRound, RoundHelper, Score
from training.services import applications, interviews, offers, round_sweep, shortlist
from training.services.interviews import TalkRefused

TALKS = in_days(10)
AFTER = in_days(11)


@pytest.fixture
def round_(world):
    return open_round(world.cycle, places=1)


@pytest.fixture
def pair(round_):
    return [name(round_), name(round_)]


def add_times(round_, count=4, starts_at=TALKS, now=LATER, **more):
    said = {"minutes": 20, "where": "B2.14"} | more
    return interviews.add_slots(
        actor=make.UserFactory(), round_id=round_.pk, starts_at=starts_at, count=count, now=now, **said
    )


def shortlisted(round_, pair, *who):
    found = [scored(round_, pair, 4, who=one) for one in who]
    shortlist.decide_shortlist(actor=make.UserFactory(), round_id=round_.pk, cut=50, now=LATER)
    return found


def invited(round_, pair, *who):
    found = shortlisted(round_, pair, *who)
    add_times(round_)
    interviews.invite_shortlisted(actor=make.UserFactory(), round_id=round_.pk, now=LATER)
    return found


def talked(round_, pair, *who):
    found = invited(round_, pair, *who)
    for one, slot in zip(found, InterviewSlot.objects.order_by("starts_at"), strict=False):
        book(one, slot)
        interviews.record_talk(actor=make.UserFactory(), application_id=one.pk, came=True, note="Warm.", now=AFTER)
    return found


def book(application, slot, now=LATER):
    return interviews.book_slot(actor=application.applicant, application_id=application.pk, slot_id=slot.pk, now=now)


def offer(application, now=AFTER):
    return offers.offer_role(actor=make.UserFactory(), application_id=application.pk, now=now)


def reserve(application, now=AFTER):
    return offers.put_on_reserve(actor=make.UserFactory(), application_id=application.pk, now=now)


def answer(application, accepts, now=AFTER, by=None):
    return offers.answer_offer(
        actor=by or application.applicant, application_id=application.pk, accepts=accepts, now=now
    )


def finish(round_, now=AFTER):
    return offers.finish_round(actor=make.UserFactory(), round_id=round_.pk, now=now)


# --- times -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_times_come_one_after_the_other_and_once(round_, pair, world):
    assert refused(add_times, round_) == "finished"  # before the shortlist
    shortlisted(round_, pair, world.dev)
    assert (add_times(round_), add_times(round_)) == (4, 0)
    assert refused(add_times, round_, starts_at=LATER) == "past"
    assert refused(add_times, round_, count=41) == "too_many"
    starts = list(InterviewSlot.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert starts[1] - starts[0] == timedelta(minutes=20)


@pytest.mark.django_db
def test_invite_needs_a_time_for_everybody(round_, pair, world):
    shortlisted(round_, pair, world.dev, world.zoe)
    add_times(round_, count=1)
    call = {"actor": world.rhian, "round_id": round_.pk, "now": LATER}
    assert refused(interviews.invite_shortlisted, **call) == "no_times"
    add_times(round_, count=2)
    assert interviews.invite_shortlisted(**call) == 2
    assert refused(interviews.invite_shortlisted, **call) == "nobody"
    assert "Choose a time" in letters_to(world.dev)["application_invited"].text


@pytest.mark.django_db
def test_a_time_is_booked_changed_and_never_taken_twice(round_, pair, world):
    one, two = invited(round_, pair, world.dev, world.zoe)
    first, second = InterviewSlot.objects.order_by("starts_at")[:2]
    book(one, first)
    book(one, first)
    assert refused(book, two, first) == "full"
    book(one, second)
    assert book(two, first).slot == first
    assert "B2.14" in letters_to(world.dev)["talk_booked"].text
    remove = {"actor": world.rhian, "now": LATER}
    assert refused(interviews.remove_slot, slot_id=first.pk, **remove) == "booked"
    assert refused(book, two, second, now=TALKS + timedelta(minutes=20)) == "past"
    record = {"actor": world.rhian, "application_id": one.pk, "came": True}
    assert refused(interviews.record_talk, **record, now=LATER) == "not_over"


@pytest.mark.django_db
def test_a_time_of_another_round_cannot_be_booked(round_, pair, world):
    (one,) = invited(round_, pair, world.dev)
    other = open_round(world.other_cycle)
    slot = InterviewSlot.objects.create(round=other, starts_at=TALKS, ends_at=AFTER, where="There")
    assert refused(book, one, slot) == "past"


@pytest.mark.django_db
def test_withdrawing_gives_the_time_back(round_, pair, world):
    one, two = invited(round_, pair, world.dev, world.zoe)
    slot = InterviewSlot.objects.order_by("starts_at").first()
    book(one, slot)
    applications.withdraw_application(actor=world.dev, application_id=one.pk, now=LATER)
    assert book(two, slot).slot == slot


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vocabulary")
def test_eight_people_one_time():
    """All press at once: one has it, seven are told."""
    round_ = open_round()
    pair = [name(round_), name(round_)]
    people = invited(round_, pair, *(make.UserFactory() for _ in range(4)))
    slot = InterviewSlot.objects.order_by("starts_at").first()
    barrier = threading.Barrier(len(people))

    def press(application):
        barrier.wait()
        try:
            book(application, slot)
        except TalkRefused as refusal:
            return refusal.code
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(len(people)) as pool:
        assert sorted(pool.map(press, people)) == ["booked", "full", "full", "full"]


# --- offers ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_accepting_makes_a_leader_who_is_told_what_comes(round_, pair, world):
    (one,) = talked(round_, pair, world.dev)
    offer(one)
    offer(one)
    assert "role_offered" in [todo.code for todo in stages.todos(world.dev, AFTER)]
    answer(one, accepts=True)
    answer(one, accepts=True)
    member = Membership.objects.get(cycle=world.cycle, user=world.dev, role="leader")
    assert member.status == "active"
    one.refresh_from_db()
    assert (one.state, one.membership) == ("accepted", member)
    assert "Two days in September." in letters_to(world.dev, now=AFTER)["application_accepted"].text
    assert ApplicationEvent.objects.filter(to="accepted").count() == 1


@pytest.mark.django_db
def test_places_bound_offers_and_only_the_person_answers(round_, pair, world):
    one, two = talked(round_, pair, world.dev, world.zoe)
    offer(one)
    assert refused(offer, two) == "no_place"
    assert refused(answer, one, accepts=True, by=world.zoe) == "not_yours"
    assert state(one) == "offered"


@pytest.mark.django_db
def test_a_no_offers_the_place_to_the_first_in_reserve(round_, pair, world):
    one, two, three = talked(round_, pair, world.dev, world.zoe, world.ines)
    offer(one)
    reserve(two)
    reserve(three)
    assert refused(offer, three) == "not_first"
    answer(one, accepts=False)
    assert [state(each) for each in (one, two, three)] == ["declined", "offered", "reserve"]
    assert isinstance(letters_to(world.zoe, now=AFTER)["application_reserved"], mail.NotWanted)
    assert "glad to have you" in letters_to(world.zoe, now=AFTER)["application_offered"].text


@pytest.mark.django_db
def test_an_offer_nobody_answers_lapses_and_goes_on(round_, pair, world):
    one, two = talked(round_, pair, world.dev, world.zoe)
    offer(one)
    reserve(two)
    late = AFTER + timedelta(days=7)
    assert refused(answer, one, accepts=True, now=late) == "late"
    assert round_sweep.lapse_offers(now=late - timedelta(seconds=1)) == 0
    assert round_sweep.lapse_offers(now=late) == 1
    assert round_sweep.lapse_offers(now=late) == 0
    assert (state(one), state(two)) == ("lapsed", "offered")
    assert not Membership.objects.filter(cycle=world.cycle, user=world.dev, role="leader").exists()


@pytest.mark.django_db
def test_turn_down_has_a_reason_they_read(round_, pair, world):
    (one,) = talked(round_, pair, world.dev)
    call = {"actor": world.rhian, "application_id": one.pk, "now": AFTER}
    assert refused(offers.turn_down, reason=" ", **call) == "reason_missing"
    offers.turn_down(reason="Try a shorter session first.", **call)
    assert "Try a shorter session first." in letters_to(world.dev, now=AFTER)["application_turned_down"].text


# --- the end ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_finish_waits_for_everybodys_answer_and_tells_the_reserve(round_, pair, world):
    one, two = talked(round_, pair, world.dev, world.zoe)
    offer(one)
    assert refused(finish, round_) == "still_open"
    reserve(two)
    answer(one, accepts=True)
    assert finish(round_).state == "finished"
    assert finish(round_).finished_at == AFTER
    assert state(two) == "rejected"


@pytest.mark.django_db
def test_records_are_deleted_half_a_year_after_the_round_and_leaders_stay(round_, pair, world, settings):
    (one,) = talked(round_, pair, world.dev)
    offer(one)
    answer(one, accepts=True)
    finish(round_)
    settings.PEERHUB_APPLICATIONS_KEPT_DAYS = 100
    assert round_sweep.forget_rounds(now=AFTER + timedelta(days=99)) == 0
    assert round_sweep.forget_rounds(now=AFTER + timedelta(days=100)) == 1
    assert round_sweep.forget_rounds(now=AFTER + timedelta(days=101)) == 0
    gone = (Application, Answer, ApplicationEvent, Score, RoundHelper)
    assert not any(model.objects.exists() for model in gone)
    assert RecruitmentRound.objects.get().forgotten_at is not None
    assert Membership.objects.filter(cycle=world.cycle, user=world.dev, role="leader", status="active").exists()


@pytest.mark.django_db
def test_from_times_to_a_leader_by_the_pages(round_, pair, world, client_of, frozen):
    (one,) = shortlisted(round_, pair, world.dev)
    frozen.move_to(LATER)
    args = [world.programme.slug, world.cycle.code]
    desk, own = client_of(world.rhian), client_of(world.dev)
    times = {"on": f"{TALKS:%Y-%m-%d}", "start": "10:00", "minutes": 20, "count": 2, "capacity": 1, "where": "B2"}
    assert desk.post(reverse("training:slot_list", args=args), times).status_code == 302
    desk.post(reverse("training:shortlist_invite", args=args))
    slot = InterviewSlot.objects.order_by("starts_at").first()
    mine = reverse("training:application_detail", args=[one.uuid])
    assert str(slot.uuid) in own.get(mine).content.decode()
    own.post(reverse("training:slot_book", args=[one.uuid]), {"slot": str(slot.uuid)})
    frozen.move_to(AFTER)
    desk, own = client_of(world.rhian), client_of(world.dev)
    step = reverse("training:application_decide", args=[*args, one.uuid])
    for name_ in ("came", "offer"):
        assert desk.post(step, {"step": name_, "note": "Warm."}).status_code == 302
    assert desk.post(step, {"step": "accepted"}).status_code == 422
    own.post(reverse("training:offer_answer", args=[one.uuid]), {"answer": "yes"})
    assert state(one) == "accepted"
    assert "Your sessions and people" in own.get(mine).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "change"),
    [
        (InterviewSlot, {"capacity": 0}),
        (InterviewSlot, {"ends_at": in_days(-99)}),
        (Application, {"state": "offered", "offer_expires_at": None}),
        (Application, {"state": "reserve", "reserve_rank": None}),
        (RecruitmentRound, {"offer_days": 0}),
    ],
)
def test_what_a_row_can_break_the_database_forbids(round_, pair, world, model, change):
    invited(round_, pair, world.dev)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)


@pytest.mark.django_db
def test_withdraw_is_refused_once_it_is_over(round_, pair, world):
    (one,) = talked(round_, pair, world.dev)
    offer(one)
    answer(one, accepts=True)
    call = applications.withdraw_application
    assert refused(call, actor=world.dev, application_id=one.pk, now=AFTER) == "over"
    assert apply(round_, world.dev).state == "accepted"  # sent already: nothing happens
