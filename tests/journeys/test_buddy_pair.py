"""A buddy pair: matched, first contact, silence, the coordinator's Monday digest, a wish for another match, a new one.

Days that must pass are made to: what lies in the past is moved there in the database. Pages and mails are the real
ones.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

# Rhian coordinates, Amara and Leila lead, Ben takes part; nobody is matched. Vacations count as days, so that the
# journey is the same at Christmas.
UNMATCHED = """
from datetime import timedelta
from django.utils import timezone
from peerhub.accounts.models import User
from programmes.models import ActivityType, Programme
from tests import factories as make

now = timezone.now()
university = Programme.objects.get(slug="first-year-buddies").owner_unit
programme = make.ProgrammeFactory(
    slug="campus-buddies", name="Campus buddies", activity_type=ActivityType.objects.get(code="buddying"),
    owner_unit=university,
)
cycle = make.CycleFactory(
    programme=programme, code="year", starts_on=now.date() - timedelta(days=60),
    ends_on=now.date() + timedelta(days=200), vacations_count=True, created_at=now - timedelta(days=70),
)
for email, role in (("rhian.maddox@aberwen", "coordinator"), ("amara.okafor@student", "leader"),
                    ("ben.osei@student", "participant")):
    user = User.objects.get(email__startswith=email + ".")
    make.MembershipFactory(cycle=cycle, user=user, role=role, is_point_person=role == "coordinator")
leila = User.objects.filter(given_name="Leila", family_name="Haddad", memberships__cycle__state="running").first()
make.MembershipFactory(cycle=cycle, user=leila, role="leader")
"""
# Forty days pass.
LATER = """
from datetime import timedelta
from programmes.models import GroupMember, Session
pair = {"group__name": "Amara and Ben", "group__cycle__programme__slug": "campus-buddies"}
for place in GroupMember.objects.filter(**pair):
    GroupMember.objects.filter(pk=place.pk).update(started_at=place.started_at - timedelta(days=41))
[contact] = Session.objects.filter(kind="contact", **pair)
ago = timedelta(days=40)
Session.objects.filter(pk=contact.pk).update(starts_at=contact.starts_at - ago, ends_at=contact.ends_at - ago)
"""
# And it is Monday, eight o'clock: the last Monday but one, of which this planner has planned nothing.
MONDAY = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from peerhub.common import clock
from peerhub.common.mail.planner import plan
from peerhub.common.models.outbox import WorkerBeat
from programmes.queries.cadence_reminders import cadence_reminders

today = timezone.localdate()
monday = today - timedelta(days=today.weekday() + 7)
eight = clock.day_bounds(monday, "Europe/London")[0] + timedelta(hours=8, minutes=30)
class Undone(Exception):
    pass
try:
    with transaction.atomic():
        WorkerBeat.objects.update_or_create(name="planner", defaults={"at": eight - timedelta(hours=1)})
        due = [one for one in cadence_reminders(eight) if one.kind == "programmes.monday_digest"]
        raise Undone
except Undone:
    print(plan(due, eight))
"""


def press(page: Page, name: "str | re.Pattern[str]", *, role: str = "button") -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def match_them(page: Page) -> None:
    """Rhian makes the pair and puts both in."""
    become(page, "rhian")
    page.goto("/programmes/campus-buddies/year/groups/")
    press(page, "Make the first group", role="link")
    assert_accessible(page)
    page.get_by_label("Name").fill("Amara and Ben")
    page.get_by_label("Pair").check()
    press(page, "Make the group")
    for name in ("Amara Okafor", "Ben Osei"):
        page.get_by_label(re.compile(name)).first.check()
    press(page, "Put in those ticked")
    expect(page.get_by_text("Amara Okafor").first).to_be_visible()
    assert_accessible(page)


