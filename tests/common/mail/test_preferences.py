"""What people want to hear about, and the one-click way out."""

import pytest
from django.test import Client
from django.urls import reverse

from peerhub.common import mail
from peerhub.common.mail import preferences
from peerhub.common.mail.sending import send_due
from peerhub.common.mail.unsubscribe import token_for, wish_in
from peerhub.common.models import AddressFlag, AuditEvent, MailPreference, Message
from tests.common.mail.posts import TEMPLATE, a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_one_click_works_for_a_mail_program_without_cookies(note, post, clock):
    """RFC 8058: the header's address, posted as it stands, with no session and no CSRF token."""
    amara = UserFactory()
    mail.queue(note, to=amara, key="k", about={}, now=clock(), channels=("email",))
    send_due(clock=clock, transport=post)
    headers = post.sent[0].headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    response = Client(enforce_csrf_checks=True).post(path, ONE_CLICK)
    assert response.status_code == 200
    assert MailPreference.objects.get(user=amara, topic="sessions").email is False
    assert path.encode() in post.sent[0].html.encode()


def test_get_changes_nothing(note, client):
    path = reverse("mail_unsubscribe", args=[token_for(user=str(UserFactory().uuid), topic="sessions")])
    assert b"Stop these e-mails" in client.get(path).content
    assert not MailPreference.objects.exists()


def test_unsubscribing_twice_is_the_same(note, client):
    path = reverse("mail_unsubscribe", args=[token_for(user=str(UserFactory().uuid), topic="sessions")])
    assert client.post(path, ONE_CLICK).status_code == client.post(path, ONE_CLICK).status_code == 200
    assert MailPreference.objects.count() == 1


def test_unsubscribing_keeps_notifications(note, client):
    amara = UserFactory()
    client.post(reverse("mail_unsubscribe", args=[token_for(user=str(amara.uuid), topic="sessions")]), ONE_CLICK)
    assert MailPreference.objects.get(user=amara).inapp is True


@pytest.mark.parametrize("token", ["", "x", "u.someone.sessions~wrong", "u.someone.sessions", "~", "☃~☃"])
def test_a_token_not_made_here_is_no_wish(token):
    assert wish_in(token) is None


def test_a_token_of_a_former_key_still_works(settings):
    token = token_for(user="someone", topic="sessions")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-key-" + "y" * 50
    assert wish_in(token) is not None


def test_somebody_outside_can_leave_too(post, clock, client):
    write = lambda letter, now: mail.Rendered(TEMPLATE, to="guest@example.org")  # noqa: E731
    with a_kind(write=write) as kind:
        mail.queue(kind, to=None, key="1", about={}, now=clock())
        send_due(clock=clock, transport=post)
        path = post.sent[0].headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
        client.post(path, ONE_CLICK)
        mail.queue(kind, to=None, key="2", about={}, now=clock())
        send_due(clock=clock, transport=post)
    assert len(post.sent) == 1
    assert "guest" not in AddressFlag.objects.get().digest
    assert Message.objects.get(dedupe_key="2|email").state == "cancelled"


def test_set_preferences_leaves_essential_topics_alone(note, clock):
    amara = UserFactory()
    with a_kind("tests.essential", topic="account", essential=True):
        wishes = {"sessions": (False, True), "account": (False, False), "nonsense": (False, False)}
        preferences.set_preferences(actor=amara, wishes=wishes, now=clock())
    assert list(MailPreference.objects.values_list("topic", "email", "inapp")) == [("sessions", False, True)]
    assert AuditEvent.objects.filter(action="common.preferences_set").exists()


def test_preferences_page_saves_what_is_ticked(note, client):
    amara = UserFactory()
    client.force_login(amara)
    client.post(reverse("preferences_edit"), {"inapp-sessions": "on"})
    row = MailPreference.objects.get(user=amara, topic="sessions")
    assert (row.email, row.inapp) == (False, True)
    assert b"What you hear about" in client.get(reverse("preferences_edit")).content
