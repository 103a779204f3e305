"""From which moment something is missing, what counts as done, and that what was looked at is what is published."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from peerhub.common import stages
from programmes.models import Group
from programmes.services.clearing import NotCleared
from programmes.services.contacts import ContactEntry, log_contact
from tests import factories as make
from tests.factories import NOW, TODAY, in_days, in_hours
from tests.training import handbooks as books
from tests.training.recruiting import refused
from training.models import Attempt, HandbookSection, HandbookVersion
from training.queries.learning import reading
from training.services import completions, curricula, handbooks
from training.services.handbooks import Publication, digest_of

pytestmark = pytest.mark.django_db


def missing_since(world):
    return [one.since for one in stages.clearance([world.memberships["amara"].pk], NOW)[world.memberships["amara"].pk]]


def test_a_handbook_published_at_midday_leaves_the_morning_alone(world):
    books.publish(books.begin(world.cycle), now=in_hours(-1))
    assert missing_since(world) == [in_hours(-1)]


def test_who_is_paid_since_midday_was_in_order_in_the_morning(world):
    curricula.set_leader_terms(actor=world.rhian, cycle_id=world.cycle.pk, is_paid=True, now=in_hours(-1))
    assert missing_since(world) == [in_hours(-1)]


def test_a_completion_counted_until_it_was_taken_back(world):
    module = make.ModuleFactory()
    make.CurriculumFactory(cycle=world.cycle, modules=[module])
    done = make.CompletionFactory(user=world.amara, module=module)
    completions.withdraw_completion(
        actor=world.rhian, membership=world.memberships["amara"], completion_id=done.pk, reason="Another Amara",
        now=in_hours(-1),
    )  # fmt: skip
    assert missing_since(world) == [in_hours(-1)]
    # One that had run out already when it was taken back changes nothing.
    type(done).objects.filter(pk=done.pk).update(expires_on=TODAY - timedelta(days=5))
    assert missing_since(world)[0] < in_days(-5)


def test_a_week_after_the_lapse_nobody_writes_down_contacts_of_before(world):
    module = make.ModuleFactory()
    make.CurriculumFactory(cycle=world.cycle, modules=[module])
    done = make.CompletionFactory(user=world.amara, module=module, expires_on=TODAY - timedelta(days=1))
    pair = make.GroupFactory(cycle=world.cycle, shape="pair", created_at=in_days(-20))
    for one in ("amara", "ben"):
        make.GroupMemberFactory(group=pair, membership=world.memberships[one])

    def call():
        said = ContactEntry(channel="call", happened_at=in_days(-12))
        return log_contact(actor=world.amara, group=Group.objects.get(pk=pair.pk), entry=said, key=None, now=NOW)

    assert call().status == "held"
    type(done).objects.filter(pk=done.pk).update(expires_on=TODAY - timedelta(days=8))
    with pytest.raises(NotCleared):
        call()


def test_a_try_whose_time_is_over_is_used_up_on_the_page_too(world):
    module = make.QuizQuestionFactory(module__tries=2).module
    Attempt.objects.create(user=world.amara, module=module, started_at=in_hours(-3), closes_at=in_hours(-2))
    assert reading(module, world.amara, now=NOW).tries_left == 1
    assert reading(module, world.amara, now=in_hours(-2.5)).tries_left == 2


def test_nobody_signs_off_safeguarding_that_one_reads_or_attends(world):
    def sign(**more):
        module = make.ModuleFactory(is_safeguarding=True, **more)
        return refused(
            completions.sign_off, actor=world.rhian, membership=world.memberships["amara"], module_id=module.pk,
            completed_on=TODAY, evidence="Was there", now=NOW,
        )  # fmt: skip

    assert sign() == "in_person"
    assert sign(mode="live") == "by_register"
    assert sign(assessment="sign_off") == ""


def test_what_is_published_is_what_was_looked_at(world, client_of, frozen):
    book = books.begin(world.cycle)
    draft = book.versions.get()
    seen = digest_of(draft)
    books.write(book, "Online", "Cameras may stay off.")
    call = {"actor": world.rhian, "handbook_id": book.pk, "now": NOW, "today": TODAY}
    assert refused(handbooks.publish_version, how=Publication(is_major=True, seen=seen), **call) == "changed"
    client, address = client_of(world.rhian), f"/handbooks/{book.uuid}/publish/"
    page = client.post(address, {"seen": seen})
    assert page.status_code == 422
    assert digest_of(draft) in page.content.decode(), "pressed again, what is shown now is meant"
    assert client.post(address, {"seen": digest_of(draft)}).status_code == 302


def test_what_was_published_is_not_deleted(world):
    version = books.published(world.cycle)
    for rows in (HandbookSection.objects.filter(version=version), HandbookVersion.objects.filter(pk=version.pk)):
        with pytest.raises(IntegrityError, match="not deleted"), transaction.atomic():
            rows._raw_delete(rows.db)
    draft = handbooks.start_draft(actor=world.rhian, handbook_id=version.handbook_id, now=NOW)
    handbooks.discard_draft(actor=world.rhian, handbook_id=version.handbook_id, now=NOW)
    assert not HandbookVersion.objects.filter(pk=draft.pk).exists()


def test_staff_find_their_briefing_on_the_page_they_have(world):
    books.publish(books.begin(world.cycle, "briefing", "staff"))
    for who, home in ((world.rhian, "coordinator"), (world.imran, "supervisor"), (world.elin, "staff")):
        assert [one.role for one in stages.todos(who, NOW) if one.code == "handbook_to_read"] == [home]
