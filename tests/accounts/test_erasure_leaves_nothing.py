"""A motivated reader of the whole database, after somebody was forgotten."""

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from peerhub.accounts.models import User
from peerhub.accounts.services import erase_person
from peerhub.common.models import StoredMail
from programmes.models import Cycle, InvitationBatch, QueueEntry, Role
from programmes.services import invitation_batches, invitations
from programmes.services.invitation_batches import BadRow, InviteRow
from programmes.services.queues import Wish, join_queue
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NAME, ADDRESS = "Quillfeather", "ben.quillfeather@student.aberwen.ac.uk"


@pytest.fixture
def ben(world):
    """Somebody who left traces wherever a person can."""
    User.objects.filter(pk=world.ben.pk).update(family_name=NAME, email=ADDRESS)
    world.ben.emailaddress_set.update(email=ADDRESS)
    world.ben.refresh_from_db()
    return world.ben


def where_it_says(*words):
    """(model, field) of every text in the database that holds one of the words."""
    found = set()
    for model in apps.get_models():
        for row in model._base_manager.values():
            found |= {
                (model._meta.label, name)
                for name, value in row.items()
                if any(word.lower() in str(value).lower() for word in words)
            }
    return found


def test_erased_person_is_nowhere_in_the_database(world, ben):
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "now": NOW}
    invitations.invite_person(role=Role.LEADER, email=ADDRESS, name=f"Ben {NAME}", **about)
    row, other = InviteRow(1, ADDRESS, f"Ben {NAME}"), InviteRow(2, "other@student.aberwen.ac.uk", "Other")
    bad = [BadRow(3, "bad_email", "", "somebody else")]
    sent = invitation_batches.prepare_batch(role=Role.PARTICIPANT, rows=[row, other], rejected=bad, **about)
    invitation_batches.confirm_batch(actor=world.rhian, batch_id=sent.pk, now=NOW)  # Ben is in: told so
    draft = invitation_batches.prepare_batch(role=Role.PARTICIPANT, rows=[row, other], rejected=bad, **about)
    StoredMail.objects.create(
        message_id="1@x", sender="x@x.test", recipient=ADDRESS, subject="Hi", text=f"Dear Ben {NAME}", sent_at=NOW
    )
    LogEntry.objects.create(
        user=world.sam, content_type=ContentType.objects.get_for_model(User), object_id=str(ben.pk),
        object_repr=f"Ben {NAME}", action_flag=CHANGE, action_time=timezone.now(),
    )  # fmt: skip
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    drop_in = make.SessionFactory(cycle=world.cycle, starts_at=NOW)
    join_queue(actor=ben, session_id=drop_in.pk, wish=Wish(about=f"{NAME} again"), now=NOW)
    traces = where_it_says(NAME, ADDRESS)
    assert {
        ("programmes.InvitationBatch", "rows"), ("programmes.InvitationBatch", "rejected"),
        ("common.StoredMail", "text"), ("programmes.QueueEntry", "about"),
        ("admin.LogEntry", "object_repr"), ("accounts.User", "email"),
    } <= traces  # fmt: skip

    erase_person(actor=world.sam, user=ben, now=NOW)

    assert where_it_says(NAME, ADDRESS) == set()
    assert QueueEntry.objects.get().state == "left"
    kept = InvitationBatch.objects.get(pk=draft.pk)
    assert [row["email"] for row in kept.rows] == ["other@student.aberwen.ac.uk"]
    assert [row["value"] for row in kept.rejected] == ["somebody else"]


def test_erasing_leaves_other_peoples_lists_alone(world, ben):
    make.MembershipFactory(cycle=world.cycle)
    row = InviteRow(1, "x" + ADDRESS, "Somebody whose address ends the same")
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "now": NOW}
    batch = invitation_batches.prepare_batch(role=Role.PARTICIPANT, rows=[row], rejected=[], **about)
    erase_person(actor=world.sam, user=ben, now=NOW)
    batch.refresh_from_db()
    assert [row["email"] for row in batch.rows] == ["x" + ADDRESS]
