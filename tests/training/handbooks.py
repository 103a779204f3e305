"""What tests of handbooks share: one written and published, new versions, who has read them."""

from datetime import date, timedelta
from typing import Any

from peerhub.common.errors import DomainError
from programmes.models import Cycle
from tests import factories as make
from tests.factories import NOW, in_days
from training.models import Handbook, HandbookAcknowledgement, HandbookVersion
from training.services import handbooks
from training.services.handbook_reading import acknowledge_version
from training.services.handbooks import NewHandbook, Publication, Words

TODAY = NOW.date()
SECTIONS = (
    ("Expectations", "Come **on time**, and say early when you cannot."),
    ("Boundaries", "You are not a tutor.\n\n- Do not mark work\n- Do not keep secrets about safety"),
)


def begin(cycle: Cycle, kind: str = "handbook", reader: str = "leader", title: str = "") -> Handbook:
    """With a draft of two sections."""
    new = NewHandbook(kind, reader, title or f"{kind} for {reader}s".capitalize())
    made = handbooks.create_handbook(
        actor=make.UserFactory(), cycle_id=cycle.pk, new=new, form_key=None, now=in_days(-40)
    )
    for heading, text in SECTIONS:
        write(made, heading, text)
    return made


def write(handbook: Handbook, title: str, text: str, key: Any = None, **more: Any) -> Any:
    words = Words(title, text, more.get("seen", ""))
    return handbooks.write_section(
        actor=make.UserFactory(), handbook_id=handbook.pk, key=key, words=words, now=in_days(-39)
    )


def publish(handbook: Handbook, *, major: bool = True, due: date | None = None, **more: Any) -> HandbookVersion:
    how = Publication(major, more.get("summary", ""), due)
    now = more.get("now", in_days(-30))
    return handbooks.publish_version(
        actor=make.UserFactory(), handbook_id=handbook.pk, how=how, now=now, today=now.date()
    )


def published(cycle: Cycle, *about: str) -> HandbookVersion:
    """Version 1.0, a month old."""
    return publish(begin(cycle, *about))


def next_version(handbook: Handbook, *, major: bool = True, due_in: int = 7, **more: Any) -> HandbookVersion:
    """One more section than before."""
    now = more.setdefault("now", in_days(-5))
    handbooks.start_draft(actor=make.UserFactory(), handbook_id=handbook.pk, now=now)
    write(handbook, "Online", "Cameras may stay off.")
    return publish(handbook, major=major, due=now.date() + timedelta(days=due_in) if major else None, **more)


def read(version: HandbookVersion, user: Any, now: Any = NOW) -> HandbookAcknowledgement:
    return acknowledge_version(actor=user, version_id=version.pk, now=now)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    """The code a use case refuses with; "" where it does not."""
    try:
        call(*args, **kwargs)
    except DomainError as error:
        return error.code
    return ""
