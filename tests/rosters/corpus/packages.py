"""OneRoster packages with something wrong in them."""

from tests.rosters.corpus.archives import packed
from tests.rosters.corpus.case import Case

MANIFEST = "propertyName,value\noneroster.version,1.1\nfile.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk\n"
USERS = "sourcedId,status,enabledUser,role,givenName,familyName,email\nu1,,TRUE,student,Ben,Okafor,ben@aberwen.ac.uk\n"
CLASSES = "sourcedId,status,title,schoolSourcedId\nc1,,Chemistry 1,o1\n"
ENROLMENTS = "sourcedId,status,classSourcedId,userSourcedId,role\ne1,,c1,u1,student\n"


def package(**tables: str | None) -> bytes:
    """A zip of the small package with tables replaced or added; None leaves one out."""
    whole: dict[str, str | None] = {"manifest": MANIFEST, "users": USERS, "classes": CLASSES, "enrollments": ENROLMENTS}
    whole.update(tables)
    return packed(*((f"{name}.csv", text) for name, text in whole.items() if text is not None))


def _users(name: str, code: str, message: str, line: str, people: int = 1) -> Case:
    return Case(name, "pack.zip", package(users=USERS + line), code, message, row=3, people=people)


def _said(
    name: str, code: str, message: str, *, row: int = 0, people: int = 1, warning: bool = True, **tables: str | None
) -> Case:
    return Case(name, "pack.zip", package(**tables), code, message, row=row, people=people, warning=warning)


PACKAGES = (
    _users(
        "unknown status of a user",
        "unknown_status",
        "The status “enrolled” is neither active nor tobedeleted.",
        "u2,enrolled,,student,A,B,\n",
    ),
    _users("no sourcedId", "no_key", "This row has no sourcedId.", ",,TRUE,student,A,B,\n"),
    _users("enabled maybe", "not_yes_or_no", "“maybe” is neither TRUE nor FALSE.", "u2,,maybe,student,A,B,\n"),
    _users("bad address in users", "bad_email", "is not an e-mail address", "u2,,TRUE,student,A,B,none@\n"),
    _users(
        "sourcedId twice",
        "number_twice",
        "Row 2 already has this sourcedId, with other details.",
        "u1,,TRUE,student,Mei,Lin,\n",
    ),
    _users(
        "address twice",
        "email_twice",
        "Row 2 already has this e-mail address.",
        "u2,,TRUE,student,B,O,BEN@aberwen.ac.uk\n",
    ),
    _said(
        "users without a key column",
        "column_missing",
        "The column “sourcedId” is missing.",
        people=0,
        warning=False,
        users="id2,givenName\n1,A\n",
    ),
    _said("table promised", "promised", "The manifest promises this table", warning=False, classes=None),
    _said(
        "table said absent",
        "said_absent",
        "The manifest says this table is absent",
        manifest=MANIFEST.replace("classes,bulk", "classes,absent"),
    ),
    _said(
        "odd mode",
        "mode_unknown",
        "The manifest calls this table “full”.",
        manifest=MANIFEST.replace("users,bulk", "users,full"),
    ),
    _said("no manifest", "no_manifest", "There is no manifest.csv.", manifest=None),
    _said(
        "password column", "not_stored", "Passwords are never read or stored.", users="sourcedId,password\nu1,hunter2\n"
    ),
    _said(
        "demographics", "not_stored", "This table is never read or stored.", demographics="userSourcedId,sex\nu1,f\n"
    ),
    _said(
        *("31 February", "bad_date", "“31/02/2026” is not a date we can read."),
        row=2,
        warning=False,
        academicSessions="sourcedId,title,type,startDate,endDate\nt1,Term,term,31/02/2026,2026-12-11\n",
    ),
    _said(
        *("29 February of an ordinary year", "bad_date", "“2026-02-29” is not a date we can read."),
        row=2,
        warning=False,
        academicSessions="sourcedId,title,type,startDate,endDate\nt1,Term,term,2026-01-12,2026-02-29\n",
    ),
    _said(
        *("term backwards", "ends_before_start", "The end date is not after the start date."),
        row=2,
        warning=False,
        academicSessions="sourcedId,title,type,startDate,endDate\nt1,Term,term,2026-12-11,2026-09-28\n",
    ),
    _said(
        *("parents in a circle", "circle", "The parents of this organisation go round in a circle."),
        row=3,
        orgs="sourcedId,name,type,parentSourcedId\no1,One,school,o2\no2,Two,school,o1\n",
    ),
    _said(
        *("odd organisation type", "unknown_type", "The organisation type “guild” is not one of OneRoster's."),
        row=2,
        orgs="sourcedId,name,type\no1,One,guild\n",
    ),
    _said(
        *("enrolment of nobody", "no_key", "This enrolment names no user or no class."),
        row=3,
        warning=False,
        enrollments=ENROLMENTS + "e2,,c1,,student\n",
    ),
)
