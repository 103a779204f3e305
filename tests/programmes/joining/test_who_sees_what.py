"""What the joining page promises is what the pages do."""

import pytest

from peerhub.common.access import can
from programmes.models import ActivityType, GroupMember, Membership, Role
from programmes.queries.groups import group_page
from programmes.queries.joining import who_sees_what
from tests import factories as make
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


def said(cycle, role=Role.PARTICIPANT):
    return {str(sight.who): str(sight.sees) for sight in who_sees_what(cycle, role)}


def of_type(code):
    return make.CycleFactory(programme__activity_type=ActivityType.objects.get(code=code))


def grouped(cycle, **shape):
    group = make.GroupFactory(cycle=cycle, **shape)
    people = {}
    for name, role in (("Amara", Role.LEADER), ("Ben", Role.PARTICIPANT), ("Zoe", Role.PARTICIPANT)):
        people[name] = make.MembershipFactory(
            cycle=cycle, role=role, user=make.UserFactory(given_name=name, family_name="Secret")
        )
        GroupMember.objects.create(group=group, membership=people[name], started_at=cycle.created_at)
    return group, people


def test_a_group_shows_first_names_to_those_who_take_part(now):
    cycle = of_type("pass")
    group, people = grouped(cycle)
    assert said(cycle)["Other students"] == "Your first name."
    page = group_page(group, viewer=people["Ben"].user, runs=False, now=now)
    assert (page.first_names, page.participants, page.hidden) == (["Zoe"], [], 0)


def test_a_specialist_community_lists_nobody_to_its_members(now):
    cycle = of_type("peer-communities")
    group, people = grouped(cycle)
    assert said(cycle)["Other members"].startswith("Nothing.")
    page = group_page(group, viewer=people["Ben"].user, runs=False, now=now)
    assert (page.first_names, page.participants, page.hidden) == ([], [], 1)


@pytest.mark.parametrize(("code", "shares"), [("pass", False), ("peer-mentoring", True)])
def test_only_pairs_share_addresses(now, code, shares):
    cycle = of_type(code)
    group, people = grouped(cycle)
    leader = "Your PASS leader" if code == "pass" else "Your mentor"
    assert ("e-mail" in said(cycle)[leader]) is shares
    assert group_page(group, viewer=people["Amara"].user, runs=False, now=now).shows_addresses is shares


def test_who_leads_sees_whole_names_of_their_own_group_only(now):
    cycle = of_type("pass")
    group, people = grouped(cycle)
    other, _others = grouped(cycle)
    page = group_page(group, viewer=people["Amara"].user, runs=False, now=now)
    assert page.participants == [people["Ben"], people["Zoe"]]
    assert not type(group).objects.visible_to(people["Amara"].user).filter(pk=other.pk).exists()


def test_partners_and_leads_may_not_see_people(now):
    cycle = scenes.cycle()
    partner = make.MembershipFactory(cycle=cycle, role=Role.PARTNER).user
    lead = make.RoleGrantFactory(unit=cycle.programme.owner_unit).user
    for one in (partner, lead):
        assert not can(one, "programmes.view_people", cycle)
        assert not Membership.objects.visible_to(one).exclude(user=one).exists()
    assert "never see whether you came" in said(cycle)["Lecturers and partner departments"]


def test_those_who_run_it_are_named(now):
    cycle = scenes.cycle()
    assert "The coordinator, Rhian Pugh" in said(cycle)
    assert not any("supervisor" in who for who in said(cycle))
    make.MembershipFactory(
        cycle=cycle, role=Role.SUPERVISOR, user=make.UserFactory(given_name="Imran", family_name="Qureshi")
    )
    assert "The supervisor, Imran Qureshi" in said(cycle)


def test_who_would_lead_reads_about_leading(now):
    words = said(of_type("peer-mentoring"), Role.LEADER)
    assert words["The mentees you lead"] == "Your name, pronouns and e-mail address."
    assert any("Never your private reflections" in sees for sees in words.values())
