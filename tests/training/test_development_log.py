"""One's own log: private unless shared, and every step can be taken back."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tests import factories as make
from tests.factories import NOW, in_days
from training.models import DevelopmentEntry
from training.queries.training_holdings import training_holdings
from training.services import development
from training.services.development import DevelopmentRefused, EntryText
from training.services.training_erasure import forget_training

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)


@pytest.fixture
def amara():
    """Leads in a programme."""
    return make.MembershipFactory(role="leader", user__given_name="Amara")


def text(**more):
    return EntryText(**{"on": DAY, "what": "A book", "kind": "reading", "hours": Decimal(2), **more})


def write(member, **more):
    return development.write_entry(actor=member.user, text=text(**more), now=NOW)


def test_entry_is_private_unless_it_is_shared(amara, client_of):
    rhian = make.MembershipFactory(cycle=amara.cycle, role="coordinator").user
    write(amara, what="Only mine")
    write(amara, what="For Rhian", shared_with=amara.uuid)
    page = reverse("training:award_grant", args=[amara.cycle.programme.slug, amara.cycle.code, amara.uuid])
    seen = client_of(rhian).get(page).content.decode()
    assert ("For Rhian" in seen, "Only mine" in seen) == (True, False)
    entry = DevelopmentEntry.objects.get(what="For Rhian")
    assert client_of(rhian).get(reverse("training:log_edit", args=[entry.uuid])).status_code == 404


def test_change_and_deletion_can_be_undone(amara):
    entry = write(amara, learned="To wait", shared_with=amara.uuid)
    about = {"actor": amara.user, "entry_id": entry.pk, "now": NOW}
    assert development.change_entry(**about, text=text(learned="To wait", shared_with=amara.uuid)).before is None
    changed = development.change_entry(**about, text=text(what="Two books", hours=Decimal("3.5")))
    assert (changed.what, changed.shared_with) == ("Two books", None)
    back = development.undo_change(**about)
    assert (back.what, back.hours, back.learned, back.shared_with) == ("A book", 2, "To wait", amara)
    assert development.undo_change(**about).what == "Two books"
    development.delete_entry(**about)
    assert not DevelopmentEntry.objects.current().exists()
    with pytest.raises(DevelopmentRefused, match="deleted"):
        development.change_entry(**about, text=text())
    development.restore_entry(**about)
    assert DevelopmentEntry.objects.current().count() == 1


def test_sharing_ends_where_somebody_does_not_take_part_any_more(amara):
    entry = write(amara, shared_with=amara.uuid)
    about = {"actor": amara.user, "entry_id": entry.pk, "now": NOW}
    development.change_entry(**about, text=text())
    amara.status = "left"
    amara.save()
    assert development.undo_change(**about).shared_with is None
    with pytest.raises(DevelopmentRefused, match="not_with"):
        write(amara, shared_with=amara.uuid)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("in_future", {"on": date(2027, 1, 1)}),
        ("hours", {"hours": Decimal(25)}),
        ("hours", {"hours": Decimal(0)}),
        ("not_with", {"shared_with": make.MembershipFactory._meta.model().uuid}),
    ],
)
def test_entry_that_makes_no_sense_is_refused(amara, code, more):
    with pytest.raises(DevelopmentRefused, match=code):
        write(amara, **more)
    assert not DevelopmentEntry.objects.exists()


def test_log_is_in_the_export_and_goes_with_the_account(amara):
    write(amara)
    assert [row["what"] for held in training_holdings(amara.user) for row in held.rows] == ["A book"]
    forget_training(user=amara.user, now=NOW)
    assert not DevelopmentEntry.objects.exists()


def test_deleted_entries_go_after_thirty_days(amara):
    entry = write(amara)
    development.delete_entry(actor=amara.user, entry_id=entry.pk, now=NOW)
    assert development.forget_deleted_entries(now=in_days(29)) == 0
    assert development.forget_deleted_entries(now=in_days(31)) == 1


def test_log_is_written_and_exported_through_the_pages(amara, client_of):
    client = client_of(amara.user)
    data = {"on": "2026-10-20", "what": "=A book", "kind": "reading", "hours": "1.5", "shared_with": str(amara.uuid)}
    assert client.post(reverse("training:log_write"), data | {"hours": "25"}).status_code == 422
    assert client.post(reverse("training:log_write"), data | {"on": "2100-01-01"}).status_code == 422
    client.post(reverse("training:log_write"), data)
    assert "Hours: 1.5" in client.get(reverse("training:log_list")).content.decode()
    lines = b"".join(client.get(reverse("training:log_export")).streaming_content).decode()
    assert "2026-10-20,'=A book," in lines
