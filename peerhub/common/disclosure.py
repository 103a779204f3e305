"""What numbers about people may be said out loud.

The rule is the one Ofqual and other statistical bodies publish with: nought is said, one to four is "fewer than 5",
five and more is said. It protects one table at a time. Every number of people that leaves a programme goes through
here, in pages and files alike, so that the rule can grow (rounding, complementary suppression) in one place.
"""

from django.utils.translation import gettext as _

FEWEST = 5


def is_small(count: int) -> bool:
    """True when `count` people are too few to be told exactly: one to four."""
    return 0 < count < FEWEST


def small_count(count: int) -> str:
    """`count` people in words a page or file may show: "0", "fewer than 5", "5", "1,905"."""
    if is_small(count):
        return _("fewer than %(limit)s") % {"limit": FEWEST}
    return f"{count:,}"
