"""What co-design keeps of people and shows to whom: exports, notes on access, drafts, and decisions that go on."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from programmes.models import Decision, DecisionStep, DesignWorkshop, DocumentVersion
from programmes.queries.correspondence_holdings import correspondence_holdings
from programmes.services.decisions import DecisionRefused, move_decision
from programmes.services.design_erasure import forget_design
from programmes.services.documents import DocumentRefused, Draft, issue_version, write_draft
from programmes.services.workshops import forget_adjustments
from tests import factories as make
from tests.factories import NOW, TODAY, in_days
from tests.programmes.test_design_ledger import decide, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def seren(world):
    return make.DesignPartnerFactory(cycle=world.cycle, is_paid=True, reward="£12 an hour", hours_cap=20)


def workshop(world, *partners, **more):
    made = DesignWorkshop.objects.create(
        cycle=world.cycle, title="First", on=TODAY, adjustments="Captions, please", written_at=NOW, **more
    )
    made.came.set(partners)
    return made


def designed(user):
    (found,) = [one for one in correspondence_holdings(user) if "esigning" in str(one.section)]
    return found.rows


def test_partners_read_their_terms_and_what_they_put_saw_to_and_noted(world, seren):
    entry = decide(world, put(world, actor=seren.user))
    Decision.objects.filter(pk=entry.pk).update(owner=seren.user)
    DecisionStep.objects.create(decision=entry, status="implemented", note="Done in week 2", by=seren.user, at=NOW)
    found = {row["you"]: row for row in designed(seren.user)}
    terms = found["on these terms: paid, and hours at most"]
    assert (terms["paid"], terms["hours_at_most"]) == (True, 20)
    assert found["put a question into the ledger"]["decision"] == entry.number
    assert found["see to a decision"]["text"] == "When do we meet?"
    assert found["wrote down how a decision went on"]["text"] == "Done in week 2"


def test_notes_on_access_are_read_by_whom_they_are_about_alone(world, seren):
    alone = workshop(world, seren)
    access = "were at a workshop for which needs of access were noted"
    assert {row["you"]: row for row in designed(seren.user)}[access]["text"] == "Captions, please"
    alone.came.add(make.DesignPartnerFactory(cycle=world.cycle))
    assert "Captions" not in {row["you"]: row for row in designed(seren.user)}[access]["text"]


def test_notes_on_access_go_after_a_month_and_with_whoever_was_there(world, seren):
    kept, gone = workshop(world), workshop(world, seren)
    forget_design(user=seren.user, now=NOW)
    gone.refresh_from_db()
    assert gone.adjustments == ""
    assert forget_adjustments(now=in_days(30)) == 0
    assert forget_adjustments(now=in_days(31)) == 1
    kept.refresh_from_db()
    assert (kept.adjustments, kept.title) == ("", "First")


def test_who_is_only_asked_reads_no_drafts(world, client_of):
    asked = make.DesignPartnerFactory(cycle=world.cycle, joined_at=None)
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "kind": "role"}
    held = write_draft(draft=Draft("What holds."), now=NOW, **about)
    issue_version(actor=world.rhian, version_id=held.pk, now=NOW)
    write_draft(draft=Draft("Half a thought."), now=NOW, **about)
    where = [world.programme.slug, world.cycle.code]
    page = reverse("programmes:document_detail", args=[*where, "role"])
    client = client_of(asked.user)
    assert "What holds." in client.get(page).content.decode()
    assert client.get(page + "?version=2").status_code == 404
    assert "thought" not in client.get(reverse("programmes:document_compare", args=[*where, "role"])).content.decode()
    make.DesignPartnerFactory(cycle=world.cycle, user=world.ben)
    assert "Half a thought." in client_of(world.ben).get(page + "?version=2").content.decode()


def test_a_decision_goes_on_while_what_may_come_in_its_place_is_open(world, client_of):
    first = decide(world, put(world))
    second = put(world, supersedes_id=first.pk)
    page = reverse("programmes:decision_detail", args=[world.programme.slug, world.cycle.code, first.number])
    assert b'value="implemented"' in client_of(world.rhian).get(page).content
    move_decision(actor=world.rhian, decision_id=first.pk, to="implemented", now=NOW)
    decide(world, second)
    with pytest.raises(DecisionRefused, match="superseded"):
        move_decision(actor=world.rhian, decision_id=first.pk, to="reviewed", now=NOW)


def test_what_was_decided_or_put_up_is_not_deleted(world):
    entry = decide(world, put(world))
    version = write_draft(
        actor=world.rhian, cycle_id=world.cycle.pk, kind="role", draft=Draft("Words"), now=NOW
    )  # fmt: skip
    issue_version(actor=world.rhian, version_id=version.pk, now=NOW)
    for rows in (Decision.objects.filter(pk=entry.pk), DocumentVersion.objects.filter(pk=version.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_what_is_put_up_for_signature_is_what_was_looked_at(world, client_of):
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "kind": "role"}
    first = write_draft(draft=Draft("One"), now=NOW, **about)
    write_draft(draft=Draft("Two", seen=NOW), now=NOW + timedelta(minutes=1), **about)
    with pytest.raises(DocumentRefused, match="changed"):
        issue_version(actor=world.rhian, version_id=first.pk, seen=NOW, now=in_days(1))
    issue = reverse("programmes:document_issue", args=[world.programme.slug, world.cycle.code, "role"])
    client = client_of(world.rhian)
    for seen in ("", "2026-99-99T00:00", NOW.isoformat()):
        client.post(issue, {"seen": seen})
        assert DocumentVersion.objects.get().issued_at is None
    client.post(issue, {"seen": (NOW + timedelta(minutes=1)).isoformat()})
    assert DocumentVersion.objects.get().issued_at is not None
