"""The published rules: when a number about people is said, how it is rounded, and what is said instead."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from peerhub.common.disclosure.rounding import Exact, half_up
from peerhub.common.disclosure.told import Told
from peerhub.common.stages import Text

TENTH = Fraction(1, 10)
FEWER, OR_MORE = _("fewer than %(limit)s"), _("%(limit)s or more")
TOO_FEW, TOO_CLOSE = _("too few to say"), _("too close to none or all to say")


def _whole_percents(whole: Exact) -> Exact:
    return 1


def _tenths(whole: Exact) -> Exact:
    return TENTH


def _by_size(whole: Exact) -> Exact:
    """OfS: fives of a percent where the whole rounds to 50 or less, percents to 1,000, tenths above."""
    rounded = half_up(whole, 10)
    return 5 if rounded <= 50 else 1 if rounded <= 1000 else TENTH


@dataclass(frozen=True)
class Profile:
    """One rule. Counts are said as multiples of `base`; one to `least - 1` people are few.

    `hides_few`: few are a symbol (else they are rounded like any other number); `hides_none`: nought is that symbol,
    too. A share is of at least `least_whole` people, and of more than `near` people on both sides of it; an average is
    over at least `least_averaged`. `step` is what a share of so many people is rounded to, in percent.
    """

    code: str
    title: Text
    rule: Text
    base: int
    least: int
    least_whole: Exact
    least_averaged: int
    near: int = 0
    near_none: bool = False  # nobody, and everybody, are near as well
    hides_few: bool = True
    hides_none: bool = False
    symbol: str = ""
    step: Callable[[Exact], Exact] = _whole_percents

    def is_few(self, count: Exact) -> bool:
        """True for numbers of people that must not be known exactly. Nobody is never few."""
        return 0 < count < self.least

    def count(self, count: Exact) -> Told:
        """A number of people, or of full-time equivalents."""
        _refuse_negative(count)
        if self.hides_few and (self.is_few(count) or (self.hides_none and not count)):
            return self._few()
        return Told(half_up(count, self.base))

    def vague(self, count: int) -> Told:
        """A number of people that would give another away: only whether it is few. Nobody is said as ever."""
        if not count:
            return self.count(0)
        if self.is_few(count):
            return self._few()
        return Told(None, f"≥{self.least}", OR_MORE % {"limit": self.least})

    def percentage(self, part: int, whole: int, *, smallest: int | None = None) -> Told:
        """`part` of `whole` people in percent, from the unrounded numbers.

        `smallest` is the smallest whole among the shares shown beside it, which OfS rounds all of them by.
        """
        _refuse_negative(part, whole - part)
        if whole < self.least_whole or not whole:
            return Told(None, self.symbol or "..", TOO_FEW)
        if any(count <= self.near and (count or self.near_none) for count in (part, whole - part)):
            return Told(None, "DP", TOO_CLOSE)
        if self.hides_none and part < self.least:  # OfS: the numerator, too
            return Told(None, self.symbol, TOO_FEW)
        step = self.step(whole if smallest is None else max(smallest, int(self.least_whole)))
        return Told(half_up(Fraction(100 * part, whole), step), places=int(step == TENTH), unit="%")

    def average(self, total: Exact, people: int) -> Told:
        """The average of a `total` over so many people, to one decimal."""
        _refuse_negative(people)
        if people < max(self.least_averaged, 1):
            return Told(None, self.symbol or "..", TOO_FEW)
        return Told(half_up(Fraction(total) / people, TENTH), places=1)

    def span(self, count: int, *, is_hidden: bool = False) -> tuple[int, int | None]:
        """The least and the most (None: any) people there can be for what is said of `count`."""
        if is_hidden and count >= self.least:
            return self.least, None
        if (is_hidden or self.hides_few) and (self.is_few(count) or (self.hides_none and not count)):
            return 0 if self.hides_none else 1, self.least - 1
        if self.hides_few and not count:
            return 0, 0
        rounded = int(half_up(count, self.base))
        fewest = self.least if self.hides_few else 0
        return max(fewest, rounded - self.base // 2), rounded + (self.base - 1) // 2

    def _few(self) -> Told:
        if self.hides_none:
            return Told(None, self.symbol, TOO_FEW)
        return Told(None, f"<{self.least}", FEWER % {"limit": self.least})


def _refuse_negative(*counts: Exact) -> None:
    if any(count < 0 for count in counts):
        raise ValueError("There are no fewer people than none, and no part is larger than its whole.")


# HESA standard rounding (hesa.ac.uk, "Rounding and suppression to anonymise statistics"): 0, 1 and 2 become 0, all
# else the nearest multiple of 5, halves up, full-time equivalents too; no percentages of fewer than 22.5 people, no
# averages over 7 or fewer. It leaves the decimals of percentages open; here they are whole.
HESA = Profile(
    code="hesa",
    title=_("HESA standard rounding"),
    rule=_("Numbers of people are rounded to the nearest 5, each by itself, so sums may differ."),
    base=5,
    least=5,
    hides_few=False,
    least_whole=Fraction(45, 2),
    least_averaged=8,
)
# OfS, transparency return 2021 (for example essex.ac.uk/governance-and-strategy/transparency-return): to the nearest
# 10; "N" where numerator or denominator rounds to 20 or less; "DP" where the numerator is two or less, or within two
# of the denominator; percentages by the rounded denominator. It says nothing of averages; here they follow "N".
OFS = Profile(
    code="ofs",
    title=_("Office for Students"),
    rule=_("Numbers of people are rounded to the nearest 10. N: too few to say. DP: too close to none or all to say."),
    base=10,
    least=25,
    least_whole=25,
    least_averaged=25,
    near=2,
    near_none=True,
    hides_none=True,
    symbol="N",
    step=_by_size,
)
# Ofqual (gov.uk, "Rounding policy for statistical publications", updated 30 October 2025): to the nearest 5; 1 to 4
# are "fewer than 5"; a true nought is 0; percentages from unrounded values to one decimal. Since a tenth of a percent
# gives back what "fewer than 5" hides, a share with so few on either side is not said here.
OFQUAL = Profile(
    code="ofqual",
    title=_("Ofqual"),
    rule=_("Numbers of people are rounded to the nearest 5. One to four are “fewer than 5”."),
    base=5,
    least=5,
    least_whole=5,
    least_averaged=5,
    near=4,
    step=_tenths,
)
# United States: no law fixes one number; a smallest cell of 10 is usual in education, some states use 5. Others are
# exact, so a share is said only where both sides of it could be said.
US = Profile(
    code="us",
    title=_("United States, smallest cell 10"),
    rule=_("Fewer than 10 people are not told exactly, nor numbers from which they could be worked out."),
    base=1,
    least=10,
    least_whole=10,
    least_averaged=10,
    near=9,
)
US_5 = Profile(
    code="us5",
    title=_("United States, smallest cell 5"),
    rule=_("Fewer than 5 people are not told exactly, nor numbers from which they could be worked out."),
    base=1,
    least=5,
    least_whole=5,
    least_averaged=5,
    near=4,
)

PROFILES = {profile.code: profile for profile in (HESA, OFS, OFQUAL, US, US_5)}


def profile_in_use() -> Profile:
    """The rule of this installation. For edges: views, files, commands. An unknown one is refused at the start."""
    return PROFILES[settings.PEERHUB_DISCLOSURE_PROFILE]
