"""Co-design to launch: asked, in, a proposal, a workshop, a decision, signed by both sides, and the cycle moves on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

SHOWN = "Curriculum partners"
IDEA = "Buses first, then the timetable"


def press(page: Page, name: "str | re.Pattern[str]", *, role: str = "button") -> None:
    """Press what is called `name` and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def design_of(page: Page, key: str) -> str:
    """Sign in and open the design from My programmes; its address."""
    become(page, key)
    page.goto("/programmes/mine/")
    with page.expect_navigation():
        page.locator("#designed + ul a", has_text=SHOWN).click()
    return page.url


def say_yes_and_propose(page: Page) -> None:
    """Dev has been asked. He says yes, proposes something, and finds nothing of the programme's people."""
    address = design_of(page, "dev")
    assert_accessible(page)
    press(page, "Yes, I am in")
    press(page, "Propose something", role="link")
    page.get_by_label("In one line").fill(IDEA)
    page.get_by_label(re.compile("What you propose")).fill("The last bus to Llandre leaves at five.")
    press(page, "Propose it")
    expect(page.get_by_role("link", name=IDEA)).to_be_visible()
    assert_accessible(page)
    assert page.request.get(address.replace("/design/", "/people/")).status == 404


def meet_and_decide(page: Page) -> None:
    """Rhian is not let on yet. A workshop talks about it; she writes it down, and what was decided."""
    become(page, "rhian")
    page.goto("/programmes/mine/")
    with page.expect_navigation():
        page.locator("#designed + ul a", has_text=SHOWN).click()
    address = page.url
    press(page, "Workshops", role="link")
    press(page, "Add a workshop", role="link")
    page.get_by_role("textbox", name="Title").fill("Third workshop: buses")
    page.get_by_role("checkbox", name=re.compile("Dev Patel")).check(force=True)
    page.get_by_role("checkbox", name=re.compile("Maya Lindqvist")).check(force=True)
    page.get_by_role("textbox", name="What came of it").fill("A timetable of buses on the wall.")
    press(page, "Save")
    expect(page.get_by_role("link", name="Third workshop: buses")).to_be_visible()
    page.goto(address)
    press(page, IDEA, role="link")
    press(page, "Put it into the ledger", role="link")
    page.get_by_role("textbox", name="Question").fill("What do we look at before a meeting is set?")
    press(page, "Put it")
    press(page, "Record the decision", role="link")
    page.get_by_role("radio", name=IDEA).check(force=True)
    page.get_by_role("textbox", name="What was decided").fill("Buses first.")
    page.get_by_role("textbox", name="Why", exact=True).fill("Who cannot come cannot say anything.")
    page.get_by_role("textbox", name=re.compile("How student input")).fill("It was a student’s idea.")
    press(page, "Record it")
    expect(page.get_by_text("Recorded.").first).to_be_visible()
    assert_accessible(page)
    page.goto(address.replace("/design/", "/move/"))
    expect(page.get_by_text(re.compile("Agree the design")).first).to_be_visible()


def sign(page: Page) -> None:
    """Maya, on her phone: what waits for her is the role description, of which staff have signed the new version."""
    design_of(page, "maya")
    press(page, "Role description", role="link")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    press(page, "Sign version 2")
    expect(page.get_by_text("Signed, with your name")).to_be_visible()


def move_on(page: Page) -> None:
    """Both sides have signed: the gate opens."""
    become(page, "rhian")
    page.goto("/programmes/mine/")
    with page.expect_navigation():
        page.locator("#designed + ul a", has_text=SHOWN).click()
    page.goto(page.url.replace("/design/", "/move/"))
    press(page, re.compile("Preparing", re.IGNORECASE))
    expect(page.locator(".ph-meta", has_text="Preparing")).to_be_visible()


def test_a_programme_is_designed_with_its_students_and_moves_on(desktop: Page, phone: Page, demo_site: Live) -> None:
    say_yes_and_propose(desktop)
    meet_and_decide(desktop)
    sign(phone)
    move_on(desktop)
