"""Choosing without names: prepared, scored apart, compared when all are locked, decided once, and only then named."""

from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import mail, stages
from peerhub.common.models import AuditEvent
from tests import factories as make
from tests.factories import NOW
from tests.training.recruiting import (
    CLOSES,
    LATER,
    apply,
    dealt,
    letters_to,
    lock,
    name,
    open_round,
    points,
    prepare,
    refused,
    scored,
    state,
)
from training.models import Application, ApplicationEvent, Assessment, Consensus, RoundHelper, Score
from training.queries.scores import outcomes_of
from training.services import applications, assessing, preparing, round_helpers, shortlist
from training.services.assessing import Given

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(world):
    return open_round(world.cycle)


@pytest.fixture
def pair(round_, world):
    return [name(round_, world.lena), name(round_)]


def agree(application, criterion, value, reason="We read it again."):
    return shortlist.agree_score(
        actor=make.UserFactory(), application_id=application.pk, criterion_id=criterion.pk, value=value,
        reason=reason, now=LATER,
    )  # fmt: skip


def decide(round_, cut, now=LATER):
    return shortlist.decide_shortlist(actor=make.UserFactory(), round_id=round_.pk, cut=cut, now=now)


def reveal(round_):
    return shortlist.reveal_identities(actor=make.UserFactory(), round_id=round_.pk, now=LATER)


def unfit(application, reason="Not enrolled.", now=LATER):
    return preparing.find_ineligible(actor=make.UserFactory(), application_id=application.pk, reason=reason, now=now)


# --- preparing -------------------------------------------------------------------------------------------------------
def test_submit_makes_the_copy_and_a_person_puts_it_right(round_, pair, world):
    sent = apply(round_, world.zoe, text="Zoe Marchetti led; she listened in Room 4.")
    answer = sent.answers.first()
    assert answer.redacted == "[name] [name] led; [they] listened in Room 4."
    preparing.release_copy(
        actor=world.rhian, application_id=sent.pk, texts={answer.pk: "[name] led in a [place]."}, now=LATER
    )
    answer.refresh_from_db()
    assert (answer.redacted, answer.text) == ("[name] led in a [place].", "Zoe Marchetti led; she listened in Room 4.")
    sent.refresh_from_db()
    assert (sent.state, sent.redacted_by) == ("eligible", world.rhian)
    assert Assessment.objects.filter(application=sent).count() == 2


def test_nobody_prepares_before_applications_have_closed(round_, world):
    sent = apply(round_, world.zoe)
    assert refused(prepare, sent, now=CLOSES - (LATER - CLOSES)) == "too_early"
    assert refused(unfit, sent, now=NOW) == "too_early"
    assert state(sent) == "submitted"


def test_assessors_are_dealt_nothing_before_a_person_has_read_the_copy(round_, pair, world):
    apply(round_, world.zoe)
    assert not Assessment.objects.exists()


def test_ineligible_has_a_reason_the_applicant_reads_and_can_be_put_right(round_, pair, world):
    sent = apply(round_, world.zoe)
    assert refused(unfit, sent, reason=" ") == "reason_missing"
    unfit(sent)
    assert "Not enrolled." in letters_to(world.zoe)["application_ineligible"].text
    assert not Assessment.objects.exists()
    assert prepare(sent).state == "eligible"
    assert isinstance(letters_to(world.zoe)["application_ineligible"], mail.NotWanted)


def test_the_copy_stays_as_it_is_once_somebody_has_scored(round_, pair, world):
    sent = prepare(apply(round_, world.zoe))
    prepare(sent)
    lock(sent, pair[0], 3)
    assert refused(prepare, sent) == "being_scored"
    assert refused(unfit, sent) == "being_scored"


def test_whoever_scores_does_not_read_what_was_written(round_, world, client_of, frozen):
    sent = apply(round_, world.zoe)
    frozen.move_to(LATER)
    address = reverse("training:prepare_application", args=[sent.uuid])
    assert client_of(world.rhian).get(address).status_code == 200
    name(round_, world.rhian)
    assert client_of(world.rhian).get(address).status_code == 403
    name(round_, world.dev, "redactor")
    assert client_of(world.dev).get(address).status_code == 200
    assert client_of(world.dev).get(reverse("training:assess_list", args=[round_.uuid])).status_code == 404


