"""The main job, end to end, as five people do it: find, ask, approve, place, log, and read the mails about it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

GROUP = "Maths 1, group B"


def press(page: Page, name: "str | re.Pattern[str]", *, role: str = "button") -> None:
    """Press what is called `name` and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def ask_to_join(page: Page) -> None:
    """Dev finds PASS in the catalogue, reads what joining means, and asks."""
    become(page, "dev")
    page.goto("/")
    page.get_by_role("searchbox").first.fill("engineering")
    press(page, "Search")
    press(page, "PASS in Engineering", role="link")
    assert_accessible(page)
    page.locator('a[href$="/programmes/pass-engineering/join/"]').first.click()
    expect(page.get_by_role("heading", name=re.compile("who sees", re.IGNORECASE)).first).to_be_visible()
    assert_accessible(page)
    press(page, re.compile("^(Continue|Next)"))
    assert_accessible(page)
    page.get_by_label(re.compile("I know who sees what")).check()
    press(page, re.compile("^Ask to join"))
    expect(page.locator(".ph-success")).to_be_visible()
    assert_accessible(page)


def approve(page: Page) -> None:
    """Rhian sees on her home page that people ask, and says yes to Dev."""
    become(page, "rhian")
    press(page, re.compile(r"ask(s)? to join|requests?", re.IGNORECASE), role="link")
    press(page, re.compile("^Approve Dev Patel|^Approve.*Dev Patel"))
    expect(page.get_by_text("Dev Patel").first).to_be_visible()
    assert_accessible(page)


def place_in_group(page: Page) -> None:
    """Rhian puts Dev in the group that Amara leads."""
    press(page, "Groups", role="link")
    press(page, GROUP, role="link")
    assert_accessible(page)
    page.get_by_label(re.compile("Dev Patel")).first.check(force=True)
    press(page, "Put in those ticked")
    expect(page.get_by_text("Dev Patel").first).to_be_visible()
    assert_accessible(page)


def let_the_next_session_begin(site: Live) -> None:
    """Time passes: the next session of the group, which Dev is now expected at, starts."""
    site.shell(
        "from datetime import timedelta\n"
        "from django.utils import timezone\n"
        "from programmes.models import Session\n"
        "now = timezone.now()\n"
        f"ahead = Session.objects.filter(title={GROUP!r}, starts_at__gt=now)\n"
        "ahead = ahead.filter(cycle__programme__slug='pass-engineering')\n"
        "first = ahead.order_by('starts_at').values('pk')[:1]\n"
        "Session.objects.filter(pk__in=first).update(starts_at=now, ends_at=now + timedelta(hours=1))"
    )


def log_in_three_taps(page: Page) -> None:
    """Amara, on her phone, between two lectures: log, everyone was here, save."""
    become(page, "amara")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    with page.expect_navigation():
        page.locator(".ph-next").get_by_role("link", name="Log it").tap()  # one
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    expect(page.get_by_role("checkbox", name=re.compile("Dev Patel"))).to_have_count(1)
    page.get_by_role("button", name="Everyone was here").tap()  # two
    with page.expect_navigation():
        page.get_by_role("button", name="Save log").tap()  # three
    expect(page.get_by_text(re.compile(r"Saved. \d+ people were here"))).to_be_visible()


def read_mails(page: Page) -> None:
    """What Dev was told, rendered when it was sent; its link leads back in."""
    expect_mail = re.compile("You have a place|place in PASS", re.IGNORECASE)
    for _attempt in range(30):
        page.goto("/demo/mail/?q=dev.patel@student.aberwen.ac.uk")
        if page.get_by_role("link", name=expect_mail).count():
            break
        page.wait_for_timeout(1000)
    assert_accessible(page)
    press(page, expect_mail, role="link")
    assert_accessible(page)


def test_a_student_joins_is_placed_and_is_logged_in_three_taps(desktop: Page, phone: Page, demo_site: Live) -> None:
    ask_to_join(desktop)
    approve(desktop)
    place_in_group(desktop)
    let_the_next_session_begin(demo_site)
    log_in_three_taps(phone)
    read_mails(desktop)
