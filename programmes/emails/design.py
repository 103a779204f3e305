"""Words to those who design a cycle together: being asked to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from programmes.models import CycleState, DesignPartner

Words = mail.Rendered | mail.NotWanted

mail.topic(
    "design",
    title=gettext_lazy("Designing programmes"),
    help=gettext_lazy("Being asked to design a programme with others, and what waits for your signature"),
)


def _partners(abouts: Iterable[Mapping[str, Any]]) -> dict[int, DesignPartner]:
    keys = {about["partner"] for about in abouts}
    return DesignPartner.objects.select_related("cycle__programme", "asked_by").in_bulk(keys)


@mail.kind(
    "programmes.partner_asked",
    title=gettext_lazy("You are asked to design a programme"),
    topic="design",
    essential=True,
    load=_partners,
)
def partner_asked(letter: mail.Letter, now: datetime) -> Words:
    """To whom a coordinator asked."""
    partner = letter.facts.get(letter.about["partner"])
    if partner is None or partner.left_at or partner.joined_at:
        return mail.NotWanted(_("It was answered or taken back."))
    if partner.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("The cycle is closed."))
    programme = partner.cycle.programme
    words = {"programme": programme.name}
    return mail.Rendered(
        "programmes/partner_asked",
        {
            "programme_name": programme.name,
            "asked_by": partner.asked_by.display_name if partner.asked_by else programme.name,
            "side": partner.get_side_display().lower(),
            "reward": partner.reward,
            "hours_cap": partner.hours_cap,
        },
        url=reverse("programmes:design_detail", args=[programme.slug, partner.cycle.code]),
        why=_("You are getting this because a coordinator of %(programme)s asked you.") % words,
        title=_("You are asked to help design %(programme)s") % words,
    )
