"""What recruitment and training keep of people, until when, and what they get to read of it."""

from datetime import date, timedelta

import pytest

from peerhub.common import stages
from peerhub.common.models import AuditEvent
from tests import factories as make
from tests.factories import NOW, TODAY, in_days
from tests.training.recruiting import LATER, apply, lock, name, open_round, prepare, refused, state
from tests.training.test_offers import AFTER, answer, offer, reserve, talked
from training.models import Application, Attempt, InterviewSlot, RecruitmentRound, RightToWork
from training.queries.recruitment_answers import recruitment_holdings
from training.queries.training_holdings import training_holdings
from training.services import applications, assessing, interviews, offers, round_sweep, shortlist, training_erasure
from training.services.erasure import forget_applications
from training.services.training_erasure import forget_training

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(world):
    return open_round(world.cycle, places=1)


@pytest.fixture
def pair(round_):
    return [name(round_), name(round_)]


def held(user, part=0):
    return recruitment_holdings(user)[part].rows


# --- what one can read ------------------------------------------------------------------------------------------------
def test_applicants_read_of_the_conversation_the_offer_and_what_was_agreed(round_, pair, world):
    sent = prepare(apply(round_, world.dev))
    lock(sent, pair[0], 4)
    lock(sent, pair[1], 2, 4)
    criterion = round_.criteria.get(position=1).pk
    shortlist.agree_score(
        actor=world.rhian, application_id=sent.pk, criterion_id=criterion, value=3, reason="Read again.", now=LATER
    )
    assert held(world.dev)[0]["agreed_on"] == "", "nothing before the shortlist"
    shortlist.decide_shortlist(actor=world.rhian, round_id=round_.pk, cut=50, now=LATER)
    slot = InterviewSlot.objects.create(
        round=round_, starts_at=in_days(10), ends_at=in_days(10) + timedelta(minutes=20), where="B2.14"
    )
    offers_at = in_days(11)
    Application.objects.filter(pk=sent.pk).update(
        slot=slot, talk_note="Asks first.", state="offered", offer_expires_at=offers_at, reserve_rank=2
    )
    (row,) = held(world.dev)
    assert row["agreed_on"] == "Facilitating: 3, Read again."
    assert "B2.14" in row["conversation"]
    assert row["notes_of_it"] == "Asks first."
    assert (row["offer_open_until"][:10], row["number_in_reserve"]) == (offers_at.date().isoformat(), 2)
    assert not any(one.user.display_name in str(row) for one in pair), "never who scored"


def test_assessors_read_the_scores_and_conflicts_they_wrote(round_, pair, world):
    first, second = (prepare(apply(round_)) for _ in range(2))
    lock(first, pair[0], 3)
    key = second.assessments.get(helper=pair[0]).pk
    assessing.declare_conflict(actor=pair[0].user, assessment_id=key, reason="A friend", now=LATER)
    (row,) = held(pair[0].user, part=1)
    assert f"{first.code}, Facilitating: 3 They say how." in row["scores_you_gave"]
    assert row["conflicts_you_declared"] == f"{second.code}: A friend"
    assert held(pair[1].user, part=1)[0]["scores_you_gave"] == ""


def test_answers_to_quizzes_are_in_the_export_in_words(world):
    question = make.QuizQuestionFactory()
    Attempt.objects.create(
        user=world.amara, module=question.module, drawn=[str(question.uuid)], answers={str(question.uuid): 1},
        started_at=in_days(-2), closes_at=in_days(-1), submitted_at=in_days(-1.5), score=0,
    )  # fmt: skip
    (tries,) = (one for one in training_holdings(world.amara) if "quiz" in str(one.section))
    assert tries.rows[0]["answers"] == f"{question.text} Wrong"


# --- until when -------------------------------------------------------------------------------------------------------
def test_a_round_nobody_finishes_is_deleted_when_nothing_has_moved_for_as_long(round_, pair, settings):
    settings.PEERHUB_APPLICATIONS_KEPT_DAYS = 100
    sent = prepare(apply(round_))
    lock(sent, pair[0], 3)
    assert round_sweep.forget_rounds(now=LATER + timedelta(days=99)) == 0
    assert round_sweep.forget_rounds(now=LATER + timedelta(days=101)) == 1
    kept = RecruitmentRound.objects.get()
    assert (kept.state, kept.forgotten_at) == ("finished", LATER + timedelta(days=101))


