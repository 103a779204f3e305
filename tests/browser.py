"""Chromium for journeys: a desktop page, a phone, signing in as the demo's cast, and axe."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests import services
from tests.live import Live, installation

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="session")
def demo_site() -> Iterator[Live]:
    """The demo as `make run` starts it: supervisor, web, worker with planner, on this run's kind of database."""
    with installation("demo") as live:
        live.start("run")
        live.wait_until_ready()
        yield live


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = services.chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong in a page without anybody asserting on it."""

    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def attach(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))


def _page(browser: Browser, site: Live, options: dict[str, object]) -> Iterator[Page]:
    """A page whose script errors, policy violations and failed loads fail the test."""
    context = browser.new_context(base_url=site.base, locale="en-GB", timezone_id="Europe/London", **options)
    context.set_default_timeout(float(os.environ.get("BROWSER_TIMEOUT_MS", "10000")))
    watch, page = Watch(), context.new_page()
    watch.attach(page)
    page.watch = watch  # type: ignore[attr-defined]
    yield page
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def desktop(chromium: Browser, demo_site: Live) -> Iterator[Page]:
    yield from _page(chromium, demo_site, DESKTOP)


@pytest.fixture
def phone(chromium: Browser, demo_site: Live) -> Iterator[Page]:
    yield from _page(chromium, demo_site, PHONE)


def become(page: Page, key: str) -> None:
    """Sign in as one of the demo's cast ("amara", "rhian", ...), with one click as a visitor does."""
    page.goto("/demo/")
    page.locator(f'form[action$="/demo/sign-in/{key}/"] button').first.click()
    page.wait_for_load_state()


def until(page: Page, promise: str, *, seconds: float = 15) -> None:
    """Wait until what a function promises is true; `wait_for_function` takes the promise itself for true."""
    end = time.monotonic() + seconds
    while not page.evaluate(promise):
        assert time.monotonic() < end, f"{page.url}: not within {seconds:.0f} s: {promise}"
        page.wait_for_timeout(100)


def axe_faults(page: Page, *, only: list[str] | None = None) -> list[str]:
    """Violations of WCAG 2.2 AA and of good practice on the page as it is now, one line each; or of some rules only."""
    options = {**AXE_OPTIONS, "runOnly": {"type": "rule", "values": only}} if only else AXE_OPTIONS
    result = Axe().run(page, options=options)
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {violation['help']}: "
        + "; ".join(str(node["target"]) for node in violation["nodes"][:4])
        for violation in result.response["violations"]
    ]


def assert_accessible(page: Page) -> None:
    faults = axe_faults(page)
    assert not faults, "\n".join(faults)


def assert_no_sideways_scrolling(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"
