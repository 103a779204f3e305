"""Catalogue, programme pages, setting up, workspaces, settings, roll-over and the institution lead's page."""

from typing import Any

from peerhub.common import audit
from programmes.models import BoundaryReferral, Programme, Topic, Waiver
from tests import factories as make
from tests.access.matrix import LOGIN, Expected, Row, expect
from tests.factories import NOW
from tests.world import World


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug}


def draft(world: World) -> dict[str, Any]:
    return {"slug": world.draft_programme.slug}


def cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def in_cycle(**more: Any) -> Any:
    return lambda world: {**cycle(world), **more}


def extend(world: World) -> None:
    """A waiver to take back, and a part that wants a fresh look."""
    Waiver.objects.create(
        cycle=world.cycle, check_code="services", reason="Being checked this week.", by=world.rhian, at=NOW
    )
    world.cycle.fresh_look = ["boundaries"]
    world.cycle.save(update_fields=["fresh_look"])
    world.extra["spare_topic"] = Topic.objects.create(programme=world.programme, name="Spare", position=9)


def grow(world: World, times: int) -> None:
    """More programmes in the catalogue; more referrals, topics, coordinators, events and cycles of this one."""
    for _ in range(times):
        number = Programme.objects.count()
        another = make.ProgrammeFactory(owner_unit=world.history, activity_type=world.programme.activity_type)
        make.CycleFactory(programme=another, capacity=20)
        BoundaryReferral.objects.create(
            cycle=world.cycle, task=f"Task {number}", service=world.service, position=number
        )
        make.TopicFactory(programme=world.programme, name=f"Grown topic {number}")
        staff = make.UserFactory(kind="staff", given_name="Imran")
        member = make.MembershipFactory(cycle=world.cycle, user=staff, role="coordinator")
        make.CycleFactory(programme=world.programme, code=f"19{number}", state="closed")
        audit.record(
            actor=staff, action="programmes.coordinator_appointed", target=member, cycle_id=world.cycle.pk, now=NOW
        )


def for_team(status: int, **others: Expected) -> dict[str, Expected]:
    """The workspace: whoever runs the cycle may look; the supervisor and leads of its unit too."""
    return expect(
        404, **{"anonymous": LOGIN, "coordinator": status, "supervisor": status, "institution_lead": status, **others}
    )


def for_coordinator(status: int) -> dict[str, Expected]:
    """A change: the coordinator; those who may only look are told so."""
    return for_team(403, coordinator=status)


def change(name: str, kwargs: Any = cycle, data: Any = lambda world: {}, status: int = 302, note: str = "") -> Row:
    return Row(name, for_coordinator(status), kwargs=kwargs, method="POST", data=data, note=note)


def look(name: str, kwargs: Any = cycle, query: str = "", note: str = "") -> Row:
    return Row(name, for_coordinator(200), kwargs=kwargs, query=query, note=note)


SETUP_STEPS = ("basics", "people", "purpose", "leaders", "boundaries", "joining", "words", "check", "cadence")

ROWS = [
    Row("programmes:catalogue", expect(200)),
    Row("programmes:catalogue", expect(200), query="?q=pass&context=co&faculty=every&open=1&sort=az&page=9"),
    Row("programmes:programme_detail", expect(200), kwargs=slug),
    Row(
        "programmes:programme_detail",
        expect(404, coordinator=200, institution_lead=200, superuser=200),
        kwargs=draft,
        note="a draft is for those who run it",
    ),
    Row("programmes:programme_create", expect(403, anonymous=LOGIN, coordinator=200)),
    Row("programmes:programme_create", expect(403, anonymous=LOGIN, coordinator=422), method="POST", note="empty"),
    Row("programmes:cycle_workspace", for_team(200), kwargs=cycle),
    Row("programmes:cycle_checklist", for_team(200), kwargs=cycle),
    Row("programmes:cycle_timeline", for_team(200), kwargs=cycle),
    Row("programmes:cycle_move", for_coordinator(200), kwargs=cycle),
    change("programmes:cycle_move", data=lambda world: {"to": "evaluating"}),
    change("programmes:cycle_move", data=lambda world: {"to": "closed"}, status=422, note="two steps at once"),
    change("programmes:check_waive", in_cycle(check="boundaries"), lambda world: {"reason": "Agreed with the dean."}),
    change("programmes:check_unwaive", in_cycle(check="services")),
    change("programmes:part_read", in_cycle(part="boundaries")),
    Row("programmes:cycle_rollover", for_coordinator(200), kwargs=cycle),
    change(
        "programmes:cycle_rollover",
        data=lambda world: {"code": "2027-28", "starts_on": "2027-09-20", "ends_on": "2028-06-09"},
    ),
    *(look("programmes:cycle_setup", in_cycle(step=step), note=step) for step in SETUP_STEPS),
    look("programmes:cycle_setup", in_cycle(step="people"), query="?q=imran", note="search"),
    change("programmes:cycle_setup", in_cycle(step="purpose"), lambda world: {"mission": "Half of it"}),
    change("programmes:team_appoint", data=lambda world: {"person": str(world.imran.uuid), "as": "coordinator"}),
    change("programmes:team_release", data=lambda world: {"member": str(world.memberships["rhian"].uuid)}),
    Row("programmes:cycle_settings", for_coordinator(200), kwargs=cycle),
    Row("programmes:topic_list", for_coordinator(200), kwargs=cycle),
    change("programmes:topic_list", data=lambda world: {"do": "add", "name": "Osmosis"}),
    change(
        "programmes:topic_list",
        data=lambda world: {"do": "off", "topic": str(world.extra["spare_topic"].pk)},
        note="switch off",
    ),
    change("programmes:visibility_set", data=lambda world: {"visibility": "private"}),
    Row("programmes:programme_archive", for_coordinator(200), kwargs=cycle),
    change("programmes:programme_archive", data=lambda world: {"do": "archive"}),
]  # fmt: skip