def make_first_contact(page: Page) -> None:
    """Amara, on her phone: her students, Ben, met, save."""
    become(page, "amara")
    page.goto("/home/leader/")
    with page.expect_navigation():
        page.locator('.ph-tabbar a[href*="students"]').tap()
    assert_accessible(page)
    campus = page.locator("section", has=page.get_by_role("heading", name=re.compile("Campus buddies|Amara and Ben")))
    with page.expect_navigation():
        campus.get_by_role("link", name=re.compile("Ben")).first.tap()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.locator("label", has_text="Met").first.tap()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").tap()


def read_the_digest(page: Page) -> None:
    """Rhian's Monday mail names Ben; its link leads to the list he is on."""
    become(page, "rhian")
    subject = re.compile(r"^Monday: \d+ to look at")
    for _attempt in range(60):
        page.goto("/demo/mail/?q=rhian.maddox@aberwen.ac.uk")
        if page.get_by_role("link", name=subject).count():
            break
        page.wait_for_timeout(1000)
    press(page, subject, role="link")
    assert_accessible(page)
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Ben Osei").first).to_be_visible()
    page.goto(page.url + "?part=text")
    text = page.locator(".ph-mailtext").inner_text()
    lines = re.search(r"Campus buddies, year\n- No contact lately \(1\): Ben Osei\n\s+(\S+)", text)
    assert lines, text
    page.goto(lines[1])
    assert_accessible(page)
    expect(page.get_by_role("heading", name="Who has gone quiet")).to_be_visible()
    line = page.get_by_role("row", name=re.compile("Ben Osei"))
    expect(line).to_contain_text("Amara Okafor")


def ask_for_another_match(page: Page) -> None:
    """Ben, on his phone, without a reason."""
    become(page, "ben")
    page.goto("/programmes/mine/")
    with page.expect_navigation():
        page.get_by_role("link", name="Amara and Ben").first.tap()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Ask for another match").tap()
    assert_accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Ask the coordinator").tap()
    expect(page.get_by_text(re.compile("asked for another match")).first).to_be_visible()


def give_him_one(page: Page) -> None:
    """Rhian finds the wish, and makes a new pair; the old one ends by itself."""
    page.goto("/programmes/campus-buddies/year/other-matches/")
    press(page, re.compile("^Answer"), role="link")
    assert_accessible(page)
    page.get_by_label("New match").select_option(label="A new pair with Leila Haddad, in no group now")
    press(page, "Match and tell them")
    page.goto("/programmes/campus-buddies/year/groups/?show=ended")
    expect(page.get_by_role("link", name="Amara and Ben")).to_be_visible()
    page.goto("/programmes/campus-buddies/year/quiet/")
    expect(page.get_by_text("Nobody here. Good.")).to_be_visible()


def hear_of_it(page: Page) -> None:
    """Ben's page, and a mail to each: his names Leila, Amara's says that it has ended and not who asked."""
    page.goto("/programmes/mine/")
    expect(page.get_by_role("link", name=re.compile("Leila")).first).to_be_visible()
    for who, subject in (
        ("ben.osei", re.compile("You are in .*Leila")),
        ("amara.okafor", re.compile("Campus buddies")),
    ):
        for _attempt in range(60):
            page.goto(f"/demo/mail/?q={who}@student.aberwen.ac.uk")
            if page.get_by_role("link", name=subject).count():
                break
            page.wait_for_timeout(1000)
        page.get_by_role("link", name=subject).first.click()
        page.goto(page.url.partition("?")[0] + "?part=text")
        expect(page.locator(".ph-mailtext")).to_contain_text("Campus buddies")
        expect(page.locator(".ph-mailtext")).not_to_contain_text("asked")


def test_a_buddy_pair_from_first_contact_to_silence_to_digest_to_another_match(
    desktop: Page, phone: Page, demo_site: Live
) -> None:
    demo_site.shell(UNMATCHED)
    match_them(desktop)
    make_first_contact(phone)
    demo_site.shell(LATER)
    assert int(demo_site.shell(MONDAY)) > 0
    read_the_digest(desktop)
    ask_for_another_match(phone)
    give_him_one(desktop)
    hear_of_it(phone)
