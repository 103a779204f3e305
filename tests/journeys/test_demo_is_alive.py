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
