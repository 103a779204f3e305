"""A term of PASS set up from the calendar, and its first week run by phone with check-in codes.

What a person needs to set it up, counted by the test as it goes and printed (`pytest -s`): 12 presses (programme, tab,
plan, four groups, the day, more, see the dates, what is left out, plan) and 2 fields of 19 characters in all (time,
title). By the keystroke-level model (Card, Moran and Newell 1980: 1.1 s to point, 0.2 s to press, 0.28 s a character,
1.35 s to think before each), the pages' own time and 20 s to read the dates, that is about a minute.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import PHONE, Watch, assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

FIVE_MINUTES = 300
GROUPS = [f"Physics 1, group {letter}" for letter in "ABCD"]
# A programme of Rhian's with four groups and nobody's sessions yet. Amara leads group A, Ben and Kai are in it. The
# calendar is the demo's: what is printed is the next day of a teaching term on which everything is closed.
NOTHING_YET = f"""
from datetime import timedelta
from django.utils import timezone
from peerhub.accounts.models import User
from peerhub.institution.models import Closure, OrgUnit, Term
from programmes.models import Programme
from tests import factories as make

today = timezone.localdate()
start = today - timedelta(days=today.weekday())
old = Programme.objects.get(slug="pass-engineering")
programme = make.ProgrammeFactory(
    slug="pass-physics", name="PASS in Physics", activity_type=old.activity_type, owner_unit=old.owner_unit
)
cycle = make.CycleFactory(
    programme=programme, code="term", starts_on=start, ends_on=start + timedelta(weeks=12, days=4),
    created_at=timezone.now(),
)
make.MembershipFactory(
    cycle=cycle, user=User.objects.get(email="rhian.maddox@aberwen.ac.uk"), role="coordinator", is_point_person=True
)
people = list(User.objects.filter(kind="student", memberships__role="participant").exclude(
    given_name__in=["Ben", "Kai", "Dev", "Maya", "Amara"]).distinct().order_by("pk")[:60])
amara, ben, kai = (User.objects.get(**one) for one in (
    dict(email="amara.okafor@student.aberwen.ac.uk"), dict(email="ben.osei@student.aberwen.ac.uk"),
    dict(given_name="Kai", family_name="Davies", memberships__cycle__programme=old)))
for number, name in enumerate({GROUPS!r}):
    group = make.GroupFactory(cycle=cycle, name=name, place=f"Physics {{number + 1}}")
    leader = amara if number == 0 else people.pop()
    inside = ([ben, kai] if number == 0 else []) + [people.pop() for _ in range(8)]
    for user, role in [(leader, "leader"), *((one, "participant") for one in inside)]:
        member = make.MembershipFactory(cycle=cycle, user=user, role=role)
        make.GroupMemberFactory(group=group, membership=member, started_at=timezone.now() - timedelta(days=1))
taught = Term.objects.filter(kind="teaching", ends_on__gt=today)
days = Closure.objects.filter(starts_on__gt=today).order_by("starts_on")
closed = next(day for day in days for term in taught if term.starts_on <= day.starts_on <= term.ends_on)
print(f"{{closed.starts_on:%A}}|{{closed.name}}")
"""
# The day comes: the first date of group A begins, and nothing else of Amara's or Ben's is on.
BEGINS = """
from datetime import timedelta
from django.utils import timezone
from programmes.models import Session
now, hour = timezone.now(), timedelta(hours=1)
first = Session.objects.filter(group__name="Physics 1, group A").earliest("starts_at")
others = Session.objects.filter(starts_at__lt=now + hour, ends_at__gt=now - hour, kind="session").exclude(pk=first.pk)
others.filter(group__members__membership__user__email__startswith="amara.").update(
    starts_at=now - 4 * hour, ends_at=now - 3 * hour)
Session.objects.filter(pk=first.pk).update(starts_at=now - timedelta(minutes=2), ends_at=now + hour)
print(first.uuid)
"""
KAI = """
from programmes.models import Membership
from tests.bench.cast import session_of
print(session_of(Membership.objects.get(
    cycle__programme__slug="pass-physics", user__given_name="Kai", user__family_name="Davies").user))
