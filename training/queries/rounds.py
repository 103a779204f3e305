"""Reads of a recruitment round: the advert for anybody, and the round as its coordinator sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates
from programmes.models import Cycle
from training.models import Application, ApplicationEvent, ApplicationState, RecruitmentRound, RoundState
from training.models.rounds import MUST_SAY

S = ApplicationState
PAGE = 25
# Shown as a row of steps: the state that counts as having reached it.
STEPS: tuple[tuple[str, Promise], ...] = (
    (S.SUBMITTED, gettext_lazy("Applied")),
    (S.ELIGIBLE, gettext_lazy("Eligible")),
    (S.SHORTLISTED, gettext_lazy("Shortlisted")),
    (S.INTERVIEWED, gettext_lazy("Talked with")),
    (S.OFFERED, gettext_lazy("Offers")),
    (S.ACCEPTED, gettext_lazy("Accepted")),
)


@dataclass(frozen=True)
class Step:
    state: str
    label: str
    reached: int
    here: int
    is_now: bool

    @property
    def is_done(self) -> bool:
        return bool(self.reached) and not self.here


@dataclass(frozen=True)
class Missing:
    name: str
    label: str


def round_of(cycle: Cycle) -> RecruitmentRound | None:
    """The cycle's round, if somebody has begun one."""
    found = RecruitmentRound.objects.filter(cycle=cycle).first()
    if found is not None:
        found.cycle = cycle
    return found


def advert_or_404(user: Any, slug: str, code: str) -> RecruitmentRound:
    """A round whose advert this reader may read, with its cycle and programme. One query."""
    rows = RecruitmentRound.objects.visible_to(user).select_related("cycle__programme__activity_type")
    found: RecruitmentRound = get_object_or_404(
        rows.select_related("cycle__programme__owner_unit"), cycle__programme__slug=slug, cycle__code=code
    )
    return found


def missing_from(round_: RecruitmentRound) -> list[Missing]:
    """What an advert has to say yet, by the fields' own names."""
    fields: Any = RecruitmentRound._meta
    return [Missing(name, str(fields.get_field(name).verbose_name)) for name in MUST_SAY if not getattr(round_, name)]


def states_in(round_: RecruitmentRound) -> dict[str, int]:
    """How many applications are in each state now. Drafts are nobody's business, not even as a number."""
    rows = Application.objects.sent().filter(round=round_).order_by().values_list("state")
    return dict(rows.annotate(n=Count("pk")))


def steps_of(round_: RecruitmentRound, here: dict[str, int]) -> list[Step]:
    """The row of steps: how many ever reached each, how many are there now. One query beside `states_in`."""
    rows = ApplicationEvent.objects.filter(application__round=round_).order_by().values_list("to")
    reached = dict(rows.annotate(n=Count("application", distinct=True)))
    at: dict[str, int] = {
        S.SUBMITTED: here.get(S.SUBMITTED, 0),
        S.ELIGIBLE: here.get(S.ELIGIBLE, 0),
        S.SHORTLISTED: here.get(S.SHORTLISTED, 0) + here.get(S.INVITED, 0),
        S.INTERVIEWED: here.get(S.INTERVIEWED, 0) + here.get(S.RESERVE, 0),
        S.OFFERED: here.get(S.OFFERED, 0),
        S.ACCEPTED: here.get(S.ACCEPTED, 0),
    }
    now_at = next((state for state, _label in STEPS if at[state] and state != S.ACCEPTED), "")
    return [
        Step(str(state), str(label), reached.get(state, 0), at[state], is_now=state == now_at) for state, label in STEPS
    ]


def sent_to(round_: RecruitmentRound, *, state: str = "", now: datetime) -> QuerySet[Application, Application]:
    """Applications in the order of their codes, which says nothing about who came first. None while people still apply:
    who watches codes come in may tell whose they are.
    """
    rows = Application.objects.sent().filter(round=round_)
    rows = rows.none() if round_.takes_applications(now=now) else rows
    return (rows.filter(state=state) if state else rows).order_by("code", "pk")


def has_hidden_names(round_: RecruitmentRound) -> bool:
    """Whether somebody who was on the shortlist is still shown by code. One query."""
    states = [S.SHORTLISTED, S.INVITED, S.INTERVIEWED, S.OFFERED, S.RESERVE, S.ACCEPTED]
    return Application.objects.filter(round=round_, revealed_at=None, state__in=states).exists()


LIST_HEADER = (gettext_lazy("Applicant"), gettext_lazy("State"), gettext_lazy("Since"))


def list_lines(round_: RecruitmentRound, *, now: datetime) -> Iterator[Sequence[Any]]:
    """The list as a file: codes and states, no names."""
    for one in sent_to(round_, now=now).iterator(chunk_size=500):
        is_told = one.state not in {S.SUBMITTED, S.WITHDRAWN}  # the day somebody applied may tell who they are
        yield one.code, one.get_state_display(), one.moved_at.date().isoformat() if is_told else ""


def phase_words(round_: RecruitmentRound, *, now: datetime) -> tuple[str, str, str]:
    """Where the round is: kind of tag, words, icon."""
    if round_.state == RoundState.DRAFT:
        return "todo", _("Being written"), "pencil"
    if round_.state == RoundState.FINISHED:
        return "done", _("Finished"), "check-lg"
    if round_.takes_applications(now=now):
        return "progress", _("Open until %(when)s") % {"when": dates.when(round_.closes_at, now)}, "door-open"
    return "progress", _("Choosing"), "circle-half"
