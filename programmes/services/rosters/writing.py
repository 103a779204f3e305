"""The hand that writes, and the one that only pretends: a check takes the same way as an import and writes nothing."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from django.db import models

from peerhub.common import bulk
from programmes.models import JournalAction, RosterImport, RosterJournal

Values = Sequence[Any]
MANY_ROWS = 10_000


class Rehearsal:
    """Writes nothing. New rows get keys below zero, so that what refers to them can be checked all the same."""

    def __init__(self) -> None:
        self._keys = count(-1, -1)

    def reserve(self, model: type[models.Model], number: int) -> list[int]:
        """Keys for rows to come, for those that must know their own."""
        return [next(self._keys) for _row in range(number)]

    def create(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Values], keys: Sequence[int] = ()
    ) -> Sequence[int]:
        """Insert rows (values in the order of `columns`, without the key) and return their keys."""
        return keys or self.reserve(model, len(rows))

    def update(
        self, model: type[models.Model], columns: Sequence[str], before: Sequence[Values], after: Sequence[Values]
    ) -> None:
        """Set `columns` of rows. `before` and `after` are (key, value, …)."""

    @property
    def is_real(self) -> bool:
        return False


class Writer(Rehearsal):
    """Writes, and keeps the journal that an undo needs. Runs inside the import's one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self._journal: list[tuple[str, str, int, bytes]] = []
        self._unseen: Counter[type[models.Model]] = Counter()  # rows the database's planner does not know of

    @property
    def is_real(self) -> bool:
        return True

    def reserve(self, model: type[models.Model], number: int) -> list[int]:
        return bulk.reserve_keys(model, number)

    def create(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Values], keys: Sequence[int] = ()
    ) -> Sequence[int]:
        if not rows:
            return []
        keys = keys or self.reserve(model, len(rows))
        bulk.insert_rows(model, ["id", *columns], ([key, *row] for key, row in zip(keys, rows, strict=True)))
        self._note(model, JournalAction.CREATED, len(rows), {"keys": ranges(keys)})
        self._unseen[model] += len(rows)
        if self._unseen[model] >= MANY_ROWS:
            bulk.refresh_statistics(model)
            self._unseen[model] = 0
        return keys

    def update(
        self, model: type[models.Model], columns: Sequence[str], before: Sequence[Values], after: Sequence[Values]
    ) -> None:
        if not after:
            return
        bulk.update_rows(model, columns, after)
        images = {
            "columns": list(columns),
            "before": [list(row) for row in before],
            "after": [list(row) for row in after],
        }
        self._note(model, JournalAction.UPDATED, len(after), images)

    def _note(self, model: type[models.Model], action: str, rows: int, content: dict[str, Any]) -> None:
        self._journal.append((model._meta.label, action, rows, packed(content)))

    def keep_journal(self, roster_import: RosterImport) -> None:
        """Store what was noted, in order."""
        RosterJournal.objects.bulk_create(
            RosterJournal(
                roster_import=roster_import, position=at, model=label, action=action, rows=rows, payload=payload
            )
            for at, (label, action, rows, payload) in enumerate(self._journal)
        )


def packed(content: Any) -> bytes:
    """JSON, compressed. Dates and times become ISO text."""
    return zlib.compress(json.dumps(content, default=_text, separators=(",", ":")).encode(), 6)


def unpacked(data: bytes | memoryview) -> Any:
    return json.loads(zlib.decompress(bytes(data)))


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def ranges(keys: Iterable[int]) -> list[list[int]]:
    """[[1, 3], [7, 7]] of 1, 2, 3, 7: keys of an import are nearly all neighbours."""
    found: list[list[int]] = []
    for key in keys:
        if found and key == found[-1][1] + 1:
            found[-1][1] = key
        else:
            found.append([key, key])
    return found


def keys_of(found: Iterable[Sequence[int]]) -> list[int]:
    return [key for first, last in found for key in range(first, last + 1)]
