"""Setting a programme up: the use cases, and the steps half-done, left and resumed."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import ActivityType, Cycle, Programme, Visibility
from programmes.queries.checks import checklist, progress
from programmes.services import programmes as services
from programmes.services.changes import EditRefused
from programmes.services.memberships import name_point_person
from programmes.services.programmes import Basics, Joining, Purpose, Referral, SetUpRefused
from programmes.services.topics import TopicRefused, add_topic, rename_topic, switch_topic
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


def basics(world, **changes):
    values = {
        "name": "Maths Café",
        "activity_type": ActivityType.objects.get(code="peer-mentoring"),
        "owner_unit": world.biosciences,
        "context": "co",
        "level": "department",
        "code": "2026-27",
        "starts_on": date(2026, 9, 21),
        "ends_on": date(2027, 6, 11),
    }
    return Basics(**{**values, **changes})


def created(world, key=None, **changes):
    return services.create_programme(actor=world.rhian, basics=basics(world, **changes), key=key, now=NOW)


def checks_of(cycle):
    """The checklist of the cycle as it is now."""
    return checklist(Cycle.objects.select_related("programme").get(pk=cycle.pk))


def open_checks(cycle):
    return {check.code for check in checks_of(cycle) if not check.done}


def test_create_programme_makes_a_draft_with_its_first_cycle(world):
    cycle = created(world)

    assert (cycle.programme.slug, cycle.state) == ("maths-cafe", "design")
    assert cycle.programme.visibility == Visibility.DRAFT
    assert cycle.contact_cadence_days == 14
    assert "maths cafe" in cycle.programme.search_text
    assert AuditEvent.objects.get(action="programmes.programme_created").cycle_id == cycle.pk


def test_create_programme_finds_a_free_address(world):
    assert [created(world).programme.slug for _ in range(3)] == ["maths-cafe", "maths-cafe-2", "maths-cafe-3"]
    assert created(world, name="New").programme.slug == "new-2"
    assert created(world, name="数学").programme.slug == "programme"


def test_create_programme_twice_with_one_key_makes_one(world):
    key = uuid.uuid4()
    created(world, key=key)
    with pytest.raises(Repeated):
        created(world, key=key)

    assert Programme.objects.filter(name="Maths Café").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"), [({"ends_on": date(2026, 9, 21)}, "dates"), ({"code": "join"}, "code_reserved")]
)
def test_create_programme_refuses(world, changes, code):
    with pytest.raises(SetUpRefused) as refused:
        created(world, **changes)
    assert refused.value.code == code


def test_a_new_cycle_asks_for_what_plag_requires(world):
    cycle = created(world)

    blocking = {check.code for check in checklist(cycle) if check.blocking and not check.done}
    assert blocking == {
        "design-signed",
        "point-person", "mission", "population", "goals", "expectations", "responsibilities", "boundaries", "services",
    }  # fmt: skip
    assert progress([cycle.pk])[cycle.pk].blocked == 9


def test_each_part_settles_its_checks(world):
    cycle = created(world)
    about = {"actor": world.rhian, "cycle_id": cycle.pk, "now": NOW}
    name_point_person(user_id=world.rhian.pk, **about)
    services.change_purpose(purpose=Purpose("Help.", "All.", "First years.", "Belonging.", ["inclusive"]), **about)
    services.change_work(expectations="Come.", responsibilities="Guide.", **about)
    services.change_boundaries(boundaries="No marking.", referrals=[Referral("Worries", world.service)], **about)
    services.change_joining(joining=Joining("open", benefits="Friends.", process="Come."), **about)

    assert open_checks(cycle) == {"design-signed", "calendar", "leaders", "published"}
    found = {check.code: check.why for check in checks_of(cycle)}
    assert (found["point-person"], found["boundaries"]) == ("Rhian Pugh", "1 place to refer to")


def test_a_service_nobody_checked_is_named(world):
    stale = make.SupportServiceFactory(name="Old line", last_verified_on=TODAY - timedelta(days=400))
    referrals = [Referral("Worries", world.service), Referral("Money", stale)]
    services.change_boundaries(
        actor=world.rhian, cycle_id=world.cycle.pk, boundaries="No.", referrals=referrals, now=NOW
    )

    why = next(check.why for check in checklist(world.cycle) if check.code == "services")
    assert "Old line" in why


def test_a_change_that_changes_nothing_leaves_no_trace(world):
    words = {"leaders": "PASS leaders", "sessions": ""}
    services.change_words(actor=world.rhian, cycle_id=world.cycle.pk, words=words, now=NOW)

    world.programme.refresh_from_db()
    assert world.programme.leaders_word == ""
    assert not AuditEvent.objects.filter(action="programmes.words_changed").exists()


def test_local_words_are_kept_and_searched(world):
    words = {"leader": "guide", "leaders": "guides"}
    services.change_words(actor=world.rhian, cycle_id=world.cycle.pk, words=words, now=NOW)

    world.programme.refresh_from_db()
    assert (world.programme.word("leaders"), world.programme.word("sessions")) == ("guides", "study sessions")
    assert "guides" in world.programme.search_text


def test_a_closed_cycle_stays_as_it_is(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    with pytest.raises(EditRefused):
        services.change_work(
            actor=world.rhian, cycle_id=world.cycle.pk, expectations="x", responsibilities="y", now=NOW
        )


def test_basics_refuse_another_cycles_code(world):
    make.CycleFactory(programme=world.programme, code="2025-26")
    with pytest.raises(SetUpRefused) as refused:
        services.change_basics(
            actor=world.rhian, cycle_id=world.cycle.pk, basics=basics(world, code="2025-26"), now=NOW
        )
    assert refused.value.code == "code_taken"


# --- topics, visibility, archive ------------------------------------------------------------
def test_topics_are_switched_off_never_lost(world):
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "now": NOW}
    topic = add_topic(programme=world.programme, name="  Cell   walls ", **about)
    rename_topic(topic=topic, name="Membranes", **about)
    switch_topic(topic=topic, on=False, **about)

    topic.refresh_from_db()
    assert (topic.name, topic.is_active) == ("Membranes", False)
    with pytest.raises(TopicRefused):
        add_topic(programme=world.programme, name="membranes", **about)
    with pytest.raises(TopicRefused):
        add_topic(programme=world.programme, name=" ", **about)


def test_archiving_pressed_twice_stays_archived(world, client_of):
    browser, page = client_of(world.rhian), reverse("programmes:programme_archive", args=["bio-pass", "2026-27"])
    assert 'name="do" value="archive"' in browser.get(page).content.decode()
    for _ in range(2):
        browser.post(page, {"do": "archive"})
    world.programme.refresh_from_db()
    assert world.programme.archived_at
    browser.post(page, {"do": "restore"})
    world.programme.refresh_from_db()
    assert world.programme.archived_at is None


def test_more_places_are_offered_to_those_who_wait(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(capacity=1)
    joining = Joining("approval", joining_open=True, capacity=2)
    services.change_joining(actor=world.rhian, cycle_id=world.cycle.pk, joining=joining, now=NOW)
    world.memberships["ines"].refresh_from_db()
    assert world.memberships["ines"].status == "offered"


def test_publishing_and_archiving(world):
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "now": NOW}
    services.set_visibility(visibility="private", **about)
    services.archive_programme(programme_id=world.programme.pk, **about)
    services.archive_programme(programme_id=world.programme.pk, **about)
    with pytest.raises(EditRefused):
        services.set_visibility(visibility="public", **about)
    services.restore_programme(programme_id=world.programme.pk, **about)

    assert AuditEvent.objects.filter(action="programmes.programme_archived").count() == 1
    assert list(Programme.objects.listed(world.dev).filter(pk=world.programme.pk)) == []


# --- the steps ------------------------------------------------------------
def step(cycle, name, query=""):
    return reverse("programmes:cycle_setup", args=[cycle.programme.slug, cycle.code, name]) + query


def test_a_set_up_left_half_done_is_resumed(world, client_of, frozen):
    browser = client_of(world.rhian)
    answers = {
        "name": "Lab buddies",
        "activity_type": ActivityType.objects.get(code="buddying").pk,
        "owner_unit": world.biosciences.pk,
        "code": "2026-27",
        "starts_on": "2026-09-21",
        "ends_on": "2027-06-11",
        "form_key": uuid.uuid4(),
    }
    first = browser.post(reverse("programmes:programme_create"), answers)
    cycle = Cycle.objects.select_related("programme").get(programme__name="Lab buddies")
    again = browser.post(reverse("programmes:programme_create"), answers)

    assert first.url == again.url == step(cycle, "people")
    assert (cycle.programme.context, cycle.programme.level) == ("co", "department")
    assert browser.post(step(cycle, "purpose"), {"mission": "Half of it"}).url == step(cycle, "leaders")
    later = browser.post(step(cycle, "leaders"), {"expectations": "Come.", "then": "later"})
    assert later.url == reverse("programmes:cycle_workspace", args=[cycle.programme.slug, cycle.code])
    assert b"Half of it" in browser.get(step(cycle, "purpose")).content
    assert b"13 things are still open" in browser.get(step(cycle, "check")).content


def test_boundaries_keep_their_rows_and_point_at_a_lonely_service(world, client_of):
    browser = client_of(world.rhian)
    rows = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0", "boundaries": "No marking."}
    good = {**rows, "rows-0-task": "Money", "rows-0-service": str(world.service.pk)}
    assert browser.post(step(world.cycle, "boundaries"), good).status_code == 302
    assert list(world.cycle.referrals.values_list("task", "service")) == [("Money", world.service.pk)]

    bad = browser.post(step(world.cycle, "boundaries"), {**rows, "rows-1-service": str(world.service.pk)})
    assert bad.status_code == 422
    assert b"Write what this service is for." in bad.content


def test_dates_the_wrong_way_round_are_told_at_the_field(world, client_of):
    page = client_of(world.rhian).post(
        step(world.cycle, "basics"),
        {
            "name": "Bio PASS",
            "activity_type": world.programme.activity_type_id,
            "owner_unit": world.biosciences.pk,
            "context": "co",
            "code": "2026-27",
            "starts_on": "2027-06-11",
            "ends_on": "2026-09-21",
        },
    )
    assert page.status_code == 422
    assert b"The last day must be after the first." in page.content


def test_a_cycles_code_is_refused_in_plain_words(world, client_of):
    page = client_of(world.rhian).post(step(world.cycle, "basics"), {"code": "2026/27"})
    assert b"Use letters, digits and hyphens only, for example 2026-27." in page.content


def test_joining_that_has_closed_is_not_called_open(world, client_of, frozen):
    cycle = type(world.cycle).objects.filter(pk=world.cycle.pk)
    cycle.update(joining_open=True, join_closes_on=TODAY - timedelta(days=2))
    assert b"No, it closed on" in client_of(world.rhian).get(step(world.cycle, "check")).content
    cycle.update(join_closes_on=TODAY + timedelta(days=2))
    assert b"Yes, until" in client_of(world.rhian).get(step(world.cycle, "check")).content


def test_joining_cannot_be_opened_until_a_day_that_has_passed(world, client_of, frozen):
    rhian, where = client_of(world.rhian), step(world.cycle, "joining")
    said = {"join_policy": "open", "joining_open": "on", "offer_days": "3"}
    gone = {**said, "join_closes_on": (TODAY - timedelta(days=2)).isoformat()}

    page = rhian.post(where, gone)
    assert page.status_code == 422
    assert b"That day has passed." in page.content

    # Saved in time, it may stay while something else changes.
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(joining_open=True, join_closes_on=gone["join_closes_on"])
    assert rhian.post(where, {**gone, "capacity": "20"}).status_code == 302


def test_staff_are_found_by_name_and_students_only_by_their_whole_address(world, client_of):
    browser = client_of(world.rhian)

    assert b"Imran Qureshi" in browser.get(step(world.cycle, "people", "?q=qures")).content
    assert b"Dev Patel" not in browser.get(step(world.cycle, "people", "?q=patel")).content
    assert b"Dev Patel" in browser.get(step(world.cycle, "people", f"?q={world.dev.email}")).content


def test_a_change_from_the_settings_leads_back_there(world, client_of):
    answer = client_of(world.rhian).post(step(world.cycle, "leaders", "?from=settings"), {"expectations": "Come."})
    assert answer.url == reverse("programmes:cycle_settings", args=["bio-pass", "2026-27"])


# --- two people at one part ------------------------------------------------------------
def seen_on(page):
    return re.search(r'name="seen" value="(\w+)"', page.content.decode()).group(1)


@pytest.mark.parametrize(
    ("step", "field", "more"),
    [
        ("purpose", "mission", {}),
        ("leaders", "expectations", {}),
        ("boundaries", "boundaries", {"rows-TOTAL_FORMS": "0", "rows-INITIAL_FORMS": "0"}),
    ],
)
def test_nobody_writes_over_what_somebody_else_saved_meanwhile(world, client_of, frozen, step, field, more):
    other = make.MembershipFactory(cycle=world.cycle, role="coordinator").user
    rhian, second = client_of(world.rhian), client_of(other)
    where = reverse("programmes:cycle_setup", args=["bio-pass", "2026-27", step])
    stamp = seen_on(rhian.get(where))
    assert second.post(where, {field: "Theirs", "seen": stamp, **more}).status_code == 302

    refused = rhian.post(where, {field: "Mine", "seen": stamp, **more})
    assert refused.status_code == 422
    assert "Somebody saved this part while you were writing" in refused.content.decode()
    assert ">\nMine</textarea>" in refused.content.decode()
    row = Cycle.objects.select_related("programme").get(pk=world.cycle.pk)
    assert getattr(row.programme if step == "purpose" else row, field) == "Theirs"

    assert rhian.post(where, {field: "Mine", "seen": seen_on(refused), **more}).status_code == 302
    row = Cycle.objects.select_related("programme").get(pk=world.cycle.pk)
    assert getattr(row.programme if step == "purpose" else row, field) == "Mine"


def test_a_part_sent_twice_is_no_conflict(world, client_of, frozen):
    rhian, where = client_of(world.rhian), reverse("programmes:cycle_setup", args=["bio-pass", "2026-27", "purpose"])
    said = {"mission": "Once", "seen": seen_on(rhian.get(where))}
    assert [rhian.post(where, said).status_code for _ in range(2)] == [302, 302]
    assert AuditEvent.objects.filter(action="programmes.purpose_changed").count() == 1


def test_a_faulty_form_still_knows_what_it_was_opened_on(world, client_of, frozen):
    rhian, where = client_of(world.rhian), reverse("programmes:cycle_setup", args=["bio-pass", "2026-27", "cadence"])
    stamp = seen_on(rhian.get(where))
    services.change_cadence(
        actor=world.rhian,
        cycle_id=world.cycle.pk,
        first_contact_days=3,
        contact_cadence_days=3,
        log_due_hours=3,
        absences_in_row=3,
        tail_off_percent=50,
        vacations_count=False,
        late_after_minutes=3,
        now=NOW,
    )
    faulty = rhian.post(where, {"first_contact_days": "x", "seen": stamp})
    assert (faulty.status_code, seen_on(faulty)) == (422, stamp)


def test_checklist_speaks_in_the_programmes_own_words(world, client_of):
    Programme.objects.filter(pk=world.programme.pk).update(leader_word="guide", leaders_word="guides")
    Cycle.objects.filter(pk=world.cycle.pk).update(state="design")
    page = client_of(world.rhian).get(f"/programmes/bio-pass/{world.cycle.code}/checklist/").content.decode()
    assert "Agree what guides do" in page
    assert "Agree what leaders do" not in page
