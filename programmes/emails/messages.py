"""A daily word to coordinators about mails that did not arrive."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered, boxes
from programmes.emails.offices import ANOTHERS, coordinators_of
from programmes.models import Cycle


def _cycles(abouts: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Cycle, int, set[int]]]:
    """Cycles with how many of their mails have failed, and who coordinates them now."""
    ids = {about["cycle"] for about in abouts}
    failed = boxes.failed_of_cycles(sorted(ids))
    coordinators = coordinators_of(ids)
    cycles = Cycle.objects.select_related("programme").in_bulk(ids)
    return {pk: (cycle, failed.get(pk, 0), coordinators[pk]) for pk, cycle in cycles.items()}


@mail.kind(
    "programmes.messages_failed", title=gettext_lazy("Messages did not arrive"), topic="programmes", load=_cycles
)
def messages_failed(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """To each coordinator, at most once a day and programme."""
    cycle, count, coordinators = letter.facts.get(letter.about["cycle"], (None, 0, set()))
    if letter.recipient.pk not in coordinators:
        return NotWanted(ANOTHERS)
    if not count:
        return NotWanted(gettext_lazy("Everything has been dealt with."))
    programme = cycle.programme
    return Rendered(
        "programmes/messages_failed",
        {"programme": programme},
        personal={"count": str(count)},
        url=reverse("programmes:message_list", args=[programme.slug, cycle.code]) + "?box=failed",
        why=_("You are getting this because you coordinate %(programme)s.") % {"programme": programme.name},
        title=_("Messages of %(programme)s that did not arrive: %(count)s")
        % {"programme": programme.name, "count": count},
    )
