"""Notifications inside PeerHub."""

import pytest
from django.urls import reverse

from peerhub.common import mail
from peerhub.common.mail import notifications
from peerhub.common.models import Message
from tests.common.mail.posts import TEMPLATE, a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def tell(kind, person, clock, key="k", **options):
    mail.queue(kind, to=person, key=key, about={}, now=clock(), channels=("inapp",), **options)
    return Message.objects.get(dedupe_key=f"{key}|inapp")


def test_notices_are_worded_with_the_facts_of_now(clock):
    facts = {"room": "A12"}
    write = lambda letter, now: mail.Rendered(TEMPLATE, title=f"In {facts['room']}", url="/x/")  # noqa: E731
    with a_kind(write=write) as kind:
        amara = UserFactory()
        message = tell(kind, amara, clock)
        facts["room"] = "B7"
        [notice] = notifications.notices([message], amara, clock())
    assert (notice.title, notice.url, notice.state) == ("In B7", "/x/", "turn")


def test_a_notice_nobody_needs_any_more_leads_nowhere(clock):
    with a_kind(write=lambda letter, now: mail.NotWanted("The session was moved.")) as kind:
        amara = UserFactory()
        [notice] = notifications.notices([tell(kind, amara, clock)], amara, clock())
    assert (notice.open_url, notice.reason) == ("", "The session was moved.")


def test_mark_read_reaches_only_ones_own(note, clock):
    amara, ben = UserFactory.create_batch(2)
    message = tell(note, ben, clock)
    assert notifications.mark_read(actor=amara, message_ids=[message.pk], now=clock()) == 0
    assert notifications.unread_count(ben) == 1
    assert notifications.mark_read(actor=ben, message_ids=None, now=clock()) == 1
    assert notifications.unread_count(ben) == 0


def test_deliver_due_shows_what_was_held_back(note, clock):
    amara = UserFactory()
    tell(note, amara, clock, not_before=clock().replace(year=2100))
    assert notifications.unread_count(amara) == 0
    clock.now = clock.now.replace(year=2101)
    notifications.deliver_due(clock())
    assert notifications.unread_count(amara) == 1


def test_deliver_due_drops_what_is_no_longer_wanted(clock):
    with a_kind(write=lambda letter, now: mail.NotWanted("Gone.")) as kind:
        message = tell(kind, UserFactory(), clock, not_before=clock().replace(year=2100))
        clock.now = clock.now.replace(year=2101)
        notifications.deliver_due(clock())
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "Gone.")


def test_notification_list_costs_the_same_for_many(note, clock, client, django_assert_max_num_queries):
    amara = UserFactory()
    client.force_login(amara)
    for number in range(25):
        tell(note, amara, clock, key=f"k{number}")
    with django_assert_max_num_queries(8):
        page = client.get(reverse("notification_list"))
    assert page.content.count(b'<li class="ph-task') == 20


def test_opening_a_notification_marks_it_read_and_leads_on(note, clock, client):
    amara = UserFactory()
    message = tell(note, amara, clock)
    client.force_login(amara)
    response = client.get(reverse("notification_open", args=[message.pk]))
    assert response["Location"] == "/somewhere/"
    assert notifications.unread_count(amara) == 0


def test_the_frame_counts_the_unread(note, clock, rf):
    request = rf.get("/")
    request.user = UserFactory()
    for number in range(2):
        tell(note, request.user, clock, key=f"k{number}")
    [item] = notifications.page_context(request)["account"]
    assert item.badge == "2"
