"""Equality monitoring: told, changed, taken back, counted once; and no way from an answer to anybody."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import IntegrityError, models, transaction
from django.urls import reverse

from peerhub.common import stages
from peerhub.common.disclosure import HESA
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from tests import factories as make
from tests.access.conftest import undone
from tests.factories import NOW, in_days
from tests.training.recruiting import apply, open_round, refused
from training.models import Application, ApplicationEvent, EqualityAnswers, EqualityBox, RecruitmentRound
from training.models.equality_questions import PREFER, QUESTIONS, SETS, SILENT, UK
from training.queries.equality import own_answers
from training.queries.fairness import FEWEST, funnel_of, header, lines, what_may_be_told
from training.queries.outcomes import ways_of
from training.services import applications, equality, round_sweep
from training.services.equality import tell_about_oneself

pytestmark = pytest.mark.django_db
SAID = {"sex": ["f"], "disability": ["51", "55"], "religion": [PREFER]}
LATER = in_days(20)


@pytest.fixture
def round_():
    return open_round()


@pytest.fixture
def own(round_):
    return apply(round_)


def tell(application, given=SAID, actor=None, now=NOW):
    tell_about_oneself(actor=actor or application.applicant, application_id=application.pk, given=given, now=now)


def finish(round_):
    RecruitmentRound.objects.filter(pk=round_.pk).update(state="finished", finished_at=LATER)


# --- telling -------------------------------------------------------------------------------------
def test_tell_keeps_changes_and_takes_back(own):
    tell(own)
    assert own_answers(own) == SAID
    tell(own, {"sex": ["m"], "age": []})
    assert own_answers(own) == {"sex": ["m"]}
    assert EqualityAnswers.objects.count() == 1
    tell(own, {"sex": [], "age": []})
    assert own_answers(own) is None
    tell(own)
    equality.take_back(actor=own.applicant, application_id=own.pk, now=NOW)
    equality.take_back(actor=own.applicant, application_id=own.pk, now=NOW)
    assert (own_answers(own), EqualityAnswers.objects.count()) == (None, 0)


NOT_ASKED = [
    {"salary": ["1"]}, {"sex": ["x"]}, {"sex": ["f", "m"]}, {"disability": ["51", PREFER]}, {"ethnicity": ["999"]},
    {"us_race": ["white"]},
]  # fmt: skip


@pytest.mark.parametrize("given", NOT_ASKED)
def test_tell_refuses_what_is_not_asked(own, given):
    assert refused(tell, own, given) == "unknown"
    assert not EqualityBox.objects.exists()


def test_tell_refuses_others_drafts_the_finished_and_where_it_is_off(own, round_, settings):
    assert refused(tell, own, SAID, make.UserFactory()) == "not_yours"
    draft = applications.save_application(
        actor=make.UserFactory(), round_id=round_.pk, said=applications.Said(answers={}), now=NOW
    )
    assert refused(tell, draft) == "closed"
    with undone():
        settings.PEERHUB_KEK_EQUALITY = ""
        assert refused(tell, own) == "closed"
    finish(round_)
    assert refused(tell, own) == "closed"
    assert not EqualityBox.objects.exists()


def test_a_key_that_was_taken_away_too_early_shuts_the_box_and_breaks_nothing(own, settings):
    tell(own)
    kept, settings.PEERHUB_KEK_EQUALITY = settings.PEERHUB_KEK_EQUALITY, settings.DEMO_KEK_EQUALITY
    assert own_answers(own) is None
    assert refused(tell, own) == "closed"
    assert held(own.applicant).rows == []
    finish(own.round)
    assert round_sweep.count_equality(now=LATER) == 0
    settings.PEERHUB_KEK_EQUALITY = f"{settings.DEMO_KEK_EQUALITY},{kept}"  # a newer key first: rotation
    assert own_answers(own) == SAID


def test_the_longest_answer_fits(own, settings):
    for code, asked in SETS.items():
        settings.PEERHUB_EQUALITY_QUESTIONS = code
        tell(own, {one.code: [option.code for option in one.options][: 99 if one.several else 1] for one in asked})
        assert len(own_answers(own)) == len(asked)


# --- no way from an answer to anybody ------------------------------------------------------------
def reachable(*start):
    """Every model that relations, followed either way, lead to."""
    found, queue = set(start), list(start)
    while queue:
        for field in queue.pop()._meta.get_fields(include_hidden=True):
            if field.is_relation and field.related_model and field.related_model not in found:
                found.add(field.related_model)
                queue.append(field.related_model)
    return found


def test_no_relation_leads_from_the_answers_to_anything_or_back():
    assert reachable(EqualityAnswers) == reachable(EqualityBox) == {EqualityAnswers, EqualityBox}
    everything_else = reachable(RecruitmentRound)
    assert {Application, make.UserFactory._meta.model} <= everything_else  # the walk walks
    assert not everything_else & {EqualityAnswers, EqualityBox}


def test_a_new_column_has_to_be_thought_about():
    """Times, counters and keys of other things would be a path: change this list only with ADR 0015."""
    columns = {model: {field.name for field in model._meta.fields} for model in (EqualityBox, EqualityAnswers)}
    assert columns[EqualityBox] == {"id", "of", "kek", "wrapped", "counted_on", "told"}
    assert columns[EqualityAnswers] == {"id", "box", "mark", "sealed"}
    assert not {EqualityBox, EqualityAnswers} & set(admin.site._registry)


def everything():
    """All rows of all tables; of uuids and bytes only that they are there, and how long."""
    return {
        model._meta.label: [
            {name: _masked(value) for name, value in row.items()} for row in model._base_manager.order_by().values()
        ]
        for model in apps.get_models()
        if not model._meta.proxy
    }


def _masked(value):
    if isinstance(value, bytes | memoryview):
        return len(bytes(value))
    return "uuid" if type(value).__name__ == "UUID" else value


def world_where(pair, answers):
    with undone():
        for one, given in zip(pair, answers, strict=True):
            tell(one, given)
        return everything()


def test_the_database_is_the_same_whoever_of_two_said_what(round_):
    """The two-world test of reference/trust.md, 3.9: the same order, the answers swapped."""
    tell(apply(round_))  # the box is there: its number is the round's, and nobody's
    pair, answers = [apply(round_), apply(round_)], [SAID, {"sex": ["m"]}]
    one, other = world_where(pair, answers), world_where(pair, answers[::-1])
    assert one == other
    assert len(one["training.EqualityAnswers"]) == 3


def test_telling_writes_the_box_the_answer_and_nothing_else(own):
    before = everything()
    tell(own)
    after = everything()
    assert {label for label in after if after[label] != before[label]} == {
        "training.EqualityBox",
        "training.EqualityAnswers",
    }
    assert "trad" not in json.dumps(after["training.EqualityAnswers"])


def test_marks_are_of_one_round_and_one_key(own):
    tell(own)
    second = apply(open_round(), own.applicant)
    tell(second)
    marks = [bytes(row.mark) for row in EqualityAnswers.objects.all()]
    assert len(set(marks)) == 2
    uuids = {own.uuid, second.uuid, own.applicant.uuid}
    assert not any(uuid.bytes in mark or str(uuid).encode() in mark for uuid in uuids for mark in marks)


# --- privacy -------------------------------------------------------------------------------------
def held(user):
    [found] = [one for one in stages.export(user) if "equality monitoring" in str(one.section)]
    return found


def test_my_privacy_gives_what_can_be_given_and_says_why_the_rest_cannot(own):
    assert held(own.applicant).rows == []
    tell(own)
    [row] = held(own.applicant).rows
    assert row["What is your sex?"] == "Female"
    assert "dyslexia" in row["Do you have a disability, or a condition that lasts?"]
    assert row["What is your religion or belief?"] == "Prefer not to say"
    assert "cannot be found any more" in str(held(own.applicant).kept_until)
    assert held(make.UserFactory()).rows == []
    finish(own.round)
    round_sweep.count_equality(now=LATER)
    assert held(own.applicant).rows == []


def test_erasing_somebody_takes_what_they_told_along(own):
    other = apply(own.round)
    tell(own)
    tell(other)
    stages.erase(own.applicant, NOW)
    assert EqualityAnswers.objects.count() == 1
    assert own_answers(other) == SAID


# --- counted once --------------------------------------------------------------------------------
def crowd(round_, ways):
    """So many who applied, each having come as far as said."""
    reached = ("submitted", "eligible", "shortlisted", "interviewed", "offered", "accepted")
    user = make.UserFactory._meta.model
    people = user.objects.bulk_create(user(given_name="G", email=f"g{round_.pk}.{n}@x.test") for n in range(len(ways)))
    times = dict.fromkeys(("created_at", "saved_at", "submitted_at", "moved_at", "offer_expires_at"), NOW)
    rows = Application.objects.bulk_create(
        Application(round=round_, applicant=who, code=f"C{n}", state=way[1] or reached[way[0]], **times)
        for n, (who, way) in enumerate(zip(people, ways, strict=True))
    )
    ApplicationEvent.objects.bulk_create(
        ApplicationEvent(application=row, to=state, at=NOW)
        for row, way in zip(rows, ways, strict=True)
        for state in (*reached[: way[0] + 1], *([way[1]] if way[1] else []))
    )
    return rows


WAYS = [
    (0, "ineligible"),
    (1, "ineligible"),
    (1, "rejected"),
    (1, "withdrawn"),
    (4, "declined"),
    (4, "lapsed"),
    (5, ""),
]


def test_ways_are_how_far_people_came_and_whether_they_left(round_):
    rows = crowd(round_, WAYS)
    assert [ways_of(round_)[one.uuid] for one in rows] == [0, 0, 2, 3, 8, 8, 10]
    apply(open_round())
    assert len(ways_of(round_)) == len(WAYS)


def test_counting_happens_once_after_the_end_and_leaves_no_answer(round_):
    rows = crowd(round_, [(1, "rejected")] * 12 + [(5, "")] * 12)
    for n, one in enumerate(rows):
        tell(one, {"sex": ["fm"[n % 2]]})
    assert round_sweep.count_equality(now=NOW) == 0  # not finished
    finish(round_)
    audits = AuditEvent.objects.count()
    assert round_sweep.count_equality(now=LATER) == 1
    assert round_sweep.count_equality(now=LATER) == 0
    box = EqualityBox.objects.get()
    assert (EqualityAnswers.objects.count(), bytes(box.wrapped), box.kek, box.counted_on) == (0, b"", "", LATER.date())
    event = AuditEvent.objects.latest("pk")
    assert AuditEvent.objects.count() == audits + 1
    assert (event.action, event.detail or {}) == ("training.equality_counted", {})
    funnel = funnel_of(round_)
    [sex] = [table for table in funnel.tables if table.code == "sex"]
    assert [(str(row.label), row.reached) for row in sex.rows] == [
        ("Female", ["10", "10", "5", "5", "5", "5"]),
        ("Male", ["10", "10", "5", "5", "5", "5"]),
    ]
    assert not Message.objects.filter(kind__contains="equality").exists()


def test_counting_leaves_out_what_was_told_by_nobody_who_applies_any_more(round_):
    one, other = apply(round_), apply(round_)
    tell(one)
    tell(other)
    Application.objects.filter(pk=one.pk).update(state="draft", submitted_at=None)
    finish(round_)
    round_sweep.count_equality(now=LATER)
    assert EqualityBox.objects.get().told == {}
    assert funnel_of(round_) is None


def uuids(count):
    return [make.UserFactory.build(email=None).uuid for _ in range(count)]


def test_fewer_than_ten_answers_are_not_counted_at_all():
    ways = dict.fromkeys(uuids(30), 2)
    for answered, is_told in ((FEWEST - 1, False), (FEWEST, True)):
        given = {one: {"sex": ["f"]} for one in list(ways)[:answered]}
        assert bool(what_may_be_told(ways, given, profile=HESA, asked=UK)) is is_told


def test_groups_of_several_answers_are_counted_once():
    disability, race = QUESTIONS["disability"], QUESTIONS["us_race"]
    assert [disability.group_of(said) for said in (["51", "55"], ["00"], [PREFER], [])] == [
        "disabled",
        "none",
        PREFER,
        SILENT,
    ]
    assert [race.group_of(said) for said in (["white", "hispanic"], ["asian"], ["asian", "white"])] == [
        "hispanic",
        "asian",
        "several",
    ]
    assert QUESTIONS["ethnicity"].group_of(["roma"]) == "white"
    assert all(one.group_of([option.code]) in dict(one.counted) for one in QUESTIONS.values() for option in one.options)


def test_totals_and_answers_nobody_counts_are_deleted_in_time(own, settings):
    tell(own)
    closed = own.round.closes_at
    days = timedelta(days=settings.PEERHUB_EQUALITY_ANSWERS_KEPT_DAYS)
    assert equality.forget_boxes(now=closed + days) == 0
    assert equality.forget_boxes(now=closed + days + timedelta(hours=1)) == 1
    assert not EqualityAnswers.objects.exists()
    box = EqualityBox.objects.create(of=own.round.uuid, counted_on=NOW.date(), told={"profile": "hesa"})
    kept = NOW + timedelta(days=settings.PEERHUB_EQUALITY_KEPT_DAYS)
    assert equality.forget_boxes(now=kept) == 0
    assert equality.forget_boxes(now=kept + timedelta(days=1)) == 1
    assert not EqualityBox.objects.filter(pk=box.pk).exists()


def test_a_box_has_a_key_until_it_is_counted():
    for kek, counted_on in (("", None), ("v1", NOW.date())):
        with pytest.raises(IntegrityError, match="equality_key_until_counted"), transaction.atomic():
            EqualityBox.objects.create(of=make.UserFactory.build(email=None).uuid, kek=kek, counted_on=counted_on)


# --- pages ---------------------------------------------------------------------------------------
def test_about_you_is_told_changed_and_deleted_on_its_page(client_of, own):
    client, page = client_of(own.applicant), reverse("training:equality_edit", args=[own.uuid])
    assert b"About you" in client.get(reverse("training:application_detail", args=[own.uuid])).content
    first = client.get(page).content.decode()
    assert first.count("Prefer not to say") == len(UK)
    assert "Delete my answers" not in first
    both = client.post(page, {"disability": ["00", "55"]})
    assert (both.status_code, b"by itself" in both.content) == (422, True)
    client.post(page, {"sex": "f", "disability": ["51", "55"], "religion": PREFER})
    assert own_answers(own) == SAID
    again = client.get(page).content.decode()
    assert "Delete my answers" in again
    assert again.count("checked") >= 4
    client.post(reverse("training:equality_remove", args=[own.uuid]))
    assert own_answers(own) is None


def test_the_funnel_waits_for_the_end_and_is_not_for_who_chose(client_of, world):
    round_ = open_round(world.cycle)
    page = reverse("training:fairness_show", args=[world.programme.slug, world.cycle.code])
    client = client_of(world.rhian)
    assert b"Nothing before the round is finished" in client.get(page).content
    finish(round_)
    assert b"Too few to tell anything" in client.get(page).content
    round_.helpers.create(user=world.rhian, kind="assessor", named_at=NOW, released_at=NOW)
    assert b"Not for those who choose" in client.get(page).content
    assert (
        client.get(reverse("training:fairness_export", args=[world.programme.slug, world.cycle.code])).status_code
        == 403
    )


def test_the_funnel_takes_the_same_queries_for_any_number(client_of, world, django_assert_max_num_queries):
    round_ = open_round(world.cycle)
    finish(round_)
    client = client_of(world.rhian)
    page = reverse("training:fairness_show", args=[world.programme.slug, world.cycle.code])
    client.get(page)
    counts = set()
    for people in (40, 400):
        ways = {one: n % 11 for n, one in enumerate(uuids(people))}
        given = {one: {"sex": ["fm"[n % 2]], "parents": ["yes"]} for n, one in enumerate(ways)}
        told = what_may_be_told(ways, given, profile=HESA, asked=[QUESTIONS["sex"], QUESTIONS["parents"]])
        EqualityBox.objects.update_or_create(of=round_.uuid, defaults={"told": told, "counted_on": NOW.date()})
        with django_assert_max_num_queries(12) as asked:
            assert b"indicative" in client.get(page).content.lower()
        counts.add(len(asked))
    assert len(counts) == 1


def test_the_file_says_what_the_page_says_and_no_more(client_of, world):
    round_ = open_round(world.cycle)
    ways = {one: (0, 2, 2, 6, 10)[n % 5] for n, one in enumerate(uuids(100))}
    given = {one: {"religion": ["jewish" if n < 3 else "none"]} for n, one in enumerate(ways)}
    told = what_may_be_told(ways, given, profile=HESA, asked=[QUESTIONS["religion"]])
    EqualityBox.objects.create(of=round_.uuid, counted_on=NOW.date(), told=told)
    rows = list(lines(funnel_of(round_)))
    assert {len(row) for row in rows} == {len(header())}
    [jewish] = [row for row in rows if row[1] == "Jewish"]
    assert [cell for cell in jewish[2:] if cell] == ["not told"]
    assert "3" not in {str(cell) for row in rows for cell in row}


def test_models_have_no_relation_fields_but_their_own():
    fields = [
        field for model in (EqualityBox, EqualityAnswers) for field in model._meta.get_fields(include_hidden=True)
    ]
    assert {field.related_model for field in fields if isinstance(field, models.ForeignKey)} == {EqualityBox}
