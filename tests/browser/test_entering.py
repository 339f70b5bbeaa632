"""Signing in at a real browser, with Chromium's virtual authenticator (CDP): links, passkeys, sessions, confirming."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
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
    page.wait_for_url("**/work")
    assert page.get_by_text("officer-1").first.is_visible()
    cookie = next(one for one in page.context.cookies() if one["name"] == "__Host-comity")
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/enter")
    assert not [one for one in page.context.cookies() if one["name"] == "__Host-comity"]


def test_an_act_is_shown_and_confirmed_before_it_is_done(page: Page, node: Served) -> None:
    page.goto(node.link("security-2", "security_admin"))
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/enter?made=1")
    page.goto(f"{node.origin}/admin")
    page.wait_for_url("**/enter?next=/admin")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/admin")
    page.get_by_label("Name by role and number").fill("examiner-7")
    page.get_by_label("Unit", exact=True).fill("laboratory")
    page.get_by_label("Examiner", exact=True).check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/admin")
    assert page.get_by_role("row", name="examiner-7").is_visible()
    with node.node.database.read("test.entry") as unit:
        kind = unit.connection.execute(
            sa.text("SELECT kind FROM access_assertion ORDER BY at DESC LIMIT 1")
        ).scalar_one()
    assert kind == "passkey"


def test_a_form_of_another_session_is_refused(page: Page, node: Served) -> None:
    page.goto(node.visit)
    page.goto(f"{node.origin}/admin")
    page.locator('form[action="/sign-out"] [name="token"]').evaluate("field => field.value = '0'.repeat(64)")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_text("made in another session").is_visible()
    page.goto(f"{node.origin}/admin")
    assert page.get_by_role("button", name="Sign out").is_visible()
