"""Joining, one's own places, people, groups, links, letters and lists."""

from typing import Any

from django.utils import timezone

from peerhub.common import audit
from programmes.models import Invitation, InvitationBatch, InviteLink
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, in_days
from tests.world import World

# Those who may open the workspace of Bio PASS but are not its coordinator, and what they get from a coordinator's page.
RUNS = {"anonymous": LOGIN, "coordinator": 200}
COORDINATOR = expect(404, **RUNS, supervisor=403, institution_lead=403)
POSTS = expect(404, anonymous=LOGIN, coordinator=302, supervisor=403, institution_lead=403)
READS = expect(404, **RUNS, supervisor=200, institution_lead=403)


def extend(world: World) -> None:
    cycle, now = world.cycle, NOW
    world.extra["link"] = InviteLink.objects.create(
        cycle=cycle, role="participant", changed_by=world.rhian, changed_at=now
    )
    shared = {"cycle": cycle, "role": "participant", "created_by": world.rhian, "created_at": in_days(-2)}
    world.extra["invitation"] = Invitation.objects.create(
        email=world.dev.email, sent_at=in_days(-2), expires_at=in_days(400), **shared
    )
    draft = [{"row": 2, "email": "new@example.org", "name": "New"}]
    world.extra["draft"] = InvitationBatch.objects.create(rows=draft, **shared)
    world.extra["list"] = InvitationBatch.objects.create(confirmed_at=in_days(-2), **shared)
    world.extra["offered"] = make.MembershipFactory(
        cycle=world.other_cycle,
        user=world.ben,
        status="offered",
        offer_expires_at=in_days(400),
        waiting_since=in_days(-1),
    )


def grow(world: World, times: int) -> None:
    """More people in every state, groups, letters and lists; Ben is in more programmes and more of them are over."""
    cycle = world.cycle
    for _ in range(times):
        number = Invitation.objects.count()
        queue = {"cycle": cycle, "waiting_since": in_days(-1), "joined_at": None}
        for status in ("requested", "waiting", "left", "declined"):
            make.MembershipFactory(status=status, join_note="Hello", ended_at=None, **queue)
        make.MembershipFactory(cycle=cycle, decided_at=timezone.now(), user__given_name="Ben")
        make.MembershipFactory(cycle=cycle, role="leader", user__given_name="Ben")
        group = make.GroupFactory(cycle=cycle)
        for membership in (make.MembershipFactory(cycle=cycle), make.MembershipFactory(cycle=cycle, role="leader")):
            make.GroupMemberFactory(group=group, membership=membership)
        make.GroupMemberFactory(group=group, membership=world.memberships["ben"], ended_at=in_days(-1))
        for status in ("active", "left", "waiting", "offered"):
            elsewhere = {"waiting_since": in_days(-1), "offer_expires_at": in_days(400)}
            make.MembershipFactory(user=world.ben, status=status, **elsewhere)
        shared = {"cycle": cycle, "role": "participant", "created_by": world.rhian, "created_at": in_days(-2)}
        dates = {"sent_at": in_days(-2), "expires_at": in_days(400)}
        Invitation.objects.create(email=f"grown{number}@example.org", batch=world.extra["list"], **dates, **shared)
        Invitation.objects.create(email=world.ben.email, **dates, **{**shared, "cycle": make.CycleFactory()})
        InvitationBatch.objects.create(confirmed_at=in_days(-2), **shared)
        for status in ("accepted", "declined", "revoked"):
            answered = {"status": status, "answered_at": NOW, "batch": world.extra["list"], "row": number}
            Invitation.objects.create(email=f"{status}{number}@example.org", **answered, **dates, **shared)
        rejected = [{"row": number, "code": "no_address", "message": "No address.", "value": "x"}]
        InvitationBatch.objects.filter(pk=world.extra["list"].pk).update(rejected=rejected * (number + 1))
        world.extra["draft"].rows.append({"row": number, "email": f"row{number}@example.org", "name": ""})
        world.extra["draft"].save()
        audit.record(
            actor=world.rhian,
            action="programmes.people_placed",
            target=world.memberships["ben"],
            cycle_id=cycle.pk,
            now=NOW,
        )


def of_cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def of_member(name: str) -> Any:
    return lambda world: {**of_cycle(world), "uuid": world.memberships[name].uuid}


