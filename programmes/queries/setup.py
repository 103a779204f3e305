"""Setting up: the steps, how far each is, who could coordinate, and where the person may set programmes up."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import PersonKind, User
from peerhub.common.models import AuditEvent
from peerhub.common.stages import Check, Text
from peerhub.institution.models import GrantRole, OrgUnit
from peerhub.institution.permissions import grants_of
from programmes.models import CADENCE, Cycle
from programmes.queries.checks import RULES, checklist

# In the order of the set-up; "check" is its end.
STEPS: dict[str, Text] = {
    "basics": _("What it is, and when"),
    "people": _("Who runs it"),
    "purpose": _("Why, and for whom"),
    "leaders": _("What people do"),
    "boundaries": _("Where it ends"),
    "joining": _("How people join"),
    "words": _("Your own words"),
    "check": _("Check and publish"),
}
# Changed from the settings only.
ASIDE: dict[str, Text] = {"cadence": _("When things are due")}
MOST_FOUND = 8
# What each step writes: fields of the programme, fields of the cycle.
WRITES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "basics": (
        ("name", "activity_type_id", "local_type_name", "context", "level", "owner_unit_id", "summary"),
        ("code", "starts_on", "ends_on"),
    ),
    "purpose": (("mission", "vision", "population_served", "institutional_goals", "values"), ()),
    "leaders": ((), ("expectations", "responsibilities")),
    "boundaries": ((), ("boundaries",)),
    "joining": (
        ("benefits", "process", "when_text"),
        ("join_policy", "joining_open", "join_closes_on", "capacity", "waiting_list", "offer_days"),
    ),
    "words": (
        (
            "leader_word",
            "leaders_word",
            "participant_word",
            "participants_word",
            "session_word",
            "sessions_word",
        ),
        (),
    ),
    "cadence": ((), CADENCE),
}


def step_stamp(cycle: Cycle, step: str) -> str:
    """What a step says now, as a mark: another mark means that somebody has saved it since. "" for other steps."""
    if step not in WRITES:
        return ""
    of_programme, of_cycle = WRITES[step]
    said: list[Any] = [getattr(cycle.programme, name) for name in of_programme]
    said += [getattr(cycle, name) for name in of_cycle]
    if step == "boundaries":
        said += cycle.referrals.order_by("position", "pk").values_list("task", "service_id")
    return sha256(repr(said).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Step:
    """One step in the row of steps."""

    key: str
    title: Text
    number: int
    url: str
    is_now: bool
    is_done: bool


def steps_of(cycle: Cycle, now: str) -> tuple[list[Step], list[Check]]:
    """The steps with how far they are, and the whole checklist of stage 1. A step is done when its checks are."""
    checks = {check.code: check for check in checklist(cycle)}
    open_steps = {rule.step for rule in RULES if not checks[rule.code].done}
    asked = {rule.step for rule in RULES}
    steps = [
        Step(
            key=key,
            title=title,
            number=number,
            url=reverse("programmes:cycle_setup", args=[cycle.programme.slug, cycle.code, key]),
            is_now=key == now,
            is_done=key in asked and key not in open_steps,
        )
        for number, (key, title) in enumerate(STEPS.items(), start=1)
    ]
    return steps, list(checks.values())


def next_step(step: str) -> str:
    """The step after `step`; the check after a step that stands aside."""
    keys = list(STEPS)
    return keys[keys.index(step) + 1] if step in keys[:-1] else "check"


def previous_step(step: str) -> str:
    keys = list(STEPS)
    return keys[keys.index(step) - 1] if step in keys[1:] else ""


def units_for(user: Any, besides: OrgUnit | None = None) -> QuerySet[OrgUnit]:
    """Where the person may set programmes up: the subtrees they own, and the unit a programme has already."""
    wanted = Q(pk=besides.pk) if besides else Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role == GrantRole.PROGRAMME_OWNER:
            wanted |= Q(path__startswith=grant.unit.path, is_active=True)
    return OrgUnit.objects.filter(wanted).order_by("path")


def last_created(user: Any) -> Cycle:
    """The first cycle of the programme this person set up last."""
    event = AuditEvent.objects.filter(actor=user, action="programmes.programme_created").order_by("-at", "-pk")[0]
    return Cycle.objects.select_related("programme").get(pk=event.cycle_id or 0)


def find_staff(text: str) -> list[User]:
    """Up to eight people who could coordinate: staff by any part of their name; anybody by their whole address."""
    words = text.split()[:5]
    if not words or len(text.strip()) < 2:
        return []
    by_name = Q(kind__in=[PersonKind.STAFF, PersonKind.EXTERNAL])
    for word in words:
        by_name &= Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(preferred_name__icontains=word)
    by_address = Q(email=text.strip().lower())
    found = User.objects.active().filter(by_name | by_address)
    return list(found.order_by("family_name", "given_name", "pk")[:MOST_FOUND])
