"""A double submit has one effect.

Every state-changing form carries a hidden key (`{% form_key %}`). The use case spends it in its own transaction, so
effect and key commit together: a crash leaves neither, and a repeat finds the key spent.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.models import ProcessedForm

FORM_KEY = "form_key"
_SPEND = "INSERT INTO common_processedform (user_id, key, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


class Repeated(DomainError):
    """Codes: repeated. The form's effect is already in place; views show the same result page again."""


def spend(*, user: Any, key: uuid.UUID | None, now: datetime) -> None:
    """Use up a form key, or refuse with `Repeated`. `None` (no key in the form) spends nothing.

    Call inside the transaction.
    """
    if key is None:
        return
    # One statement instead of look, savepoint, insert, release: a register of 58 people has ten queries in all.
    values = {"user_id": user.pk, "key": key, "at": now}
    fields: Any = ProcessedForm._meta
    row = [fields.get_field(name).get_db_prep_value(value, connection) for name, value in values.items()]
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, row)
        is_new = cursor.rowcount == 1
    if not is_new:
        raise Repeated("repeated", _("This was already saved."))
    failpoint("once.after_spend")


def key_from(data: Any) -> uuid.UUID | None:
    """The key a form posted, or None when absent or unreadable."""
    try:
        return uuid.UUID(str(data.get(FORM_KEY, "")))
    except ValueError:
        return None
