from datetime import date, timedelta

import factory

from programmes.models import (
    ActivityType,
    Attendance,
    AttendanceStatus,
    CheckIn,
    Cycle,
    CycleState,
    Group,
    GroupMember,
    JoinPolicy,
    Membership,
    Programme,
    Role,
    Session,
    SessionLeader,
    SessionLog,
    Topic,
    Visibility,
)
from tests.factories.institution import OrgUnitFactory
from tests.factories.people import UserFactory
from tests.factories.time import NOW, in_days, in_hours


class ProgrammeFactory(factory.django.DjangoModelFactory[Programme]):
    """A public PASS programme with everything PLAG asks for."""

    class Meta:
        model = Programme

    slug = factory.Sequence(lambda n: f"programme-{n}")
    name = factory.Sequence(lambda n: f"Programme {n}")
    activity_type = factory.LazyFunction(lambda: ActivityType.objects.get(code="pass"))
    context = "co"
    owner_unit = factory.SubFactory(OrgUnitFactory)
    visibility = Visibility.PUBLIC
    summary = "Weekly study sessions led by students from the year above."
    mission = "Students help one another learn."
    vision = "Nobody studies alone."
    population_served = "First-year students."
    institutional_goals = "Belonging and continuation."
    created_at = in_days(-200)


class CycleFactory(factory.django.DjangoModelFactory[Cycle]):
    """A running cycle of this academic year that students may ask to join."""

    class Meta:
        model = Cycle

    programme = factory.SubFactory(ProgrammeFactory)
    code = "2026-27"
    state = CycleState.RUNNING
    starts_on = date(2026, 9, 21)
    ends_on = date(2027, 6, 11)
    join_policy = JoinPolicy.APPROVAL
    joining_open = True
    expectations = "Come each week."
    responsibilities = "Plan, facilitate, log."
    boundaries = "Leaders do not teach, mark or counsel."
    created_at = in_days(-100)


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """An active participant."""

    class Meta:
        model = Membership

    cycle = factory.SubFactory(CycleFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.PARTICIPANT
    created_at = in_days(-40)
    joined_at = in_days(-40)


class GroupFactory(factory.django.DjangoModelFactory[Group]):
    class Meta:
        model = Group

    cycle = factory.SubFactory(CycleFactory)
    name = factory.Sequence(lambda n: f"Group {n}")
    created_at = in_days(-40)


class GroupMemberFactory(factory.django.DjangoModelFactory[GroupMember]):
    class Meta:
        model = GroupMember

    group = factory.SubFactory(GroupFactory)
    membership = factory.SubFactory(MembershipFactory, cycle=factory.SelfAttribute("..group.cycle"))
    started_at = in_days(-40)


class SessionFactory(factory.django.DjangoModelFactory[Session]):
    """A planned hour tomorrow, in person. `starts_at` alone moves it."""

    class Meta:
        model = Session

    cycle = factory.LazyAttribute(lambda session: session.group.cycle if session.group else CycleFactory())
    group = None
    starts_at = in_hours(24)
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=1))
    place = "Library, room 2"
    created_at = in_days(-40)


class SessionLeaderFactory(factory.django.DjangoModelFactory[SessionLeader]):
    class Meta:
        model = SessionLeader

    session = factory.SubFactory(SessionFactory)
    membership = factory.SubFactory(MembershipFactory, cycle=factory.SelfAttribute("..session.cycle"), role=Role.LEADER)


class AttendanceFactory(factory.django.DjangoModelFactory[Attendance]):
    class Meta:
        model = Attendance

    session = factory.SubFactory(SessionFactory)
    membership = factory.SubFactory(MembershipFactory, cycle=factory.SelfAttribute("..session.cycle"))
    status = AttendanceStatus.PRESENT
    recorded_at = NOW


class CheckInFactory(factory.django.DjangoModelFactory[CheckIn]):
    class Meta:
        model = CheckIn

    session = factory.SubFactory(SessionFactory)
    membership = factory.SubFactory(MembershipFactory, cycle=factory.SelfAttribute("..session.cycle"))
    at = NOW
    how = "code"


class TopicFactory(factory.django.DjangoModelFactory[Topic]):
    class Meta:
        model = Topic

    programme = factory.SubFactory(ProgrammeFactory)
    name = factory.Sequence(lambda n: f"Topic {n}")


class SessionLogFactory(factory.django.DjangoModelFactory[SessionLog]):
    class Meta:
        model = SessionLog

    session = factory.SubFactory(SessionFactory)
    author = factory.SubFactory(UserFactory)
    minutes = 60
    is_academic = True
    logged_at = NOW
