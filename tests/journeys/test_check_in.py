"""A session begins: Amara shows the code on the screen, Ben types it on his phone, and her register has him ticked.
A centre's desk: Rhian opens it, a tablet with nobody signed in takes a student number.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

TITLE = "Exam clinic"


BEGIN = f"""
from datetime import timedelta
from django.utils import timezone
from programmes.models import Group, Session, SessionLeader
now, hour = timezone.now(), timedelta(hours=1)
group = Group.objects.get(name="Maths 1, group B", cycle__programme__slug="pass-engineering", cycle__state="running")
others = Session.objects.filter(cycle=group.cycle, starts_at__lt=now + hour, ends_at__gt=now - hour)
others.update(starts_at=now - 4 * hour, ends_at=now - 3 * hour)
drop_ins = Session.objects.filter(cycle__programme__slug="maths-centre", starts_at__lt=now, ends_at__gt=now)
drop_ins.update(starts_at=now - 1.5 * hour, ends_at=now - hour)
on = Session.objects.create(
    cycle=group.cycle, group=group, title={TITLE!r}, place="B2.14", created_at=now,
    starts_at=now - timedelta(minutes=2), ends_at=now + hour,
)
amara = group.cycle.memberships.get(user__email__startswith="amara.okafor", role="leader")
SessionLeader.objects.create(session=on, membership=amara)
"""


def let_a_session_begin(site: Live) -> None:
    """The one session on now, of Amara's and Ben's group and this test's own, began two minutes ago."""
    site.shell(BEGIN)


def show_the_code(page: Page) -> str:
    """Amara opens the screen from her home; the code on it."""
    become(page, "amara")
    card = page.locator(".ph-next")
    expect(card).to_contain_text(TITLE)
    with page.expect_navigation():
        card.get_by_role("link", name="Show check-in code").click()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    expect(page.locator(".ph-beam__qr svg")).to_be_visible()
    expect(page.locator(".ph-beam__count")).to_contain_text("0 in")
    return page.locator(".ph-beam__code .visually-hidden").inner_text().replace(", ", "")


def type_the_code(page: Page, code: str) -> None:
    """Ben, on his phone, in lower case and with a space, as people type."""
    become(page, "ben")
    page.goto("/home/student/")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.get_by_label("Check-in code").fill(f"{code[:3]} {code[3:]}".lower())
    with page.expect_navigation():
        page.get_by_role("button", name="I’m here").tap()
    expect(page.get_by_role("heading", name="You are in, Ben")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def find_him_in_the_register(page: Page) -> None:
    """The screen counts him by itself; the register has him ticked; Amara saves it."""
    expect(page.locator(".ph-beam__count")).to_contain_text("1 in", timeout=12_000)
    with page.expect_navigation():
        page.get_by_role("link", name="Register").click()
    assert_accessible(page)
    ben = page.get_by_role("checkbox", name=re.compile("Ben Osei"))
    expect(ben).to_be_checked()
    expect(page.get_by_text(re.compile(r"Checked in \d\d:\d\d"))).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Save log").click()
    expect(page.get_by_text("Saved. 1 person was here")).to_be_visible()


def test_a_code_on_the_screen_ticks_the_register(desktop: Page, phone: Page, demo_site: Live) -> None:
    let_a_session_begin(demo_site)
    desktop.emulate_media(color_scheme="dark")
    type_the_code(phone, show_the_code(desktop))
    find_him_in_the_register(desktop)


def test_a_desk_takes_a_student_number(desktop: Page, chromium: Browser, demo_site: Live) -> None:
    let_a_session_begin(demo_site)
    number = demo_site.shell(
        "from peerhub.accounts.models import ExternalId\n"
        "print(ExternalId.objects.get(user__email__startswith='ben.osei', source='sits').value)"
    )
    become(desktop, "rhian")
    desktop.goto("/home/coordinator/")
    workspace = desktop.locator('a[href^="/programmes/pass-engineering/"]').first.get_attribute("href") or ""
    desktop.goto("/".join(workspace.split("/")[:4]) + "/sessions/")
    with desktop.expect_navigation():
        desktop.get_by_role("link", name="Check-in desks").click()
    desktop.get_by_label("Where it stands").fill("Maths centre")
    with desktop.expect_navigation():
        desktop.get_by_role("button", name="Open a desk").click()
    assert_accessible(desktop)
    address = desktop.get_by_label("Address for the tablet").first.input_value()

    tablet = chromium.new_context(base_url=demo_site.base, locale="en-GB", viewport={"width": 768, "height": 1024})
    desk = tablet.new_page()
    desk.goto(address)
    expect(desk).to_have_url(f"{demo_site.base}/desk/")  # the secret is gone from the address
    assert_accessible(desk)
    expect(desk.get_by_label("Card or student number")).to_be_focused()
    desk.keyboard.type("00000001")  # as a reader types, Enter included
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("That number is not known here. Ask at the desk.")).to_be_visible()
    expect(desk.get_by_label("Card or student number")).to_be_focused()
    desk.keyboard.type(number)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Ben, you are in.")).to_be_visible()
    assert_accessible(desk)
    assert_no_sideways_scrolling(desk)
    expect(desk.get_by_text("Ben, you are in.")).to_have_count(0, timeout=12_000)  # it forgets by itself
    tablet.close()
