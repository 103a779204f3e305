"""A maths centre's afternoon: Ben queues from his phone, others at the desk; Maya takes them from hers; a screen calls
them; the register has who was there, and the unmet demand has who was not helped.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import PHONE, assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

TITLE = "Exam surgery"
BEGIN = f"""
from datetime import timedelta
from django.utils import timezone
from peerhub.accounts.models import ExternalId
from programmes.models import CheckIn, Cycle, DropIn, QueueEntry, Session, SessionLeader
from programmes.services.queues import join_queue, settle_queues
now, hour = timezone.now(), timedelta(hours=1)
cycle = Cycle.objects.get(programme__slug="maths-centre")
for on in Session.objects.filter(cycle=cycle, starts_at__lt=now, ends_at__gt=now - hour, status="planned"):
    QueueEntry.objects.filter(session=on).delete()
    CheckIn.objects.filter(session=on).delete()
    Session.objects.filter(pk=on.pk).update(starts_at=now - 4 * hour, ends_at=now - 3 * hour, status="nobody_came")
settle_queues(now=now)  # the demo's own drop-ins of this morning: their last ones are counted before we begin to
on = Session.objects.create(
    cycle=cycle, title={TITLE!r}, place="Hugh Owen C12", created_at=now,
    starts_at=now - timedelta(minutes=20), ends_at=now + 2 * hour,
)
SessionLeader.objects.create(session=on, membership=cycle.memberships.get(user__given_name="Maya", role="leader"))
"""
PEOPLE = """
people = cycle.memberships.filter(role="participant").exclude(user__given_name="Ben").order_by("pk")[:3]
for one in people:
    number = ExternalId.objects.get(user=one.user, source="sits").value
    print(number, one.user.short_name, one.user.display_name, sep="|")
"""
JOIN_LAST = (
    BEGIN.split("for on in", maxsplit=1)[0]
    + f"""
on = Session.objects.get(title={TITLE!r}, cycle=cycle)
last = cycle.memberships.filter(role="participant").exclude(user__given_name="Ben").order_by("pk")[2]
join_queue(actor=last.user, session_id=on.pk, now=now)
"""
)


@pytest.fixture
def another(chromium: Browser, demo_site: Live) -> Iterator[BrowserContext]:
    """A browser of its own: the tablet and the screen, on which nobody is signed in."""
    context = chromium.new_context(base_url=demo_site.base, locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def mayas(chromium: Browser, demo_site: Live) -> Iterator[Page]:
    context = chromium.new_context(base_url=demo_site.base, locale="en-GB", timezone_id="Europe/London", **PHONE)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def look(page: Page) -> None:
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def tap(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.tap()  # type: ignore[arg-type]


def workspace(page: Page) -> str:
    become(page, "rhian")
    page.goto("/home/coordinator/")
    link = page.locator('a[href^="/programmes/maths-centre/"]').first.get_attribute("href") or ""
    return "/".join(link.split("/")[:4])


def lost(page: Page, where: str) -> int:
    """What the page of unmet demand says: how many went without help."""
    page.goto(f"{where}/sessions/")
    with page.expect_navigation():
        page.get_by_role("link", name="Unmet demand").click()
    look(page)
    found = re.search(r"(\d+) went without help", page.locator("main").inner_text())
    return int(found.group(1)) if found else 0


def open_desk_and_screen(page: Page, where: str, browser: BrowserContext) -> tuple[Page, Page]:
    """Rhian's addresses, each in a browser with nobody signed in."""
    page.goto(f"{where}/desks/")
    look(page)
    addresses = [page.get_by_label(f"Address for the {what}").first.input_value() for what in ("tablet", "screen")]
    desk, screen = browser.new_page(), browser.new_page()
    desk.goto(addresses[0])
    screen.goto(addresses[1])
    expect(screen).to_have_url(re.compile(r"/screen/$"))  # the secret is gone from the address
    expect(screen.get_by_text("Nobody waits. Come in.")).to_be_visible()
    look(screen)
    return desk, screen


def join_by_phone(page: Page) -> None:
    become(page, "ben")
    page.goto("/home/student/")
    look(page)
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=re.compile("Join the queue")).first.tap()
    look(page)
    page.get_by_label("What is it about?").fill("Question 3")
    tap(page, "Join the queue")
    expect(page.get_by_role("heading", name="You are next")).to_be_visible()
    expect(page.locator(".ph-queue__ticket")).to_contain_text("1")
    look(page)


def join_at_desk(desk: Page, number: str, words: str) -> None:
    desk.bring_to_front()
    desk.get_by_label("Card or student number").fill(number)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text(words)).to_be_visible()


def test_an_afternoon_at_the_centre(
    desktop: Page, phone: Page, mayas: Page, another: BrowserContext, demo_site: Live
) -> None:
    people = [line.split("|") for line in demo_site.shell(BEGIN + PEOPLE).strip().splitlines()]
    where = workspace(desktop)
    before = lost(desktop, where)
    desk, screen = open_desk_and_screen(desktop, where, another)

    # They come: Ben by telephone, two at the desk, one more from home.
    join_by_phone(phone)
    for place, (number, first, _name) in enumerate(people[:2], start=2):
        join_at_desk(desk, number, f"{first}, your ticket is {place}.")
    look(desk)
    demo_site.shell(JOIN_LAST)

    # Maya takes the first: the room and Ben's telephone hear of it by themselves.
    become(mayas, "maya")
    mayas.goto("/home/leader/")
    tap(mayas, re.compile("Open the queue"), role="link")
    expect(mayas.get_by_role("heading", name="4 people wait")).to_be_visible()
    look(mayas)
    tap(mayas, "Take the next")
    look(mayas)
    screen.bring_to_front()
    expect(screen.locator(".ph-screen__called")).to_contain_text("1 to Maya", timeout=15_000)
    look(screen)
    expect(phone.get_by_role("heading", name="It is your turn")).to_be_visible(timeout=25_000)
    expect(phone.locator("#queue-said")).to_contain_text("It is your turn.")
    look(phone)
    mayas.emulate_media(color_scheme="dark")
    tap(mayas, re.compile("Here: start"))
    look(mayas)
    expect(phone.get_by_role("heading", name="You are with Maya")).to_be_visible(timeout=25_000)
    tap(mayas, re.compile("Finish"))

    # The second does not come, the third does; then the queue is closed over two who wait.
    tap(mayas, "Take the next")
    tap(mayas, re.compile("Did not come"))
    expect(mayas.get_by_text("Did not come once")).to_be_visible()
    tap(mayas, "Take the next")
    expect(mayas.locator("main h2").first).to_contain_text(people[1][2])
    tap(mayas, re.compile("Here: start"))
    tap(mayas, re.compile("Finish"))
    tap(mayas, "Close the queue")
    expect(mayas.get_by_text("2 people who waited hear of it in two minutes")).to_be_visible()
    look(mayas)

    # The register has who was there: Ben, and the two who came to the desk; not who queued from home.
    tap(mayas, "Register", role="link")
    for name in ("Ben Osei", people[0][2], people[1][2]):
        expect(mayas.get_by_role("checkbox", name=re.compile(re.escape(name)))).to_be_checked()
    expect(mayas.get_by_role("checkbox", name=re.compile(re.escape(people[2][2])))).to_have_count(0)
    tap(mayas, "Save log")
    expect(mayas.get_by_text("Saved. 3 people were here")).to_be_visible()

    # And Rhian sees whom the afternoon did not reach.
    assert lost(desktop, where) == before + 2
