"""Twelve programmes per unit of scale, each with last year's cycle and this year's, people, groups and pairs."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from peerhub.accounts.models import User
from peerhub.demo import texts
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import BATCH, People, stable_uuid
from peerhub.demo.texts import PLANS, Plan
from peerhub.institution.models import OrgUnit, SupportService
from programmes.models import (
    ActivityType,
    BoundaryReferral,
    Cycle,
    CycleState,
    Group,
    GroupMember,
    Level,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    Topic,
    Visibility,
)
from programmes.queries.occurrences import Occurrence


@dataclass
class Run:
    """One cycle as the builder sees it, with its people in memory so that nothing is read back."""

    plan: Plan
    unit: int
    years_ago: int
    programme: Programme
    cycle: Cycle
    staff: list[Membership] = field(default_factory=list)
    leaders: list[Membership] = field(default_factory=list)
    participants: list[Membership] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    led_by: dict[int, list[Membership]] = field(default_factory=dict)  # index of group -> leaders
    placed: dict[int, list[Membership]] = field(default_factory=dict)  # index of group -> participants
    series: dict[int, "RunSeries"] = field(default_factory=dict)  # index of group -> its series


@dataclass(frozen=True)
class RunSeries:
    """A series as the builder sees it: its key and the days on which it happens."""

    key: int
    days: list[Occurrence]


def build_programmes(
    *, scale: int, anchor: Anchor, people: People, units: dict[str, OrgUnit], say: Callable[[str], None]
) -> list[Run]:
    """Write programmes, cycles, memberships, groups and topics; returns every cycle for `history`."""
    types = {row.code: row for row in ActivityType.objects.all()}
    services = {row.name: row for row in SupportService.objects.all()}
    runs: list[Run] = []
    for unit in range(scale):
        for plan in PLANS:
            runs.extend(_write_programme(plan, unit, anchor, types, units))
    _write_texts(runs, services)
    for unit in range(scale):
        _cast_people([run for run in runs if run.unit == unit], people, unit, anchor)
    _save_people(runs)
    say(f"{12 * scale:,} programmes are set up, with {len(runs):,} cycles.")
    return runs


def _name(plan: Plan, unit: int) -> tuple[str, str]:
    """Address and name. Beyond the first twelve, a programme says which subject and campus it belongs to."""
    if unit == 0:
        return plan.slug, plan.name
    subject = texts.SUBJECTS[(unit - 1) % len(texts.SUBJECTS)]
    edition = (unit - 1) // len(texts.SUBJECTS)
    campus = ("", " (Llandre)", " (Penbryn)", " (Online)")[edition % 4]
    return f"{plan.slug}-{unit}", f"{plan.name}: {subject}{campus}"


def _write_programme(
    plan: Plan, unit: int, anchor: Anchor, types: dict[str, ActivityType], units: dict[str, OrgUnit]
) -> list[Run]:
    slug, name = _name(plan, unit)
    owner = units[plan.unit]
    programme = Programme.objects.create(
        slug=slug,
        name=name,
        activity_type=types[plan.type_code],
        context=plan.context,
        level=Level.INSTITUTION if owner.parent_id is None else Level.FACULTY,
        owner_unit=owner,
        visibility=Visibility.DRAFT if plan.state == "design" else Visibility.PUBLIC,
        summary=plan.summary,
        when_text=plan.when,
        mission=plan.mission,
        vision=texts.VISION,
        population_served=plan.population,
        institutional_goals=texts.GOALS,
        benefits=plan.benefits,
        process=texts.PROCESS,
        values=list(plan.values),
        created_at=at(anchor.year_start(1) - timedelta(days=90), 10),
        **plan.words,
    )
    Programme.objects.filter(pk=programme.pk).update(search_text=programme.searchable())
    return list(_write_cycles(plan, unit, anchor, programme))


def _write_cycles(plan: Plan, unit: int, anchor: Anchor, programme: Programme) -> Iterator[Run]:
    """Last year's, closed, and this year's; what is still in design has only this year's."""
    previous = None
    for years_ago in (0,) if plan.state == "design" else (1, 0):
        closing = anchor.today + timedelta(days=12)
        previous = Cycle.objects.create(
            programme=programme,
            code=anchor.year_code(years_ago),
            state=CycleState.CLOSED if years_ago else plan.state,
            starts_on=anchor.year_start(years_ago),
            ends_on=anchor.year_end(years_ago),
            previous=previous,
            join_policy=plan.policy,
            joining_open=plan.is_open and not years_ago,
            join_closes_on=closing if plan.slug == "first-year-buddies" and not years_ago else None,
            capacity=plan.capacity,
            contact_cadence_days=14,
            expectations=texts.EXPECTATIONS,
            responsibilities=texts.RESPONSIBILITIES,
            boundaries=texts.BOUNDARIES if plan.state != "design" else "",
            created_at=at(anchor.year_start(years_ago) - timedelta(days=100), 9),
            state_changed_at=at(anchor.year_end(1) + timedelta(days=14) if years_ago else anchor.year_start(), 9),
        )
        yield Run(plan=plan, unit=unit, years_ago=years_ago, programme=programme, cycle=previous)


def _write_texts(runs: list[Run], services: dict[str, SupportService]) -> None:
    BoundaryReferral.objects.bulk_create(
        (
            BoundaryReferral(cycle=run.cycle, task=task, service=services[service], position=position)
            for run in runs
            if run.cycle.boundaries
            for position, (task, service) in enumerate(texts.REFERRALS, start=1)
        ),
        batch_size=BATCH,
    )
    Topic.objects.bulk_create(
        (
            Topic(programme=run.programme, name=name, position=position)
            for run in runs
            if not run.years_ago
            for position, name in enumerate(run.plan.topics, start=1)
        ),
        batch_size=BATCH,
    )


