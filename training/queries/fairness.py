"""The funnel by group: what may be told of it, worked out once, and how the page and the file read it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from peerhub.common.disclosure import PROFILES, Exact, Profile, half_up
from peerhub.common.disclosure.funnels import FEW, FunnelRow, Said, Share, Ways, tell_funnel
from peerhub.common.stages import Text
from training.models import EqualityBox, RecruitmentRound
from training.models.equality_questions import NOT_COMPARED, PREFER, QUESTIONS, Asked
from training.queries.equality import Given
from training.queries.outcomes import PLACES
from training.queries.selection_rates import BELOW, CHANCE, HARDLY_CHANCE, HIGHEST, Verdict, compared

FEWEST = 10  # a smaller group is not told of, nor a round in which fewer answered (reference/trust.md, threat 12)
LEAST, BASE = 5, 5
STAGES: tuple[Text, ...] = (
    _("Applied"), _("Eligible"), _("Shortlisted"), _("Talked with"), _("Offered"), _("Accepted"),
)  # fmt: skip
STEPS: tuple[Text, ...] = (
    _("to eligible"), _("to shortlist"), _("to conversation"), _("to offer"), _("to acceptance"),
    _("from start to end"),
)  # fmt: skip


def strict(profile: Profile) -> Profile:
    """The installation's rule, and never a milder one than equality data need: numbers to the nearest 5 at least; four
    and fewer are few, nobody included; no share with so few on either side; of up to 50 people in steps of 5 percent.
    """
    least = max(LEAST, profile.least)
    return replace(
        profile,
        base=max(BASE, profile.base),
        least=least,
        hides_few=True,
        hides_none=True,
        near=max(profile.near, least - 1),
        near_none=True,
        least_whole=max(profile.least_whole, FEWEST),
        step=_step,
    )


def _step(whole: Exact) -> Exact:
    return 5 if whole <= 50 else 1


# --- worked out once, when a round is finished -----------------------------------------------------------------------
def what_may_be_told(
    ways: Mapping[UUID, int], given: Mapping[UUID, Given], *, profile: Profile, asked: Sequence[Asked]
) -> dict[str, Any]:
    """Plain data for `EqualityBox.told`, without any number that must not be known. Nothing of a round in which fewer
    than ten people answered.
    """
    said_anything = sum(1 for one in given.values() if one)
    if said_anything < FEWEST:
        return {}
    rule = strict(profile)
    everybody = _counted(ways.values())
    reached = [sum(everybody[2 * stage :]) for stage in range(len(STAGES))]
    return {
        "profile": profile.code,
        "answered": int(half_up(said_anything, rule.base)),
        "reached": [_said(count, rule) for count in reached],
        "left": [_said(count, rule) for count in everybody[1::2]],
        "questions": [_question(one, ways, given, rule) for one in asked],
    }


def _counted(places: Any) -> Ways:
    counts = Counter(places)
    return tuple(counts[place] for place in range(PLACES))


def _said(count: int, rule: Profile) -> Said:
    return FEW if count < rule.least else int(half_up(count, rule.base))


def _question(one: Asked, ways: Mapping[UUID, int], given: Mapping[UUID, Given], rule: Profile) -> dict[str, Any]:
    codes = [code for code, _label in one.counted]
    places: dict[str, list[int]] = {code: [] for code in codes}
    for uuid, place in ways.items():
        places[one.group_of(given.get(uuid, {}).get(one.code, ()))].append(place)
    are_compared = [code not in NOT_COMPARED for code in codes]

    def verdicts(shares: Sequence[Sequence[Share]]) -> list[list[Verdict]]:
        return compared(shares, are_compared)

    rows = tell_funnel([_counted(places[code]) for code in codes], rule, fewest=FEWEST, verdicts=verdicts)
    told: dict[str, Any] = {"code": one.code, "rows": []}
    if rows is not None:
        told["rows"] = [_plain(code, row) for code, row in zip(codes, rows, strict=True)]
    if one.several:
        told["each"] = _each(one, given, rule)
    return told


def _plain(code: str, row: FunnelRow) -> dict[str, Any]:
    verdicts = [[one.standing, one.chance] for one in row.verdicts if isinstance(one, Verdict)]
    return {"group": code, "reached": list(row.reached), "rates": list(row.rates), "verdicts": verdicts}


def _each(one: Asked, given: Mapping[UUID, Given], rule: Profile) -> list[list[Any]]:
    """How many told each answer where several can be true: among all who applied, and only of ten and more."""
    counts = Counter(code for said in given.values() for code in said.get(one.code, ()) if code != PREFER)
    least = max(FEWEST, rule.least)
    return [
        [option.code, int(half_up(counts[option.code], rule.base)) if counts[option.code] >= least else FEW]
        for option in one.options
    ]


# --- read ------------------------------------------------------------------------------------------------------------
VERDICT_WORDS: Mapping[tuple[str, str], Text] = {
    (HIGHEST, ""): _("highest"),
    (BELOW, ""): _("below four fifths"),
    (BELOW, CHANCE): _("below four fifths; so few that it can be chance"),
    (BELOW, HARDLY_CHANCE): _("below four fifths; hardly chance"),
}
NOT_TOLD: Text = _("not told")


@dataclass(frozen=True)
class Step:
    """From one stage to the next, for a group."""

    percent: int | None
    is_below: bool
    words: Text


@dataclass(frozen=True)
class GroupRow:
    label: Text
    reached: list[str]
    steps: list[Step]

    @property
    def says_something(self) -> bool:
        return any(cell[:1].isdigit() for cell in self.reached)


@dataclass(frozen=True)
class QuestionTable:
    code: str
    title: Text
    rows: list[GroupRow]  # those of which something is told
    too_small: list[Text]  # those of which nothing is
    each: list[tuple[Text, str]]
    is_told: bool

    @property
    def has_rates(self) -> bool:
        return any(step.percent is not None or step.words for row in self.rows for step in row.steps)


@dataclass(frozen=True)
class Funnel:
    profile: Profile
    answered: int
    reached: list[str]
    left: list[str]
    tables: list[QuestionTable]

    @property
    def everybody(self) -> list[tuple[Text, str, str]]:
        """Each stage with how many came to it and how many withdrew there; nobody withdraws from the last."""
        return list(zip(STAGES, self.reached, [*self.left, "–"], strict=True))

    @property
    def flags(self) -> list[tuple[Text, Text, Text]]:
        """(question, group, step) of every rate below four fifths of the highest."""
        return [
            (table.title, row.label, step)
            for table in self.tables
            for row in table.rows
            for one, step in zip(row.steps, STEPS, strict=True)
            if one.is_below
        ]


def funnel_of(round_: RecruitmentRound) -> Funnel | None:
    """What was told when the round was finished; None before that, and where too few answered. One query."""
    box = EqualityBox.objects.filter(of=round_.uuid, counted_on__isnull=False).first()
    return _funnel(box.told) if box is not None and box.told else None


def _funnel(told: dict[str, Any]) -> Funnel:
    profile = PROFILES[told["profile"]]
    few = f"<{max(LEAST, profile.least)}"
    return Funnel(
        profile=profile,
        answered=told["answered"],
        reached=[_cell(one, few) for one in told["reached"]],
        left=[_cell(one, few) for one in told["left"]],
        tables=[_table(one, few) for one in told["questions"] if one["code"] in QUESTIONS],
    )


def _cell(said: Said, few: str) -> str:
    return "" if said is None else few if said == FEW else f"{said:,}"


def _table(told: dict[str, Any], few: str) -> QuestionTable:
    question = QUESTIONS[told["code"]]
    labels = dict(question.counted)
    rows = [_row(one, labels, few) for one in told["rows"] if one["group"] in labels]
    options = {option.code: option.label for option in question.options}
    return QuestionTable(
        code=question.code,
        title=question.title,
        rows=[row for row in rows if row.says_something],
        too_small=[row.label for row in rows if not row.says_something],
        each=[(options[code], _cell(said, f"<{FEWEST}")) for code, said in told.get("each", ()) if code in options],
        is_told=bool(rows),
    )


def _row(told: dict[str, Any], labels: Mapping[str, Text], few: str) -> GroupRow:
    steps = [
        Step(percent, standing == BELOW, VERDICT_WORDS.get((standing, chance), ""))
        for percent, (standing, chance) in zip(told["rates"], told["verdicts"], strict=True)
    ]
    return GroupRow(labels[told["group"]], [_cell(one, few) for one in told["reached"]], steps)


# --- as a file -------------------------------------------------------------------------------------------------------
def header() -> list[str]:
    return [
        str(_("question")), str(_("group")), *(str(one) for one in STAGES),
        *(f"% {one}" for one in STEPS), *(f"{one}: {_('indicative')}" for one in STEPS),
    ]  # fmt: skip


def lines(funnel: Funnel) -> Iterator[list[Any]]:
    """The same as the page, and no more: what is not told there is empty here."""
    yield [str(_("Everybody")), "", *funnel.reached, *[""] * (2 * len(STEPS))]
    for table in funnel.tables:
        for row in table.rows:
            rates = ["" if step.percent is None else step.percent for step in row.steps]
            yield [str(table.title), str(row.label), *row.reached, *rates, *(str(step.words) for step in row.steps)]
        for label in table.too_small:
            yield [str(table.title), str(label), str(NOT_TOLD), *[""] * (len(STAGES) - 1 + 2 * len(STEPS))]
        for label, count in table.each:
            yield [str(table.title), str(label), count, *[""] * (len(STAGES) - 1 + 2 * len(STEPS))]
