"""Two faculties whose every figure can be counted by hand.

Science has Biology and Chemistry. Biology runs a PASS programme (co-curricular): Amara leads six students, s1 to s6.
Science itself runs ambassadors (extra-curricular): Amara and Lena lead s1, s2 and s7. Arts has History, and a
programme in design. Seven different students, two different leaders; NOW is the Wednesday of teaching week 7.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from peerhub.accounts.models import User
from peerhub.institution.models import AcademicYear, OrgUnit, Term, UnitKind
from programmes.models import Cycle, Membership, Session, SessionStatus
from tests import factories as make

THIS_YEAR, LAST_YEAR = date(2026, 9, 21), date(2025, 9, 22)  # Mondays, 52 weeks apart


@dataclass
class Aberwen:
    root: OrgUnit
    science: OrgUnit
    biology: OrgUnit
    chemistry: OrgUnit
    arts: OrgUnit
    history: OrgUnit
    carys: User
    study: Cycle  # Biology's PASS
    ambassadors: Cycle  # Science's own
    crits: Cycle  # Arts', in design
    students: list[Membership]  # of study, s1 to s6


def _unit(name: str, kind: str, parent: OrgUnit | None = None) -> OrgUnit:
    return make.OrgUnitFactory(name=name, kind=kind, parent=parent)


def _calendar() -> None:
    for code, start in (("2025-26", LAST_YEAR), ("2026-27", THIS_YEAR)):
        year = AcademicYear.objects.create(code=code, starts_on=start, ends_on=start + timedelta(weeks=37))
        ends_on = start + timedelta(weeks=11, days=-3)
        Term.objects.create(year=year, name="Autumn term", starts_on=start, ends_on=ends_on)


def _cycle(unit: OrgUnit, name: str, context: str, **fields: object) -> Cycle:
    programme = make.ProgrammeFactory(name=name, owner_unit=unit, context=context)
    return make.CycleFactory(programme=programme, **fields)


def build() -> Aberwen:
    _calendar()
    root = _unit("University of Aberwen", UnitKind.INSTITUTION)
    science, arts = (_unit(name, UnitKind.FACULTY, root) for name in ("Science", "Arts"))
    biology, chemistry = (_unit(name, UnitKind.DEPARTMENT, science) for name in ("Biology", "Chemistry"))
    history = _unit("History", UnitKind.DEPARTMENT, arts)
    carys = make.UserFactory(given_name="Carys", kind="staff")
    make.RoleGrantFactory(user=carys, unit=root)
    study = _cycle(biology, "Biology PASS", "co")
    ambassadors = _cycle(science, "Science ambassadors", "extra")
    crits = _cycle(arts, "Art crits", "embedded", state="design")
    amara, lena = (make.UserFactory(given_name=name) for name in ("Amara", "Lena"))
    for cycle, user in ((study, amara), (ambassadors, amara), (ambassadors, lena)):
        make.MembershipFactory(cycle=cycle, user=user, role="leader")
    students = [make.MembershipFactory(cycle=study, user__given_name=f"Hidden{n}") for n in range(1, 7)]
    for user in (students[0].user, students[1].user, make.UserFactory()):
        make.MembershipFactory(cycle=ambassadors, user=user)
    make.MembershipFactory(cycle=study, status="left")
    make.MembershipFactory(cycle=crits)
    return Aberwen(
        root, science, biology, chemistry, arts, history, carys, study, ambassadors, crits, students
    )  # fmt: skip


def held(
    cycle: Cycle,
    starts_at: datetime,
    *here: Membership,
    absent: tuple[Membership, ...] = (),
    logged_after: float | None = 1,
    status: str = SessionStatus.HELD,
    kind: str = "session",
) -> Session:
    """A session of an hour with its register; logged so many hours after its end."""
    channel = "met" if kind == "contact" else ""
    session = make.SessionFactory(cycle=cycle, starts_at=starts_at, status=status, kind=kind, channel=channel)
    for membership in here:
        make.AttendanceFactory(session=session, membership=membership)
    for membership in absent:
        make.AttendanceFactory(session=session, membership=membership, status="absent")
    if logged_after is not None:
        make.SessionLogFactory(session=session, logged_at=session.ends_at + timedelta(hours=logged_after))
    return session


def on(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
