"""What the spine holds on a person about groups: places, how they ended, wishes for another match, calendar links."""

from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import (
    CalendarFeed,
    CalendarLanguage,
    ClosingAnswer,
    Ending,
    Feeling,
    GroupMember,
    RematchRequest,
    RematchState,
    Role,
)

PLACE, LINK, WISH, ANSWER, REASON = "place", "link", "wish", "answer", "reason"
Row = tuple[Any, ...]  # what, programme, group, code, words, since, until, pk


def group_holdings(user: Any, kept: Any) -> list[Holding]:
    """Four sections from one statement: "My privacy" asks for very much else. Only what is the person's own:
    what others said of them, and that others wished for another match, is not theirs to read.
    """
    rows = sorted(_read(user), key=lambda row: (row[5], row[7]))
    of = {kind: [row for row in rows if row[0] == kind] for kind in (PLACE, LINK, WISH, ANSWER, REASON)}
    return [
        Holding(_("Groups"), _("So that the right people meet."), kept, [_place(row) for row in of[PLACE]]),
        Holding(
            _("How pairs and groups ended, and wishes for another match"),
            _("So that you are matched better. Only those who coordinate the programme read it."),
            _("As long as the programme’s records. Your words go when your account is erased."),
            [*map(_wish, of[WISH]), *map(_answer, of[ANSWER]), *map(_reason, of[REASON])],
        ),
        Holding(
            _("Calendar links"),
            _("So that your own calendar can read your sessions."),
            _("Until you stop the link, or your account is erased."),
            [_link(row) for row in of[LINK]],
        ),
    ]


def _read(user: Any) -> QuerySet[Any, Row]:
    none, name = Value(""), "programme__name"
    in_group = (f"place__group__cycle__{name}", "place__group__name")
    mine = {"place__membership__user": user}
    places = GroupMember.objects.filter(membership__user=user).values_list(
        Value(PLACE), f"group__cycle__{name}", "group__name", "membership__role", none, "started_at", "ended_at", "pk"
    )
    links = CalendarFeed.objects.filter(user=user).values_list(
        Value(LINK), none, Coalesce("group__name", none), "language", none, "made_at", "read_at", "pk"
    )
    wishes = RematchRequest.objects.filter(**mine).values_list(
        Value(WISH), *in_group, "state", "note", "asked_at", "decided_at", "pk"
    )
    answers = ClosingAnswer.objects.filter(**mine, answered_at__isnull=False).values_list(
        Value(ANSWER), *in_group, "feeling", "helped", "asked_at", "answered_at", "pk"
    )
    reasons = Ending.objects.filter(given_by=user).values_list(
        Value(REASON), f"group__cycle__{name}", "group__name", "how", "reason", "at", "at", "pk"
    )
    return places.order_by().union(links, wishes, answers, reasons, all=True)


def _place(row: Row) -> dict[str, Any]:
    role = str(dict(Role.choices)[row[3]])
    return {"programme": row[1], "group": row[2], "role": role, "since": moment(row[5]), "until": moment(row[6])}


def _link(row: Row) -> dict[str, Any]:
    language = str(dict(CalendarLanguage.choices)[row[3]])
    to = row[2] or str(_("All my sessions"))
    return {"to": to, "language": language, "made": moment(row[5]), "last_read": moment(row[6])}


def _wish(row: Row) -> dict[str, Any]:
    state = str(dict(RematchState.choices)[row[3]])
    return {"programme": row[1], "group": row[2], "wish": state, "note": row[4], "at": moment(row[5])}


def _answer(row: Row) -> dict[str, Any]:
    feeling = str(dict(Feeling.choices).get(row[3], ""))
    return {"programme": row[1], "group": row[2], "answer": feeling, "helped": row[4], "at": moment(row[6])}


def _reason(row: Row) -> dict[str, Any]:
    return {"programme": row[1], "group": row[2], "reason_you_gave": row[4], "at": moment(row[5])}


def moment(value: Any) -> str:
    return value.isoformat(timespec="seconds") if value else ""
