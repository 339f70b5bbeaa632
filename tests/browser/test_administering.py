"""What a security administrator meets: the link, the people with their forms, and an act that waits for the passkey."""

import pytest
from playwright.sync_api import Browser

from tests.browser.nodes import Served
from tests.browser.test_pages import faults


@pytest.mark.parametrize(("locale", "theme", "width"), [("en", "light", 1280), ("ar", "dark", 390)])
def test_axe_finds_nothing(chromium: Browser, node: Served, locale: str, theme: str, width: int) -> None:
    """The page that confirms stays open, because the authenticator does not answer by itself there."""
    dark = "dark" if theme == "dark" else "light"
    context = chromium.new_context(locale=locale, color_scheme=dark, viewport={"width": width, "height": 900})  # type: ignore[arg-type]  # both are words of Playwright's
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.goto(node.link(f"security-{locale}", "security_admin"))
    assert faults(page) == [], "the link"
    page.locator("main form button").click()
    page.wait_for_url("**/enter?made=1")
    page.goto(f"{node.origin}/enter?next=/admin")
    page.locator('main form[action="/enter"] button').click()
    page.wait_for_url("**/admin")
    assert page.locator('form[action="/admin/people"]').is_visible() and faults(page) == [], "the people"
    presence = {"authenticatorId": made["authenticatorId"], "enabled": False}
    line.send("WebAuthn.setAutomaticPresenceSimulation", presence)
    page.locator('[name="person"]').fill(f"examiner-{locale}")
    page.locator('[name="unit"]').fill("laboratory")
    page.locator('[name="role"][value="examiner"]').check()
    page.locator('form[action="/admin/people"] button').click()
    page.locator("form[data-passkey]").wait_for()
    assert page.get_by_text(f"examiner-{locale}").is_visible() and faults(page) == [], "the act to be confirmed"
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
