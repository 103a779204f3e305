"""Handbooks: drafts are written, what is published stays for good, a version is what people acknowledge."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.common import stages
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent, Message
from programmes.models import Cycle
from programmes.services.rollover import NextCycle, roll_over
from tests import factories as make
from tests.factories import NOW, in_days
from tests.training.handbooks import TODAY, begin, next_version, publish, published, read, refused, write
from training.models import (
    BriefingGiven,
    ClearanceWaiver,
    Handbook,
    HandbookAcknowledgement,
    HandbookSection,
    HandbookVersion,
)
from training.queries.handbook_answers import handbook_holdings, handbook_todos
from training.queries.handbook_changes import section_changes
from training.queries.handbooks import desk_of, find_in, newest_of, section_stamp, sections_of
from training.services import handbooks
from training.services.handbook_reading import forget_readings, note_briefing, nudge, take_back_briefing
from training.services.handbooks import NewHandbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def cycle():
    return make.CycleFactory()


@pytest.fixture
def amara(cycle):
    return make.MembershipFactory(cycle=cycle, role="leader", user__given_name="Amara")


def headings(version):
    return [one.title for one in sections_of(version)]


def act(use_case, handbook, **more):
    return use_case(actor=make.UserFactory(), handbook_id=handbook.pk, now=NOW, **more)


# --- writing ------------------------------------------------------------------------------------
def test_create_makes_one_document_of_a_kind_for_a_role(cycle):
    begin(cycle)
    assert refused(begin, cycle) == "exists"
    begin(cycle, "agreement")
    begin(cycle, "handbook", "participant")
    assert Handbook.objects.count() == 3


def test_create_twice_with_one_form_is_once(cycle):
    about = {"actor": make.UserFactory(), "cycle_id": cycle.pk, "form_key": uuid4(), "now": NOW}
    handbooks.create_handbook(new=NewHandbook("handbook", "leader", "A"), **about)
    assert refused(handbooks.create_handbook, new=NewHandbook("agreement", "leader", "B"), **about) == "repeated"


def test_nothing_is_written_in_a_closed_cycle(cycle):
    made = begin(cycle)
    Cycle.objects.filter(pk=cycle.pk).update(state="closed")
    assert refused(begin, cycle, "agreement") == "closed"
    assert refused(write, made, "Late", "Words") == "closed"
    assert refused(publish, made) == "closed"


def test_sections_move_and_are_taken_out(cycle):
    made = begin(cycle)
    write(made, "Contacts", "Rhian")
    draft = made.versions.get()
    key = draft.sections.get(title="Contacts").key
    act(handbooks.move_section, made, key=key, up=True)
    assert headings(draft) == ["Expectations", "Contacts", "Boundaries"]
    for _ in range(3):
        act(handbooks.move_section, made, key=key, up=False)
    assert headings(draft) == ["Expectations", "Boundaries", "Contacts"]
    for _ in range(2):
        act(handbooks.remove_section, made, key=key)
    assert headings(draft) == ["Expectations", "Boundaries"]
    assert refused(act, handbooks.move_section, made, key=key, up=True) == "gone"


def test_write_refuses_to_go_over_what_somebody_else_saved(cycle):
    made = begin(cycle)
    first = made.versions.get().sections.order_by("position").first()
    seen = section_stamp(first.title, first.text)
    write(made, first.title, "Hers", first.key, seen=seen)
    assert refused(write, made, first.title, "His", first.key, seen=seen) == "conflict"
    write(made, first.title, "Hers", first.key, seen=seen)  # the same words twice are no conflict
    write(made, first.title, "His", first.key, seen=section_stamp(first.title, "Hers"))
    first.refresh_from_db()
    assert first.text == "His"


def test_write_refuses_more_sections_than_anybody_reads(cycle, monkeypatch):
    made = begin(cycle)
    monkeypatch.setattr(handbooks, "MOST_SECTIONS", 2)
    assert refused(write, made, "More", "Words") == "full"


# --- publishing -----------------------------------------------------------------------------------
def test_publish_numbers_versions(cycle):
    first = published(cycle)
    small = next_version(first.handbook, major=False)
    big = next_version(first.handbook)
    assert [one.label for one in (first, small, big)] == ["1.0", "1.1", "2.0"]
    assert (first.due_on, small.due_on, big.due_on) == (None, None, TODAY + timedelta(days=2))
    assert newest_of(first.handbook_id) == big


def test_publish_refuses_what_says_nothing_new(cycle):
    made = begin(cycle)
    made.versions.get().sections.all().delete()
    assert refused(publish, made) == "empty"
    write(made, "Expectations", "Come")
    publish(made)
    assert refused(publish, made) == "published"
    act(handbooks.start_draft, made)
    assert refused(publish, made, major=False) == "unchanged"


@pytest.mark.parametrize("days", [None, -1, 201])
def test_publish_a_new_major_version_names_a_day_to_come(cycle, days):
    first = published(cycle)
    act(handbooks.start_draft, first.handbook)
    write(first.handbook, "Online", "Cameras may stay off.")
    due = None if days is None else TODAY + timedelta(days=days)
    assert refused(publish, first.handbook, due=due, now=NOW) == "due"


def test_what_is_published_cannot_be_written_over(cycle):
    first = published(cycle)
    section = first.sections.first()
    assert refused(write, first.handbook, section.title, "Otherwise", section.key) == "published"
    assert refused(act, handbooks.remove_section, first.handbook, key=section.key) == "published"


@pytest.mark.parametrize(
    "change",
    [
        lambda version: HandbookSection.objects.filter(version=version).update(text="Otherwise"),
        lambda version: HandbookSection.objects.filter(version=version).update(position=9),
        lambda version: HandbookSection.objects.create(version=version, position=9, title="New", text="New"),
        lambda version: HandbookVersion.objects.filter(pk=version.pk).update(
            published_at=None, major=None, minor=None, digest=""
        ),
        lambda version: HandbookVersion.objects.filter(pk=version.pk).update(minor=7),
        lambda version: HandbookVersion.objects.filter(pk=version.pk).update(digest="0" * 64),
    ],
    ids=["text", "order", "another section", "a draft again", "number", "digest"],
)
def test_what_is_published_stays_in_the_database_too(cycle, change):
    version = published(cycle)
    with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
        change(version)


def test_a_section_of_a_draft_cannot_be_moved_into_a_published_version(cycle):
    first = published(cycle)
    draft = act(handbooks.start_draft, first.handbook)
    with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
        HandbookSection.objects.filter(version=draft).update(version=first, key=uuid4())


def test_start_draft_copies_what_people_have_and_is_there_once(cycle):
    first = published(cycle)
    draft = act(handbooks.start_draft, first.handbook)
    assert act(handbooks.start_draft, first.handbook) == draft
    assert headings(draft) == headings(first)
    assert [one.key for one in sections_of(draft)] == [one.key for one in sections_of(first)]


def test_discard_takes_the_draft_and_a_document_that_was_only_that(cycle):
    first, other = published(cycle), begin(cycle, "agreement")
    act(handbooks.start_draft, first.handbook)
    assert act(handbooks.discard_draft, first.handbook) is False
    assert act(handbooks.discard_draft, first.handbook) is False
    assert act(handbooks.discard_draft, other) is True
    assert list(HandbookVersion.objects.all()) == [first]


# --- what is different ------------------------------------------------------------------------------
def test_changes_are_told_by_section(cycle):
    first = published(cycle)
    draft = act(handbooks.start_draft, first.handbook)
    keys = {one.title: one for one in sections_of(draft)}
    expectations = keys["Expectations"]
    write(first.handbook, "Expectations", "Come **early**, and say early when you cannot.", expectations.key,
          seen=section_stamp(expectations.title, expectations.text))  # fmt: skip
    act(handbooks.remove_section, first.handbook, key=keys["Boundaries"].key)
    write(first.handbook, "Online", "Cameras may stay off.")
    changes = section_changes(sections_of(first), sections_of(draft))
    assert (changes[0].what, changes[0].key) == ("changed", str(expectations.key))
    assert [one.what for one in changes] == ["changed", "new", "gone"]
    assert [(what, text) for what, text in changes[0].text if what != "same"] == [
        ("went", "on time"), ("came", "early")
    ]  # fmt: skip


def test_nobody_writes_a_section_where_there_is_no_draft(client_of, world):
    handbook = published(world.cycle).handbook
    response = client_of(world.rhian).get(reverse("training:section_add", args=[handbook.uuid]))
    assert response.status_code == 302
    assert response["Location"] == reverse("training:handbook_edit", args=[handbook.uuid])


def test_search_finds_words_in_sections(cycle):
    sections = sections_of(published(cycle))
    found = find_in(sections, "  SECRETS  about ")
    assert [(one.section.title, one.match) for one in found] == [("Boundaries", "secrets about")]
    assert find_in(sections, "pay") == find_in(sections, " ") == []


# --- reading ----------------------------------------------------------------------------------------
def test_acknowledge_is_to_a_version_once(cycle, amara):
    version = published(cycle)
    assert read(version, amara.user) == read(version, amara.user)
    assert list(HandbookAcknowledgement.objects.values_list("version", "user", "at")) == [
        (version.pk, amara.user_id, NOW)
    ]
    assert AuditEvent.objects.filter(action="training.handbook_acknowledged").count() == 1


def test_acknowledge_refuses_others_and_old_versions(cycle, amara):
    first = published(cycle)
    ben = make.MembershipFactory(cycle=cycle)
    assert refused(read, first, ben.user) == "not_for_you"
    assert refused(read, first, make.MembershipFactory(role="leader").user) == "not_for_you"
    next_version(first.handbook, major=False)
    assert refused(read, first, amara.user) == "old"


# --- clearance --------------------------------------------------------------------------------------
def missing(*memberships, now=NOW):
    found = stages.clearance([one.pk for one in memberships], now)
    return [sorted(blocker.code for blocker in found[one.pk]) for one in memberships]


def test_cycles_without_a_handbook_ask_nothing(cycle, amara):
    begin(cycle)  # a draft
    published(cycle, "briefing")
    published(cycle, "handbook", "participant")
    assert missing(amara) == [[]]


def test_who_never_read_any_version_is_not_cleared_at_once(cycle, amara):
    handbook, agreement = published(cycle), published(cycle, "agreement")
    assert missing(amara) == [["agreement_read", "handbook_read"]]
    read(handbook, amara.user)
    assert missing(amara) == [["agreement_read"]]
    read(agreement, amara.user)
    assert missing(amara) == [[]]


def test_a_new_major_version_blocks_after_its_day_and_a_minor_one_never(cycle, amara):
    first = published(cycle)
    read(first, amara.user)
    next_version(first.handbook, major=False)
    second = next_version(first.handbook, due_in=5)  # due today
    assert second.due_on == TODAY
    assert missing(amara) == [[]]
    assert missing(amara, now=in_days(1)) == [["handbook_read"]]
    newcomer = make.MembershipFactory(cycle=cycle, role="leader")
    assert missing(newcomer) == [["handbook_read"]]
    read(second, amara.user)
    assert missing(amara, now=in_days(1)) == [[]]


def test_the_oldest_day_missed_counts_even_where_a_newer_version_has_time(cycle, amara):
    first = published(cycle)
    read(first, amara.user)
    next_version(first.handbook, due_in=3)  # two days ago
    act(handbooks.start_draft, first.handbook)
    write(first.handbook, "Pay", "By the hour.")
    publish(first.handbook, due=TODAY + timedelta(days=9), now=NOW)
    assert missing(amara) == [["handbook_read"]]


def test_what_was_before_there_was_a_handbook_is_not_in_question(cycle, amara):
    version = published(cycle)
    (blocker,) = stages.clearance([amara.pk], NOW)[amara.pk]
    assert blocker.since == version.published_at
    assert blocker.url == f"/handbooks/{version.handbook.uuid}/"


def test_a_waiver_sets_reading_aside_until_its_day(cycle, amara):
    published(cycle)
    about = {"reason": "On placement abroad", "until": TODAY + timedelta(days=9), "code": "handbook_read"}
    ClearanceWaiver.objects.create(membership=amara, by=make.UserFactory(), at=NOW, **about)
    assert missing(amara) == [[]]
    assert missing(amara, now=in_days(11)) == [["handbook_read"]]


def test_clearance_of_many_takes_as_many_queries_as_of_two(cycle, amara):
    read(published(cycle), amara.user)
    others = [make.MembershipFactory(cycle=make.CycleFactory(), role="leader") for _ in range(4)]
    for one in others[:3]:
        published(one.cycle)
    counts = []
    for asked in ([amara, others[0]], [amara, *others]):
        with CaptureQueriesContext(connection) as queries:
            assert missing(*asked) == [[], *([["handbook_read"]] * 3)[: len(asked) - 1], []][: len(asked)]
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6
    with CaptureQueriesContext(connection) as queries:
        assert missing(amara, others[3]) == [[], []]
    assert len(queries) == 1


# --- todos, mail, desk --------------------------------------------------------------------------------
def todos(user):
    user._programme_roles = None
    return [(one.title, one.role, one.urgency) for one in handbook_todos(user, NOW)]


def test_todo_until_it_is_read_and_again_for_a_new_major_version(cycle, amara):
    first = published(cycle, "handbook", "leader", "Handbook")
    assert todos(amara.user) == [("Read “Handbook”", "leader", 2)]
    read(first, amara.user)
    assert todos(amara.user) == []
    next_version(first.handbook, major=False)
    assert todos(amara.user) == []
    next_version(first.handbook, due_in=3)
    assert todos(amara.user) == [("Read “Handbook”", "leader", 0)]


def test_todos_are_for_the_role_the_document_is_for(cycle, amara):
    ben = make.MembershipFactory(cycle=cycle).user
    published(cycle, "briefing", "participant", "How it works")
    assert todos(ben) == [("Read “How it works”", "student", 2)]
    assert todos(amara.user) == []


def letters(kind):
    rows = list(Message.objects.filter(channel="email", kind=f"training.{kind}").order_by("recipient"))
    return [(row.recipient.given_name, said) for row, said in write_letters(rows, NOW)]


def test_a_new_major_version_is_told_and_a_minor_one_not(cycle, amara):
    first = published(cycle, "handbook", "leader", "Handbook")
    next_version(first.handbook, major=False)
    assert Message.objects.filter(channel="email").count() == 1
    second = next_version(first.handbook, summary="What to do online.")
    told = letters("handbook_published")
    assert [who for who, _said in told] == ["Amara", "Amara"]
    assert "What to do online." in told[1][1].text
    read(second, amara.user)
    assert all(hasattr(said, "reason") for _who, said in letters("handbook_published"))  # not wanted any more


def test_nudge_asks_who_has_not_read_and_not_again_for_two_days(cycle, amara):
    version = published(cycle)
    lowri = make.MembershipFactory(cycle=cycle, role="leader", user__given_name="Lowri").user
    read(version, amara.user)
    assert act(nudge, version.handbook) == 1
    assert [(who, bool(said.subject)) for who, said in letters("handbook_nudge")] == [("Lowri", True)]
    assert refused(act, nudge, version.handbook) == "too_soon"
    Handbook.objects.update(nudged_at=in_days(-3))
    read(version, lowri)
    assert refused(act, nudge, version.handbook) == "nobody"
    assert refused(act, nudge, begin(cycle, "agreement")) == "nothing"


def test_desk_counts_who_has_read_and_who_is_late(cycle, amara):
    version = published(cycle)
    begin(cycle, "agreement")
    for _ in range(3):
        make.MembershipFactory(cycle=cycle, role="leader")
    read(version, amara.user)
    rows = desk_of(cycle, today=TODAY)
    assert [(row.people, row.read, row.late, row.sections) for row in rows] == [(4, 1, 3, 2), (4, 0, 0, 2)]
    next_version(version.handbook, due_in=10)
    rows = desk_of(cycle, today=TODAY)
    assert (rows[0].read, rows[0].late) == (0, 3)  # Amara has time


# --- briefings ----------------------------------------------------------------------------------------
def brief(version, group=None, on=TODAY):
    return note_briefing(
        actor=make.UserFactory(), handbook_id=version.handbook_id, group=group, on=on, now=NOW, today=TODAY
    )


def test_a_briefing_given_to_a_group_is_nobodys_to_read_there(cycle):
    version = published(cycle, "briefing", "participant")
    group = make.GroupFactory(cycle=cycle)
    ben, ines = (make.MembershipFactory(cycle=cycle) for _ in range(2))
    make.GroupMemberFactory(group=group, membership=ben)
    given = brief(version, group)
    assert brief(version, group) == given
    assert (todos(ben.user), len(todos(ines.user))) == ([], 1)
    brief(version)
    assert todos(ines.user) == []
    take_back_briefing(actor=make.UserFactory(), given_id=given.pk, now=NOW)
    take_back_briefing(actor=make.UserFactory(), given_id=given.pk, now=NOW)
    assert BriefingGiven.objects.count() == 1


def test_note_briefing_refuses_what_cannot_be(cycle):
    version = published(cycle, "briefing", "participant")
    assert refused(brief, version, on=TODAY + timedelta(days=1)) == "day"
    assert refused(brief, version, on=cycle.starts_on - timedelta(days=101)) == "day"
    assert refused(brief, version, make.GroupFactory()) == "group"
    assert refused(brief, published(cycle)) == "kind"
    assert refused(brief, begin(cycle, "briefing", "staff").versions.get()) == "nothing"


# --- rolling over, privacy ------------------------------------------------------------------------------
def test_roll_over_copies_what_is_published_as_drafts(cycle, amara):
    version = published(cycle)
    read(version, amara.user)
    begin(cycle, "agreement")  # never published: nothing to take over
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator", is_point_person=True).user
    new = NextCycle("2099-00", cycle.starts_on + timedelta(days=364), cycle.ends_on + timedelta(days=364))
    made = roll_over(actor=rhian, cycle_id=cycle.pk, new=new, now=NOW)
    copy = Handbook.objects.get(cycle=made)
    assert (copy.kind, copy.versions.get().published_at) == ("handbook", None)
    assert headings(copy.versions.get()) == headings(version)


def test_holdings_and_erasure(cycle, amara):
    version = published(cycle)
    brief(published(cycle, "briefing"))
    read(version, amara.user)
    readings, briefings = handbook_holdings(amara.user)
    assert (readings.rows[0]["version"], len(briefings.rows)) == ("1.0", 1)
    assert [(one.forgotten, one.kept) for one in forget_readings(user=amara.user)] == [(1, 0), (0, 0)]
    assert forget_readings(user=HandbookVersion.objects.get(pk=version.pk).published_by)[1].kept == 1
    assert handbook_holdings(amara.user)[0].rows == []


# --- constraints --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        (Handbook, {"kind": "poem"}, "handbook_kind_known"),
        (Handbook, {"reader": "cat"}, "handbook_reader_known"),
        (Handbook, {"title": ""}, "handbook_has_a_title"),
        (HandbookVersion, {"major": 1}, "handbook_version_numbered_when_published"),
        (HandbookVersion, {"due_on": TODAY}, "handbook_due_with_a_new_major_version"),
        (HandbookSection, {"text": ""}, "handbook_section_says_something"),
    ],
)
def test_the_database_forbids(cycle, model, values, name):
    begin(cycle)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**values)


def test_the_database_forbids_two_of_what_there_is_once_and_what_has_no_number(cycle, amara):
    version = published(cycle)
    draft = act(handbooks.start_draft, version.handbook)
    twice = [
        lambda: HandbookVersion.objects.create(
            handbook=version.handbook, created_at=NOW, changed_at=NOW, published_at=NOW, digest="0"
        ),
        lambda: HandbookVersion.objects.create(handbook=version.handbook, created_at=NOW, changed_at=NOW),
        lambda: HandbookSection.objects.bulk_create(
            HandbookSection(version=draft, key=draft.sections.first().key, position=5, title="x", text="y") for _ in "1"
        ),
        lambda: HandbookAcknowledgement.objects.bulk_create(
            HandbookAcknowledgement(version=version, user=amara.user, at=NOW) for _ in range(2)
        ),
        lambda: BriefingGiven.objects.bulk_create(
            BriefingGiven(version=version, on=TODAY, noted_at=NOW) for _ in range(2)
        ),
    ]
    for write_twice in twice:
        with pytest.raises(IntegrityError), transaction.atomic():
            write_twice()
