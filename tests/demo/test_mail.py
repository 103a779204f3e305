"""/demo/mail/: every mail kept, readable, and unable to do anything."""

import pytest
from django.core.mail import get_connection
from django.urls import reverse
from django.utils import timezone

from peerhub.common import mail
from peerhub.common.mail.sending import send_due
from peerhub.common.mail.transports import BackendTransport
from peerhub.common.models import StoredMail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "peerhub.common.mail.backends.DatabaseBackend"


@pytest.fixture(autouse=True)
def _in_a_demo(settings):
    settings.PEERHUB_DEMO = True


@pytest.fixture
def kept():
    """One mail that went the whole way through the outbox."""
    ben = UserFactory(given_name="Ben", email="ben@student.aberwen.ac.uk")
    mail.queue("common.test_message", to=ben, key="k", about={}, now=timezone.now(), channels=("email",))
    send_due(clock=timezone.now, transport=BackendTransport(get_connection(BACKEND)))
    return StoredMail.objects.get()


def test_a_mail_is_kept_with_both_its_texts(kept):
    assert kept.recipient == "ben@student.aberwen.ac.uk"
    assert kept.subject == "PeerHub can send e-mail"
    assert "Hello Ben," in kept.text
    assert "Hello Ben," in kept.html
    assert kept.headers["Auto-Submitted"] == "auto-generated"


def test_the_same_mail_again_is_kept_once(kept):
    kept.pk = None
    StoredMail.objects.bulk_create([kept], ignore_conflicts=True)
    assert StoredMail.objects.count() == 1


def test_list_finds_by_part_of_an_address(client, kept):
    assert b"PeerHub can send e-mail" in client.get(reverse("demo_mail_list"), {"q": "BEN@"}).content
    assert b"No e-mail matches" in client.get(reverse("demo_mail_list"), {"q": "amara"}).content


def test_list_costs_the_same_for_many(client, kept, django_assert_max_num_queries):
    StoredMail.objects.bulk_create(
        StoredMail(message_id=f"<{n}@x>", sender="x", recipient="y@z", subject="S", sent_at=kept.sent_at)
        for n in range(60)
    )
    with django_assert_max_num_queries(4):
        assert client.get(reverse("demo_mail_list")).content.count(b'<li class="ph-task') == 25


@pytest.mark.parametrize(("part", "expected"), [("html", "<iframe"), ("text", "<a href="), ("headers", "Message-ID")])
def test_detail_shows_each_part(client, kept, part, expected):
    page = client.get(reverse("demo_mail_detail", args=[kept.pk]), {"part": part}).content.decode()
    assert expected in page.split("<main", 1)[1]


def test_body_is_framed_by_us_and_runs_nothing(client, kept):
    response = client.get(reverse("demo_mail_body", args=[kept.pk]))
    policy = response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert b'<base target="_top">' in response.content
    detail = client.get(reverse("demo_mail_detail", args=[kept.pk]))["Content-Security-Policy"]
    assert "frame-src 'self'" in detail
    assert "frame-ancestors 'none'" in detail


def test_nothing_of_it_exists_outside_a_demo(client, kept, settings):
    settings.PEERHUB_DEMO = False
    for name, args in (("demo_mail_list", []), ("demo_mail_detail", [kept.pk]), ("demo_mail_body", [kept.pk])):
        assert client.get(reverse(name, args=args)).status_code == 404
