"""Rows of the shared floor: what happened, and which forms have been seen."""

from peerhub.common.models.audit import AuditEvent
from peerhub.common.models.once import ProcessedForm

__all__ = ["AuditEvent", "ProcessedForm"]
