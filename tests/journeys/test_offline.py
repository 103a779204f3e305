"""A leader on a train: sheets open and logs are kept without a network, and sent when there is one again."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become, until
from tests.live import Live

pytestmark = pytest.mark.journey

# What a browser says of every request without a network.
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 409")


BEGINS = """
from datetime import timedelta
from django.utils import timezone
from programmes.models import Session
now = timezone.now()
amara = {"leaders__membership__user__email__startswith": "amara.", "group__name": "Maths 1, group B"}
ahead = Session.objects.filter(status="planned", starts_at__gt=now, **amara)
one = ahead.order_by("starts_at").first()
Session.objects.filter(pk=one.pk).update(starts_at=now - timedelta(minutes=10), ends_at=now + timedelta(minutes=50))
print(one.uuid)
"""
SAVES = """
from django.utils import timezone
from peerhub.accounts.models import User
from programmes.models import Session
from programmes.services.logs import LogEntry, log_session
session, rhian = Session.objects.get(uuid="{uuid}"), User.objects.get(email="rhian.maddox@aberwen.ac.uk")
log_session(actor=rhian, session=session, entry=LogEntry(outcome="nobody_came", version=0, marks={{}}), key=None,
    now=timezone.now())
"""
KEPT = "() => caches.open('peerhub-sheets').then((kept) => kept.keys()).then((all) => all.map((one) => one.url))"


@pytest.fixture
def address(demo_site: Live) -> str:
    """The sheet of a session of Amara's that has begun."""
    return f"/sessions/{demo_site.shell(BEGINS)}/log/"


@pytest.fixture
def train(phone: Page, address: str) -> Page:
    """Amara's phone, with PeerHub's sheets on it."""
    phone.watch.expected = NO_NETWORK  # type: ignore[attr-defined]
    become(phone, "amara")
    phone.goto("/home/leader/")
    phone.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    phone.reload()  # from now on the worker answers
    until(phone, f"() => ({KEPT})().then((all) => all.some((one) => one.endsWith('{address}')))")
    return phone


def in_tray(page: Page) -> list[str]:
    return page.evaluate("() => PeerHubTray.entries().then((all) => all.map((one) => one.state))")  # type: ignore[no-any-return]


def fill_in(page: Page, address: str, note: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Everyone was here").click()
    page.get_by_text("Length, technique, notes").click()
    page.get_by_label(re.compile("^Note for the programme team")).fill(note)
    page.get_by_role("button", name="Save log").click()


def logged(site: Live, note: str) -> int:
    code = f"from programmes.models import SessionLog; print(SessionLog.objects.filter(shared_note={note!r}).count())"
    return int(site.shell(code))


def test_a_log_written_without_a_network_is_sent_when_there_is_one(train: Page, address: str, demo_site: Live) -> None:
    context: BrowserContext = train.context
    context.set_offline(True)

    fill_in(train, address, "On the train")
    expect(train.get_by_text("Kept on this device.")).to_be_visible()
    expect(train.locator("#ph-tray li")).to_have_count(1)
    assert_no_sideways_scrolling(train)
    assert logged(demo_site, "On the train") == 0

    train.goto(address)  # opened again, it shows what was written, and a day that stays right
    expect(train.locator("h1 .ph-caption")).to_contain_text(
        re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+, \d\d:\d\d")
    )
    expect(train.get_by_label(re.compile("^Note for the programme team"))).to_have_value("On the train")

    context.set_offline(False)  # the page notices by itself
    expect(train.get_by_text("1 log was sent.")).to_be_visible()
    assert in_tray(train) == []
    assert logged(demo_site, "On the train") == 1


def test_a_log_somebody_else_saved_meanwhile_is_shown_and_not_lost(train: Page, address: str, demo_site: Live) -> None:
    context: BrowserContext = train.context
    context.set_offline(True)
    fill_in(train, address, "Mine, offline")
    expect(train.get_by_text("Kept on this device.")).to_be_visible()

    demo_site.shell(SAVES.format(uuid=address.split("/")[2]))
    context.set_offline(False)
    train.goto("/home/leader/")
    expect(train.get_by_text("It could not be saved as it is: look at it.")).to_be_visible()
    assert in_tray(train) == ["look"]
    assert_accessible(train)

    with train.expect_navigation():
        train.get_by_role("button", name="Look at it").click()
    expect(train.get_by_text("Nothing of yours is lost")).to_be_visible()
    with train.expect_navigation():
        train.get_by_role("button", name="Save log").click()
    train.goto("/home/leader/")
    until(train, "() => PeerHubTray.entries().then((all) => all.length === 0)")
    assert logged(demo_site, "Mine, offline") == 1


def test_signing_out_leaves_nothing_on_the_device(train: Page, demo_site: Live) -> None:
    assert train.evaluate(KEPT)
    train.goto("/accounts/logout/")
    with train.expect_navigation():
        train.get_by_role("main").get_by_role("button", name="Sign out").click()
    train.goto("/offline/")
    assert train.evaluate(KEPT) == []
    assert_accessible(train)