# --- who helps -------------------------------------------------------------------------------------------------------
def test_name_helper_tells_them_and_gives_no_other_right(round_, world):
    name(round_, world.lena)
    name(round_, world.lena)
    assert "without names" in letters_to(world.lena)["helper_named"].text
    assert RoundHelper.objects.count() == 1
    assert not Application.objects.visible_to(world.lena).exists()


def test_name_helper_refuses_who_applies_in_the_words_for_everybody(round_, world):
    apply(round_, world.zoe)
    assert refused(name, round_, world.zoe) == "cannot"
    assert refused(name, round_, make.UserFactory(is_active=False)) == "cannot"
    name(round_, world.lena)
    assert refused(name, round_, world.lena, "redactor") == "other_kind"
    assert refused(apply, round_, world.lena) == "chooses"


def test_a_released_assessor_leaves_what_is_locked(round_, pair, world):
    first, second = (prepare(apply(round_)) for _ in range(2))
    lock(first, pair[0], 3)
    round_helpers.release_helper(actor=world.rhian, helper_id=pair[0].pk, now=LATER)
    assert list(Assessment.objects.filter(helper=pair[0]).values_list("application", flat=True)) == [first.pk]
    assert not Assessment.objects.visible_to(world.lena).exists()
    assert outcomes_of([second.pk])[second.pk].open == 1


def test_each_is_dealt_everything_in_an_order_of_their_own(round_, pair):
    sent = [prepare(apply(round_)) for _ in range(8)]
    late = name(round_)
    orders = [
        tuple(Assessment.objects.filter(helper=one).order_by("position").values_list("application", flat=True))
        for one in (*pair, late)
    ]
    assert {frozenset(order) for order in orders} == {frozenset(one.pk for one in sent)}
    assert len(set(orders)) > 1


# --- scoring ---------------------------------------------------------------------------------------------------------
def test_lock_needs_a_score_and_a_sentence_for_every_criterion(round_, pair, world):
    sent = prepare(apply(round_))
    own = dealt(sent, pair[0])
    some = points(round_, 3)
    some[round_.criteria.first().pk] = Given(2, " ")
    call = {"actor": world.lena, "assessment_id": own.pk, "now": LATER}
    assert refused(assessing.lock_scores, given=some, **call) == "incomplete"
    assert refused(assessing.lock_scores, given={}, **call) == "incomplete"
    assert refused(assessing.save_scores, given=points(round_, 5), **call) == "out_of_range"
    assert not Score.objects.exists()
    assessing.save_scores(given=some, **call)
    assert Score.objects.filter(assessment=own).count() == 3


def test_scores_after_locking_are_refused_and_change_nothing(round_, pair, world):
    sent = prepare(apply(round_))
    own = lock(sent, pair[0], 3)
    call = {"actor": world.lena, "assessment_id": own.pk, "now": LATER}
    for use_case in (assessing.save_scores, assessing.lock_scores):
        assert refused(use_case, given=points(round_, 0), **call) == "locked"
    assert refused(assessing.declare_conflict, reason="A friend", **call) == "locked"
    assert set(Score.objects.values_list("value", flat=True)) == {3}


def test_nobody_scores_for_somebody_else(round_, pair, world):
    sent = prepare(apply(round_))
    call = {"assessment_id": dealt(sent, pair[1]).pk, "given": points(round_, 4), "now": LATER}
    for who in (world.lena, world.rhian, world.sam):
        assert refused(assessing.lock_scores, actor=who, **call) == "not_yours"


def test_conflict_takes_the_assessor_off_and_another_is_needed(round_, pair, world):
    sent = prepare(apply(round_))
    own = dealt(sent, pair[0])
    call = {"actor": world.lena, "assessment_id": own.pk, "now": LATER}
    assessing.save_scores(given=points(round_, 4), **call)
    assert refused(assessing.declare_conflict, reason="", **call) == "reason_missing"
    assessing.declare_conflict(reason="My neighbour", **call)
    assert not Score.objects.exists()
    assert refused(assessing.save_scores, given=points(round_, 4), **call) == "conflicted"
    lock(sent, pair[1], 3)
    assert not outcomes_of([sent.pk])[sent.pk].is_complete
    lock(sent, name(round_), 3)
    assert outcomes_of([sent.pk])[sent.pk].is_complete


