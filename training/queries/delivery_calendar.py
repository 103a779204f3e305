"""A date of training for somebody's own calendar."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common import ical
from peerhub.common.mail.writing import sender_identity
from training.models import Delivery


def event(delivery: Delivery) -> ical.Event:
    """In the active language. Load the module. For readers who have a place: it says the link."""
    is_off = delivery.called_off_at is not None
    title = _("Called off: %(title)s") % {"title": delivery.module.title} if is_off else delivery.module.title
    parts = [_("With %(name)s.") % {"name": delivery.trainer_name} if delivery.trainer_name else "", delivery.notes]
    if delivery.link and not is_off:
        parts.append(delivery.link)
    return ical.Event(
        uid=ical.uid(delivery.uuid),
        changed_at=delivery.revised_at or delivery.created_at,
        sequence=delivery.sequence,
        starts=delivery.starts_at,
        ends=delivery.ends_at,
        summary=title,
        description="\n".join(filter(None, parts)),
        location=delivery.where or (_("Online") if delivery.link else ""),
        url=f"{settings.SITE_URL}{reverse('training:delivery_detail', args=[delivery.uuid])}",
        is_cancelled=is_off,
    )


def announced(delivery: Delivery) -> str:
    """A file to open or a part of a mail: METHOD:PUBLISH, again with every change, by the same UID."""
    address, _header = sender_identity(settings.DEFAULT_FROM_EMAIL)
    return ical.calendar([event(delivery)], method="PUBLISH", organizer=ical.Organizer("PeerHub", address))
