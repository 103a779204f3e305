"""How far somebody is on the ladders of certification: computed from what is on record, never kept as truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from programmes.models import Membership, Role
from programmes.queries.delivery_facts import delivery_facts
from training.models import (
    CertificationAward,
    CertificationLevel,
    CertificationScheme,
    CertificationTopic,
    Completion,
    DevelopmentEntry,
    DevelopmentKind,
    Mode,
)

HOUR = Decimal(60)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Need:
    """Hours that a level asks for, and how many there are."""

    key: str
    label: str
    have: Decimal
    want: Decimal

    @property
    def is_met(self) -> bool:
        return self.have >= self.want

    @property
    def words(self) -> str:
        """4.5 of 10 hours."""
        return _("%(have)s of %(want)s hours") % {"have": shown(self.have), "want": shown(self.want)}


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic with the modules that cover it: (module, the person's completion of it or None)."""

    title: str
    modules: Sequence[tuple[Any, Completion | None]]

    @property
    def is_covered(self) -> bool:
        return any(done for _module, done in self.modules)


@dataclass(frozen=True, slots=True)
class LevelStanding:
    """A level for one person. `lacks_below`: the level below has not been granted, or has run out."""

    level: CertificationLevel
    needs: Sequence[Need]
    topics: Sequence[TopicLine]
    award: CertificationAward | None
    lacks_below: bool

    @property
    def is_met(self) -> bool:
        """Everything it asks for is there, the level below included."""
        is_all = all(one.is_met for one in self.needs) and all(one.is_covered for one in self.topics)
        return is_all and not self.lacks_below

    @property
    def covered(self) -> int:
        return sum(one.is_covered for one in self.topics)

    @property
    def words(self) -> str:
        """Where it stands, in a line."""
        parts = [f"{one.label} {one.words}" for one in self.needs if one.want]
        if self.topics:
            parts.append(_("topics %(n)s of %(of)s") % {"n": self.covered, "of": len(self.topics)})
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class SchemeStanding:
    """A scheme for one person, and what counts towards it: each module once, at its latest completion."""

    scheme: CertificationScheme
    levels: Sequence[LevelStanding]
    counted: Sequence[Completion]
    led_hours: Decimal
    log_hours: Decimal

    @property
    def next(self) -> LevelStanding | None:
        return next((one for one in self.levels if one.award is None), None)


def shown(hours: Decimal) -> str:
    """10, 4.5: without zeros nobody needs."""
    value = hours.quantize(Decimal("0.1"))
    return str(number_format(value.to_integral_value() if value == value.to_integral_value() else value))


def standings_of(user: Any, *, now: datetime, scheme: Any = None) -> list[SchemeStanding]:
    """All open schemes (or one) for one person. Eight queries, whatever there is."""
    rows = CertificationScheme.objects.open() if scheme is None else CertificationScheme.objects.filter(pk=scheme.pk)
    schemes = list(rows.order_by("title", "pk"))
    if not schemes:
        return []
    today = timezone.localdate(now)
    levels = _levels(schemes)
    topics = _topics([one for listed in levels.values() for one in listed])
    done = _done(user, today)
    awards = _awards(user, today)
    led, logged = _led_hours(user), _log_hours(user)
    return [_standing(one, levels.get(one.pk, []), topics, (done, awards, led, logged)) for one in schemes]


def _levels(schemes: Sequence[CertificationScheme]) -> dict[int, list[CertificationLevel]]:
    found: dict[int, list[CertificationLevel]] = {}
    for one in CertificationLevel.objects.filter(scheme__in=schemes).order_by("scheme_id", "number", "pk"):
        found.setdefault(one.scheme_id, []).append(one)
    return found


def _topics(levels: Sequence[CertificationLevel]) -> dict[int, list[CertificationTopic]]:
    found: dict[int, list[CertificationTopic]] = {}
    rows = CertificationTopic.objects.filter(level__in=levels).prefetch_related("modules")
    for one in rows.order_by("level_id", "position", "pk"):
        found.setdefault(one.level_id, []).append(one)
    return found


def _done(user: Any, today: date) -> dict[int, Completion]:
    """Module pk to the latest completion that counts today."""
    rows = Completion.objects.counting().filter(Q(expires_on=None) | Q(expires_on__gt=today), user=user)
    return {one.module_id: one for one in rows.select_related("module").order_by("completed_on", "pk")}


def _awards(user: Any, today: date) -> dict[int, CertificationAward]:
    """Level pk to the latest award that counts today."""
    rows = CertificationAward.objects.standing().filter(Q(expires_on=None) | Q(expires_on__gt=today), user=user)
    return {one.level_id: one for one in rows.order_by("granted_on", "pk")}


def _led_hours(user: Any) -> Decimal:
    """Of sessions and contacts somebody led and logged, in all programmes."""
    places = list(Membership.objects.filter(user=user, role=Role.LEADER).values_list("pk", flat=True))
    facts = delivery_facts(places) if places else {}
    return Decimal(sum(one["minutes_led"] + one["contact_minutes"] for one in facts.values())) / HOUR


def _log_hours(user: Any) -> Decimal:
    """Of leading elsewhere that they share: what is private is no evidence."""
    rows = DevelopmentEntry.objects.shared().filter(user=user, kind=DevelopmentKind.PRACTICE)
    found: Decimal | None = rows.aggregate(hours=Sum("hours"))["hours"]
    return found or ZERO


Facts = tuple[Mapping[int, Completion], Mapping[int, CertificationAward], Decimal, Decimal]


def _standing(
    scheme: CertificationScheme,
    levels: Sequence[CertificationLevel],
    topics: Mapping[int, Sequence[CertificationTopic]],
    facts: Facts,
) -> SchemeStanding:
    done, awards, led, logged = facts
    mine = [one for level in levels for one in topics.get(level.pk, [])]
    covering = {module.pk for topic in mine for module in topic.modules.all()}
    # A ladder that names no topics takes all training.
    counted = [one for key, one in done.items() if key in covering or not mine]
    logged = logged if scheme.counts_log else ZERO
    have = {
        "hours": sum((one.module.hours for one in counted), ZERO),
        "live": sum((one.module.hours for one in counted if one.module.mode == Mode.LIVE), ZERO),
        "experience": led + logged,
    }
    found: list[LevelStanding] = []
    for level in levels:
        below = found[-1] if found else None
        lines = [
            TopicLine(topic.title, [(module, done.get(module.pk)) for module in topic.modules.all()])
            for topic in topics.get(level.pk, [])
        ]
        lacks_below = below is not None and below.award is None
        found.append(LevelStanding(level, _needs(level, have), lines, awards.get(level.pk), lacks_below))
    return SchemeStanding(scheme, found, counted, led, logged)


def _needs(level: CertificationLevel, have: Mapping[str, Decimal]) -> list[Need]:
    return [
        Need("hours", _("Training"), have["hours"], level.hours),
        Need("live", _("Live, with others"), have["live"], level.live_hours),
        Need("experience", _("Leading"), have["experience"], level.experience_hours),
    ]


def awards_of(user: Any) -> list[CertificationAward]:
    """Everything somebody was granted and still has, newest first, with what ran out. One query."""
    rows = CertificationAward.objects.standing().filter(user=user)
    rows = rows.select_related("level__scheme", "granted_by", "cycle")
    return list(rows.order_by("-granted_on", "-pk"))