def of_group(world: World) -> dict[str, Any]:
    return {**of_cycle(world), "uuid": world.group.uuid}


def of_link(world: World) -> dict[str, Any]:
    return {**of_cycle(world), "role": "participant"}


def of_extra(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


def token(world: World) -> dict[str, Any]:
    return {"token": world.extra["link"].token}


def letter(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["invitation"].uuid, "token": world.extra["invitation"].token}


EVERYBODY = expect(200, anonymous=LOGIN)
ROWS = [
    # --- joining by oneself: a public programme, everybody may look at what joining means
    Row("programmes:join_start", EVERYBODY, lambda w: {"slug": w.programme.slug}),
    Row(
        "programmes:join_start",
        expect(404, anonymous=LOGIN, coordinator=200, institution_lead=200, superuser=200),
        lambda w: {"slug": w.draft_programme.slug},
        note="draft",
    ),
    Row(
        "programmes:join_start",
        expect(
            302, anonymous=LOGIN, participant=200, leader=200, coordinator=200, supervisor=200, partner=200, former=200
        ),
        lambda w: {"slug": w.programme.slug},
        method="POST",
        data=lambda w: {"note": "Hello"},
    ),
    Row(
        "programmes:join_check",
        expect(
            200, anonymous=LOGIN, participant=302, leader=302, coordinator=302, supervisor=302, partner=302, former=302
        ),
        lambda w: {"slug": w.programme.slug},
    ),
    Row("programmes:my_memberships", EVERYBODY),
    # --- one's own places: nobody else's exist
    Row(
        "programmes:join_done",
        expect(404, anonymous=LOGIN, participant=200),
        lambda w: {"uuid": w.memberships["ben"].uuid},
    ),
    Row(
        "programmes:membership_leave",
        expect(404, anonymous=LOGIN, participant=200),
        lambda w: {"uuid": w.memberships["ben"].uuid},
    ),
    Row(
        "programmes:membership_leave",
        expect(404, anonymous=LOGIN, participant=302),
        lambda w: {"uuid": w.memberships["ben"].uuid},
        method="POST",
    ),
    Row(
        "programmes:membership_withdraw",
        expect(404, anonymous=LOGIN, participant=302),
        of_extra("offered"),
        method="POST",
    ),
    Row("programmes:offer_answer", expect(404, anonymous=LOGIN, participant=200), of_extra("offered")),
    Row(
        "programmes:offer_answer",
        expect(404, anonymous=LOGIN, participant=302),
        of_extra("offered"),
        method="POST",
        data=lambda w: {"answer": "accept"},
    ),
    # --- doors: a token is looked at, kept in the session and gone from the address
    Row("programmes:invite_link", expect(303), token),
    Row("programmes:invite_link", expect(404), lambda w: {"token": "x" * 46}, note="bent"),
    Row("programmes:invite_welcome", expect(404), note="without a link"),
    Row("programmes:invite_check", expect(404, anonymous=LOGIN), note="without a link"),
    Row("programmes:invitation_answer", expect(303), letter),
    Row("programmes:invitation_answer", expect(404), lambda w: {**letter(w), "token": "x" * 22}, note="bent"),
    Row("programmes:invitation_welcome", expect(404), note="without a letter"),
    Row("programmes:invitation_check", expect(404, anonymous=LOGIN), note="without a letter"),
    Row("programmes:invitation_decline", expect(404), method="POST", note="without a letter"),
    # --- people
    Row("programmes:people_list", READS, of_cycle),
    Row("programmes:people_list", READS, of_cycle, query="?tab=participants"),
    Row(
        "programmes:people_export",
        expect(404, anonymous=LOGIN, coordinator=200, supervisor=403, institution_lead=403),
        of_cycle,
        method="POST",
        data=lambda w: {"tab": "participants"},
    ),
    Row(
        "programmes:requests_approve",
        POSTS,
        of_cycle,
        method="POST",
        data=lambda w: {"who": [str(w.memberships["zoe"].uuid)]},
    ),
    Row("programmes:member_add", COORDINATOR, of_cycle, query="?q=ben"),
    Row(
        "programmes:member_add",
        POSTS,
        of_cycle,
        method="POST",
        data=lambda w: {"role": "leader", "who": str(w.dev.uuid)},
    ),
    Row("programmes:member_detail", READS | {"institution_lead": 404}, of_member("ben"), note="of a participant"),
    Row("programmes:request_approve", POSTS | {"institution_lead": 404}, of_member("zoe"), method="POST"),
    Row(
        "programmes:request_turn_away",
        COORDINATOR | {"institution_lead": 404},
        lambda w: {**of_member("zoe")(w), "answer": "decline"},
    ),
    Row(
        "programmes:request_turn_away",
        POSTS | {"institution_lead": 404},
        lambda w: {**of_member("zoe")(w), "answer": "defer"},
        method="POST",
        data=lambda w: {"reason": "Later."},
    ),
    Row("programmes:decision_undo", POSTS | {"institution_lead": 404}, of_member("zoe"), method="POST"),
    Row("programmes:member_remove", COORDINATOR | {"institution_lead": 404}, of_member("ben")),
    Row(
        "programmes:member_remove",
        POSTS | {"institution_lead": 404},
        of_member("ben"),
        method="POST",
        data=lambda w: {"reason": "Asked to."},
    ),
    Row("programmes:member_reinstate", POSTS | {"institution_lead": 404}, of_member("ben"), method="POST"),
    Row("programmes:point_person_name", POSTS | {"institution_lead": 404}, of_member("rhian"), method="POST"),
    # --- groups: also for those in it
    Row("programmes:group_list", READS, of_cycle),
    Row("programmes:group_create", COORDINATOR, of_cycle),
    Row("programmes:group_create", POSTS, of_cycle, method="POST", data=lambda w: {"name": "New", "shape": "group"}),
    Row(
        "programmes:group_detail",
        expect(404, anonymous=LOGIN, coordinator=200, supervisor=200, leader=200, participant=200),
        of_group,
    ),
    Row("programmes:group_edit", expect(404, **RUNS, supervisor=403, leader=403, participant=403), of_group),
    Row(
        "programmes:group_edit",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403, leader=403, participant=403),
        of_group,
        method="POST",
        data=lambda w: {"name": "Other", "shape": "group"},
    ),
    Row("programmes:group_end", expect(404, **RUNS, supervisor=403, leader=403, participant=403), of_group),
    Row(
        "programmes:group_place",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403, leader=403, participant=403),
        of_group,
        method="POST",
        data=lambda w: {"who": [str(w.memberships["ben"].uuid)]},
    ),
    Row(
        "programmes:group_move",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403, leader=403, participant=403),
        of_group,
        method="POST",
        data=lambda w: {"who": [str(w.memberships["ben"].uuid)], "to": "out"},
    ),
    # --- invitations
    Row("programmes:invitation_list", COORDINATOR, of_cycle),
    Row(
        "programmes:invitation_send",
        POSTS,
        of_cycle,
        method="POST",
        data=lambda w: {"role": "leader", "email": "a@example.org"},
    ),
    Row(
        "programmes:invitation_resend",
        expect(404, anonymous=LOGIN, coordinator=302),
        of_extra("invitation"),
        method="POST",
    ),
    Row(
        "programmes:invitation_withdraw",
        expect(404, anonymous=LOGIN, coordinator=302),
        of_extra("invitation"),
        method="POST",
    ),
    Row("programmes:link_switch", POSTS, of_link, method="POST", data=lambda w: {"on": "0"}),
    Row("programmes:link_renew", POSTS, of_link, method="POST"),
    Row("programmes:link_qr", COORDINATOR, of_link),
    Row("programmes:link_print", COORDINATOR, of_link),
    Row(
        "programmes:batch_upload",
        expect(404, anonymous=LOGIN, coordinator=422, supervisor=403, institution_lead=403),
        of_cycle,
        method="POST",
        data=lambda w: {"role": "leader"},
    ),
    Row("programmes:batch_detail", expect(404, **RUNS), of_extra("draft")),
    Row("programmes:batch_detail", expect(404, **RUNS), of_extra("list"), note="sent"),
    Row("programmes:batch_report", expect(404, **RUNS), of_extra("list")),
    Row("programmes:batch_confirm", expect(404, anonymous=LOGIN, coordinator=302), of_extra("draft"), method="POST"),
    Row("programmes:batch_discard", expect(404, anonymous=LOGIN, coordinator=302), of_extra("draft"), method="POST"),
    Row("programmes:batch_stop", expect(404, anonymous=LOGIN, coordinator=302), of_extra("list"), method="POST"),
]