def _member(run: Run, user: User, role: str, **fields: object) -> Membership:
    joined = run.cycle.created_at + timedelta(days=20 if role != Role.PARTICIPANT else 95)
    return Membership(
        uuid=stable_uuid("membership", run.programme.slug, run.cycle.code, role, user.uuid),
        cycle=run.cycle,
        user=user,
        role=role,
        status=MembershipStatus.ACTIVE,
        source="seed",
        created_at=joined,
        joined_at=joined,
        **fields,
    )


def _cast_people(runs: list[Run], people: People, unit: int, anchor: Anchor) -> None:
    """Give every cycle of one unit its people. The cast has fixed seats in unit 0; everybody else is dealt out."""
    rng = random.Random(100 + unit)
    staff, students = people.staff(unit), people.students(unit)
    seats: Iterator[User] = iter([])
    for number, run in enumerate(runs):
        plan = run.plan
        if run.years_ago or plan.state == "design":
            # Deal afresh for each programme, so that some people are in several: that is what universities are like.
            pool = rng.sample(students, len(students))
            seats = iter(pool * 3)
        if unit == 0 and plan.slug == "pass-engineering":
            _seat_pass(run, people, seats)
        else:
            head, second = staff[(3 * number) % len(staff)], staff[(3 * number + 1) % len(staff)]
            run.staff = [
                _member(run, head, Role.COORDINATOR, is_point_person=True),
                _member(run, second, Role.SUPERVISOR),
            ]
            run.leaders = [_member(run, next(seats), Role.LEADER) for _ in range(plan.leaders)]
            run.participants = [_member(run, next(seats), Role.PARTICIPANT) for _ in range(plan.groups * plan.size)]
        if unit == 0 and not run.years_ago:
            _seat_cast_elsewhere(run, people)
        _make_groups(run, unit)


def _seat_pass(run: Run, people: People, seats: object) -> None:
    cast = people.cast
    run.staff = [
        _member(run, cast["rhian"], Role.COORDINATOR, is_point_person=True),
        _member(run, cast["imran"], Role.SUPERVISOR),
        _member(run, cast["pat"], Role.PARTNER),
    ]
    students = iter(seats)  # type: ignore[call-overload]
    first = [cast["amara"]] if not run.years_ago else []
    run.leaders = [
        _member(run, user, Role.LEADER)
        for user in [*first, *(next(students) for _ in range(run.plan.leaders - len(first)))]
    ]
    known = [] if run.years_ago else [*people.group_b, cast["ben"]]
    rest = [next(students) for _ in range(run.plan.groups * run.plan.size - len(known))]
    run.participants = [_member(run, user, Role.PARTICIPANT) for user in [*known, *rest]]


def _seat_cast_elsewhere(run: Run, people: People) -> None:
    """Amara has a mentor, Ben a buddy, Dev the commuters: one person, several roles."""
    cast = people.cast
    if run.plan.slug == "business-mentoring":
        run.staff.append(_member(run, cast["rhian"], Role.COORDINATOR))
        run.leaders[0] = _member(run, cast["amara"], Role.LEADER)
        run.participants[0] = _member(run, people.group_b[0], Role.PARTICIPANT)
        run.participants[1] = _member(run, cast["amara"], Role.PARTICIPANT)
    if run.plan.slug == "first-year-buddies":
        run.participants[0] = _member(run, cast["ben"], Role.PARTICIPANT)
    if run.plan.state == "design":
        run.staff.append(_member(run, cast["rhian"], Role.COORDINATOR))
    if run.plan.slug == "commuter-community":
        run.participants[0] = _member(run, cast["dev"], Role.PARTICIPANT)


def _make_groups(run: Run, unit: int) -> None:
    plan, shape = run.plan, run.programme.activity_type.shape
    if plan.drop_in:
        return
    for index in range(plan.groups):
        subject = plan.subjects[index % len(plan.subjects)]
        # The mock-ups call Amara's first group B: the first two letters change places.
        letter = "BACDEFGHJKLMNOP"[(index // len(plan.subjects)) % 15]
        leaders = [
            run.leaders[(index + step) % len(run.leaders)]
            for step in range(2 if shape == "group" and len(run.leaders) > plan.groups else 1)
        ]
        people = run.participants[index * plan.size : (index + 1) * plan.size]
        if shape == "pair":
            name = f"{leaders[0].user.short_name} and {people[0].user.short_name}"
        else:
            name = f"{subject.split(' ', 1)[-1]}, group {letter}" if subject else f"Group {index + 1}"
        run.groups.append(
            Group(
                uuid=stable_uuid("group", run.programme.slug, run.cycle.code, index),
                cycle=run.cycle,
                name=name,
                shape=shape,
                subject=subject,
                place=plan.places[index % len(plan.places)],
                created_at=run.cycle.created_at + timedelta(days=90),
                ended_at=at(run.cycle.ends_on, 18) if run.years_ago else None,
            )
        )
        run.led_by[index], run.placed[index] = leaders, people


def _save_people(runs: list[Run]) -> None:
    Membership.objects.bulk_create(
        (m for run in runs for m in (*run.staff, *run.leaders, *run.participants)), batch_size=BATCH
    )
    Group.objects.bulk_create((group for run in runs for group in run.groups), batch_size=BATCH)
    GroupMember.objects.bulk_create(
        (
            GroupMember(
                group=group, membership=member, started_at=group.created_at + timedelta(days=5), ended_at=group.ended_at
            )
            for run in runs
            for index, group in enumerate(run.groups)
            for member in (*run.led_by[index], *run.placed[index])
        ),
        batch_size=BATCH,
    )
