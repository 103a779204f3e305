"""Words to those who design a cycle together: being asked to, and what waits for a signature."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from programmes.models import CycleState, DesignPartner, DesignSignature, DocumentVersion

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


def _versions(abouts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The versions, the partners, and which of them have signed. Three queries a batch."""
    listed = list(abouts)
    keys = {about["version"] for about in listed}
    signed = DesignSignature.objects.filter(version__in=keys).values_list("version_id", "partner_id")
    return {
        "versions": DocumentVersion.objects.select_related("document__cycle__programme").in_bulk(keys),
        "partners": DesignPartner.objects.in_bulk({about["partner"] for about in listed}),
        "signed": set(signed),
    }


@mail.kind(
    "programmes.signature_wanted",
    title=gettext_lazy("A document waits for your signature"),
    topic="design",
    load=_versions,
)
def signature_wanted(letter: mail.Letter, now: datetime) -> Words:
    """To each partner when a version is put up for signature."""
    version, partner = (letter.facts[name].get(letter.about[key]) for name, key in _LOOKED_UP)
    if version is None or not version.is_current or version.document.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("Another version is signed by now."))
    if partner is None or not partner.is_active:
        return mail.NotWanted(_("The person is not a partner any more."))
    if (version.pk, partner.pk) in letter.facts["signed"]:
        return mail.NotWanted(_("They have signed it."))
    cycle = version.document.cycle
    words = {"programme": cycle.programme.name, "document": version.document.get_kind_display()}
    return mail.Rendered(
        "programmes/signature_wanted",
        {"programme_name": words["programme"], "document": words["document"], "number": version.number},
        url=reverse("programmes:document_detail", args=[cycle.programme.slug, cycle.code, version.document.kind]),
        why=_("You are getting this because you help design %(programme)s.") % words,
        title=_("%(document)s waits for your signature (%(programme)s)") % words,
    )


_LOOKED_UP = (("versions", "version"), ("partners", "partner"))