"""


@dataclass
class Hand:
    """A person at the desk: every press and every character is counted."""

    page: Page
    presses: int = 0
    fields: int = 0
    characters: int = 0

    def press(self, target: Locator, *, leads_on: bool = False) -> None:
        self.presses += 1
        if leads_on:
            with self.page.expect_navigation():
                target.click()
        else:
            target.click()

    def fill(self, target: Locator, text: str) -> None:
        self.fields += 1
        self.characters += len(text)
        target.fill(text)

    @property
    def seconds(self) -> float:
        """What a person would need for it, by the keystroke-level model."""
        acts = self.presses + self.fields
        return acts * (1.35 + 1.1 + 0.2) + self.characters * 0.28


def signed_in_phone(chromium: Browser, site: Live, key: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site.base, locale="en-GB", timezone_id="Europe/London", **PHONE)
    page, watch = context.new_page(), Watch()
    watch.attach(page)
    if key == "kai":
        value = site.shell(KAI)
        context.add_cookies([{"name": "peerhub", "value": value, "url": site.base}])
    else:
        become(page, key)
    yield page
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def bens(chromium: Browser, demo_site: Live, closed: list[str]) -> Iterator[Page]:
    yield from signed_in_phone(chromium, demo_site, "ben")


@pytest.fixture
def kais(chromium: Browser, demo_site: Live, closed: list[str]) -> Iterator[Page]:
    yield from signed_in_phone(chromium, demo_site, "kai")


@pytest.fixture
def closed(demo_site: Live) -> list[str]:
    """Day of the week and name of a closed day of the term."""
    return demo_site.shell(NOTHING_YET).split("|")


def set_up_the_term(page: Page, day: str, closure: str) -> None:
    """Rhian, at her desk: the same hour for four groups, once a week to the end, with a look at every date."""
    become(page, "rhian")
    page.goto("/home/coordinator/")
    hand, started = Hand(page), time.monotonic()
    hand.press(page.get_by_role("link", name=re.compile("PASS in Physics")).first, leads_on=True)
    hand.press(
        page.get_by_role("navigation", name="Programme").get_by_role("link", name="Study sessions"), leads_on=True
    )
    hand.press(page.get_by_role("link", name="Plan a series").first, leads_on=True)
    for name in GROUPS:
        hand.press(page.locator("label", has_text=name))
    hand.press(page.locator("label", has_text=day))
    hand.fill(page.get_by_label("From", exact=True), "17:00")
    hand.press(page.get_by_text("More days, title, who leads, places"))
    hand.fill(page.get_by_label("Title"), "Physics clinic")
    hand.press(page.get_by_role("button", name="See the dates"), leads_on=True)
    heading = page.get_by_role("heading", name=re.compile(r"\d+ dates would be planned"))
    expect(heading).to_be_visible()
    dates = int(re.search(r"\d+", heading.inner_text())[0])  # type: ignore[index]
    left_out = page.get_by_text(re.compile(r"\d+ dates? (is|are) left out")).first
    hand.press(left_out)
    expect(page.get_by_text(re.compile(closure)).first).to_be_visible()
    elapsed = time.monotonic() - started
    assert_accessible(page)
    started = time.monotonic()
    hand.press(page.get_by_role("button", name=f"Plan these {dates}"), leads_on=True)
    expect(page.get_by_text(f"{dates} dates are planned.")).to_be_visible()
    elapsed += time.monotonic() - started
    assert dates >= 4 * 4
    reading = 20
    needed = hand.seconds + elapsed + reading
    print(
        f"\na term of {dates} sessions for {len(GROUPS)} groups: {hand.presses} presses, {hand.fields} fields of "
        f"{hand.characters} characters; {elapsed:.1f} s in the browser, about {needed:.0f} s for a person"
    )
    assert needed < FIVE_MINUTES
    assert_accessible(page)


def show_the_code(page: Page) -> str:
    """Amara's phone, put up where everybody sees it: from her home to the code in one tap."""
    become(page, "amara")
    page.goto("/home/leader/")
    card = page.locator(".ph-next")
    expect(card).to_contain_text("Physics clinic")
    with page.expect_navigation():
        card.get_by_role("link", name="Show check-in code").tap()
    expect(page.locator(".ph-beam__qr svg")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    return code_on(page)


def code_on(page: Page) -> str:
    return page.locator(".ph-beam__code .visually-hidden").inner_text().replace(", ", "")


def type_the_code(page: Page, code: str) -> None:
    page.goto("/home/student/")
    page.get_by_label("Check-in code").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="I’m here").tap()
    expect(page.get_by_role("heading", name="You are in, Ben")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def scan_the_code(page: Page, code: str) -> None:
    """What the square code holds is an address."""
    page.goto(f"/c/{code}/")
    assert_accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="I’m here").tap()
    expect(page.get_by_role("heading", name="You are in, Kai")).to_be_visible()
    assert_no_sideways_scrolling(page)


def save_the_register(page: Page) -> None:
    """Both are ticked before Amara looks; her taps: register, save."""
    expect(page.locator(".ph-beam__count")).to_contain_text("2 in, 10 expected", timeout=12_000)
    with page.expect_navigation():
        page.get_by_role("link", name="Register").tap()  # one
    for name in ("Ben Osei", "Kai Davies"):
        expect(page.get_by_role("checkbox", name=re.compile(name))).to_be_checked()
    assert_accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Save log").tap()  # two
    expect(page.get_by_text("Saved. 2 people were here")).to_be_visible()


def see_it_in_the_grid(page: Page) -> None:
    """Rhian, at her desk: the first week of the term, everybody's marks."""
    page.goto("/programmes/pass-physics/term/sessions/")
    with page.expect_navigation():
        page.get_by_role("link", name="Attendance grid").click()
    assert_accessible(page)
    for name, mark in (("Ben Osei", "Here"), ("Kai Davies", "Here")):
        line = page.get_by_role("row", name=re.compile(name))
        expect(line.get_by_role("gridcell", name=mark)).to_have_count(1)
        expect(line).to_contain_text("1/1")
    expect(page.locator(".ph-grid tbody").get_by_role("gridcell", name="Not here")).to_have_count(8)
    expect(page.locator(".ph-grid tfoot")).to_contain_text("2/10")


def test_a_term_of_pass_is_set_up_in_minutes_and_its_first_week_run_by_phone(
    desktop: Page, phone: Page, bens: Page, kais: Page, demo_site: Live, closed: list[str]
) -> None:
    set_up_the_term(desktop, *closed)
    demo_site.shell(BEGINS)
    type_the_code(bens, show_the_code(phone))
    scan_the_code(kais, code_on(phone))
    save_the_register(phone)
    see_it_in_the_grid(desktop)
