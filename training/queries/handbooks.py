"""Handbooks as they are read: versions, sections, who has read what."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.models import Cycle, Group, Membership
from training.models import (
    BriefingGiven,
    Handbook,
    HandbookAcknowledgement,
    HandbookKind,
    HandbookSection,
    HandbookVersion,
)

SHOWN_BRIEFINGS = 20


def newest_of(handbook_id: int) -> HandbookVersion | None:
    """The version people have."""
    return HandbookVersion.objects.published().filter(handbook=handbook_id).newest_first().first()


def section_stamp(title: str, text: str) -> str:
    """What tells two states of a section apart."""
    return hashlib.sha256(f"{title}\x1f{text}".encode()).hexdigest()[:16]


def readers_of(handbook: Handbook) -> list[int]:
    """Users it is for."""
    rows = Membership.objects.active().filter(cycle=handbook.cycle_id, role__in=handbook.roles)
    return sorted(set(rows.values_list("user_id", flat=True)))


# --- who has read it ------------------------------------------------------------------------------
def with_reading(rows: QuerySet[Membership], handbook: Handbook) -> QuerySet[Membership]:
    """Each with `read_major` and `read_minor` (0: nothing) and `read_at` of the newest version they acknowledged."""
    read = HandbookAcknowledgement.objects.filter(version__handbook=handbook, user=OuterRef("user"))
    read = read.order_by("-version__major", "-version__minor")
    return rows.annotate(
        read_major=Coalesce(Subquery(read.values("version__major")[:1]), 0, output_field=IntegerField()),
        read_minor=Coalesce(Subquery(read.values("version__minor")[:1]), 0, output_field=IntegerField()),
        read_at=Subquery(read.values("at")[:1], output_field=DateTimeField()),
    )


def reading_of(handbook: Handbook) -> QuerySet[Membership]:
    """Those it is for, those with something to read first."""
    rows = Membership.objects.active().filter(cycle=handbook.cycle_id, role__in=handbook.roles).select_related("user")
    return with_reading(rows, handbook).order_by("read_major", "user__family_name", "user__given_name", "pk")


def waiting_readers(handbook: Handbook, newest: HandbookVersion) -> list[int]:
    """Users who have not acknowledged any version as new as the newest major one."""
    rows = reading_of(handbook).filter(read_major__lt=newest.major)
    return sorted(set(rows.values_list("user_id", flat=True)))


def read_by(user: Any, handbook: Handbook) -> HandbookVersion | None:
    """The newest version somebody acknowledged. One query."""
    rows = HandbookVersion.objects.published().filter(handbook=handbook, acknowledgements__user=user)
    return rows.annotate(read_at=F("acknowledgements__at")).newest_first().first()


# --- the coordinator's desk -----------------------------------------------------------------------
@dataclass(frozen=True)
class DeskRow:
    """One document: the version people have, the draft, and how many have read it."""

    handbook: Handbook
    newest: HandbookVersion | None
    draft: HandbookVersion | None
    sections: int
    people: int
    read: int
    late: int
    given: Sequence[BriefingGiven]

    @property
    def waiting(self) -> int:
        return self.people - self.read

    @property
    def percent(self) -> int:
        return 100 * self.read // self.people if self.people else 0

    @property
    def is_briefing(self) -> bool:
        return self.handbook.kind == HandbookKind.BRIEFING


def desk_of(cycle: Cycle, *, today: date) -> list[DeskRow]:
    """All documents of a cycle, by kind. Five queries, however many there are: at most one of each kind and role."""
    handbooks = list(Handbook.objects.filter(cycle=cycle).order_by("pk"))
    versions = _versions(handbooks)
    read = _read_majors(handbooks)
    places = list(Membership.objects.active().filter(cycle=cycle).order_by().values_list("role", "user_id").distinct())
    given = _given(handbooks)
    kinds = list(HandbookKind)
    rows = []
    for handbook in sorted(handbooks, key=lambda one: kinds.index(HandbookKind(one.kind))):
        mine = versions.get(handbook.pk, [])
        published = [one for one in mine if one.published_at]
        draft = next((one for one in mine if not one.published_at), None)
        users = {user_id for role, user_id in places if role in handbook.roles}
        majors = [read.get((handbook.pk, user_id), 0) for user_id in users] if published else []
        newest = published[0] if published else None
        rows.append(
            DeskRow(
                handbook=handbook,
                newest=newest,
                draft=draft,
                sections=(draft or newest).n_sections if mine else 0,  # type: ignore[union-attr]
                people=len(users),
                read=sum(major >= newest.major for major in majors) if newest else 0,  # type: ignore[operator]
                late=sum(is_missing(published, major, today=today) for major in majors),
                given=given.get(handbook.pk, []),
            )
        )
    return rows


def is_missing(published: Sequence[HandbookVersion], read_major: int, *, today: date) -> bool:
    """True for who never acknowledged any version, and past the day by which a newer major one was to be read."""
    if not published:
        return False
    newer = [one for one in published if (one.major or 0) > read_major]
    return bool(newer) and (not read_major or any(one.is_late(today=today) for one in newer))


def _versions(handbooks: Sequence[Handbook]) -> dict[int, list[HandbookVersion]]:
    rows = HandbookVersion.objects.filter(handbook__in=handbooks).annotate(n_sections=Count("sections"))
    found: dict[int, list[HandbookVersion]] = {}
    for one in rows.order_by(F("major").desc(nulls_last=True), "-minor", "-pk"):
        found.setdefault(one.handbook_id, []).append(one)
    return found


def _read_majors(handbooks: Sequence[Handbook]) -> Mapping[tuple[int, int], int]:
    """(document, user) to the newest major version they acknowledged."""
    rows = HandbookAcknowledgement.objects.filter(version__handbook__in=handbooks).order_by("version__major")
    return {
        (key, user_id): major for key, user_id, major in rows.values_list("version__handbook", "user", "version__major")
    }


def _given(handbooks: Sequence[Handbook]) -> dict[int, list[BriefingGiven]]:
    rows = BriefingGiven.objects.filter(version__handbook__in=handbooks).select_related("version", "group", "noted_by")
    found: dict[int, list[BriefingGiven]] = {}
    for one in rows.order_by("-on", "-pk")[:SHOWN_BRIEFINGS]:
        found.setdefault(one.version.handbook_id, []).append(one)
    return found


def groups_to_brief(cycle: Cycle) -> list[Group]:
    return list(Group.objects.active().filter(cycle=cycle).order_by("name", "pk")[:200])


# --- people and what they have read ---------------------------------------------------------------
def state_of(row: Any, published: Sequence[HandbookVersion], *, today: date) -> tuple[str, str]:
    """A kind of tag and its words for one row of `reading_of`. `published` newest first."""
    newest = published[0] if published else None
    if newest is None:
        return "wait", _("Nothing to read yet")
    if row.read_major >= (newest.major or 0):
        return "done", _("Read version %(version)s") % {"version": f"{row.read_major}.{row.read_minor}"}
    if is_missing(published, row.read_major, today=today):
        return "late", _("Not read yet") if not row.read_major else _("Overdue")
    return "turn", _("To be read")


# --- the reader's page ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Found:
    """A section in which words were found: a little of the text around the first."""

    section: HandbookSection
    before: str
    match: str
    after: str


def sections_of(version: HandbookVersion) -> list[HandbookSection]:
    return list(version.sections.order_by("position", "pk"))


def find_in(sections: Sequence[HandbookSection], words: str, around: int = 90) -> list[Found]:
    """Sections that hold the words as they stand, whatever their case."""
    wanted = " ".join(words.split()).casefold()
    found = []
    for one in sections:
        text = " ".join(f"{one.title}. {one.text}".split())
        # Folded letters can be more than one ("ß"), so the place is looked for in lower case of the same length.
        at = text.lower().find(wanted) if len(text.lower()) == len(text) else text.find(wanted)
        if wanted and at >= 0:
            end = at + len(wanted)
            before, after = text[max(0, at - around) : at], text[end : end + around]
            found.append(
                Found(
                    one,
                    f"…{before}" if at > around else before,
                    text[at:end],
                    f"{after}…" if end + around < len(text) else after,
                )
            )
    return found


def versions_of(handbook: Handbook) -> list[HandbookVersion]:
    """Published ones, newest first, with who published them."""
    return list(
        HandbookVersion.objects.published().filter(handbook=handbook).newest_first().select_related("published_by")
    )


def address_of(handbook: Handbook) -> str:
    return reverse("training:handbook_read", args=[handbook.uuid])


def rolled_over_words(cycle: Cycle) -> list[str]:
    """What the next cycle gets of these, in a sentence each."""
    published = Q(versions__published_at__isnull=False)
    count = Handbook.objects.filter(published, cycle=cycle).distinct().count()
    if not count:
        return []
    return [
        ngettext(
            "%(count)s handbook, agreement or briefing, as a draft to publish anew",
            "%(count)s handbooks, agreements and briefings, as drafts to publish anew",
            count,
        )
        % {"count": count}
    ]
