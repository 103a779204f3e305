"""Rows for tests, with plain defaults. A test names only what it is about. Times default to `NOW`."""

from tests.factories.design import DecisionFactory, DesignPartnerFactory, ProposalFactory, sign_design
from tests.factories.institution import OrgUnitFactory, RoleGrantFactory, SupportServiceFactory
from tests.factories.people import UserFactory
from tests.factories.programmes import (
    AttendanceFactory,
    CheckInFactory,
    CycleFactory,
    GroupFactory,
    GroupMemberFactory,
    MembershipFactory,
    ProgrammeFactory,
    SessionFactory,
    SessionLeaderFactory,
    SessionLogFactory,
    TopicFactory,
)
from tests.factories.time import NOW, TODAY, in_days, in_hours
from tests.factories.training import (
    CompletionFactory,
    CurriculumFactory,
    DeliveryFactory,
    DeliveryPlaceFactory,
    ModuleFactory,
    QuizQuestionFactory,
)

__all__ = [
    "NOW",
    "TODAY",
    "AttendanceFactory",
    "CheckInFactory",
    "CompletionFactory",
    "CurriculumFactory",
    "CycleFactory",
    "DecisionFactory",
    "DeliveryFactory",
    "DeliveryPlaceFactory",
    "DesignPartnerFactory",
    "GroupFactory",
    "GroupMemberFactory",
    "MembershipFactory",
    "ModuleFactory",
    "OrgUnitFactory",
    "ProgrammeFactory",
    "ProposalFactory",
    "QuizQuestionFactory",
    "RoleGrantFactory",
    "SessionFactory",
    "SessionLeaderFactory",
    "SessionLogFactory",
    "SupportServiceFactory",
    "TopicFactory",
    "UserFactory",
    "in_days",
    "in_hours",
    "sign_design",
]
