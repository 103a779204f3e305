"""Setting up a programme and keeping it true: a use case for each part, shared by the set-up and the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from peerhub.institution.models import OrgUnit, SupportService
from programmes.models import ActivityType, BoundaryReferral, Cycle, Programme, Visibility
from programmes.services import places
from programmes.services.changes import (
    EditRefused,
    Seen,
    is_stale,
    locked_cycle,
    locked_programme,
    looked_at,
    put,
    record_change,
)

# Words that are addresses of their own.
RESERVED_SLUGS = frozenset({"mine", "new"})
RESERVED_CODES = frozenset({"join", "leave", "new"})
ADDRESS_ATTEMPTS = 5
WORDS = ("leader", "leaders", "participant", "participants", "session", "sessions")


class SetUpRefused(DomainError):
    """Codes: dates, code_taken, code_reserved."""


@dataclass(frozen=True)
class Basics:
    """What a programme is, and when its cycle runs. Both days are inside."""

    name: str
    activity_type: ActivityType
    owner_unit: OrgUnit
    context: str
    level: str
    code: str
    starts_on: date
    ends_on: date
    summary: str = ""
    local_type_name: str = ""


@dataclass(frozen=True)
class Purpose:
    mission: str = ""
    vision: str = ""
    population_served: str = ""
    institutional_goals: str = ""
    values: Sequence[str] = ()


@dataclass(frozen=True)
class Referral:
    """What leaders do not do, and who does."""

    task: str
    service: SupportService | None


@dataclass(frozen=True)
class Joining:
    join_policy: str
    joining_open: bool = False
    join_closes_on: date | None = None
    capacity: int | None = None
    waiting_list: bool = True
    offer_days: int = 3
    benefits: str = ""
    process: str = ""
    when_text: str = ""


def _check_cycle(code: str, starts_on: date, ends_on: date) -> None:
    if ends_on <= starts_on:
        raise SetUpRefused("dates", _("The last day must be after the first."))
    if code in RESERVED_CODES:
        raise SetUpRefused(
            "code_reserved", _("This code is an address of its own. Choose another, for example 2026-27.")
        )


def _free_slug(name: str) -> str:
    """An address made from the name; a number is added when it is taken."""
    base = slugify(name)[:70].strip("-") or "programme"
    taken = set(Programme.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    number = 2
    slug = base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _save_under_free_address(programme: Programme) -> None:
    """Two of the same name at the same moment: whoever comes second takes the next number."""
    for attempt in range(ADDRESS_ATTEMPTS):
        programme.slug = _free_slug(programme.name)
        try:
            with transaction.atomic():
                programme.save(force_insert=True)
        except IntegrityError:
            if attempt == ADDRESS_ATTEMPTS - 1:
                raise
        else:
            return


@transaction.atomic(durable=True)
def create_programme(*, actor: Any, basics: Basics, key: UUID | None, now: datetime) -> Cycle:
    """A draft programme with its first cycle in design. Refuses with `SetUpRefused`, or `Repeated`."""
    spend(user=actor, key=key, now=now)
    _check_cycle(basics.code, basics.starts_on, basics.ends_on)
    programme = Programme(
        name=basics.name,
        activity_type=basics.activity_type,
        local_type_name=basics.local_type_name,
        context=basics.context,
        level=basics.level,
        owner_unit=basics.owner_unit,
        summary=basics.summary,
        created_at=now,
    )
    programme.search_text = programme.searchable()
    _save_under_free_address(programme)
    cadence = basics.activity_type.default_cadence_days
    cycle = Cycle.objects.create(
        programme=programme,
        code=basics.code,
        starts_on=basics.starts_on,
        ends_on=basics.ends_on,
        created_at=now,
        **({"contact_cadence_days": cadence} if cadence else {}),
    )
    audit.record(actor=actor, action="programmes.programme_created", target=programme, cycle_id=cycle.pk, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_basics(*, actor: Any, cycle_id: int, basics: Basics, seen: Seen | None = None, now: datetime) -> Cycle:
    """Name, kind, place in the organisation, dates and code. Refuses with `SetUpRefused` or `EditRefused`."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    _check_cycle(basics.code, basics.starts_on, basics.ends_on)
    if Cycle.objects.filter(programme=cycle.programme_id, code=basics.code).exclude(pk=cycle.pk).exists():
        raise SetUpRefused("code_taken", _("Another cycle of this programme has this code."))
    changed = put(
        cycle.programme,
        name=basics.name,
        activity_type=basics.activity_type,
        local_type_name=basics.local_type_name,
        context=basics.context,
        level=basics.level,
        owner_unit=basics.owner_unit,
        summary=basics.summary,
    )
    changed += put(cycle, code=basics.code, starts_on=basics.starts_on, ends_on=basics.ends_on)
    changed += looked_at(cycle, "dates")
    record_change(actor=actor, action="programmes.basics_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_purpose(*, actor: Any, cycle_id: int, purpose: Purpose, seen: Seen | None = None, now: datetime) -> Cycle:
    """Mission, vision, whom it serves, goals and values. Refuses with `EditRefused`."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    changed = put(
        cycle.programme,
        mission=purpose.mission,
        vision=purpose.vision,
        population_served=purpose.population_served,
        institutional_goals=purpose.institutional_goals,
        values=list(purpose.values),
    )
    changed += looked_at(cycle, "purpose")
    record_change(actor=actor, action="programmes.purpose_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_work(
    *, actor: Any, cycle_id: int, expectations: str, responsibilities: str, seen: Seen | None = None, now: datetime
) -> Cycle:
    """What is expected of everyone, and what leaders do. Refuses with `EditRefused`."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    changed = put(cycle, expectations=expectations, responsibilities=responsibilities)
    changed += looked_at(cycle, "work")
    record_change(actor=actor, action="programmes.work_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_boundaries(
    *,
    actor: Any,
    cycle_id: int,
    boundaries: str,
    referrals: Sequence[Referral],
    seen: Seen | None = None,
    now: datetime,
) -> Cycle:
    """The text, and the rows "does not do, refer to". The rows given replace those there were."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    changed = put(cycle, boundaries=boundaries)
    before = [(row.task, row.service_id) for row in cycle.referrals.order_by("position", "pk")]
    after = [(row.task, row.service.pk if row.service else None) for row in referrals]
    if before != after:
        cycle.referrals.all().delete()
        BoundaryReferral.objects.bulk_create(
            BoundaryReferral(cycle=cycle, task=task, service_id=service, position=position)
            for position, (task, service) in enumerate(after, start=1)
        )
        changed.append("referrals")
    changed += looked_at(cycle, "boundaries")
    record_change(
        actor=actor, action="programmes.boundaries_changed", cycle=cycle, changed=changed, stale=stale, now=now
    )
    return cycle


@transaction.atomic(durable=True)
def change_joining(*, actor: Any, cycle_id: int, joining: Joining, seen: Seen | None = None, now: datetime) -> Cycle:
    """How people join, how many, until when, and what they are told before. Refuses with `EditRefused`."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    changed = put(
        cycle,
        join_policy=joining.join_policy,
        joining_open=joining.joining_open,
        join_closes_on=joining.join_closes_on,
        capacity=joining.capacity,
        waiting_list=joining.waiting_list,
        offer_days=joining.offer_days,
    )
    changed += put(cycle.programme, benefits=joining.benefits, process=joining.process, when_text=joining.when_text)
    changed += looked_at(cycle, "joining")
    record_change(actor=actor, action="programmes.joining_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    places.settle(cycle, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_words(*, actor: Any, cycle_id: int, words: dict[str, str], seen: Seen | None = None, now: datetime) -> Cycle:
    """Local words, by `WORDS`. A word that is the activity type's own, or empty, follows the type from then on."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    programme = cycle.programme
    own = {}
    for which in WORDS:
        wanted = words.get(which, "").strip()
        own[f"{which}_word"] = "" if wanted == getattr(programme.activity_type, f"{which}_word") else wanted
    changed = put(programme, **own)
    record_change(actor=actor, action="programmes.words_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    return cycle


@transaction.atomic(durable=True)
def change_cadence(
    *,
    actor: Any,
    cycle_id: int,
    first_contact_days: int,
    contact_cadence_days: int,
    log_due_hours: int,
    absences_in_row: int,
    tail_off_percent: int,
    vacations_count: bool,
    late_after_minutes: int,
    seen: Seen | None = None,
    now: datetime,
) -> Cycle:
    """When contacts and logs are due, what counts as quiet and as late. Refuses with `EditRefused`."""
    cycle = locked_cycle(cycle_id)
    stale = is_stale(cycle, seen)
    changed = put(
        cycle,
        first_contact_days=first_contact_days,
        contact_cadence_days=contact_cadence_days,
        log_due_hours=log_due_hours,
        absences_in_row=absences_in_row,
        tail_off_percent=tail_off_percent,
        vacations_count=vacations_count,
        late_after_minutes=late_after_minutes,
    )
    record_change(actor=actor, action="programmes.cadence_changed", cycle=cycle, changed=changed, stale=stale, now=now)
    return cycle


@transaction.atomic(durable=True)
def set_visibility(*, actor: Any, cycle_id: int, visibility: str, now: datetime) -> Cycle:
    """Who can find the programme: publish it, take it back, keep it to its members."""
    cycle = locked_cycle(cycle_id)
    if cycle.programme.archived_at:
        raise EditRefused("archived", _("This programme is archived. Bring it back first."))
    if put(cycle.programme, visibility=Visibility(visibility).value):
        audit.record(
            actor=actor,
            action="programmes.visibility_changed",
            target=cycle.programme,
            cycle_id=cycle.pk,
            detail={"visibility": visibility},
            now=now,
        )
    return cycle


def _set_archived(actor: Any, programme_id: int, cycle_id: int, archived_at: datetime | None, now: datetime) -> None:
    programme = locked_programme(programme_id)
    if (programme.archived_at is None) == (archived_at is None):
        return
    put(programme, archived_at=archived_at)
    action = "programmes.programme_archived" if archived_at else "programmes.programme_restored"
    audit.record(actor=actor, action=action, target=programme, cycle_id=cycle_id, now=now)


@transaction.atomic(durable=True)
def archive_programme(*, actor: Any, programme_id: int, cycle_id: int, now: datetime) -> None:
    """Take the programme out of the catalogue for good. Its history stays; `restore_programme` undoes it."""
    _set_archived(actor, programme_id, cycle_id, now, now)


@transaction.atomic(durable=True)
def restore_programme(*, actor: Any, programme_id: int, cycle_id: int, now: datetime) -> None:
    """Undo `archive_programme`."""
    _set_archived(actor, programme_id, cycle_id, None, now)
