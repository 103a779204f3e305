"""What recruitment answers to the rest of the house: the programme page, people's to-do lists, what it holds on one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.accounts.models import PersonKind
from peerhub.common import dates
from peerhub.common.stages import URGENCY_NOW, URGENCY_SOON, Holding, Notice, Todo
from peerhub.common.statements import compiled
from programmes.queries.group_holdings import moment
from programmes.queries.home_roles import waits_at
from training.models import (
    Answer,
    Application,
    ApplicationEvent,
    ApplicationState,
    Assessment,
    Consensus,
    HelperKind,
    RecruitmentRound,
    RoundHelper,
    RoundState,
    Score,
)
from training.queries.staff_waits import HELPS, staff_waits

S = ApplicationState
WAITS_FOR_APPLICANT = (S.DRAFT, S.INVITED, S.OFFERED)
ICON = "exclamation-circle"
OWN, TO_SCORE, TO_PREPARE = "own", "to_score", "to_prepare"


def recruitment_notices(programme: Any, user: Any, now: datetime) -> list[Notice]:
    """On the programme's page: that leaders are wanted, until when. One query."""
    return [_wanted(one, now) for one in _taking(programme=programme, now=now)]


@compiled
def _taking(*, programme: Any, now: datetime) -> QuerySet[RecruitmentRound, RecruitmentRound]:
    rows = RecruitmentRound.objects.filter(cycle__programme=programme, state=RoundState.OPEN, closes_at__gt=now)
    return rows.select_related("cycle__programme__activity_type").order_by("closes_at", "pk")


def _wanted(round_: RecruitmentRound, now: datetime) -> Notice:
    cycle = round_.cycle
    words = {"leaders": cycle.programme.word("leaders"), "when": dates.when(round_.closes_at, now)}
    return Notice(
        title=capfirst(_("%(leaders)s wanted") % words),
        text=_("Read what it is about and what is asked, then apply. Closes: %(when)s.") % words,
        url=reverse("training:advert_detail", args=[cycle.programme.slug, cycle.code]),
        action=_("What the role is"),
    )


# --- what waits ------------------------------------------------------------------------------------------------------
def recruitment_todos(user: Any, now: datetime) -> list[Todo]:
    """What to do next with an application, what waits of those one helps to choose from. One query, none for staff who
    do not help.
    """
    if user.kind != PersonKind.STUDENT and HELPS not in staff_waits(user):
        return []  # staff seldom help, and do not apply
    rows = list(_waiting(user=user, now=now))
    role = waits_at(user) if rows else ""
    return [todo for row in rows if (todo := _todo(row, role, now))]


