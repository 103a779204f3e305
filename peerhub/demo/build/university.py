"""The whole of Aberwen, in order: the organisation, its people, its programmes, and what happened in them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from peerhub.accounts.models import User
from peerhub.demo.build.anchor import TERM_WEEKS, Anchor
from peerhub.demo.build.booking import book_clinics
from peerhub.demo.build.certificates import certify_leaders
from peerhub.demo.build.closings import close_and_ask
from peerhub.demo.build.completion_files import hand_in_results
from peerhub.demo.build.deliveries import give_training
from peerhub.demo.build.design import design_one, sign_designs
from peerhub.demo.build.drop_in import open_the_centre
from peerhub.demo.build.fairness import ask_about_fairness
from peerhub.demo.build.handbooks import write_handbooks
from peerhub.demo.build.history import write_history
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.build.programmes import build_programmes
from peerhub.demo.build.record import write_record
from peerhub.demo.build.recruitment import recruit_leaders
from peerhub.demo.build.today import set_the_day
from peerhub.demo.build.training import train_leaders
from peerhub.demo.texts import SERVICES, UNITS
from peerhub.institution.models import (
    AcademicYear,
    Branding,
    Closure,
    GrantRole,
    OrgUnit,
    RoleGrant,
    SupportService,
    Term,
    TermKind,
    UnitKind,
)

Say = Callable[[str], None]


def is_built() -> bool:
    """True when there are people in the database, the demo's or anybody's: the demo is never laid over real data."""
    return User.objects.exists()


@transaction.atomic
def build_university(*, scale: int, now: datetime, say: Say = lambda _line: None) -> None:
    """Write everything. `scale` 1 is about 600 people and 10,000 attendances; everything grows in proportion."""
    anchor = Anchor(now)
    units = _build_organisation(anchor, now)
    say("The organisation, its calendar and its support services are there.")
    people = People(scale=scale, now=now)
    _grant_roles(people, units, now)
    say(f"{User.objects.count():,} people have arrived.")
    programmes = build_programmes(scale=scale, anchor=anchor, people=people, units=units, say=say)
    write_record(runs=programmes, anchor=anchor)
    sign_designs(runs=programmes)
    design_one(runs=programmes, anchor=anchor, people=people)
    attended = write_history(programmes=programmes, anchor=anchor, say=say)
    say(f"{attended:,} attendances are on record.")
    set_the_day(anchor=anchor, people=people)
    close_and_ask(anchor=anchor, people=people)
    book_clinics(anchor=anchor, people=people)
    open_the_centre(anchor=anchor, people=people)
    write_handbooks(anchor=anchor, people=people)
    recruit_leaders(anchor=anchor, people=people)
    ask_about_fairness(anchor=anchor)
    train_leaders(anchor=anchor, people=people)
    hand_in_results(anchor=anchor, people=people)
    give_training(anchor=anchor, people=people)
    certify_leaders(anchor=anchor, people=people)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _unit(name: str, kind: str, parent: OrgUnit | None) -> OrgUnit:
    unit = OrgUnit.objects.create(uuid=stable_uuid("unit", name), name=name, kind=kind, parent=parent, path="")
    unit.path = f"{parent.path if parent else ''}{unit.pk}/"
    OrgUnit.objects.filter(pk=unit.pk).update(path=unit.path)
    return unit


def _build_organisation(anchor: Anchor, now: datetime) -> dict[str, OrgUnit]:
    Branding.objects.create(
        institution_name="University of Aberwen",
        help_email="peerhub@aberwen.ac.uk",
        emergency_text="In immediate danger call 999, then campus security on 01970 111 000.",
        safeguarding_contact="Dr Helen Prosser, safeguarding lead, 01970 111 100, Monday to Friday 9:00 to 18:00",
        updated_at=now,
    )
    root = _unit("University of Aberwen", UnitKind.INSTITUTION, None)
    units = {root.name: root}
    for name, kind, departments in UNITS:
        units[name] = _unit(name, kind, root)
        for department in departments:
            units[department] = _unit(department, UnitKind.DEPARTMENT, units[name])
    _build_calendar(anchor)
    _build_services(units, anchor.today)
    return units


def _build_calendar(anchor: Anchor) -> None:
    for years_ago in (1, 0):
        start, end = anchor.year_start(years_ago), anchor.year_end(years_ago)
        year = AcademicYear.objects.create(code=anchor.year_code(years_ago), starts_on=start, ends_on=end)
        spring = start + timedelta(weeks=TERM_WEEKS + 4)
        periods = (
            ("Autumn term", TermKind.TEACHING, start, start + timedelta(weeks=TERM_WEEKS, days=-3), 1),
            (
                "Winter break",
                TermKind.VACATION,
                start + timedelta(weeks=TERM_WEEKS),
                start + timedelta(weeks=TERM_WEEKS + 3, days=-3),
                1,
            ),
            ("January exams", TermKind.EXAMS, start + timedelta(weeks=TERM_WEEKS + 3), spring - timedelta(days=3), 1),
            ("Spring term", TermKind.TEACHING, spring, spring + timedelta(weeks=TERM_WEEKS, days=-3), TERM_WEEKS + 1),
            ("Summer exams", TermKind.EXAMS, spring + timedelta(weeks=TERM_WEEKS + 4), end, 1),
        )
        Term.objects.bulk_create(
            Term(year=year, name=name, kind=kind, starts_on=first, ends_on=last, first_week=week)
            for name, kind, first, last, week in periods
        )
        break_from = start + timedelta(weeks=TERM_WEEKS + 1)
        Closure.objects.create(name="University closed", starts_on=break_from, ends_on=break_from + timedelta(days=9))
    reading = anchor.year_start() + timedelta(weeks=8)
    Closure.objects.create(name="Open day", starts_on=reading + timedelta(days=2), ends_on=reading + timedelta(days=2))


def _build_services(units: dict[str, OrgUnit], today: date) -> None:
    owner = units["Student Support and Wellbeing"]
    SupportService.objects.bulk_create(
        SupportService(
            uuid=stable_uuid("service", name),
            name=name,
            what_for=what_for,
            hours=hours,
            phone=phone,
            is_urgent=urgent,
            is_internal=name != "Samaritans",
            owner_unit=owner,
            position=position,
            # One entry is stale on purpose: somebody should notice.
            last_verified_on=today - timedelta(days=240 if name == "Money advice" else 20 + 7 * position),
        )
        for position, (name, what_for, hours, phone, urgent) in enumerate(SERVICES, start=1)
    )


def _grant_roles(people: People, units: dict[str, OrgUnit], now: datetime) -> None:
    root, cast = units["University of Aberwen"], people.cast
    since = now - timedelta(days=400)
    for key, role, unit in (
        ("carys", GrantRole.LEAD, root),
        ("helen", GrantRole.SAFEGUARDING_LEAD, root),
        ("nerys", GrantRole.EQUALITY_ANALYST, root),
        ("owain", GrantRole.PROGRAMME_OWNER, units["Engineering and Computing"]),
        ("admin", GrantRole.PROGRAMME_OWNER, root),
    ):
        RoleGrant.objects.create(user=cast[key], role=role, unit=unit, granted_at=since)
