"""The organisation's pages: support services and calendar for everybody, the rest for who leads the institution."""

from datetime import date
from typing import Any

from peerhub.institution.models import AcademicYear, Branding, Closure, OrgUnit, RoleGrant, Term
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import in_days
from tests.world import World


def extend(world: World) -> None:
    """A calendar, and the look."""
    year = AcademicYear.objects.create(code="2026-27", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    first, last = date(2026, 9, 28), date(2026, 12, 18)
    world.extra["year"] = year
    world.extra["term"] = Term.objects.create(year=year, name="Autumn", starts_on=first, ends_on=last)
    world.extra["closure"] = Closure.objects.create(name="Open day", starts_on=first, ends_on=first)
    Branding.objects.create(institution_name="University of Aberwen", primary="#0D5661")


def grow(world: World, times: int) -> None:
    """More years, terms, closures, services out of use, units at every depth, and roles in them."""
    for _ in range(times):
        number = OrgUnit.objects.count()
        code = f"{1800 + number}"
        year = AcademicYear.objects.create(
            code=code, starts_on=date(1800 + number, 9, 1), ends_on=date(1801 + number, 8, 31)
        )
        dates = {"starts_on": date(2027, 1, 11), "ends_on": date(2027, 3, 26)}
        for one in (year, world.extra["year"]):
            Term.objects.create(year=one, name=f"Term {number}", **dates)
        Closure.objects.create(name=f"Closed {number}", **dates)
        make.SupportServiceFactory(owner_unit=world.institution, is_active=False)
        faculty = make.OrgUnitFactory(parent=world.institution, kind="faculty")
        for parent in (faculty, world.biosciences, world.history):
            unit = make.OrgUnitFactory(parent=parent)
            make.RoleGrantFactory(unit=unit)
            make.RoleGrantFactory(unit=unit, role="programme_owner", ended_at=in_days(1))


def by_uuid(name: str) -> Any:
    return lambda world: {"uuid": (world.extra.get(name) or getattr(world, name)).uuid}


def leads(name: str, status: int = 200, **more: Any) -> Row:
    """For who leads the institution, and for who looks after PeerHub."""
    return Row(name, expect(403, anonymous=LOGIN, institution_lead=status, superuser=status), **more)


def keeps(name: str, status: int = 200, **more: Any) -> Row:
    """As above, and for programme owners (Rhian owns Biosciences' programmes) and who keeps people safe."""
    allowed = {"institution_lead": status, "superuser": status, "coordinator": status, "safeguarding_lead": status}
    return Row(name, expect(403, anonymous=LOGIN, **allowed), **more)


def everybody(name: str, **more: Any) -> Row:
    return Row(name, expect(200, anonymous=LOGIN), **more)


def code(world: World) -> dict[str, Any]:
    return {"code": "2026-27"}


def helens_grant(world: World) -> dict[str, Any]:
    return {"uuid": RoleGrant.objects.get(user=world.helen).uuid}


SERVICE = {"name": "Money advice", "what_for": "Money", "phone": "01970 1"}
UNIT = {"name": "Chemistry", "kind": "department"}
TERM = {"name": "Spring", "kind": "teaching", "starts_on": "2027-01-11", "ends_on": "2027-03-26", "first_week": "13"}

ROWS = [
    everybody("institution:service_list"),
    everybody("institution:service_list", query="?q=well"),
    keeps("institution:service_create"),
    keeps("institution:service_create", 302, method="POST", data=lambda w: SERVICE),
    keeps("institution:service_edit", kwargs=by_uuid("service")),
    keeps("institution:service_edit", 302, method="POST", kwargs=by_uuid("service"), data=lambda w: SERVICE),
    keeps("institution:service_verify", 302, method="POST", kwargs=by_uuid("service")),
    keeps("institution:service_switch", 302, method="POST", kwargs=by_uuid("service"), data=lambda w: {"to": "off"}),
    everybody("institution:calendar"),
    Row("institution:calendar", expect(404, anonymous=LOGIN), query="?year=1899-00"),
    leads("institution:year_create"),
    leads(
        "institution:year_create",
        302,
        method="POST",
        data=lambda w: {"code": "2027-28", "starts_on": "2027-09-01", "ends_on": "2028-08-31"},
    ),
    leads("institution:year_edit", kwargs=code),
    leads("institution:term_create", kwargs=code),
    leads("institution:term_create", 302, method="POST", kwargs=code, data=lambda w: TERM),
    leads("institution:term_edit", kwargs=by_uuid("term")),
    leads("institution:term_remove", kwargs=by_uuid("term")),
    leads("institution:term_remove", 302, method="POST", kwargs=by_uuid("term")),
    leads("institution:closure_create"),
    leads("institution:closure_create", 302, method="POST", data=lambda w: {"lines": "2026-12-24 Christmas Eve"}),
    leads("institution:closure_edit", kwargs=by_uuid("closure")),
    leads("institution:closure_remove", kwargs=by_uuid("closure")),
    leads("institution:closure_remove", 302, method="POST", kwargs=by_uuid("closure")),
    leads("institution:unit_list"),
    leads("institution:unit_create"),
    leads("institution:unit_create", 302, method="POST", data=lambda w: {**UNIT, "parent": str(w.institution.uuid)}),
    leads("institution:unit_edit", kwargs=by_uuid("history")),
    leads("institution:unit_edit", 302, method="POST", kwargs=by_uuid("history"), data=lambda w: UNIT),
    leads("institution:unit_move", kwargs=by_uuid("history")),
    leads(
        "institution:unit_move",
        302,
        method="POST",
        kwargs=by_uuid("history"),
        data=lambda w: {"parent": str(w.biosciences.uuid)},
    ),
    leads("institution:unit_switch", 302, method="POST", kwargs=by_uuid("history"), data=lambda w: {"to": "off"}),
    leads("institution:role_list"),
    leads("institution:role_grant"),
    leads(
        "institution:role_grant",
        302,
        method="POST",
        data=lambda w: {"email": w.imran.email, "role": "payroll", "unit": str(w.institution.uuid)},
    ),
    leads("institution:role_end", kwargs=helens_grant),
    leads("institution:role_end", 302, method="POST", kwargs=helens_grant),
    leads("institution:branding_edit"),
    leads(
        "institution:branding_edit",
        302,
        method="POST",
        data=lambda w: {"institution_name": "Aberwen", "product_name": "Together"},
    ),
    leads("institution:branding_preview", query="?primary=%23FF0000"),
    leads("institution:brand_preview_css", query="?primary=%23FF0000"),
    Row("institution:brand_css", expect(404), kwargs=lambda w: {"version": "000000000000"}),
    Row("institution:brand_logo", expect(404), kwargs=lambda w: {"version": "000000000000"}),
]
