"""What each answer of a mail server means, over a real socket."""

import socket

import pytest
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from peerhub.common.mail.outcomes import Outcome
from peerhub.common.mail.transports import BackendTransport, SmtpTransport
from peerhub.common.mail.wire import Attachment
from peerhub.common.models.outbox import OutcomeClass
from tests.common.mail.scripted import CLOSE, Script, served
from tests.common.mail.test_wire import wire

BAD, FAULT, CONTENT, LATER, UNKNOWN = (
    OutcomeClass.BAD_ADDRESS,
    OutcomeClass.OUR_FAULT,
    OutcomeClass.CONTENT,
    OutcomeClass.TRANSIENT,
    OutcomeClass.UNKNOWN,
)


def transport(port, **options):
    return SmtpTransport(EmailBackend(host="127.0.0.1", port=port, timeout=2, **options))


def send(script, *letters, **options):
    """Outcomes of sending over one transport."""
    with served(script):
        post = transport(script.port, **options)
        outcomes = [post.open() or post.send(letter) for letter in letters or (wire(),)]
        post.close()
    return outcomes


@pytest.mark.parametrize("extensions", [("PIPELINING", "8BITMIME"), ("8BITMIME",), ()], ids=str)
@pytest.mark.parametrize(
    ("command", "reply", "kind", "code"),
    [
        ("MAIL", "451 4.3.0 later", LATER, "451 4.3.0"),
        ("MAIL", "550 5.7.1 sender refused", FAULT, "550 5.7.1"),
        ("MAIL", "530 5.7.0 sign in first", FAULT, "530 5.7.0"),
        ("RCPT", "450 4.2.1 busy", LATER, "450 4.2.1"),
        ("RCPT", "550 5.1.1 <ben@x> unknown", BAD, "550 5.1.1"),
        ("RCPT", "551 moved", BAD, "551"),
        ("RCPT", "553 5.1.3 bad syntax", BAD, "553 5.1.3"),
        ("RCPT", "550 5.7.1 relaying denied", FAULT, "550 5.7.1"),
        ("RCPT", "552 5.2.2 mailbox full", CONTENT, "552 5.2.2"),
        ("DATA", "451 4.3.0 later", LATER, "451 4.3.0"),
        ("dot", "451 4.7.1 greylisted", LATER, "451 4.7.1"),
        ("dot", "552 5.3.4 too big", CONTENT, "552 5.3.4"),
        ("dot", "554 5.6.0 spam", CONTENT, "554 5.6.0"),
        ("dot", CLOSE, UNKNOWN, "SMTPServerDisconnected"),
    ],
)
def test_every_answer_means_one_thing(command, reply, kind, code, extensions):
    script = Script({command: [reply]}, extensions=extensions)
    assert send(script) == [Outcome(kind, code)]


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=str)
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "dot"])
def test_after_a_refusal_the_same_connection_goes_on(command, extensions):
    script = Script({command: ["451 4.3.0 later"]}, extensions=extensions)
    first, second = send(script, wire(), wire(message_id="<11111111-89ab-cdef-0123-456789abcdef@x>"))
    assert (first.kind, second.is_sent) == (LATER, True)
    assert script.connections == 1
    assert b"11111111" in script.mails[-1]


def test_a_refused_recipient_gets_no_text_even_when_the_server_waits_for_it():
    script = Script({"RCPT": ["550 5.1.1 no"]})
    send(script)
    assert script.mails == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_went_stale_is_opened_again_once(command):
    script = Script({command: [CLOSE]}, extensions=())
    assert send(script)[0].is_sent
    assert script.connections == 2
    assert len(script.mails) == 1


def test_a_server_that_takes_few_messages_a_connection_gets_another_connection():
    """421 between messages is how some servers say: enough for this connection."""
    script = Script({"MAIL": ["250 ok", "421 4.7.0 enough"]}, extensions=())
    assert [outcome.is_sent for outcome in send(script, wire(), wire())] == [True, True]
    assert script.connections == 2


def test_a_server_that_always_hangs_up_is_transient():
    script = Script({"MAIL": [CLOSE, CLOSE]})
    assert send(script)[0].kind == LATER
    assert script.connections == 2


def test_no_server_is_transient():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outcome = transport(port).open()
    assert (outcome.kind, outcome.code) == (LATER, "connect:ConnectionRefusedError")


def test_a_silent_server_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = SmtpTransport(EmailBackend(host="127.0.0.1", port=silent.getsockname()[1], timeout=0.2)).open()
    assert (outcome.kind, outcome.code) == (LATER, "connect:timeout")


def test_a_wrong_password_is_our_fault():
    script = Script({"AUTH": ["535 5.7.8 wrong"] * 3}, extensions=("AUTH PLAIN LOGIN",))
    assert send(script, username="peerhub", password="wrong") == [Outcome(FAULT, "535 5.7.8")]


def test_a_server_without_sign_in_is_our_fault():
    assert send(Script(extensions=()), username="peerhub", password="x") == [Outcome(FAULT, "not_supported")]


def test_a_server_that_greets_with_a_refusal_is_our_fault():
    assert send(Script({"connect": ["554 5.7.1 we do not know you"]}))[0].kind == FAULT


def test_a_greeting_of_421_is_transient():
    assert send(Script({"connect": ["421 4.3.2 busy"]}))[0].kind == LATER


def test_eight_bit_text_only_where_announced():
    script = Script(extensions=())
    send(script, wire(text="Siân\n"))
    assert script.mails[0].isascii()
    assert script.heard[1] == "MAIL FROM:<no-reply@peerhub.example>"
    script = Script()
    send(script, wire(text="Siân\n"))
    assert "Siân".encode() in script.mails[0]
    assert script.heard[1].endswith("BODY=8BITMIME")


def test_an_address_beyond_ascii_needs_a_server_that_takes_it():
    assert send(Script(), wire(to="siân@aberwen.ac.uk"))[0].is_sent
    assert send(Script(extensions=()), wire(to="siân@aberwen.ac.uk")) == [Outcome(BAD, "syntax")]


def test_a_line_that_is_a_dot_stays_a_line():
    script = Script()
    send(script, wire(text="one\n.\ntwo\n"))
    assert b"one\r\n..\r\ntwo" in script.mails[0]


class Provider:
    """A backend that raises as an API's client would."""

    def __init__(self, error):
        self.error = error

    def send_messages(self, messages):
        raise self.error

    def close(self):
        pass


def with_status(status):
    error = RuntimeError("quotes ben@x.org")
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (with_status(401), FAULT),
        (with_status(403), FAULT),
        (with_status(422), CONTENT),
        (with_status(429), LATER),
        (with_status(503), LATER),
        (ValueError("Invalid address"), BAD),
        (ConnectionError("gone"), LATER),
    ],
    ids=str,
)
def test_a_providers_refusals(error, kind, caplog):
    outcome = BackendTransport(Provider(error)).send(wire())
    assert outcome.kind == kind
    assert "ben@" not in caplog.text + outcome.code


def test_another_backend_gets_the_file_too(mailoutbox):
    file = Attachment("session.ics", "calendar", "BEGIN:VCALENDAR\r\nŵ\r\n", (("method", "PUBLISH"),))
    assert BackendTransport(get_connection()).send(wire(attachment=file)).is_sent
    (sent,) = mailoutbox
    (part,) = [one for one in sent.message().walk() if one.get_content_type() == "text/calendar"]
    assert part.get_payload(decode=True).decode().splitlines() == ["BEGIN:VCALENDAR", "ŵ"]
    assert (part.get_filename(), part.get_param("method")) == ("session.ics", "PUBLISH")
