"""What is different between two versions of a handbook, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass

from peerhub.common.differences import Run, differences
from training.models import HandbookSection

NEW, GONE, CHANGED = "new", "gone", "changed"
NOTHING = ("", "")  # heading and text


@dataclass(frozen=True)
class SectionChange:
    """One section that is new, gone or changed. The runs tell what stayed, came and went."""

    what: str
    key: str
    title: Sequence[Run]
    text: Sequence[Run]


def section_changes(before: Sequence[HandbookSection], after: Sequence[HandbookSection]) -> list[SectionChange]:
    """In the order of the newer version, what is gone last. Moving a section changes nothing that is read."""
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    found = []
    for one in after:
        was = old.get(one.key)
        if was is None:
            found.append(_change(NEW, one, NOTHING, (one.title, one.text)))
        elif (was.title, was.text) != (one.title, one.text):
            found.append(_change(CHANGED, one, (was.title, was.text), (one.title, one.text)))
    gone = [one for one in before if one.key not in new]
    return [*found, *(_change(GONE, one, (one.title, one.text), NOTHING) for one in gone)]


def _change(what: str, one: HandbookSection, old: tuple[str, str], new: tuple[str, str]) -> SectionChange:
    return SectionChange(what, str(one.key), differences(old[0], new[0]), differences(old[1], new[1]))