def test_an_assessor_sees_others_scores_only_when_all_have_locked(round_, pair, world, client_of, frozen):
    sent = prepare(apply(round_))
    frozen.move_to(LATER)
    client = client_of(world.lena)
    page = lambda: client.get(reverse("training:assess_application", args=[dealt(sent, pair[0]).uuid]))  # noqa: E731
    given = {key: Given(1, "SECOND OPINION") for key in points(round_, 1)}
    assessing.lock_scores(actor=pair[1].user, assessment_id=dealt(sent, pair[1]).pk, given=given, now=LATER)
    assert "SECOND OPINION" not in page().content.decode()
    lock(sent, pair[0], 4)
    assert "SECOND OPINION" in page().content.decode()
    assert "Two or more apart" in page().content.decode()


def test_an_assessor_saves_locks_and_goes_on_by_the_page(round_, pair, world, client_of, frozen):
    sent = [prepare(apply(round_)) for _ in range(2)]
    frozen.move_to(LATER)
    client = client_of(world.lena)
    first, second = Assessment.objects.filter(helper=pair[0]).order_by("position")
    address = reverse("training:assess_application", args=[first.uuid])
    data = {f"value_{one.pk}": "3" for one in round_.criteria.all()}
    assert client.post(address, data | {"action": "lock"}).status_code == 422
    assert client.post(address, data | {"action": "save"}).url == address
    data |= {f"evidence_{one.pk}": "Shows how." for one in round_.criteria.all()}
    following = client.post(address, data | {"action": "lock", "locked_at": "2020-01-01", "helper": "1"})
    assert following.url == reverse("training:assess_application", args=[second.uuid])
    assert client.post(address, data | {"action": "save"}).status_code == 422
    first.refresh_from_db()
    assert (first.locked_at, first.helper) == (LATER, pair[0])
    assert len(sent) == 2


# --- comparing -------------------------------------------------------------------------------------------------------
def test_total_is_weighted_and_exact(round_, pair):
    sent = prepare(apply(round_))
    lock(sent, pair[0], 4, 3, 1)
    lock(sent, pair[1], 3, 3, 2)
    outcome, criteria = outcomes_of([sent.pk])[sent.pk], list(round_.criteria.order_by("position"))
    expected = (Fraction(7, 2) * 3 + 3 + Fraction(3, 2)) * 100 / 20
    assert outcome.total(criteria) == expected


def test_two_apart_is_flagged_and_the_agreement_stands_beside_the_originals(round_, pair):
    sent = prepare(apply(round_))
    first, second, third = round_.criteria.order_by("position")
    lock(sent, pair[0], 4, 3, 3)
    assert refused(agree, sent, first, 3) == "not_locked"
    lock(sent, pair[1], 2, 2, 3)
    assert outcomes_of([sent.pk])[sent.pk].to_discuss() == [first.pk]
    assert refused(agree, sent, second, 3) == "nothing_apart"
    assert refused(agree, sent, third, 3) == "nothing_apart"
    assert refused(agree, sent, first, 5) == "out_of_range"
    assert refused(agree, sent, first, 3, reason=" ") == "reason_missing"
    agree(sent, first, 4)
    agree(sent, first, 3)
    assert [one.value for one in Consensus.objects.all()] == [3]
    assert sorted(Score.objects.filter(criterion=first).values_list("value", flat=True)) == [2, 4]
    outcome = outcomes_of([sent.pk])[sent.pk]
    assert outcome.is_settled
    assert outcome.value(first.pk) == 3