@compiled
def _waiting(*, user: Any, now: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    """What, uuid, programme's name and slug, cycle's pk and code, state or nothing, a moment, how many."""
    own = Application.objects.filter(
        applicant=user, state__in=[str(one) for one in WAITS_FOR_APPLICANT], round__state=RoundState.OPEN
    ).order_by()
    helps = RoundHelper.objects.filter(
        user=user, released_at=None, round__state=RoundState.OPEN, round__closes_at__lte=now
    ).order_by()
    cycle = "round__cycle"
    of = (f"{cycle}__programme__name", f"{cycle}__programme__slug", f"{cycle}_id", f"{cycle}__code")
    to_score = Q(assessments__locked_at=None, assessments__conflicted_at=None)
    to_score &= Q(assessments__application__state="eligible", round__shortlisted_at=None)
    to_prepare = Q(round__applications__state="submitted")
    until = Case(When(state="offered", then=F("offer_expires_at")), default=F("round__closes_at"))
    return own.values_list(
        Value(OWN), "uuid", *of, "state", until, Case(When(slot=None, then=Value(0)), default=Value(1))
    ).union(
        helps.filter(kind="assessor").annotate(n=Count("assessments", filter=to_score, distinct=True)).values_list(
            Value(TO_SCORE), "round__uuid", *of, "kind", "round__closes_at", "n"
        ),
        helps.filter(kind="redactor").annotate(n=Count("round__applications", filter=to_prepare, distinct=True))
        .values_list(Value(TO_PREPARE), "round__uuid", *of, "kind", "round__closes_at", "n"),
        all=True,
    )  # fmt: skip


def _todo(row: tuple[Any, ...], role: str, now: datetime) -> Todo | None:
    what, uuid, programme, slug, cycle_id, code, state, moment_, n = row
    more: dict[str, Any] = {"cycle_id": cycle_id, "role": role}
    named = {"programme": programme, "until": dates.when(moment_, now), "n": n}
    if what != OWN:
        return _to_help(what, uuid, named, n, more) if n else None
    page = reverse("training:application_detail", args=[uuid])
    if state == S.DRAFT:
        edit = reverse("training:application_edit", args=[slug, code])
        title = _("Finish your application: %(programme)s") % named
        closes = _("Closes: %(until)s.") % named
        if moment_ <= now:
            return None
        return Todo(title, edit, moment_, URGENCY_SOON, detail=closes, icon="pencil", code="application_draft", **more)
    if state == S.OFFERED:
        title = _("The role is yours if you want it: %(programme)s") % named
        answer = _("Answer by: %(until)s.") % named
        return Todo(title, page, moment_, URGENCY_NOW, detail=answer, icon=ICON, code="role_offered", **more)
    if n:  # they have chosen a time
        return None
    title = _("Choose a time to talk: %(programme)s") % named
    return Todo(title, page, None, URGENCY_NOW, icon=ICON, code="talk_to_book", **more)


def _to_help(what: str, uuid: Any, named: dict[str, Any], n: int, more: dict[str, Any]) -> Todo:
    if what == TO_SCORE:
        title = ngettext("Score %(n)s application: %(programme)s", "Score %(n)s applications: %(programme)s", n)
        url, code = reverse("training:assess_list", args=[uuid]), "to_score"
    else:
        title = ngettext("Prepare %(n)s application: %(programme)s", "Prepare %(n)s applications: %(programme)s", n)
        url, code = reverse("training:prepare_list", args=[uuid]), "to_prepare"
    return Todo(title % named, url, None, URGENCY_SOON, icon="incognito", code=code, **more)


# --- what is held: one query for all of it ---------------------------------------------------------------------------
APPLIED, ANSWER, STEP, SCORE = "applied", "answer", "step", "score"
TALK, OFFER, AGREED, GAVE = "talk", "offer", "agreed", "gave"
NOTHING = Value("")
NEVER = Cast(Value(None), DateTimeField())
Row = tuple[Any, ...]  # kind, key, number, six texts, a moment


def recruitment_holdings(user: Any) -> list[Holding]:
    """Applications: what was written, every step, the conversation, the offer, every locked score and what was agreed
    once the shortlist is decided, never by whom; rounds one helps to choose in, with the scores one gave. One query.
    """
    rows = sorted(_rows(user), key=lambda row: (row[1], row[2]))
    applied = [row for row in rows if row[0] == APPLIED]
    helps = [row for row in rows if row[0] == HELPS]
    kept = gettext_lazy("Six months after the round, then deleted")
    held = [
        Holding(
            gettext_lazy("Applications to lead"),
            gettext_lazy("So that leaders are chosen fairly, and you can see where you stand."),
            kept,
            [_held(one, rows) for one in applied],
            about=[("training.application", str(one[1])) for one in applied],
        )
    ]
    if helps:
        why = gettext_lazy("So that applications are scored by more than one person, and it is known by whom.")
        gave = [_helping(one, rows) for one in helps]
        held.append(Holding(gettext_lazy("Rounds you help to choose in"), why, kept, gave))
    return held


def _rows(user: Any) -> Iterable[Row]:
    """One statement, whoever they are."""
    applied, *others = [*_as_applicant(user), *_as_helper(user)]
    return applied.union(*others, all=True)


def _as_applicant(user: Any) -> list[Any]:
    applications = Application.objects.filter(applicant=user).order_by()
    mine = {"application__applicant": user}
    locked = Score.objects.filter(
        assessment__application__applicant=user,
        assessment__locked_at__isnull=False,
        assessment__application__round__shortlisted_at__isnull=False,
    )
    agreed = Consensus.objects.filter(**mine, application__round__shortlisted_at__isnull=False)
    cycle = "round__cycle"
    asked = Case(When(wants_guarantee=True, then=Value(1)), default=Value(0))
    texts = (NOTHING,) * 4
    return [
        applications.values_list(
            Value(APPLIED), "pk", asked, f"{cycle}__programme__name", f"{cycle}__code", "code", "state",
            "eligibility_note", "adjustments", "submitted_at",
        ),
        Answer.objects.filter(**mine).order_by().values_list(
            Value(ANSWER), "application_id", "question__position", "question__text", "text", *texts, NEVER
        ),
        ApplicationEvent.objects.filter(**mine).order_by().values_list(
            Value(STEP), "application_id", "pk", "to", "reason", *texts, "at"
        ),
        locked.order_by().values_list(
            Value(SCORE), "assessment__application_id", "value", "criterion__name", "evidence", *texts, NEVER
        ),
        applications.exclude(slot=None, talk_note="").values_list(
            Value(TALK), "pk", Value(0), Coalesce("slot__where", NOTHING), "talk_note", *texts, "slot__starts_at"
        ),
        applications.filter(Q(offer_expires_at__isnull=False) | Q(reserve_rank__isnull=False)).values_list(
            Value(OFFER), "pk", Coalesce("reserve_rank", Value(0)), *texts, NOTHING, NOTHING, "offer_expires_at"
        ),
        agreed.order_by().values_list(
            Value(AGREED), "application_id", "value", "criterion__name", "reason", *texts, NEVER
        ),
    ]  # fmt: skip


def _as_helper(user: Any) -> list[Any]:
    cycle = "round__cycle"
    gave = Score.objects.filter(assessment__helper__user=user)
    said_conflict = Assessment.objects.filter(helper__user=user, conflicted_at__isnull=False)
    helps = RoundHelper.objects.filter(user=user).order_by()
    return [
        gave.order_by().values_list(
            Value(GAVE), "assessment__helper_id", Coalesce("value", Value(-1)), "assessment__application__code",
            "criterion__name", "evidence", NOTHING, NOTHING, NOTHING, "assessment__locked_at",
        ),
        said_conflict.order_by().values_list(
            Value(GAVE), "helper_id", Value(-1), "application__code", NOTHING, "conflict", NOTHING, NOTHING, NOTHING,
            "conflicted_at",
        ),
        helps.annotate(n=Count("assessments", filter=Q(assessments__locked_at__isnull=False))).values_list(
            Value(HELPS), "pk", "n", f"{cycle}__programme__name", f"{cycle}__code", "kind",
            NOTHING, NOTHING, NOTHING, "named_at",
        ),
    ]  # fmt: skip


def _held(one: Row, rows: Sequence[Row]) -> dict[str, Any]:
    _kind, key, asked, programme, cycle, code, state, note, adjustments, sent_at = one
    parts = (ANSWER, STEP, SCORE, AGREED, TALK, OFFER)
    of = {kind: [row for row in rows if row[0] == kind and row[1] == key] for kind in parts}
    return {
        "programme": f"{programme}, {cycle}",
        "called": code,
        "state": str(S(state).label),
        "sent_at": moment(sent_at),
        "answers": "; ".join(f"{row[3]} {row[4]}" for row in of[ANSWER]),
        "how_you_meet_what_is_asked": note,
        "what_you_need": adjustments,
        "guaranteed_conversation": str(_("asked for")) if asked else "",
        "steps": "; ".join(f"{moment(row[9])} {S(row[3]).label} {row[4]}".strip() for row in of[STEP]),
        "scores": "; ".join(f"{row[3]}: {row[2]}, {row[4]}" for row in of[SCORE]),
        "agreed_on": "; ".join(f"{row[3]}: {row[2]}, {row[4]}" for row in of[AGREED]),
        "conversation": "; ".join(f"{moment(row[9])} {row[3]}".strip() for row in of[TALK]),
        "notes_of_it": "; ".join(row[4] for row in of[TALK]),
        "offer_open_until": "; ".join(moment(row[9]) for row in of[OFFER] if row[9]),
        "number_in_reserve": next((row[2] for row in of[OFFER] if row[2]), ""),
    }


def _helping(row: Row, rows: Sequence[Row]) -> dict[str, Any]:
    gave = [one for one in rows if one[0] == GAVE and one[1] == row[1]]
    return {
        "programme": f"{row[3]}, {row[4]}",
        "as": str(HelperKind(row[5]).label),
        "since": moment(row[9]),
        "locked": row[2],
        "scores_you_gave": "; ".join(
            f"{one[3]}, {one[4]}: {one[2] if one[2] >= 0 else ''} {one[5]}" for one in gave if one[4]
        ),
        "conflicts_you_declared": "; ".join(f"{one[3]}: {one[5]}" for one in gave if not one[4]),
    }
