"""Signing in at a real browser, with Chromium's virtual authenticator (CDP): links, passkeys, sessions, confirming."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.nodes import Served


@contextmanager
def device(chromium: Browser, **more: Any) -> Iterator[Page]:
    """A browser of somebody's own, with an authenticator in it that verifies its user."""
    context = chromium.new_context(**more)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    yield page
    context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with device(chromium) as opened:
        yield opened


def test_a_link_a_passkey_a_session(page: Page, node: Served) -> None:
    page.goto(node.link("officer-1", "officer"))
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/enter?made=1")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/status")
    assert page.get_by_text("officer-1").first.is_visible()
    cookie = next(one for one in page.context.cookies() if one["name"] == "__Host-comity")
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/enter")
    assert not [one for one in page.context.cookies() if one["name"] == "__Host-comity"]
