"""What the cells of the attendance grid mean, in a letter and in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from programmes.models import AttendanceStatus
from programmes.queries.attendance_cells import IS_BOOKED, IS_IN, IS_IN_LATE, LEADS, NOBODY_YET, NOT_THEN


@dataclass(frozen=True)
class Mark:
    """A mark as the grid shows and takes it. `letter` is what a cell says, and the key that sets it."""

    code: str
    status: str
    letter: str | Promise
    label: str | Promise


MARKS = (
    Mark("p", str(AttendanceStatus.PRESENT), pgettext_lazy("one letter for: here", "H"), gettext_lazy("Here")),
    Mark("l", str(AttendanceStatus.LATE), pgettext_lazy("one letter for: late", "L"), gettext_lazy("Late")),
    Mark("a", str(AttendanceStatus.ABSENT), pgettext_lazy("one letter for: not here", "N"), gettext_lazy("Not here")),
    Mark("e", str(AttendanceStatus.EXCUSED), pgettext_lazy("one letter for: excused", "E"), gettext_lazy("Excused")),
    Mark("n", "", "", gettext_lazy("Not recorded")),
)


def cell_words() -> dict[str, str]:
    """What a cell means, by its code and by its mark: for spreadsheets and for what differs."""
    words = {one.code: str(one.label) for one in MARKS} | {one.status: str(one.label) for one in MARKS}
    checked_in = _("Checked in, not logged yet")
    return words | {
        NOBODY_YET: str(MARKS[-1].label),
        IS_IN: checked_in,
        IS_IN_LATE: checked_in,
        IS_BOOKED: _("Booked, not logged yet"),
        NOT_THEN: _("Not in the group then"),
        LEADS: _("Leads it"),
    }
