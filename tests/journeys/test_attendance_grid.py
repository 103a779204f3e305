"""The grid by hand: keys on a desk, taps on a phone, and two people in one column."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

GROUP = "Statics, group C"
# Two sessions of the group, a day and two hours ago, that nobody has logged; and the address of its grid. Each test has
# its own two: which of these tests run beside each other on one demo, and in which order, is not settled.
UNLOGGED = f"""
from datetime import timedelta
from django.db.models import F
from django.utils import timezone
from programmes.models import Group, Session
now, hour = timezone.now(), timedelta(hours=1)
group = Group.objects.get(name={GROUP!r}, cycle__programme__slug="pass-engineering", cycle__state="running")
long_ago = {{"starts_at": F("starts_at") - 480 * hour, "ends_at": F("ends_at") - 480 * hour}}  # not between these two
group.sessions.filter(title__startswith="Clinic ").update(title="Another test's", **long_ago)
for title, ago in (("Clinic one", 26), ("Clinic two", 2)):
    at = now - ago * hour
    Session.objects.create(cycle=group.cycle, group=group, title=title, starts_at=at, ends_at=at + hour, created_at=now)
print(f"/programmes/pass-engineering/{{group.cycle.code}}/sessions/attendance/?group={{group.uuid}}")
"""
SAVES = f"""
from django.utils import timezone
from peerhub.accounts.models import User
from programmes.models import Session
from programmes.services.logs import LogEntry, log_session
session = Session.objects.select_related("cycle").get(title="Clinic two", group__name={GROUP!r})
rhian, entry = User.objects.get(email="rhian.maddox@aberwen.ac.uk"), LogEntry(outcome="nobody_came", version=0)
log_session(actor=rhian, session=session, entry=entry, key=None, now=timezone.now())
"""


@pytest.fixture
def address(demo_site: Live) -> str:
    return demo_site.shell(UNLOGGED)


def cell(page: Page, row: int, title: str) -> Locator:
    heads = page.locator(".ph-grid thead th").all_inner_texts()
    place = next(number for number, text in enumerate(heads) if title in text)
    return page.locator(".ph-grid tbody tr").nth(row).locator("> *").nth(place)


def test_marks_by_key_are_saved_at_once_and_what_somebody_else_saved_comes_back(
    desktop: Page, demo_site: Live, address: str
) -> None:
    desktop.watch.expected = ("status of 409",)  # type: ignore[attr-defined]
    become(desktop, "rhian")
    desktop.goto(address)
    expect(desktop.get_by_role("grid", name=re.compile("Attendance grid"))).to_be_visible()
    assert_accessible(desktop)
    first = cell(desktop, 0, "Clinic one")
    first.click()
    desktop.keyboard.type("hhl")
    expect(cell(desktop, 3, "Clinic one")).to_be_focused()
    expect(desktop.locator("#grid-said")).to_contain_text("Late. Not saved yet: 3")
    desktop.keyboard.press("ArrowRight")
    desktop.keyboard.press("e")
    desktop.keyboard.press("ArrowUp")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#grid-count")).to_have_text("Not saved yet: 3")
    desktop.keyboard.press("h")
    expect(desktop.get_by_text("Sessions that get their log: 2.")).to_be_visible()
    assert_accessible(desktop)

    demo_site.shell(SAVES)  # meanwhile, on another screen
    with desktop.expect_navigation():
        desktop.get_by_role("button", name="Save marks").click()
    expect(desktop.get_by_role("heading", name="One session was saved by somebody else meanwhile")).to_be_visible()
    expect(desktop.get_by_text(re.compile("1 session has its log now"))).to_be_visible()
    expect(desktop.locator("#grid-count")).to_have_text("Not saved yet: 1")
    assert_accessible(desktop)
    with desktop.expect_navigation():
        desktop.get_by_role("button", name="Save marks").click()
    expect(desktop.get_by_text("Saved. 1 mark was changed.")).to_be_visible()
    expect(cell(desktop, 0, "Clinic one")).to_have_attribute("aria-label", "Here")
    expect(cell(desktop, 4, "Clinic one")).to_have_attribute("aria-label", "Not here")
    expect(cell(desktop, 3, "Clinic two")).to_have_attribute("aria-label", "Here")


def test_the_grid_is_one_stop_and_its_heads_are_reached_by_arrows(desktop: Page, address: str) -> None:
    become(desktop, "rhian")
    desktop.goto(address)
    stops = desktop.locator('.ph-grid :is(td, a)[tabindex="0"]')
    expect(stops).to_have_count(1)
    assert desktop.locator(".ph-grid a:not([tabindex])").count() == 0
    cell(desktop, 0, "Clinic one").click()
    desktop.keyboard.press("ArrowUp")
    expect(desktop.locator(".ph-grid thead a", has_text="Clinic one")).to_be_focused()
    desktop.keyboard.press("h")  # no mark for a head
    expect(desktop.locator("#grid-count")).to_have_text("Nothing to save")
    expect(stops).to_have_count(1)
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("Home")
    desktop.keyboard.press("ArrowLeft")
    person = desktop.locator(".ph-grid tbody th a").first
    expect(person).to_be_focused()
    with desktop.expect_navigation():
        desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile("/people/"))


def test_marks_by_tap_on_a_phone(phone: Page, address: str) -> None:
    become(phone, "rhian")
    for width in (390, 320):
        phone.set_viewport_size({"width": width, "height": 700})
        phone.goto(address)
        assert_no_sideways_scrolling(phone)
        assert_accessible(phone)
    chosen = cell(phone, 5, "Clinic one")
    chosen.tap()
    phone.get_by_role("group", name="Mark of the chosen cell").get_by_role("button", name="Excused").tap()
    expect(chosen).to_have_attribute("aria-label", "Excused")
    expect(cell(phone, 6, "Clinic one")).to_be_focused()
    name = phone.locator(".ph-grid tbody th").nth(5).bounding_box()
    assert name
    assert name["x"] >= 0, "the first column has scrolled away"
    for said in (
        "1 session has its log now; whoever was left blank is down as not here.",
        "Saved. 1 mark was changed.",
    ):
        with phone.expect_navigation():
            phone.get_by_role("button", name="Save marks").tap()
        expect(phone.get_by_text(said)).to_be_visible()
        cell(phone, 6, "Clinic one").tap()
        phone.get_by_role("group", name="Mark of the chosen cell").get_by_role("button", name="Late").tap()


def test_without_a_script_a_column_leads_to_its_sheet_and_back(chromium, demo_site: Live, address: str) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context(base_url=demo_site.base, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/demo/")
    page.locator('form[action$="/demo/sign-in/rhian/"] button').first.click()
    page.goto(address)
    expect(page.get_by_role("button", name="Save marks")).to_have_count(0)
    page.locator(".ph-grid thead a", has_text="Clinic one").click()
    page.get_by_role("checkbox").nth(6).check(force=True)
    page.get_by_role("button", name="Save log").click()
    expect(page).to_have_url(f"{demo_site.base}{address}")
    context.close()
