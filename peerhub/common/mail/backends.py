"""EMAIL_URL=database://: mail is kept instead of sent, and read at /demo/mail/. For demonstrations and development."""

from collections.abc import Sequence
from email.mime.base import MIMEBase
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from peerhub.common.models.outbox import StoredMail


class DatabaseBackend(BaseEmailBackend):
    """Keeps each mail once: the same Message-ID again changes nothing, so a repeat after a crash leaves no double."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [self._row(message, address) for message in email_messages for address in message.recipients()]
        StoredMail.objects.bulk_create(rows, ignore_conflicts=True)
        return len(email_messages)

    @staticmethod
    def _row(message: EmailMessage, address: str) -> StoredMail:
        built = message.message()
        alternatives: list[Any] = getattr(message, "alternatives", None) or []
        html = next((str(each.content) for each in alternatives if each.mimetype == "text/html"), "")
        return StoredMail(
            message_id=str(built["Message-ID"])[:255],
            sender=message.from_email,
            recipient=address[:320],
            subject=message.subject[:500],
            text=str(message.body),
            html=html,
            attachments=[_kept(part) for part in message.attachments if isinstance(part, MIMEBase)],
            headers={
                name: value for name, value in built.items() if name.lower() not in {"content-type", "mime-version"}
            },
            sent_at=timezone.now(),
        )


def _kept(part: MIMEBase) -> dict[str, str]:
    """A file that goes with a mail, as text: ours are."""
    raw: Any = part.get_payload(decode=True)
    return {"name": part.get_filename() or "", "type": part.get_content_type(), "text": raw.decode()}
