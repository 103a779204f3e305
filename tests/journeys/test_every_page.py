"""Every page the demo's cast can reach by links: axe in light and dark, no sideways scrolling on a small phone, no
script error, no broken policy, under 100 kB on the first visit."""

import re
from collections import deque
from dataclasses import dataclass, field

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Error, Page, Response

from peerhub.demo.cast import CAST
from tests.browser import DESKTOP, Watch, axe_faults, become
from tests.live import Live

pytestmark = pytest.mark.journey

SKIPPED = ("/admin/", "/static/", "/media/", "/accounts/logout/")
FIRST_VISIT = 100_000  # bytes compressed, without fonts and images
FILES = ("text/csv", "application/json", "text/plain", "text/calendar")
NAMED_FILE = re.compile(r'^attachment; filename="[\w.-]+\.(csv|json|txt|ics)"')
NARROW = {"width": 320, "height": 700}


@dataclass
class Walk:
    """What one person has seen, and what was wrong with it."""

    page: Page
    seen: set[str]  # URL names that somebody has already judged
    faults: list[str] = field(default_factory=list)

    def all(self, start: str) -> None:
        queue, known = deque([start]), {start}
        while queue:
            path = queue.popleft()
            name = url_name(path)
            if not name or name in self.seen or path.startswith(SKIPPED):
                continue
            response = self.open(path, name)
            if response is None or "text/html" not in response.headers.get("content-type", ""):
                continue
            self.seen.add(name)
            self.judge(path, response)
            for link in self.page.eval_on_selector_all(
                "a[href^='/']", "links => links.map(a => a.getAttribute('href'))"
            ):
                following = link.partition("#")[0]
                if following not in known:
                    known.add(following)
                    queue.append(following)

    def open(self, path: str, name: str) -> Response | None:
        """The page's response; None for a file, which is judged here."""
        try:
            return self.page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
        self.seen.add(name)
        file = self.page.request.get(path)
        kind, name_of_file = file.headers["content-type"], file.headers["content-disposition"]
        if file.status != 200 or not kind.startswith(FILES) or not NAMED_FILE.search(name_of_file):
            self.faults.append(f"{path}: a file with {file.status}, {kind}, {name_of_file}")
        return None

    def judge(self, path: str, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{path}: answered {response.status}")
        self.faults += axe_faults(self.page)
        self.page.emulate_media(color_scheme="dark")
        self.faults += [f"dark: {fault}" for fault in axe_faults(self.page, only=["color-contrast"])]
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(NARROW)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.faults.append(f"{path}: {wide} px wider than a screen of {NARROW['width']} px")
        labels = self.page.locator(".ph-tabbar a span")
        for label in labels.evaluate_all("all => all.filter(a => a.scrollWidth > a.clientWidth).map(a => a.innerText)"):
            self.faults.append(f"{path}: the tab “{label}” is cut off on a screen of {NARROW['width']} px")
        self.page.set_viewport_size(DESKTOP["viewport"])


def url_name(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """A URL name is judged once, through the first of the cast who reaches it; each one's own home page always."""
    return set()


@pytest.mark.parametrize("key", ["", *(one.key for one in CAST if one.key != "admin")])
def test_pages_of(key: str, seen: set[str], chromium: Browser, demo_site: Live) -> None:
    context = chromium.new_context(base_url=demo_site.base, locale="en-GB", reduced_motion="reduce", **DESKTOP)
    page, watch = context.new_page(), Watch()
    watch.attach(page)
    start = "/"
    if key:
        become(page, key)
        start = page.url.removeprefix(demo_site.base)
        seen.discard(url_name(start))
    walk = Walk(page, seen)
    walk.all(start)
    context.close()
    faults = walk.faults + watch.faults
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/demo/"])
def test_first_visit_is_light(path: str, chromium: Browser, demo_site: Live) -> None:
    """Markup, styles and scripts together, compressed as sent."""
    context = chromium.new_context(base_url=demo_site.base, **DESKTOP)
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(path, wait_until="networkidle")
    weighed = {
        response.url: response.request.sizes()["responseBodySize"]
        for response in responses
        if response.request.resource_type in {"document", "stylesheet", "script"}
    }
    context.close()
    assert sum(weighed.values()) < FIRST_VISIT, weighed
