"""Workshops, what is said back to students, and whether students were in it from the outset."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import stages
from peerhub.common.once import Repeated
from programmes.models import DesignReply, DesignWorkshop, PartnerHours
from programmes.queries.documents import documents_of
from programmes.queries.outset import outset_of
from programmes.services.workshops import Notes, Reply, WorkshopRefused, write_reply, write_workshop
from tests import factories as make
from tests.factories import NOW, TODAY, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def seren(world):
    return make.DesignPartnerFactory(cycle=world.cycle, user__given_name="Seren", joined_at=in_days(-29))


def meet(world, *came, on=TODAY, **more):
    notes = Notes("Workshop", on, came=[one.uuid for one in came], **more)
    return write_workshop(actor=world.rhian, cycle_id=world.cycle.pk, notes=notes, now=NOW)


def say(world, **more):
    reply = Reply(**{"you_said": "Too late", "kind": "did", "answer": "Earlier now.", "is_published": True, **more})
    return write_reply(actor=world.rhian, cycle_id=world.cycle.pk, reply=reply, now=NOW)


def outset(world):
    return outset_of(world.cycle, documents_of(world.cycle), now=NOW)


# --- workshops --------------------------------------------------------------------------------------------------------
def test_a_workshop_is_planned_then_written_down(world, seren):
    with pytest.raises(WorkshopRefused) as refused:
        meet(world, seren, on=TODAY + timedelta(days=3))
    assert refused.value.code == "not_yet"
    workshop = meet(world, on=TODAY + timedelta(days=3), agenda="Boundaries")
    other = make.DesignPartnerFactory(cycle=world.other_cycle)
    key = uuid.uuid4()
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "workshop_id": workshop.pk, "form_key": key}
    notes = Notes("Workshop", TODAY, outputs="A list", came=[seren.uuid, other.uuid], other_students=3)
    write_workshop(notes=notes, now=in_days(4), **about)
    with pytest.raises(Repeated):
        write_workshop(notes=notes, now=in_days(4), **about)
    assert list(workshop.came.all()) == [seren], "partners of another cycle were not there"
    assert DesignWorkshop.objects.get().outputs == "A list"


def test_what_people_needed_to_take_part_is_for_coordinators_alone(world, seren, client_of):
    workshop = meet(world, seren, adjustments="Sign language for one person")
    urls = [
        reverse("programmes:workshop_detail", args=["bio-pass", "2026-27", workshop.uuid]),
        reverse("programmes:workshop_list", args=["bio-pass", "2026-27"]),
    ]
    for who in (seren.user, world.imran, world.carys):
        for url in urls:
            assert b"Sign language" not in client_of(who).get(url).content
    assert b"Sign language" in client_of(world.rhian).get(urls[0]).content


# --- you said, we did -------------------------------------------------------------------------------------------------
def test_what_is_published_stands_on_the_public_page(world, client):
    page = reverse("programmes:programme_detail", args=["bio-pass"])
    draft = say(world, is_published=False)
    assert "Too late" not in client.get(page).content.decode()
    reply = Reply("Too late", "could_not", "There is no room before four.", is_published=True)
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "reply_id": draft.pk}
    write_reply(reply=reply, now=NOW, **about)
    write_reply(reply=reply, now=in_days(1), **about)
    assert DesignReply.objects.get().published_at == NOW
    seen = client.get(page).content.decode()
    assert "We couldn’t, because" in seen
    assert "There is no room before four." in seen


def test_a_reply_has_words_and_names_a_decision(world):
    with pytest.raises(WorkshopRefused) as refused:
        say(world, answer=" ")
    assert refused.value.code == "no_words"
    decision = make.DecisionFactory(cycle=world.cycle, number=1, decided=True)
    assert say(world, decision=1).decision == decision
    for change in ({"kind": "maybe"}, {"answer": ""}, {"you_said": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DesignReply.objects.update(**change)


# --- from the outset --------------------------------------------------------------------------------------------------
def test_nothing_on_record_says_so(world):
    found = outset(world)
    assert found.flags == ["No student has had a part in this yet."]
    assert (found.decisions.whole, found.meetings.percent, found.paid.percent) == (0, 0, 0)


def test_students_from_the_outset_raise_no_flag(world, seren, client_of):
    make.DesignPartnerFactory(cycle=world.cycle, is_paid=True, reward="£13 an hour", joined_at=in_days(-60))
    seren.refresh_from_db()
    meet(world, seren, other_students=1)
    make.DecisionFactory(cycle=world.cycle, number=1, decided=True)
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(starts_on=TODAY)
    world.cycle.refresh_from_db()
    found = outset(world)
    assert found.flags == []
    assert (found.students_since, found.decisions.part, found.meetings.part) == (in_days(-60).date(), 1, 1)
    page = client_of(world.rhian).get(reverse("programmes:design_detail", args=["bio-pass", "2026-27"])).content
    assert b"Students were in it from the outset." in page


def test_students_who_come_late_and_unpaid_are_flagged(world, seren):
    for number in range(1, 5):
        make.DecisionFactory(
            cycle=world.cycle, number=number, decided=True, option="staff", decided_on=TODAY.replace(month=9)
        )
    PartnerHours.objects.create(partner=seren, on=TODAY, minutes=60, logged_at=NOW)
    meet(world, seren)
    make.sign_design(world.cycle)
    world.cycle.design_documents.first().versions.get().signatures.filter(partner__side="student").delete()
    assert outset(world).flags == [
        "Students appear only after the first decision.",
        "Students appear only after the launch.",
        "No decision considered anything a student proposed.",
        "No workshop had two students or more: one alone says little.",
        "No hour that students gave is paid.",
        "No student has signed: Partnership agreement.",
    ]
    make.DecisionFactory(cycle=world.cycle, number=5, decided=True)
    assert "Fewer than a third of the decisions considered anything a student proposed." in outset(world).flags


def test_a_workshop_one_came_to_is_held(world, seren):
    meet(world, seren)
    (held,) = [one for one in stages.export(seren.user) if str(one.section) == "Designing programmes"]
    assert [row["you"] for row in held.rows] == ["designed it with others", "came to a workshop"]
