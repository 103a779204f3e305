"""What applicants may be asked about themselves, apart from their application: sets of questions as data.

United Kingdom: the categories universities report to HESA (reference/domain.md, 4.2). Disability may be told several
times, with HESA's own codes of 2022/23; what its coding manual keeps for "not available" (99, ethnicity 999) is never a
choice. United States: race and ethnicity as IPEDS asks and counts them, with first generation, Pell and residency.
Every question can be left out, and every question has "prefer not to say".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Text

PREFER, SILENT = "prefer", "silent"  # said no more; not answered
NOT_COMPARED = (PREFER, SILENT)
PREFER_LABEL, SILENT_LABEL = _("Prefer not to say"), _("Not answered")


@dataclass(frozen=True)
class Option:
    """One answer. `group` is what it is counted as, "" for itself."""

    code: str
    label: Text
    group: str = ""


@dataclass(frozen=True)
class Asked:
    """One question. `several`: more than one answer can be true; `counts_as` then makes one group of them."""

    code: str
    title: Text
    options: Sequence[Option]
    hint: Text = ""
    groups: Sequence[tuple[str, Text]] = ()  # codes and words of what answers are counted as; () for the options
    several: bool = False
    counts_as: Callable[[Collection[str]], str] | None = None

    @property
    def counted(self) -> list[tuple[str, Text]]:
        """Every group there is, in order, with the two that say nothing."""
        own = list(self.groups) or [(one.code, one.label) for one in self.options]
        return [*own, (PREFER, PREFER_LABEL), (SILENT, SILENT_LABEL)]

    def group_of(self, said: Sequence[str]) -> str:
        """The one group in which somebody who said this is counted."""
        if not said:
            return SILENT
        if PREFER in said:
            return PREFER
        if self.counts_as is not None:
            return self.counts_as(said)
        one = next((option for option in self.options if option.code == said[0]), None)
        return (one.group or one.code) if one else SILENT


NO_DISABILITY = "00"


def _disabled(said: Collection[str]) -> str:
    return "none" if set(said) == {NO_DISABILITY} else "disabled"


def _ipeds(said: Collection[str]) -> str:
    """IPEDS counts Hispanic people of any race as such, then one race, or two or more."""
    if "hispanic" in said:
        return "hispanic"
    return next(iter(said)) if len(said) == 1 else "several"


YES_NO = (Option("yes", _("Yes")), Option("no", _("No")))
AGES = (
    Option("20", _("20 or younger")), Option("21", _("21 to 24")), Option("25", _("25 to 29")),
    Option("30", _("30 or older")),
)  # fmt: skip
ORIENTATIONS = (
    Option("bi", _("Bisexual")), Option("gay", _("Gay or lesbian")), Option("straight", _("Heterosexual or straight")),
    Option("other", _("In another way")),
)  # fmt: skip
SAME_GENDER = Asked(
    "gender_identity", _("Is your gender the same as the sex you were registered with at birth?"), YES_NO
)
FIRST = _("Did a parent or guardian of yours complete a degree?")

UK = (
    Asked("age", _("How old are you?"), AGES),
    Asked("sex", _("What is your sex?"), (Option("f", _("Female")), Option("m", _("Male")))),
    SAME_GENDER,
    Asked("orientation", _("How would you describe your sexual orientation?"), ORIENTATIONS),
    Asked(
        "ethnicity",
        _("What is your ethnic group?"),
        (
            Option("bangladeshi", _("Asian: Bangladeshi"), "asian"),
            Option("chinese", _("Asian: Chinese"), "asian"),
            Option("indian", _("Asian: Indian"), "asian"),
            Option("pakistani", _("Asian: Pakistani"), "asian"),
            Option("asian_other", _("Asian: another background"), "asian"),
            Option("african", _("Black: African"), "black"),
            Option("caribbean", _("Black: Caribbean"), "black"),
            Option("black_other", _("Black: another background"), "black"),
            Option("mixed_asian", _("Mixed: White and Asian"), "mixed"),
            Option("mixed_african", _("Mixed: White and Black African"), "mixed"),
            Option("mixed_caribbean", _("Mixed: White and Black Caribbean"), "mixed"),
            Option("mixed_other", _("Mixed: another background"), "mixed"),
            Option("british", _("White: British, English, Northern Irish, Scottish or Welsh"), "white"),
            Option("irish", _("White: Irish"), "white"),
            Option("traveller", _("White: Gypsy or Irish Traveller"), "white"),
            Option("roma", _("White: Roma"), "white"),
            Option("white_other", _("White: another background"), "white"),
            Option("arab", _("Arab"), "other"),
            Option("899", _("Another ethnic group"), "other"),
            Option("997", _("I do not know"), "unknown"),
        ),
        groups=(
            ("asian", _("Asian")),
            ("black", _("Black")),
            ("mixed", _("Mixed")),
            ("white", _("White")),
            ("other", _("Other ethnic groups")),
            ("unknown", _("Not known")),
        ),
    ),
    Asked(
        "disability",
        _("Do you have a disability, or a condition that lasts?"),
        (
            Option("51", _("Learning difference, such as dyslexia, dyspraxia or ADHD")),
            Option("53", _("Social or communication condition, such as autism")),
            Option("54", _("Long-term illness or health condition")),
            Option("55", _("Mental health condition")),
            Option("56", _("Physical impairment")),
            Option("57", _("Deaf or hard of hearing")),
            Option("58", _("Blind or partially sighted")),
            Option("59", _("Developmental condition since childhood")),
            Option("96", _("Something that is not listed")),
            Option(NO_DISABILITY, _("None of these")),
        ),
        hint=_("Choose all that apply. This is never part of your application: what you need there, say there."),
        groups=(("disabled", _("Disabled")), ("none", _("No known disability"))),
        several=True,
        counts_as=_disabled,
    ),
    Asked(
        "religion",
        _("What is your religion or belief?"),
        (
            Option("none", _("No religion or belief")),
            Option("buddhist", _("Buddhist")),
            Option("christian", _("Christian")),
            Option("hindu", _("Hindu")),
            Option("jewish", _("Jewish")),
            Option("muslim", _("Muslim")),
            Option("sikh", _("Sikh")),
            Option("spiritual", _("Spiritual")),
            Option("other", _("Another religion or belief")),
        ),
    ),
    Asked(
        "care",
        _("Have you ever been in care?"),
        YES_NO,
        _("Looked after by a local authority, for example in foster care."),
    ),
    Asked("carer", _("Do you look after somebody who could not manage without you?"), YES_NO),
    Asked("parents", FIRST, YES_NO),
)

US = (
    Asked("us_age", _("How old are you?"), AGES),
    Asked(
        "us_gender",
        _("What is your gender?"),
        (Option("woman", _("Woman")), Option("man", _("Man")), Option("other", _("Another gender"))),
    ),
    Asked("us_orientation", _("How would you describe your sexual orientation?"), ORIENTATIONS),
    Asked(
        "us_race",
        _("What is your race or ethnicity?"),
        (
            Option("hispanic", _("Hispanic or Latino")),
            Option("native", _("American Indian or Alaska Native")),
            Option("asian", _("Asian")),
            Option("black", _("Black or African American")),
            Option("pacific", _("Native Hawaiian or other Pacific Islander")),
            Option("white", _("White")),
        ),
        hint=_("Choose all that apply."),
        groups=(
            ("hispanic", _("Hispanic or Latino")),
            ("native", _("American Indian or Alaska Native")),
            ("asian", _("Asian")),
            ("black", _("Black or African American")),
            ("pacific", _("Native Hawaiian or other Pacific Islander")),
            ("white", _("White")),
            ("several", _("Two or more races")),
        ),
        several=True,
        counts_as=_ipeds,
    ),
    Asked("us_disability", _("Do you have a disability?"), YES_NO),
    Asked("us_parents", FIRST, YES_NO),
    Asked("us_pell", _("Do you receive a Pell Grant?"), YES_NO),
    Asked(
        "us_residency",
        _("Where do you live?"),
        (
            Option("state", _("In this state")),
            Option("out", _("In another state")),
            Option("abroad", _("In another country")),
        ),
    ),
)

SETS: Mapping[str, Sequence[Asked]] = {"uk": UK, "us": US}
QUESTIONS: Mapping[str, Asked] = {one.code: one for each in SETS.values() for one in each}
