import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become

pytestmark = pytest.mark.journey


def test_a_stranger_finds_the_front_page_and_the_demo(desktop: Page) -> None:
    desktop.goto("/")
    expect(desktop.locator("h1")).to_be_visible()
    assert_accessible(desktop)
    desktop.goto("/demo/")
    assert_accessible(desktop)


def test_amara_signs_in_on_her_phone_with_one_click(phone: Page) -> None:
    become(phone, "amara")
    expect(phone.locator("h1")).to_be_visible()
    assert_no_sideways_scrolling(phone)
    assert_accessible(phone)


def test_in_forced_colours_only_what_is_ticked_looks_ticked(desktop: Page) -> None:
    """High contrast repaints every colour: a tick must be absent, not see-through."""
    become(desktop, "amara")
    desktop.emulate_media(forced_colors="active")
    desktop.get_by_role("link", name=re.compile("^Log it")).first.click()
    here = desktop.locator(".ph-here .ph-choice").first
    here.locator("input").uncheck(force=True)  # they may have checked in themselves
    expect(here.locator(".ph-choice__tick svg")).to_be_hidden()
    here.locator("input").check(force=True)
    expect(here.locator(".ph-choice__tick svg")).to_be_visible()
