"""Words about contacts that are due. Facts are read again when a reminder leaves: who was in touch hears nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from programmes.queries.quiet_ground import LEADER, Ground, ground
from programmes.queries.quiet_pairs import Standing, standings

mail.topic(
    "contacts",
    title=gettext_lazy("Keeping in touch"),
    help=gettext_lazy("A reminder when it is time to get in touch with somebody you are paired with"),
)


@dataclass(frozen=True)
class PairFacts:
    """Pairs of a batch by group, and the ground they stand on; the clock is asked when each is written."""

    here: Ground
    pairs: Mapping[int, Standing]


def _pair_facts(abouts: Sequence[Mapping[str, Any]]) -> PairFacts:
    """Four queries a batch of up to a thousand."""
    day = max(date.fromisoformat(about["on"]) for about in abouts)
    groups = {about["group"] for about in abouts}
    here = ground({about["cycle"] for about in abouts}, now=datetime.combine(day, time.min, UTC), groups=groups)
    return PairFacts(here, {one.row[1]: one for one in standings(here)} if here.cycles else {})


@mail.kind(
    "programmes.contact_due", title=gettext_lazy("It is time to get in touch"), topic="contacts", load=_pair_facts
)
def contact_due(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """To who leads the pair now, once a week at most."""
    here = replace(letter.facts.here, now=now)
    pair = letter.facts.pairs.get(letter.about["group"])
    if pair is None or letter.about["cycle"] not in here.cycles:
        return NotWanted(gettext_lazy("The pair has ended, or its cycle is over."))
    found = pair.at(here)
    if found is None or found.side != LEADER:
        return NotWanted(gettext_lazy("They have been in touch, or one of them is away."))
    if letter.recipient.pk not in found.leader_ids:
        return NotWanted(gettext_lazy("The person does not lead this pair at the moment."))
    programme = here.cycles[found.cycle_id].programme
    words = {"name": found.name, "programme": programme.name}
    return Rendered(
        "programmes/contact_due",
        {"programme_name": programme.name, "name": found.name, "last_on": found.last_on, "tried_on": found.tried_on},
        url=reverse("programmes:contact_log", args=[found.group_uuid]),
        why=_("You are getting this because you lead in %(programme)s.") % words,
        title=_("It is time to get in touch with %(name)s (%(programme)s)") % words,
    )
