"""How a message leaves: over one SMTP connection, asking at each step what the answer means, or any Django backend."""

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from django.core.mail import EmailMultiAlternatives, SafeMIMEText, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.mail.utils import DNS_NAME

from peerhub.common.mail.outcomes import (
    SENT,
    Outcome,
    refused_data,
    refused_recipient,
    refused_sender,
)
from peerhub.common.mail.wire import Attachment, UnusableAddress, Wire, envelope_address
from peerhub.common.models.outbox import OutcomeClass

log = logging.getLogger(__name__)
TROUBLE = (OSError, smtplib.SMTPException)
Judge = Callable[[int, bytes], Outcome]


class Transport(Protocol):
    def open(self) -> Outcome | None:
        """None when ready to send, else why the channel as a whole is not."""

    def send(self, wire: Wire) -> Outcome: ...
    def close(self) -> None: ...


def transport_from_settings() -> Transport:
    backend = get_connection()
    return SmtpTransport(backend) if isinstance(backend, SmtpBackend) else BackendTransport(backend)


class SmtpTransport:
    """One connection for as many messages as the caller has; reopened when the server ends it.

    Django's backend is asked for its settings only: it cannot say *where* in the conversation a message failed.
    """

    def __init__(self, backend: SmtpBackend) -> None:
        self._backend = backend
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> Outcome | None:
        if self._smtp is not None:
            return None
        try:
            self._smtp = self._connect()
        except smtplib.SMTPResponseException as error:
            return refused_sender(error.smtp_code, _raw(error.smtp_error))
        except smtplib.SMTPNotSupportedError:
            return Outcome(OutcomeClass.OUR_FAULT, "not_supported")
        except TROUBLE as error:
            return Outcome(OutcomeClass.TRANSIENT, f"connect:{_lost(error)}")
        return None

    def send(self, wire: Wire) -> Outcome:
        """One message to one address. Where the server closed before the text, once more on a new connection."""
        outcome = self._attempt(wire)
        if self._smtp is None and outcome.kind == OutcomeClass.TRANSIENT and outcome.code != "timeout":
            return self.open() or self._attempt(wire)
        return outcome

    def close(self) -> None:
        """Say goodbye and hang up."""
        if self._smtp is not None:
            with suppress(*TROUBLE):
                self._smtp.quit()
        self._drop()

    def _connect(self) -> smtplib.SMTP:
        backend = self._backend
        options: dict[str, Any] = {"local_hostname": DNS_NAME.get_fqdn(), "timeout": backend.timeout}
        if backend.use_ssl:
            options["context"] = backend.ssl_context
        smtp: smtplib.SMTP = backend.connection_class(backend.host, backend.port, **options)
        try:
            if backend.use_tls and not backend.use_ssl:
                smtp.starttls(context=backend.ssl_context)
            if backend.username and backend.password:
                smtp.login(backend.username, backend.password)
            smtp.ehlo_or_helo_if_needed()
        except TROUBLE:
            smtp.close()
            raise
        return smtp

    def _drop(self) -> None:
        """Hang up without a word: the other side does not answer, or is gone."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _attempt(self, wire: Wire) -> Outcome:
        smtp = self._smtp
        if smtp is None:
            return Outcome(OutcomeClass.TRANSIENT, "closed")
        try:
            to, options = _envelope(wire, smtp)
        except UnusableAddress:
            return Outcome(OutcomeClass.BAD_ADDRESS, "syntax")
        raw = wire.as_bytes(eight_bit=smtp.has_extn("8bitmime"))
        if not raw.isascii():
            options += " BODY=8BITMIME"
        try:
            refusal = self._hand_over_envelope(smtp, wire.sender, to, options)
        except TROUBLE as error:
            self._drop()
            return Outcome(OutcomeClass.TRANSIENT, _lost(error))
        return refusal or self._hand_over_text(smtp, raw)

    def _hand_over_envelope(self, smtp: smtplib.SMTP, sender: str, to: str, options: str) -> Outcome | None:
        """MAIL, RCPT, DATA: together where the server announced PIPELINING (RFC 2920), else one by one. None: go on."""
        steps: tuple[tuple[str, set[int], Judge], ...] = (
            (f"MAIL FROM:<{sender}>{options}", {250}, refused_sender),
            (f"RCPT TO:<{to}>", {250, 251}, refused_recipient),
            ("DATA", {354}, refused_data),
        )
        is_pipelined = smtp.has_extn("pipelining")
        if is_pipelined:
            _say(smtp, *(command for command, _, _ in steps))
        refusal: Outcome | None = None
        for command, wanted, judge in steps:
            if not is_pipelined:
                _say(smtp, command)
            code, text = smtp.getreply()
            if code == 421:
                self._drop()
                return refusal or judge(code, text)
            if code not in wanted:
                refusal = refusal or judge(code, text)
                if not is_pipelined:
                    break
            elif command == "DATA" and refusal:
                _say(smtp, ".")  # it waits for a text that nobody should get
                smtp.getreply()
        if refusal:
            _say(smtp, "RSET")
            smtp.getreply()
        return refusal

    def _hand_over_text(self, smtp: smtplib.SMTP, raw: bytes) -> Outcome:
        """The text and its final dot. Lost before the dot: not sent. Lost after: nobody knows."""
        try:
            _say_raw(smtp, raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        except OSError as error:
            self._drop()
            return Outcome(OutcomeClass.TRANSIENT, _lost(error))
        try:
            code, text = smtp.getreply()
        except TROUBLE as error:
            self._drop()
            return Outcome(OutcomeClass.UNKNOWN, _lost(error))
        if code == 421:
            self._drop()
        return SENT if code == 250 else refused_data(code, text)


def _envelope(wire: Wire, smtp: smtplib.SMTP) -> tuple[str, str]:
    """The recipient as this server takes it, and what MAIL FROM must announce for it."""
    to = envelope_address(wire.to)
    if to.isascii():
        return to, ""
    if not smtp.has_extn("smtputf8"):
        raise UnusableAddress
    return to, " SMTPUTF8"


def _say(smtp: smtplib.SMTP, *commands: str) -> None:
    _say_raw(smtp, "".join(f"{command}\r\n" for command in commands).encode())


def _say_raw(smtp: smtplib.SMTP, raw: bytes) -> None:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    smtp.sock.sendall(raw)


class BackendTransport:
    """Any other Django backend: kept in the database (embedded), in memory (tests), a provider's API (anymail)."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def open(self) -> Outcome | None:
        return None

    def send(self, wire: Wire) -> Outcome:
        headers = {**wire.headers, "Message-ID": wire.message_id}
        message = EmailMultiAlternatives(wire.subject, wire.text, wire.from_header, [wire.to], headers=headers)
        message.attach_alternative(wire.html, "text/html")
        if wire.attachment is not None:
            message.attach(_file(wire.attachment))
        try:
            self._backend.send_messages([message])
        except Exception as error:  # noqa: BLE001 - whatever a backend raises is an outcome, not a crash
            log.warning("The mail backend refused a message (%s).", type(error).__name__)
            return _backend_refusal(error)
        return SENT

    def close(self) -> None:
        self._backend.close()


def _file(attachment: Attachment) -> SafeMIMEText:
    part = SafeMIMEText(attachment.text, attachment.subtype, "utf-8")
    for name, value in attachment.parameters:
        part.set_param(name, value)
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part


def _backend_refusal(error: Exception) -> Outcome:
    """Provider APIs answer in HTTP: 401 and 403 are our keys, 429 and 5xx pass, other 4xx are about this message."""
    status = getattr(error, "status_code", None)
    if isinstance(error, ValueError):
        return Outcome(OutcomeClass.BAD_ADDRESS, "syntax")
    if not isinstance(status, int):
        return Outcome(OutcomeClass.TRANSIENT, type(error).__name__[:40])
    if status in {401, 403}:
        return Outcome(OutcomeClass.OUR_FAULT, str(status))
    is_about_message = 400 <= status < 500 and status != 429
    return Outcome(OutcomeClass.CONTENT if is_about_message else OutcomeClass.TRANSIENT, str(status))


def _lost(error: BaseException) -> str:
    """How the connection went, in a word: smtplib wraps a time-out in a disconnection."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    return type(error).__name__[:40]


def _raw(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
