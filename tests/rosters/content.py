"""Small rosters that the tests import, and what they look at afterwards."""

from typing import Any

from peerhub.accounts.models import ExternalId, User
from peerhub.common.models import AuditEvent, Message
from peerhub.institution.models import AcademicYear, OrgUnit, Term
from programmes.models import Cycle, Group, GroupMember, Membership, RosterImport, RosterJournal
from programmes.services.rosters.outcome import Outcome
from tests.rosters.corpus.packages import package

HEAD = "Student ID,First name,Surname,Email,Group\n"
BEN = "0041,Ben,Hughes,ben@student.aberwen.ac.uk,Red\n"
MEI = "0042,Mei,Lin,mei@student.aberwen.ac.uk,Blue\n"
ZOE = "0043,Zoë,Ŵyn,zoe@student.aberwen.ac.uk,Red\n"


ORGS = "sourcedId,name,type,parentSourcedId,identifier\no1,University,district,,U\no2,Chemistry,department,o1,CHEM\n"
COURSES = "sourcedId,title,courseCode,orgSourcedId\nk1,Physical chemistry,CH101,o2\n"
SESSIONS = (
    "sourcedId,title,type,startDate,endDate,parentSourcedId\n"
    "y1,2026-27,schoolYear,2026-09-01,2027-07-31,\nt1,Autumn,term,28/09/2026,2026-12-11T00:00:00.000Z,y1\n"
)
CLASSES = (
    "sourcedId,status,title,courseSourcedId,schoolSourcedId,termSourcedIds\n"
    "c1,,Chemistry A,k1,o2,t1\nc2,,Chemistry B,k1,o2,t1\n"
)
USERS_12 = (
    "sourcedId,status,enabledUser,username,userIds,givenName,familyName,email,prefferedGivenName,pronouns,password\n"
    'u1,,TRUE,ben,"{LDAP:12},{LTI:15}",Ben,Hughes,ben@b.uk,Benny,he/him,secret\n'
    "u2,,true,mei,,Mei,Lin,mei@b.uk,,,\nu3,,1,tia,,Tia,Teacher,tia@b.uk,,,\nu4,,1,pa,,Pat,Parent,,,,\n"
)
ROLES_12 = (
    "sourcedId,status,userSourcedId,roleType,role,orgSourcedId\nr1,,u1,primary,student,o2\n"
    "r2,,u2,primary,student,o2\nr3,,u3,primary,teacher,o2\nr4,,u4,primary,parent,o2\n"
)
ENROLMENTS_12 = (
    "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
    "e1,,c1,o2,u1,student,,,\ne2,,c2,o2,u2,tutor,,,\ne3,,c1,o2,u3,teacher,TRUE,,\n"
)
MANIFEST = (
    "propertyName,value\noneroster.version,{version}\nfile.users,{mode}\nfile.classes,{mode}\n"
    "file.enrollments,{mode}\nfile.roles,{mode}\n"
)


def twelve(**tables: str | None) -> bytes:
    """A OneRoster 1.2 package as a zip."""
    whole: dict[str, str | None] = {
        "manifest": MANIFEST.format(version="1.2", mode="bulk"),
        "orgs": ORGS,
        "courses": COURSES,
        "academicSessions": SESSIONS,
        "classes": CLASSES,
        "users": USERS_12,
        "userprofiles": ROLES_12,
        "enrollments": ENROLMENTS_12,
    }
    return package(**{**whole, **tables})


def delta(**tables: str) -> bytes:
    """A OneRoster 1.1 package of changes in these tables only."""
    manifest = "propertyName,value\noneroster.version,1.1\n" + "".join(f"file.{name},delta\n" for name in tables)
    return package(**{"users": None, "classes": None, "enrollments": None, **tables, "manifest": manifest})


def numbers(outcome: Outcome) -> dict[str, dict[str, int]]:
    return {
        kind: {k: v for k, v in counter.items() if v} for kind, counter in outcome.counts.items() if counter.total()
    }


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row an import could touch."""
    models = (
        User,
        ExternalId,
        OrgUnit,
        AcademicYear,
        Term,
        Group,
        Membership,
        GroupMember,
        RosterImport,
        RosterJournal,
        AuditEvent,
        Message,
    )
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


def names(cycle: Cycle, **more: Any) -> list[str]:
    rows = Membership.objects.filter(cycle=cycle, **more).order_by("user__given_name")
    return list(rows.values_list("user__given_name", flat=True))