def test_the_record_no_longer_says_who_applied_and_scored(round_, pair, world):
    sent = prepare(apply(round_, world.dev))
    lock(sent, pair[0], 3)
    about = AuditEvent.objects.filter(target_type__in=["training.application", "training.assessment"])
    assert about.filter(actor__in=[world.dev, pair[0].user]).count() > 2
    RecruitmentRound.objects.update(state="finished", finished_at=AFTER)
    offers.forget_round(round_id=round_.pk, now=AFTER + timedelta(days=400))
    assert about.exists()
    assert not about.exclude(actor=None).exists()
    assert not AuditEvent.objects.filter(target_type="training.roundhelper").exclude(actor=None).exists()
    assert AuditEvent.objects.filter(action="training.round_published").exclude(actor=None).exists()


def test_checks_of_the_right_to_work_stay_for_six_years(world):
    ends_on = world.cycle.ends_on
    check = {"kind": "passport", "checked_by": world.rhian, "recorded_at": NOW}
    RightToWork.objects.create(user=world.amara, checked_on=TODAY, **check)
    erased = forget_training(user=world.amara, now=NOW)
    (papers,) = (one for one in erased if "Six years" in str(one.kept_until))
    assert (papers.forgotten, papers.kept) == (0, 1)

    def after(years):
        return in_days(0) + (date(ends_on.year + years, ends_on.month, ends_on.day) - TODAY) + timedelta(days=3)

    assert training_erasure.forget_checks(now=after(5)) == 0
    assert training_erasure.forget_checks(now=after(6)) == 1
    assert not RightToWork.objects.exists()


# --- what somebody who goes leaves to others --------------------------------------------------------------------------
def test_erasing_somebody_with_an_offer_offers_the_place_to_who_is_next(round_, pair, world):
    one, two = talked(round_, pair, world.dev, world.zoe)
    offer(one)
    reserve(two)
    forget_applications(user=world.dev, now=AFTER)
    assert state(two) == "offered"


def test_free_places_go_to_the_reserve_list_before_anybody_else(round_, pair, world):
    one, two, three = talked(round_, pair, world.dev, world.zoe, world.ines)
    offer(one)
    reserve(two)
    answer(one, accepts=False)  # three has not had their turn: nobody is offered anything yet
    assert refused(offer, three) == "not_first"
    offer(two)
    assert (state(two), state(three)) == ("offered", "interviewed")


# --- steps that do not follow -----------------------------------------------------------------------------------------
def test_nobody_has_talked_without_a_time(round_, pair, world):
    (one,) = talked(round_, pair, world.dev)
    Application.objects.filter(pk=one.pk).update(state="invited", slot=None)
    call = {"actor": world.rhian, "application_id": one.pk, "now": AFTER}
    assert refused(interviews.record_talk, came=True, **call) == "not_booked"
    interviews.record_talk(came=False, **call)
    assert state(one) == "lapsed"


def test_a_page_left_open_takes_no_withdrawn_application_up_again(round_, world, client_of, frozen):
    sent = apply(round_, world.dev)
    applications.withdraw_application(actor=world.dev, application_id=sent.pk, now=NOW)
    client = client_of(world.dev)
    address = f"/programmes/{world.programme.slug}/{world.cycle.code}/lead/apply/"
    said = client.post(address, {"answer_1": "From another tab"}, headers={"HX-Request": "true"})
    assert "You withdrew it" in said.content.decode()
    assert state(sent) == "withdrawn"
    client.post(address, {"answer_1": "Again", "action": "save"})
    assert state(sent) == "draft"


def test_why_somebody_withdrew_is_not_read_beside_a_code(round_, pair, world, client_of, frozen):
    sent = apply(round_, world.dev)
    applications.withdraw_application(
        actor=world.dev, application_id=sent.pk, reason="My placement in Llandre moved", now=LATER
    )
    frozen.move_to(LATER)
    page = client_of(world.rhian).get(
        f"/programmes/{world.programme.slug}/{world.cycle.code}/recruitment/applications/{sent.uuid}/"
    )
    assert "Withdrawn" in page.content.decode()
    assert "Llandre" not in page.content.decode()


def test_todos_of_staff_who_help_and_read_are_on_a_page_they_have(round_, world, client_of, frozen):
    helper = make.UserFactory(kind="staff")
    name(round_, helper)
    prepare(apply(round_))
    frozen.move_to(LATER)
    (todo,) = [one for one in stages.todos(helper, LATER) if one.code == "to_score"]
    assert todo.role == "staff"
    assert "Score 1 application" in client_of(helper).get("/home/staff/").content.decode()
    name(round_, world.imran)
    (todo,) = [one for one in stages.todos(world.imran, LATER) if one.code == "to_score"]
    assert todo.role == "supervisor"
