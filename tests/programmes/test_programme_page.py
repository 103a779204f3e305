"""The programme's own page: whoever is in it reads what they are here, never how to join."""

import re

import pytest

from programmes.models import Membership, Role
from tests import factories as make

pytestmark = pytest.mark.django_db

PAGE = "/programmes/bio-pass/"
WORKSPACE = "/programmes/bio-pass/2026-27/"


def panel(client):
    """The card beside the text: where the reader stands."""
    body = client.get(PAGE).content.decode()
    found = re.search(r'<section[^>]*aria-labelledby="join">.*?</section>', body, re.DOTALL)
    return " ".join(found.group().split())


@pytest.mark.parametrize(
    ("who", "says", "leads_to"),
    [
        ("rhian", "You are the point person here", f'href="{WORKSPACE}"'),
        ("imran", "You supervise this programme", f'href="{WORKSPACE}"'),
        ("amara", "You are a PASS leader here", 'href="/home/leader/"'),
        ("ben", "You are taking part", 'href="/home/student/"'),
        ("elin", "You are a partner of this programme", ""),
    ],
)
def test_the_page_tells_members_what_they_are(world, client_of, frozen, who, says, leads_to):
    said = panel(client_of(getattr(world, who)))
    assert says in said
    assert leads_to in said
    for how_to_join in ("You ask, and", "Anyone may join", "Ask to join", "/join/"):
        assert how_to_join not in said


def test_the_page_tells_others_how_to_join(world, client_of, frozen):
    said = panel(client_of(world.dev))
    assert "You ask, and a coordinator says yes" in said
    assert "/programmes/bio-pass/join/" in said


def test_the_page_names_every_role_the_weightiest_first(world, client_of, frozen):
    make.MembershipFactory(cycle=world.cycle, user=world.rhian, role=Role.LEADER)
    make.MembershipFactory(cycle=world.cycle, user=world.rhian, role=Role.PARTNER)
    said = panel(client_of(world.rhian))
    assert "You are the point person here" in said
    assert "Your other role here: PASS leader." in said
    assert 'href="/home/as/leader/"' in said


def test_the_page_leads_to_the_workspace_of_the_cycle_somebody_runs(world, client_of, frozen):
    earlier = make.CycleFactory(programme=world.programme, code="2025-26", state="evaluating")
    Membership.objects.filter(user=world.imran).update(cycle=earlier)
    assert 'href="/programmes/bio-pass/2025-26/"' in panel(client_of(world.imran))


@pytest.mark.parametrize(("who", "status"), [("rhian", 200), ("ben", 200), ("dev", 404)])
def test_a_page_outside_the_catalogue_opens_for_its_own_people_alone(world, client_of, frozen, who, status):
    type(world.programme).objects.filter(pk=world.programme.pk).update(visibility="private")
    browser = client_of(getattr(world, who))
    assert browser.get(PAGE).status_code == status
    assert browser.get("/programmes/no-such-programme/").status_code == 404
