"""A passkey, with Chromium's own virtual authenticator: added, used to sign in, refused when it is not the person."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser import assert_accessible, become

pytestmark = pytest.mark.journey


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """A device with a fingerprint reader, and somebody who touches it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    reply = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, reply["authenticatorId"]


def test_passkey_is_added_and_signs_in(desktop: Page) -> None:
    device, key = plug_in(desktop)
    become(desktop, "imran")

    desktop.goto("/accounts/2fa/webauthn/add/")
    assert_accessible(desktop)
    desktop.get_by_label("A name for it").fill("My laptop")
    desktop.get_by_role("button", name="Add this passkey").click()
    expect(desktop.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert desktop.locator(".ph-codes li").count() == 10
    assert_accessible(desktop)
    kept = device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert [credential["rpId"] for credential in kept] == ["localhost"]
    assert kept[0]["isResidentCredential"]

    desktop.goto("/accounts/2fa/webauthn/")
    expect(desktop.get_by_role("strong").filter(has_text="My laptop")).to_be_visible()

    desktop.goto("/accounts/logout/")
    desktop.get_by_role("main").get_by_role("button", name="Sign out").click()
    desktop.goto("/accounts/login/")
    desktop.get_by_role("button", name="Use a passkey").click()
    desktop.wait_for_url(lambda url: "/accounts/" not in url)
    desktop.goto("/me/")
    expect(desktop.get_by_role("heading", name="My account")).to_be_visible()


def test_passkey_says_what_to_do_when_it_is_not_the_person(desktop: Page) -> None:
    device, key = plug_in(desktop)
    become(desktop, "amara")
    desktop.goto("/accounts/2fa/webauthn/add/")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    desktop.get_by_role("button", name="Add this passkey").click()
    expect(desktop.get_by_role("status").filter(has_text="The passkey did not work")).to_be_visible()
    assert device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"] == []
