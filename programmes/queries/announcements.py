"""What coordinators wrote to people: the history of a cycle with what became of each message, and the outbox's keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common.mail import boxes
from peerhub.common.models import Message
from peerhub.common.models.outbox import Channel, MessageState
from programmes.models import Announcement, AnnouncementRecipient, Audience, Cycle, Group

KIND = "programmes.announcement"
PER_PAGE = 10


def key_of(announcement_id: int) -> str:
    """How the outbox's keys of a message begin; the person's key follows."""
    return f"announcement:{announcement_id}:"


def inapp_key(announcement_id: int, user_id: int) -> str:
    """The whole key of one person's notification."""
    return f"{key_of(announcement_id)}{user_id}|{Channel.INAPP.value}"


@dataclass(frozen=True, slots=True)
class Written:
    """One line of the history. The counts are of e-mails."""

    announcement: Announcement
    to: str
    people: int
    sent: int
    failed: int
    waiting: int
    unwanted: int
    is_held: bool

    @property
    def outcome(self) -> str:
        """In words: sent to 40 of 42, 1 failed, 1 not wanted any more."""
        if self.announcement.cancelled_at:
            return _("Taken back, sent to nobody")
        parts = [ngettext("%(n)s sent", "%(n)s sent", self.sent) % {"n": self.sent}]
        if self.waiting:
            parts.append(ngettext("%(n)s waiting", "%(n)s waiting", self.waiting) % {"n": self.waiting})
        if self.failed:
            parts.append(ngettext("%(n)s failed", "%(n)s failed", self.failed) % {"n": self.failed})
        if self.unwanted:
            parts.append(
                ngettext("%(n)s not wanted any more", "%(n)s not wanted any more", self.unwanted) % {"n": self.unwanted}
            )
        return ", ".join(parts)


def written_in(cycle: Cycle, *, page: str, now: datetime) -> Page:
    """A page of `Written`, the newest first. Four queries."""
    rows = Announcement.objects.filter(cycle=cycle).select_related("sender", "group").order_by("-created_at", "-pk")
    found: Page[Any] = Paginator(rows, PER_PAGE).get_page(page)
    listed = list(found)
    people = dict(_people(listed))
    states = _states(cycle, listed)
    found.object_list = [_written(one, cycle, people.get(one.pk, 0), states.get(one.pk, {}), now) for one in listed]
    return found


def _people(listed: Sequence[Announcement]) -> QuerySet[Any, tuple[int, int]]:
    rows = AnnouncementRecipient.objects.filter(announcement__in=[one.pk for one in listed]).order_by()
    return rows.values_list("announcement_id").annotate(n=Count("pk"))


def _states(cycle: Cycle, listed: Sequence[Announcement]) -> dict[int, dict[str, int]]:
    """How many e-mails of each message are in which state. One query; keys stay when a row forgets its person."""
    if not listed:
        return {}
    which = [When(dedupe_key__startswith=key_of(one.pk), then=Value(one.pk)) for one in listed]
    of_these = Q(*[("dedupe_key__startswith", key_of(one.pk)) for one in listed], _connector=Q.OR)
    mails = boxes.mails_of_cycle(cycle.pk).filter(of_these, kind=KIND).order_by()
    counted = mails.values("state", which=Case(*which, output_field=IntegerField())).annotate(n=Count("pk"))
    found: dict[int, dict[str, int]] = {}
    for row in counted:
        found.setdefault(row["which"], {})[row["state"]] = row["n"]
    return found


def _written(one: Announcement, cycle: Cycle, people: int, states: dict[str, int], now: datetime) -> Written:
    waiting = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRY)
    return Written(
        announcement=one,
        to=audience_words(cycle, one.audience, one.group),
        people=people,
        sent=states.get(MessageState.SENT, 0),
        failed=states.get(MessageState.DEAD, 0) + states.get(MessageState.MISSED, 0),
        waiting=sum(states.get(state, 0) for state in waiting),
        unwanted=states.get(MessageState.CANCELLED, 0),
        is_held=one.is_held(now=now),
    )


def audience_words(cycle: Cycle, audience: str, group: Group | None = None) -> str:
    """To whom, in the programme's words. Load the programme's activity type."""
    word = cycle.programme.word
    words = {
        "leaders": word("leaders"), "participants": word("participants"), "n": cycle.absences_in_row,
        "sessions": word("sessions"), "group": group.name if group else "",
    }  # fmt: skip
    if audience == Audience.ABSENT:
        return ngettext(
            "Those absent from the last of their %(sessions)s",
            "Those absent from the last %(n)s of their %(sessions)s",
            cycle.absences_in_row,
        ) % words  # fmt: skip
    said = {
        Audience.EVERYONE: _("All %(leaders)s and %(participants)s"),
        Audience.PARTICIPANTS: _("All %(participants)s"),
        Audience.LEADERS: _("All %(leaders)s"),
        Audience.NEVER_CAME: _("All %(participants)s who have not come at all"),
        Audience.UNGROUPED: _("All %(participants)s without a group"),
        Audience.OFFERED: _("Those who have not answered an offered place"),
        Audience.LATE_LOGS: _("All %(leaders)s with missing logs"),
        Audience.GROUP: _("The group %(group)s") if group else _("One group"),
    }
    return said[Audience(audience)] % words


def told(pairs: Sequence[tuple[int, int]]) -> set[str]:
    """Keys of notifications (announcement, user) that were delivered: who was told stays told. One query."""
    keys = [inapp_key(*one) for one in pairs]
    rows = Message.objects.filter(dedupe_key__in=keys, state=MessageState.SENT)
    return set(rows.values_list("dedupe_key", flat=True))
