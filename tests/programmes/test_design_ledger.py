"""Co-design: the partnership, its hours and proposals, and the ledger nobody rewrites."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import mail, stages
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import (
    Cycle,
    Decision,
    DecisionOption,
    DesignPartner,
    PartnerHours,
    Proposal,
    ProposalComment,
    Side,
)
from programmes.queries.design_answers import design_evidence, design_todos
from programmes.queries.ledger import entries_of, shown
from programmes.services.changes import EditRefused
from programmes.services.decisions import (
    DecisionRefused,
    OptionDraft,
    Outcome,
    Question,
    move_decision,
    put_question,
    record_decision,
)
from programmes.services.design_erasure import forget_design
from programmes.services.partners import (
    HoursRefused,
    PartnerRefused,
    Terms,
    answer_partnership,
    ask_partner,
    change_terms,
    end_partnership,
    log_hours,
    take_back_hours,
)
from programmes.services.proposals import ProposalRefused, comment_on_proposal, make_proposal, withdraw_proposal
from tests import factories as make
from tests.factories import NOW, TODAY, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def seren(world):
    return make.DesignPartnerFactory(
        cycle=world.cycle, user__given_name="Seren", user__family_name="Llwyd", hours_cap=10
    )


def ask(world, user, **terms):
    terms = Terms(**{"side": "student", **terms})
    return ask_partner(actor=world.rhian, cycle_id=world.cycle.pk, user=user, terms=terms, now=NOW)


def put(world, *, actor=None, text="When do we meet?", options=None, **more):
    options = options or [
        OptionDraft("On Wednesdays", Side.STUDENT),
        OptionDraft("On Fridays", Side.STAFF, world.rhian),
    ]
    question = Question(text, options, more.get("proposal_id"), more.get("supersedes_id"))
    return put_question(
        actor=actor or world.rhian, cycle_id=world.cycle.pk, question=question, form_key=more.get("key"), now=NOW
    )


OUTCOME = Outcome("Wednesdays.", "Most are here.", "Commuters asked for it.", TODAY, chosen=1, values=["inclusive"])


def decide(world, entry, outcome=OUTCOME):
    return record_decision(actor=world.rhian, decision_id=entry.pk, outcome=outcome, now=NOW)


# --- the partnership --------------------------------------------------------------------------------------------------
def test_asking_a_partner_tells_them_and_they_are_in_once_they_say_yes(world, client_of):
    partner = ask(world, world.dev, is_paid=True, reward="£13.20 an hour", hours_cap=20)
    (letter,) = Message.objects.filter(kind="programmes.partner_asked", channel="email")
    ((_row, said),) = write_letters([letter], NOW)
    assert said.subject == "Would you help design Bio PASS?"
    assert "£13.20 an hour" in said.text
    assert "20 hours in all" in said.text
    url = reverse("programmes:design_detail", args=["bio-pass", "2026-27"])
    assert "Would you help design Bio PASS?" in client_of(world.dev).get(url).content.decode()
    assert [todo.code for todo in design_todos(world.dev, NOW)] == ["answer_partnership"]

    for _ in range(2):
        answer_partnership(actor=world.dev, partner_id=partner.pk, joins=True, now=NOW)

    assert DesignPartner.objects.active().get() == partner
    assert not design_todos(world.dev, NOW)
    assert AuditEvent.objects.filter(action="programmes.partner_joined").count() == 1
    ((_row, dropped),) = write_letters([letter], NOW)
    assert isinstance(dropped, mail.NotWanted)


def test_who_says_no_sees_the_design_no_longer(world, client_of):
    partner = ask(world, world.dev)
    url = reverse("programmes:partner_answer", args=["bio-pass", "2026-27"])
    assert client_of(world.dev).post(url, {"answer": "no"}).status_code == 302
    assert (
        client_of(world.dev).get(reverse("programmes:design_detail", args=["bio-pass", "2026-27"])).status_code == 404
    )
    partner.refresh_from_db()
    assert partner.left_at is not None
    assert ask(world, world.dev) != partner, "they can be asked again"


def test_asking_refuses_whom_it_asked_and_pay_without_words(world, seren):
    with pytest.raises(PartnerRefused) as refused:
        ask(world, seren.user)
    assert refused.value.code == "already"
    with pytest.raises(PartnerRefused) as refused:
        ask(world, world.dev, is_paid=True)
    assert refused.value.code == "unpaid_reward"
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    with pytest.raises(EditRefused):
        ask(world, world.dev)


def test_a_coordinator_who_adds_themselves_is_in_at_once(world):
    assert ask(world, world.rhian, side="staff").is_active
    assert not Message.objects.filter(kind="programmes.partner_asked").exists()


def test_only_the_person_asked_answers_and_not_after_it_was_ended(world):
    partner = ask(world, world.dev)
    with pytest.raises(PartnerRefused) as refused:
        answer_partnership(actor=world.ben, partner_id=partner.pk, joins=True, now=NOW)
    assert refused.value.code == "not_asked"
    end_partnership(actor=world.rhian, partner_id=partner.pk, now=NOW)
    with pytest.raises(PartnerRefused) as refused:
        answer_partnership(actor=world.dev, partner_id=partner.pk, joins=True, now=NOW)
    assert refused.value.code == "over"
    with pytest.raises(PartnerRefused):
        change_terms(actor=world.rhian, partner_id=partner.pk, terms=Terms("student"), now=NOW)


def test_who_left_reaches_nothing_any_more(world, seren, client_of):
    end_partnership(actor=seren.user, partner_id=seren.pk, now=NOW)
    for name in ("design_detail", "decision_list", "proposal_list", "partner_list", "design_hours"):
        assert client_of(seren.user).get(reverse(f"programmes:{name}", args=["bio-pass", "2026-27"])).status_code == 404


def test_a_student_partner_sees_neither_pay_nor_hours_of_others(world, seren, client_of):
    other = make.DesignPartnerFactory(cycle=world.cycle, is_paid=True, reward="A secret bursary")
    PartnerHours.objects.create(partner=other, on=TODAY, minutes=90, logged_at=NOW)
    url = reverse("programmes:partner_list", args=["bio-pass", "2026-27"])
    assert b"secret bursary" not in client_of(seren.user).get(url).content
    seen = client_of(world.rhian).get(url).content
    assert b"A secret bursary" in seen
    assert b"1.5" in seen


# --- hours ------------------------------------------------------------------------------------------------------------
def give(seren, minutes, on=TODAY, **more):
    return log_hours(actor=seren.user, partner_id=seren.pk, on=on, minutes=minutes, what="Workshop", now=NOW, **more)


def test_hours_end_at_what_was_agreed(world, seren):
    give(seren, 9 * 60)
    with pytest.raises(HoursRefused) as refused:
        give(seren, 90, on=TODAY - timedelta(days=1))
    assert refused.value.code == "over_cap"
    give(seren, 60, on=TODAY - timedelta(days=1))
    with pytest.raises(PartnerRefused) as below:
        change_terms(actor=world.rhian, partner_id=seren.pk, terms=Terms("student", hours_cap=9), now=NOW)
    assert below.value.code == "cap_below_hours"
    change_terms(actor=world.rhian, partner_id=seren.pk, terms=Terms("student"), now=NOW)
    give(seren, 90, on=TODAY - timedelta(days=2))


def test_hours_are_of_days_that_were_and_of_partners(world, seren):
    with pytest.raises(HoursRefused) as refused:
        give(seren, 60, on=TODAY + timedelta(days=1))
    assert refused.value.code == "not_yet"
    with pytest.raises(HoursRefused) as refused:
        log_hours(actor=world.ben, partner_id=seren.pk, on=TODAY, minutes=60, what="", now=NOW)
    assert refused.value.code == "not_in"
    change_terms(actor=world.rhian, partner_id=seren.pk, terms=Terms("student"), now=NOW)
    give(seren, 20 * 60)
    with pytest.raises(HoursRefused) as refused:
        give(seren, 5 * 60)
    assert refused.value.code == "day_full"


def test_hours_are_written_once_and_taken_back_once(seren):
    key = uuid.uuid4()
    row = give(seren, 60, form_key=key)
    with pytest.raises(Repeated):
        give(seren, 60, form_key=key)
    for _ in range(2):
        take_back_hours(actor=seren.user, hours_id=row.pk, now=NOW)
    assert not PartnerHours.objects.exists()
    assert AuditEvent.objects.filter(action="programmes.design_hours_taken_back").count() == 1


# --- proposals --------------------------------------------------------------------------------------------------------
def propose(world, who, **more):
    return make_proposal(
        actor=who, cycle_id=world.cycle.pk, title="Meet on Teams", text="Many commute.", now=NOW, **more
    )


def test_proposals_are_made_discussed_and_taken_back(world, seren):
    key = uuid.uuid4()
    proposal = propose(world, seren.user, form_key=key)
    with pytest.raises(Repeated):
        propose(world, seren.user, form_key=key)
    comment = comment_on_proposal(actor=world.rhian, proposal_id=proposal.pk, text=" Both? ", now=NOW)
    assert (proposal.side, comment.side, comment.text) == ("student", "staff", "Both?")
    with pytest.raises(ProposalRefused) as refused:
        withdraw_proposal(actor=world.rhian, proposal_id=proposal.pk, now=NOW)
    assert refused.value.code == "not_yours"
    for _ in range(2):
        withdraw_proposal(actor=seren.user, proposal_id=proposal.pk, now=NOW)
    with pytest.raises(ProposalRefused) as refused:
        comment_on_proposal(actor=world.rhian, proposal_id=proposal.pk, text="Pity.", now=NOW)
    assert refused.value.code == "settled"
    with pytest.raises(DecisionRefused) as over:
        put(world, proposal_id=proposal.pk)
    assert over.value.code == "over"


def test_a_proposal_in_the_ledger_is_not_taken_back(world, seren):
    proposal = propose(world, seren.user)
    entry = put(world, actor=seren.user, proposal_id=proposal.pk)
    proposal.refresh_from_db()
    assert (proposal.state, entry.proposal) == ("taken_up", proposal)
    with pytest.raises(ProposalRefused) as refused:
        withdraw_proposal(actor=seren.user, proposal_id=proposal.pk, now=NOW)
    assert refused.value.code == "settled"
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    with pytest.raises(ProposalRefused) as refused:
        comment_on_proposal(actor=seren.user, proposal_id=proposal.pk, text="So be it.", now=NOW)
    assert refused.value.code == "closed"


# --- the ledger -------------------------------------------------------------------------------------------------------
def test_entries_are_numbered_in_each_cycle(world):
    key = uuid.uuid4()
    assert [put(world).number, put(world, key=key).number] == [1, 2]
    with pytest.raises(Repeated):
        put(world, key=key)
    assert put(world).number == 3
    assert make.DecisionFactory(cycle=world.other_cycle, number=1)
    assert AuditEvent.objects.filter(action="programmes.question_put").count() == 3


@pytest.mark.parametrize(("text", "option", "code"), [(" ", "x", "no_question"), ("x", " ", "no_options")])
def test_a_question_has_words_and_something_to_choose(world, text, option, code):
    with pytest.raises(DecisionRefused) as refused:
        put(world, text=text, options=[OptionDraft(option, Side.STUDENT)])
    assert refused.value.code == code
    assert not Decision.objects.exists()


def test_a_decision_is_recorded_once_with_what_students_changed(world):
    entry = decide(world, put(world))
    assert (entry.status, entry.chosen.text, entry.values) == ("decided", "On Wednesdays", ["inclusive"])
    with pytest.raises(DecisionRefused) as refused:
        decide(world, entry)
    assert refused.value.code == "decided"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome("Yes.", "So.", " ", TODAY), "incomplete"),
        (Outcome("Yes.", "So.", "None.", TODAY + timedelta(days=1)), "not_yet"),
        (Outcome("Yes.", "So.", "None.", TODAY, review_on=TODAY), "before_question"),
        (Outcome("Yes.", "So.", "None.", TODAY, chosen=9), "no_such_option"),
    ],
)
def test_a_decision_refuses(world, outcome, code):
    with pytest.raises(DecisionRefused) as refused:
        decide(world, put(world), outcome)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Another?"}, {"decision": "Fridays."}, {"reason": "-"}, {"student_input": "-"}, {"dissent": "-"},
        {"number": 9}, {"decided_on": date(2026, 1, 1)}, {"chosen": None}, {"values": []}, {"status": "proposed"},
    ],
)  # fmt: skip
def test_the_database_keeps_the_words_of_what_was_decided(world, change):
    entry = decide(world, put(world))
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=entry.pk).update(**change)
    Decision.objects.filter(pk=entry.pk).update(owner=world.rhian, review_on=None, status="implemented")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Decision, {"status": "decided"}), (Decision, {"status": "gone"}), (Decision, {"number": 0}),
        (DecisionOption, {"text": ""}), (DecisionOption, {"side": "both"}), (DecisionOption, {"position": 2}),
        (DesignPartner, {"side": "both"}), (DesignPartner, {"is_paid": True}), (DesignPartner, {"hours_cap": 0}),
        (PartnerHours, {"minutes": 0}), (PartnerHours, {"minutes": 1441}),
        (Proposal, {"state": "gone"}), (Proposal, {"side": "both"}), (ProposalComment, {"side": "both"}),
    ],
)  # fmt: skip
def test_the_database_refuses(world, seren, model, change):
    put(world)
    comment_on_proposal(actor=seren.user, proposal_id=propose(world, seren.user).pk, text="x", now=NOW)
    give(seren, 60)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)


def test_one_is_a_partner_of_a_cycle_once(world, seren):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.DesignPartnerFactory(cycle=world.cycle, user=seren.user)


def test_a_correction_supersedes_and_both_stay(world, client_of):
    first = decide(world, put(world))
    with pytest.raises(DecisionRefused) as early:
        put(world, supersedes_id=put(world).pk)
    assert early.value.code == "not_decided"
    second = put(world, supersedes_id=first.pk, text="When do we meet, again?")
    assert not shown(entries_of(world.cycle).get(pk=first.pk)).is_superseded, (
        "until it is decided the earlier one holds"
    )
    with pytest.raises(DecisionRefused) as twice:
        put(world, supersedes_id=first.pk)
    assert twice.value.code == "superseded"

    decide(world, second)

    assert shown(entries_of(world.cycle).get(pk=first.pk)).is_superseded
    page = client_of(world.rhian).get(reverse("programmes:decision_detail", args=["bio-pass", "2026-27", 1])).content
    assert b"Superseded" in page
    assert b"Most are here." in page
    lines = b"".join(
        client_of(world.rhian).get(reverse("programmes:ledger_export", args=["bio-pass", "2026-27"])).streaming_content
    ).decode()
    assert lines.count("Wednesdays.") == 2
    assert "On Fridays (Rhian Pugh, staff)" in lines


def test_an_entry_goes_on_and_a_reversal_says_why(world):
    entry = decide(world, put(world))

    def go(to, **more):
        return move_decision(actor=world.rhian, decision_id=entry.pk, to=to, now=NOW, **more)

    with pytest.raises(DecisionRefused) as refused:
        go("reviewed")
    assert refused.value.code == "not_next"
    go("implemented")
    again = go("reviewed", note="It works.", review_on=date(2027, 1, 4))
    assert (again.status, again.review_on) == ("reviewed", date(2027, 1, 4))
    with pytest.raises(DecisionRefused) as refused:
        go("reversed")
    assert refused.value.code == "no_reason"
    go("reversed", note="The room is gone.")
    assert list(entry.steps.order_by("pk").values_list("status", flat=True)) == [
        "decided", "implemented", "reviewed", "reversed",
    ]  # fmt: skip


def test_a_closed_cycle_keeps_its_ledger_as_it_is(world):
    entry = put(world)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    with pytest.raises(DecisionRefused) as refused:
        decide(world, entry)
    assert refused.value.code == "closed"


# --- what waits, what one may show, what is held ----------------------------------------------------------------------
def test_a_review_waits_for_its_owner_else_for_who_coordinates(world, seren):
    soon = TODAY + timedelta(days=5)
    make.DecisionFactory(cycle=world.cycle, decided=True, number=1, owner=seren.user, review_on=soon)
    make.DecisionFactory(cycle=world.cycle, decided=True, number=2, review_on=TODAY - timedelta(days=1))
    make.DecisionFactory(cycle=world.cycle, decided=True, number=3, review_on=TODAY + timedelta(days=30))
    (hers,) = design_todos(seren.user, NOW)
    (rhians,) = design_todos(world.rhian, NOW)
    assert (hers.code, hers.urgency, hers.role) == ("review_decision", stages.URGENCY_SOON, "student")
    assert (rhians.urgency, rhians.role) == (stages.URGENCY_LATE, "coordinator")
    make.DecisionFactory(cycle=world.cycle, decided=True, number=4, supersedes=Decision.objects.get(number=2))
    assert not design_todos(world.rhian, NOW)


def test_a_decision_one_proposed_is_evidence(world, seren):
    options = [
        OptionDraft("On Wednesdays", Side.STUDENT, seren.user),
        OptionDraft("On Fridays", Side.STAFF, world.rhian),
    ]
    entry = put(world, options=options)
    assert not design_evidence(seren.user)
    decide(world, entry)
    (hers,), (rhians,) = design_evidence(seren.user), design_evidence(world.rhian)
    assert (hers.title, hers.on) == ("Proposed what was decided: When do we meet?", TODAY)
    assert rhians.title == "Proposed an option: When do we meet?"


def test_what_is_held_is_shown_and_forgotten_with_the_ledger_kept(world, seren):
    give(seren, 60)
    proposal = propose(world, seren.user)
    entry = put(world, options=[OptionDraft("On Wednesdays", Side.STUDENT, seren.user)])
    decide(world, entry, Outcome("Yes.", "So.", "Theirs.", TODAY, owner=seren.user))
    (held,) = [one for one in stages.export(seren.user) if str(one.section) == "Designing programmes"]
    said = {
        "designed it with others", "on these terms: paid, and hours at most", "proposed",
        "had an idea that was considered", "gave time", "see to a decision",
    }  # fmt: skip
    assert {row["you"] for row in held.rows} == said

    forget_design(user=seren.user, now=in_days(1))

    seren.refresh_from_db()
    proposal.refresh_from_db()
    assert (seren.left_at, proposal.by, proposal.side) == (in_days(1), None, "student")
    assert Decision.objects.get().owner is None
    assert DecisionOption.objects.get().by is None
    assert PartnerHours.objects.get().what == ""


# --- two sides are two people ---------------------------------------------------------------------------------------
def test_only_students_speak_for_students(world):
    with pytest.raises(PartnerRefused) as refused:
        ask(world, world.imran)
    assert refused.value.code == "not_student"
    assert ask(world, world.imran, side="staff").side == "staff"
