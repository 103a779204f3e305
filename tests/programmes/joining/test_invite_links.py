from uuid import uuid4

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import CycleState, InviteLink, JoinPolicy, Membership, Role
from programmes.services.invite_links import LinkRefused, join_by_link, renew_link, switch_link
from programmes.services.joining import JoiningRefused
from programmes.services.places import NoPlace
from tests import factories as make
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db):
    return scenes.cycle(JoinPolicy.INVITATION, places=1)


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


@pytest.fixture
def link(cycle, rhian, now):
    return switch_link(actor=rhian, cycle_id=cycle.pk, role="participant", is_on=True, now=now)


def come_in(link, now, user=None, **more):
    return join_by_link(actor=user or make.UserFactory(), link_uuid=link.uuid, version=link.version, now=now, **more)


def test_switch_link_makes_one_per_role_and_records_changes_only(now, cycle, rhian):
    for is_on in (True, True, False, False):
        switch_link(actor=rhian, cycle_id=cycle.pk, role="leader", is_on=is_on, now=now)
    link = InviteLink.objects.get(cycle=cycle)
    assert not link.is_on
    actions = [event.action for event in AuditEvent.objects.about(link)]
    assert actions == ["programmes.link_switched_off", "programmes.link_switched_on"]


@pytest.mark.parametrize("role", ["coordinator", "supervisor", "partner", "owner"])
def test_switch_link_knows_two_roles(now, cycle, rhian, role):
    with pytest.raises(LinkRefused, match="role_not_allowed"):
        switch_link(actor=rhian, cycle_id=cycle.pk, role=role, is_on=True, now=now)


def test_renew_link_makes_earlier_tokens_useless(now, cycle, rhian, link):
    old = link.token
    fresh = renew_link(actor=rhian, cycle_id=cycle.pk, role="participant", now=now)
    assert fresh.token != old
    assert InviteLink.objects.by_token(old) == (fresh, 1)  # ours, but of an earlier version
    with pytest.raises(LinkRefused, match="renewed"):
        come_in(link, now)


def test_join_by_link_passes_the_policy_but_not_the_places(now, cycle, link):
    first, second = come_in(link, now), come_in(link, now)
    assert (first.status, first.source, second.status) == ("active", "link", "waiting")
    link.refresh_from_db()
    assert link.uses == 2


def test_join_by_link_without_a_waiting_list_is_refused_when_full(now, cycle, link):
    type(cycle).objects.filter(pk=cycle.pk).update(waiting_list=False)
    scenes.taking_part(cycle)
    with pytest.raises(NoPlace):
        come_in(link, now)
    link.refresh_from_db()
    assert link.uses == 0


def test_who_would_lead_by_link_asks_first(now, cycle, rhian):
    link = switch_link(actor=rhian, cycle_id=cycle.pk, role="leader", is_on=True, now=now)
    assert come_in(link, now).status == "requested"
    assert len(scenes.letters("join_requested")) == 1


def test_join_by_link_refusals(now, cycle, rhian, link):
    ben = scenes.taking_part(cycle)[0].user
    with pytest.raises(JoiningRefused, match="already_in"):
        come_in(link, now, ben)
    switch_link(actor=rhian, cycle_id=cycle.pk, role="participant", is_on=False, now=now)
    with pytest.raises(LinkRefused, match="off"):
        come_in(link, now)


@pytest.mark.parametrize(
    ("state", "role", "opens"),
    [
        (CycleState.DESIGN, "participant", False),
        (CycleState.DESIGN, "leader", True),
        (CycleState.PREPARING, "participant", True),
        (CycleState.EVALUATING, "leader", False),
        (CycleState.CLOSED, "participant", False),
    ],
)
def test_join_by_link_fits_the_state_of_the_cycle(now, rhian, state, role, opens):
    cycle = scenes.cycle(JoinPolicy.INVITATION, state=state)
    link = switch_link(actor=rhian, cycle_id=cycle.pk, role=role, is_on=True, now=now)
    if opens:
        assert come_in(link, now).pk
        return
    with pytest.raises(LinkRefused, match="not_now"):
        come_in(link, now)


def test_join_by_link_double_submit_counts_once(now, cycle, link):
    ben, key = make.UserFactory(), uuid4()
    come_in(link, now, ben, form_key=key)
    with pytest.raises(Repeated):
        come_in(link, now, ben, form_key=key)
    link.refresh_from_db()
    assert link.uses == 1
    assert Membership.objects.filter(cycle=cycle, role=Role.PARTICIPANT).count() == 1