# --- deciding --------------------------------------------------------------------------------------------------------
def test_shortlist_waits_until_everything_is_prepared_scored_and_agreed(round_, pair):
    one = apply(round_)
    assert refused(decide, round_, 50, now=NOW) == "too_early"
    assert refused(decide, round_, 50) == "not_ready"
    prepare(one)
    lock(one, pair[0], 4)
    assert refused(decide, round_, 50) == "not_ready"
    lock(one, pair[1], 2)
    assert refused(decide, round_, 50) == "not_ready"
    for criterion in round_.criteria.all():
        agree(one, criterion, 3)
    assert refused(decide, round_, 101) == "out_of_range"
    assert refused(decide, round_, 80) == "nobody"
    decide(round_, 75)
    assert state(one) == "shortlisted"
    assert refused(agree, one, round_.criteria.first(), 3) == "decided"


def test_shortlist_decides_for_everybody_by_essentials_points_and_guarantee(round_, pair, world):
    best = scored(round_, pair, 4, who=world.ben)
    close = scored(round_, pair, 3, who=world.zoe)
    under = scored(round_, pair, 2, who=world.dev)
    guaranteed = scored(round_, pair, 2, wants_guarantee=True)
    lacking = scored(round_, pair, 4, 1, 4, who=world.ines, wants_guarantee=True)
    decide(round_, 75)
    decide(round_, 10)  # pressed again
    found = {state(one) for one in (best, close, guaranteed)}, {state(one) for one in (under, lacking)}
    assert found == ({"shortlisted"}, {"rejected"})
    assert "Facilitating" in letters_to(world.ben)["application_shortlisted"].text
    no = letters_to(world.dev)["application_not_chosen"].text
    assert "50 of 100 points; the shortlist began at 75." in no
    assert "Reliability" in ApplicationEvent.objects.get(application=lacking, to="rejected").reason


def test_no_order_and_no_guarantee_shows_before_the_last_score_is_locked(round_, pair, world, client_of, frozen):
    first = scored(round_, pair, 4, who=world.dev, wants_guarantee=True)
    second = prepare(apply(round_))
    frozen.move_to(LATER)
    address = reverse("training:shortlist_decide", args=[world.programme.slug, world.cycle.code]) + "?cut=50"
    early = client_of(world.rhian).get(address).content.decode()
    assert first.code not in early
    for one in pair:
        lock(second, one, 3)
    page = client_of(world.rhian).get(address).content.decode()
    assert first.code in page
    assert "guaranteed conversation;" not in page
    page = client_of(world.rhian).get(address.replace("50", "90")).content.decode()
    assert "Not this time" in page, "of who has fewer points"
    Application.objects.filter(pk=second.pk).update(wants_guarantee=True)
    page = client_of(world.rhian).get(address.replace("50", "90")).content.decode()
    assert "1 of them has fewer points and asked for a guaranteed conversation" in page
    assert "Not this time" not in page, "beside a code it would say who is disabled"


def test_guaranteed_is_nothing_without_the_programmes_word(world):
    round_ = open_round(world.cycle, guarantees_interview=False)
    pair = [name(round_), name(round_)]
    scored(round_, pair, 4)
    plain = scored(round_, pair, 2, wants_guarantee=True)
    decide(round_, 75)
    assert state(plain) == "rejected"


# --- names -----------------------------------------------------------------------------------------------------------
def test_names_are_refused_early_and_nothing_changes(round_, pair, world, client_of, frozen):
    sent = scored(round_, pair, 4, who=world.dev)
    frozen.move_to(LATER)
    before = AuditEvent.objects.count()
    assert refused(reveal, round_) == "too_early"
    client = client_of(world.rhian)
    client.post(reverse("training:identities_reveal", args=[world.programme.slug, world.cycle.code]))
    assert Application.objects.get().revealed_at is None
    assert AuditEvent.objects.count() == before
    page = client.get(
        reverse("training:application_review", args=[world.programme.slug, world.cycle.code, sent.uuid])
    ).content.decode()
    assert "Patel" not in page
    assert world.dev.email not in page


