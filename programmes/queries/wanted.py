"""What an address of the catalogue asks for."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.text import slugify

from programmes.models import Context

EVERY = "every"  # "open to every faculty"
SORTS = ("open", "soonest", "az")


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. Unknown values are dropped, so that any link shows something."""

    q: str = ""
    contexts: tuple[str, ...] = ()
    families: tuple[str, ...] = ()  # slugs of families
    faculties: tuple[str, ...] = ()  # uuids, and EVERY
    type: str = ""  # code of one activity type
    unit: str = ""  # uuid of one unit: it and everything below it
    open: bool = False
    sort: str = "open"

    @classmethod
    def from_query(cls, query: Any) -> "Wanted":
        """Read a QueryDict."""
        return cls(
            q=" ".join(query.get("q", "").split())[:80],
            contexts=tuple(value for value in Context.values if value in query.getlist("context")),
            families=tuple(dict.fromkeys(slugify(value) for value in query.getlist("kind")[:20] if slugify(value))),
            faculties=tuple(dict.fromkeys(value for value in query.getlist("faculty")[:40] if _is_faculty(value))),
            type=slugify(query.get("type", ""))[:40],
            unit=query.get("unit", "") if _is_uuid(query.get("unit", "")) else "",
            open=query.get("open") == "1",
            sort=query.get("sort") if query.get("sort") in SORTS else "open",
        )

    def address(self, **changes: Any) -> str:
        """The query string of this search with some parts changed: always page 1."""
        new = replace(self, **changes)
        pairs: list[tuple[str, str]] = [("q", new.q)] if new.q else []
        pairs += [("context", value) for value in new.contexts]
        pairs += [("kind", value) for value in new.families]
        pairs += [("faculty", value) for value in new.faculties]
        pairs += [(name, value) for name, value in (("type", new.type), ("unit", new.unit)) if value]
        pairs += [("open", "1")] if new.open else []
        pairs += [("sort", new.sort)] if new.sort != "open" else []
        return f"?{urlencode(pairs)}" if pairs else "?"


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_faculty(text: str) -> bool:
    return text == EVERY or _is_uuid(text)
