"""What somebody told about themselves, found by a mark that only the running application can make (ADR 0015).

Only the person's own pages ask here, with an application that is their own, and the sweep that counts.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common.sealing import Ring, derived, mark, ring_of, unseal
from peerhub.common.stages import Holding
from training.models import Application, ApplicationState, EqualityAnswers, EqualityBox, RoundState
from training.models.equality_questions import PREFER, PREFER_LABEL, QUESTIONS, SETS, Asked

Given = Mapping[str, Sequence[str]]  # question to what was chosen
PROMISE = 1  # which words of "Who can see what" somebody read; a new number with new words
SIZE = 1024  # every answer is sealed as so many bytes


def equality_ring() -> Ring:
    """The keys of this kind of data; empty where monitoring is not switched on."""
    return ring_of(settings.PEERHUB_KEK_EQUALITY)


def questions_in_use() -> Sequence[Asked]:
    return SETS[settings.PEERHUB_EQUALITY_QUESTIONS]


def box_key(box: EqualityBox) -> bytes:
    """The round's own key, of a box that `open_boxes` gave."""
    return unseal(equality_ring().key(box.kek), box.wrapped, about=box.of.bytes)


def mark_of(key: bytes, application_uuid: UUID) -> bytes:
    return mark(derived(key, "mark"), str(application_uuid))


def read_answers(key: bytes, row: EqualityAnswers) -> Given:
    found: Given = json.loads(unseal(derived(key, "answers"), row.sealed, about=bytes(row.mark)))["said"]
    return found


def open_boxes(round_uuids: Collection[UUID]) -> list[EqualityBox]:
    """Boxes of rounds while their answers are sealed. One whose key the ring has lost can be read by nobody."""
    versions = [version for version, _key in equality_ring().keys]
    if not versions or not round_uuids:
        return []
    return list(EqualityBox.objects.filter(of__in=list(round_uuids), counted_on=None, kek__in=versions))


def open_box(round_uuid: UUID) -> EqualityBox | None:
    return next(iter(open_boxes([round_uuid])), None)


def own_answers(application: Application) -> Given | None:
    """What this applicant told, None where they told nothing. For themselves alone. Two queries."""
    box = open_box(application.round.uuid)
    if box is None:
        return None
    key = box_key(box)
    row = EqualityAnswers.objects.filter(mark=mark_of(key, application.uuid)).first()
    return None if row is None else read_answers(key, row)


def takes_answers(application: Application) -> bool:
    """Whether this applicant may tell something, or change it: once it is sent, until the round is finished."""
    was_sent = application.submitted_at is not None and application.state != ApplicationState.DRAFT
    return was_sent and application.round.state == RoundState.OPEN and bool(equality_ring())


# --- what is held on somebody ----------------------------------------------------------------------------------------
def equality_holdings(user: Any) -> list[Holding]:
    """For the person alone: what they told in rounds that still run. Three queries at most.

    Of rounds that are finished nothing can be given: there is nothing left that leads from an answer to a person.
    """
    return [
        Holding(
            gettext_lazy("What you told about yourself for equality monitoring"),
            gettext_lazy(
                "To see whether groups of people are chosen at different rates. It lies apart from your application, "
                "locked: nobody but you can open it, and it never shows in recruitment."
            ),
            gettext_lazy(
                "Until the round is finished. Then it is added into totals and destroyed; what you told in rounds that "
                "are finished cannot be found any more, by anybody, so it cannot be shown here."
            ),
            _held(user),
        )
    ]


def _held(user: Any) -> list[dict[str, Any]]:
    own = Application.objects.filter(applicant=user, round__state=RoundState.OPEN, submitted_at__isnull=False)
    uuids = dict(own.values_list("round__uuid", "uuid"))
    keys = {box.pk: (box_key(box), uuids[box.of]) for box in open_boxes(uuids)}
    marks = [mark_of(key, uuid) for key, uuid in keys.values()]
    rows = EqualityAnswers.objects.filter(mark__in=marks).order_by("mark") if marks else []
    return [in_words(read_answers(keys[row.box_id][0], row)) for row in rows]


def in_words(given: Given) -> dict[str, str]:
    """Question to answer, as people read them; without those that were left out."""
    return {str(QUESTIONS[code].title): "; ".join(_words(code, said)) for code, said in given.items() if said}


def _words(code: str, said: Sequence[str]) -> list[str]:
    labels = {one.code: str(one.label) for one in QUESTIONS[code].options} | {PREFER: str(PREFER_LABEL)}
    return [labels.get(one, _("not listed any more")) for one in said]
