"""Rows of the shared floor: what happened, which forms have been seen, and what is to be told to whom."""

from peerhub.common.models.audit import AuditEvent
from peerhub.common.models.once import ProcessedForm
from peerhub.common.models.outbox import (
    AddressFlag,
    ChannelHealth,
    MailPreference,
    Message,
    StoredMail,
    WorkerBeat,
)

__all__ = [
    "AddressFlag",
    "AuditEvent",
    "ChannelHealth",
    "MailPreference",
    "Message",
    "ProcessedForm",
    "StoredMail",
    "WorkerBeat",
]
