"""A round: written, published whole, then fixed for everybody."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories as make
from tests.factories import NOW, in_days
from tests.training.recruiting import ADVERT, CLOSES, CRITERIA, QUESTIONS, draft_round, open_round, refused
from training.models import Criterion, Question, RecruitmentRound
from training.services import rounds

pytestmark = pytest.mark.django_db


def change(round_, **said):
    return rounds.write_advert(actor=make.UserFactory(), cycle_id=round_.cycle_id, said=said, now=NOW)


def ask(round_, questions=QUESTIONS, criteria=CRITERIA):
    return rounds.set_questions(
        actor=make.UserFactory(), round_id=round_.pk, questions=questions, criteria=criteria, now=NOW
    )


def publish(round_, now=NOW):
    return rounds.publish_round(actor=make.UserFactory(), round_id=round_.pk, now=now)


def extend(round_, closes_at, now=NOW):
    return rounds.extend_round(actor=make.UserFactory(), round_id=round_.pk, closes_at=closes_at, now=now)


def test_write_advert_begins_one_round_for_a_cycle():
    round_ = draft_round()
    change(round_, places=9)
    assert list(RecruitmentRound.objects.values_list("places", "state")) == [(9, "draft")]


@pytest.mark.parametrize("name", ["purpose", "tasks", "hours", "reward", "training_dates", "how_selected", "contact"])
def test_publish_refuses_an_advert_that_does_not_say_everything(name):
    round_ = draft_round(**{name: ""})
    assert refused(publish, round_) == "incomplete"


def test_publish_needs_no_eligibility():
    assert publish(draft_round(eligibility="")).state == "open"


def test_publish_refuses_what_has_closed_already():
    round_ = draft_round(closes_at=NOW)
    assert refused(publish, round_) == "closes_in_past"


def test_publish_refuses_without_questions_or_criteria():
    assert refused(publish, ask(draft_round(), questions=())) == "no_questions"
    assert refused(publish, ask(draft_round(), criteria=CRITERIA[:1])) == "few_criteria"


def test_what_people_are_told_and_asked_is_fixed_once_published():
    round_ = open_round()
    assert refused(change, round_, reward="Nothing.") == "frozen"
    assert refused(ask, round_, criteria=CRITERIA[:2]) == "frozen"
    assert (Question.objects.count(), Criterion.objects.count()) == (2, 3)
    assert publish(round_).opened_at == in_days(-9)  # pressed twice


def test_extend_only_later_and_only_while_open():
    round_ = open_round()
    assert refused(extend, round_, in_days(6)) == "not_later"
    assert refused(extend, round_, CLOSES) == "not_later"
    assert refused(extend, round_, in_days(9), now=CLOSES) == "closed"
    assert extend(round_, in_days(9)).closes_at == in_days(9)


def test_write_advert_refuses_in_a_closed_cycle():
    cycle = make.CycleFactory(state="closed")
    assert refused(rounds.write_advert, actor=make.UserFactory(), cycle_id=cycle.pk, said=ADVERT, now=NOW) == (
        "cycle_closed"
    )


def test_advert_form_takes_only_what_it_was_given_fields_for(world, client_of, frozen):
    """Naming a field the form does not have changes nothing."""
    round_ = draft_round(world.cycle)
    address = reverse("training:advert_edit", args=[world.programme.slug, world.cycle.code])
    data = {
        "places": 3,
        "offer_days": 7,
        "state": "open",
        "opened_at": "2026-01-01",
        "uuid": str(world.programme.pk),
        "purpose": "Why",
    }
    assert client_of(world.rhian).post(address, data).status_code == 302
    round_.refresh_from_db()
    assert (round_.state, round_.opened_at, round_.places, round_.purpose) == ("draft", None, 3, "Why")


def test_questions_page_saves_what_is_filled_in_and_leaves_out_the_rest(world, client_of, frozen):
    draft_round(world.cycle)
    address = reverse("training:questions_edit", args=[world.programme.slug, world.cycle.code])
    page = client_of(world.rhian).get(address)
    data = {}
    for formset in (page.context["questions"], page.context["criteria"]):
        data |= {f"{formset.prefix}-TOTAL_FORMS": formset.total_form_count(), f"{formset.prefix}-INITIAL_FORMS": 0}
        for form in formset:
            data |= {form.add_prefix(name): form[name].value() for name in form.fields if form[name].value() != ""}
    data["q-0-text"] = "What would you do in the first week?"
    assert client_of(world.rhian).post(address, data).status_code == 302
    assert list(Question.objects.order_by("position").values_list("text", flat=True)) == [
        "What would you do in the first week?",
        "Why this programme?",
    ]
    assert Criterion.objects.count() == 3


def test_programme_page_tells_while_leaders_are_wanted(world, client, frozen):
    address = reverse("programmes:programme_detail", args=[world.programme.slug])
    assert "wanted" not in client.get(address).content.decode()
    open_round(world.cycle)
    page = client.get(address).content.decode()
    assert reverse("training:advert_detail", args=[world.programme.slug, world.cycle.code]) in page
    frozen.move_to(CLOSES)
    assert "leaders wanted" not in client.get(address).content.decode().lower()


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (RecruitmentRound, {"state": "odd"}),
        (RecruitmentRound, {"places": 0}),
        (RecruitmentRound, {"closes_at": None}),
        (RecruitmentRound, {"state": "finished"}),
        (Question, {"most_words": 1}),
        (Question, {"position": 1}),
        (Criterion, {"weight": 6}),
        (Criterion, {"position": 1}),
    ],
)
def test_what_a_row_can_break_the_database_forbids(model, change):
    open_round()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
