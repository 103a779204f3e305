"""Design documents: versions, signatures to a version, comparison, and the gate they guard."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import (
    REQUIRED,
    Cycle,
    DesignDocument,
    DesignSignature,
    DocumentKind,
    DocumentVersion,
    Side,
)
from programmes.queries.checks import checklist, progress
from programmes.queries.design_answers import design_todos
from programmes.queries.documents import documents_of
from programmes.services.cycles import MoveRefused, move_cycle
from programmes.services.design_erasure import forget_design
from programmes.services.documents import DocumentRefused, Draft, issue_version, sign_version, write_draft
from programmes.services.partners import end_partnership
from programmes.services.rollover import NextCycle, roll_over
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def seren(world):
    return make.DesignPartnerFactory(cycle=world.cycle, user__given_name="Seren")


def write(world, text, *, kind="role", now=NOW, who=None, **draft):
    draft = Draft(text, **draft)
    return write_draft(actor=who or world.rhian, cycle_id=world.cycle.pk, kind=kind, draft=draft, now=now)


def issue(world, version, now=NOW):
    return issue_version(actor=world.rhian, version_id=version.pk, now=now)


def sign(who, version):
    return sign_version(actor=who.user, version_id=version.pk, now=LATER)


# --- writing ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_written_on_by_others_who_saw_it(world, seren):
    first = write(world, "Leaders guide.")
    again = write(
        world, "Leaders guide.\r\nThey listen.", who=seren.user, seen=NOW, now=LATER, authors=[world.rhian, seren.user]
    )
    assert (again.pk, again.number, again.text) == (first.pk, 1, "Leaders guide.\nThey listen.")
    assert set(again.authors.all()) == {world.rhian, seren.user}

    with pytest.raises(DocumentRefused) as refused:
        write(world, "Something else", seen=NOW, now=LATER)
    assert refused.value.code == "conflict"
    issue(world, again)
    with pytest.raises(DocumentRefused) as refused:
        write(world, "Something else", seen=LATER, now=LATER)
    assert refused.value.code == "issued"
    assert write(world, "Something else").number == 2


@pytest.mark.parametrize(("kind", "text", "code"), [("role", " \n", "empty"), ("poem", "x", "unknown")])
def test_writing_refuses(world, kind, text, code):
    with pytest.raises(DocumentRefused) as refused:
        write(world, text, kind=kind)
    assert refused.value.code == code


def test_a_form_sent_twice_writes_once(world):
    key = uuid.uuid4()
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "kind": "role", "form_key": key, "now": NOW}
    write_draft(draft=Draft("One"), **about)
    with pytest.raises(Repeated):
        write_draft(draft=Draft("One"), **about)


def test_who_writes_at_the_same_time_is_told_and_can_save_again(world, seren, client_of):
    url = reverse("programmes:document_write", args=["bio-pass", "2026-27", "role"])
    write(world, "Theirs")
    answer = client_of(seren.user).post(url, {"text": "Mine", "seen": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody saved this while you were writing" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert client_of(seren.user).post(url, {"text": "Mine", "seen": seen}).status_code == 302
    assert DocumentVersion.objects.get().text == "Mine"


# --- signing ----------------------------------------------------------------------------------------------------------
def test_a_version_put_up_tells_partners_and_a_new_one_asks_again(world, seren):
    first = issue(world, write(world, "Leaders guide."))
    (letter,) = Message.objects.filter(kind="programmes.signature_wanted", channel="email")
    assert letter.recipient == seren.user
    ((_row, said),) = write_letters([letter], NOW)
    assert said.subject == "Bio PASS: Role description waits for your signature"
    assert [todo.code for todo in design_todos(seren.user, NOW)] == ["sign_document"]

    for _ in range(2):
        sign(seren, first)
    assert DesignSignature.objects.count() == 1
    assert AuditEvent.objects.filter(action="programmes.document_signed").count() == 1
    assert not design_todos(seren.user, NOW)
    ((_row, dropped),) = write_letters([letter], NOW)
    assert isinstance(dropped, mail.NotWanted)

    second = issue(world, write(world, "Leaders guide and listen."), LATER)
    assert [todo.code for todo in design_todos(seren.user, LATER)] == ["sign_document"]
    with pytest.raises(DocumentRefused) as refused:
        sign(seren, first)
    assert refused.value.code == "not_current"
    assert issue(world, second) == second, "twice is once"
    assert Message.objects.filter(kind="programmes.signature_wanted", channel="email").count() == 2


def test_the_same_words_are_not_put_up_again(world):
    issue(world, write(world, "Leaders guide."))
    with pytest.raises(DocumentRefused) as refused:
        issue(world, write(world, "Leaders guide."))
    assert refused.value.code == "same"


def test_partners_sign_and_nobody_else(world, seren):
    version = issue(world, write(world, "Leaders guide."))
    with pytest.raises(DocumentRefused) as refused:
        sign_version(actor=world.rhian, version_id=version.pk, now=NOW)
    assert refused.value.code == "not_in"
    end_partnership(actor=seren.user, partner_id=seren.pk, now=NOW)
    with pytest.raises(DocumentRefused):
        sign(seren, version)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    with pytest.raises(DocumentRefused) as refused:
        issue(world, version)
    assert refused.value.code == "closed"


@pytest.mark.parametrize("change", [{"text": "Other"}, {"number": 9}, {"issued_at": None, "is_current": False}])
def test_the_database_keeps_the_words_people_sign(world, change):
    version = issue(world, write(world, "Leaders guide."))
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(**change)


def test_the_database_refuses(world, seren):
    version = issue(world, write(world, "Leaders guide."))
    sign(seren, version)
    draft = write(world, "Another")
    rows = {"document": version.document, "changed_at": NOW}
    for refused in (
        lambda: DocumentVersion.objects.filter(pk=draft.pk).update(is_current=True),
        lambda: DocumentVersion.objects.filter(pk=draft.pk).update(text=""),
        lambda: DocumentVersion.objects.filter(pk=draft.pk).update(number=1),
        lambda: DocumentVersion.objects.create(number=9, text="x", **rows),
        lambda: DocumentVersion.objects.create(number=9, text="x", issued_at=NOW, is_current=True, **rows),
        lambda: DesignSignature.objects.create(version=version, partner=seren, signed_at=NOW),
        lambda: DesignDocument.objects.create(cycle=world.cycle, kind="role"),
        lambda: DesignDocument.objects.create(cycle=world.cycle, kind="poem"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


# --- the gate ---------------------------------------------------------------------------------------------------------
def gate(world):
    return next(check for check in checklist(world.cycle) if check.code == "design-signed")


def prepare(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="design")
    return move_cycle(actor=world.rhian, cycle_id=world.cycle.pk, to="preparing", now=NOW)


def test_a_cycle_is_prepared_once_both_sides_have_signed(world):
    student, staff = (make.DesignPartnerFactory(cycle=world.cycle, side=side) for side in Side)
    with pytest.raises(MoveRefused, match="Agree the design, signed by a student and a staff partner"):
        prepare(world)
    versions = [issue(world, write(world, f"Of {kind}", kind=kind)) for kind in REQUIRED]
    for version in versions:
        sign(staff, version)
    for version in versions[:-1]:
        sign(student, version)
    assert not gate(world).done
    assert gate(world).why == "Of 3 documents students have signed 2, staff 3."
    assert (gate(world).gate, gate(world).blocking) == ("preparing", True)
    before = progress([world.cycle.pk])[world.cycle.pk]

    sign(student, versions[-1])

    assert gate(world).done
    assert progress([world.cycle.pk])[world.cycle.pk].done == before.done + 1
    assert prepare(world).state == "preparing"


def test_a_new_version_shuts_the_gate_until_it_is_signed_and_who_left_has_signed(world):
    student, staff = make.sign_design(world.cycle)
    assert gate(world).done
    end_partnership(actor=student.user, partner_id=student.pk, now=NOW)
    assert gate(world).done, "what they signed stays signed"
    version = issue(world, write(world, "Other words"))
    sign(staff, version)
    assert not gate(world).done
    sign(make.DesignPartnerFactory(cycle=world.cycle), version)
    assert gate(world).done


def test_rolling_over_copies_what_held_as_drafts_and_asks_everybody_again(world):
    make.sign_design(world.cycle)
    write(world, "Not put up yet")
    make.DecisionFactory(cycle=world.cycle, number=1)

    made = roll_over(
        actor=world.rhian, cycle_id=world.cycle.pk,
        new=NextCycle("2027-28", NOW.date() + timedelta(days=300), NOW.date() + timedelta(days=600)), now=NOW,
    )  # fmt: skip

    documents = [one for one in documents_of(made) if one.draft]
    assert {one.kind for one in documents} == set(REQUIRED)
    assert {one.draft.text for one in documents} == {"As agreed."}
    assert {one.draft.note for one in documents} == {"Copied from 2026-27"}
    assert not any(one.current for one in documents)
    assert not made.design_partners.exists()
    assert not made.decisions.exists()


# --- pages ------------------------------------------------------------------------------------------------------------
def test_a_partner_reads_compares_and_signs_on_the_page(world, seren, client_of):
    browser = client_of(seren.user)

    def url(name, **query):
        return reverse(f"programmes:document_{name}", args=["bio-pass", "2026-27", "role"])

    issue(world, write(world, "# Leaders\n\nThey *guide*. <script>x</script>"))
    page = browser.get(url("detail")).content.decode()
    assert "<h3>Leaders</h3>" in page
    assert "<em>guide</em>" in page
    assert "<script>x" not in page
    assert browser.post(url("sign"), {"version": "1"}).status_code == 302
    assert "Sign version 1" not in browser.get(url("detail")).content.decode()
    write(world, "# Leaders\n\nThey listen.")
    compared_page = browser.get(url("compare")).content.decode()
    assert "<ins>" in compared_page
    assert "<del>" in compared_page
    assert browser.post(url("issue")).status_code == 403
    assert browser.get(url("detail") + "?version=7").status_code == 404


def test_authors_are_forgotten_and_signatures_stay(world, seren):
    version = issue(world, write(world, "Ours", who=seren.user))
    sign(seren, version)
    forget_design(user=seren.user, now=LATER)
    assert not version.authors.exists()
    assert DesignSignature.objects.get().partner == seren


def test_every_kind_has_its_place(world):
    assert [one.kind for one in documents_of(world.cycle)] == DocumentKind.values