def test_names_of_the_shortlist_alone_are_shown_and_put_on_record(round_, pair, world, client_of, frozen):
    chosen = scored(round_, pair, 4, who=world.dev, adjustments="A quiet room")
    other = scored(round_, pair, 2, who=world.zoe)
    frozen.move_to(LATER)
    decide(round_, 75)
    assert reveal(round_) == [chosen.pk]
    assert reveal(round_) == []
    lines = AuditEvent.objects.filter(action="training.identity_revealed").values_list("target_id", flat=True)
    assert list(lines) == [str(chosen.pk)]
    client, args = client_of(world.rhian), [world.programme.slug, world.cycle.code]
    page = client.get(reverse("training:application_review", args=[*args, chosen.uuid])).content.decode()
    assert "Patel" in page
    assert "A quiet room" in page
    assert (
        "Marchetti" not in client.get(reverse("training:application_review", args=[*args, other.uuid])).content.decode()
    )


CANARIES = ("Patel", "dev.patel", "00417733", "she/her", "SY23 3BF", "Ysgol Penweddig", "A quiet room", "guarant")


def test_no_page_of_an_assessor_holds_what_says_who_it_is(round_, pair, world, client_of, frozen):
    """Every page they can reach, before locking, after it, and after the decision."""
    text = "I am Dev Patel, 00417733, she/her, of SY23 3BF, once at Ysgol Penweddig, dev.patel@student.aberwen.ac.uk."
    sent = prepare(apply(round_, world.dev, text=text, adjustments="A quiet room", wants_guarantee=True))
    frozen.move_to(LATER)
    client = client_of(world.lena)
    own = dealt(sent, pair[0])
    pages = [
        reverse("training:assess_list", args=[round_.uuid]),
        reverse("training:assess_application", args=[own.uuid]),
        reverse("training:conflict_declare", args=[own.uuid]),
    ]
    for step in (lambda: None, lambda: [lock(sent, one, 4) for one in pair], lambda: decide(round_, 50), reveal):
        step(round_) if step is reveal else step()
        for page in pages:
            reply = client.get(page)
            assert reply.status_code == 200
            body = reply.content.decode().replace("Names are hidden", "")
            assert not [one for one in CANARIES if one in body.partition("<main")[2]], page
    hidden = ["training:application_detail", "training:prepare_application"]
    assert {client.get(reverse(one, args=[sent.uuid])).status_code for one in hidden} == {404}


def test_applicant_reads_how_it_was_scored_once_it_is_decided(round_, pair, world, client_of, frozen):
    sent = scored(round_, pair, 4, 3, 2, who=world.dev)
    frozen.move_to(LATER)
    address = reverse("training:application_detail", args=[sent.uuid])
    assert "How it was scored" not in client_of(world.dev).get(address).content.decode()
    decide(round_, 50)
    page = client_of(world.dev).get(address).content.decode()
    assert "How it was scored" in page
    assert world.lena.family_name not in page
    held = next(one for one in stages.export(world.dev) if str(one.section) == "Applications to lead")
    assert "Facilitating: 4, They say how." in held.rows[0]["scores"]


def test_erasure_of_an_assessor_keeps_what_others_were_chosen_by(round_, pair, world):
    sent = [prepare(apply(round_)) for _ in range(2)]
    lock(sent[0], pair[0], 3)
    with transaction.atomic():
        stages.erase(world.lena, NOW)
    assert Assessment.objects.filter(helper=pair[0]).count() == 1
    assert RoundHelper.objects.get(pk=pair[0].pk).released_at == NOW
    held = stages.export(world.lena)
    assert "Rounds you help to choose in" in [str(one.section) for one in held]


def test_withdrawn_applications_are_not_scored_any_more(round_, pair, world):
    sent = prepare(apply(round_, world.dev))
    applications.withdraw_application(actor=world.dev, application_id=sent.pk, now=LATER)
    assert not Assessment.objects.visible_to(world.lena).exists()
    assert refused(lock, sent, pair[0], 3) == "over"


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Score, {"value": 5}),
        (Consensus, {"value": 5}),
        (Consensus, {"reason": ""}),
        (RoundHelper, {"kind": "odd"}),
        (Assessment, {"conflicted_at": LATER}),
    ],
)
def test_what_a_row_can_break_the_database_forbids(round_, pair, model, change):
    sent = prepare(apply(round_))
    lock(sent, pair[0], 4)
    lock(sent, pair[1], 1)
    agree(sent, round_.criteria.first(), 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
