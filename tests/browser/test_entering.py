"""Signing in at a real browser, with Chromium's virtual authenticator (CDP): links, passkeys, sessions, confirming."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from comity.access import rules
from comity.access import service as access
from comity.access.model import NewShift
from comity.access.store import screens
from comity.kit.web.browsers import form_token
from tests.browser.nodes import Served
from tests.browser.test_pages import faults
from tests.people import signed_in


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


def _lock(node: Served, person: str) -> None:
    """The person's sessions were idle for too long."""
    with node.node.database.unit("test.lock") as unit:
        sessions = screens.access_session
        long_ago = unit.now - rules.IDLE
        unit.connection.execute(sessions.update().where(sessions.c.person == person).values(seen_at=long_ago))


def _signed_in(page: Page, node: Served, person: str, role: str) -> None:
    page.goto(node.link(person, role))
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/enter?made=1")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/work")


def test_a_key_tap_goes_on_after_the_idle_lock(page: Page, node: Served) -> None:
    _signed_in(page, node, "officer-7", "officer")
    with node.node.database.unit("test.shift") as unit:
        officer = signed_in(unit, "officer-7")
        access.plan_shift(unit, officer, NewShift("officer-7", unit.now, unit.now + timedelta(hours=8)))
    page.goto(f"{node.origin}/duty")
    page.get_by_label("Hand over to whoever comes next").fill("XC answers\n\n<b>late</b>")
    _lock(node, "officer-7")
    page.get_by_role("button", name="Hand over").click()
    assert page.get_by_role("heading", name="Locked after a pause").is_visible() and faults(page) == []
    page.get_by_role("button", name="Go on with your passkey").click()
    page.get_by_role("button", name="Send it now").wait_for()
    assert page.get_by_text("<b>late</b>").first.is_visible() and faults(page) == []
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url("**/duty*")
    with node.node.database.read("test.handed") as unit:
        texts = [told.text for told in access.hand_overs(unit, officer.actor)]
    assert "XC answers\n\n<b>late</b>" in texts


def test_what_somebody_typed_goes_to_nobody_else(page: Page, node: Served) -> None:
    _signed_in(page, node, "officer-8", "officer")
    page.goto(f"{node.origin}/duty")
    page.get_by_label("Hand over to whoever comes next").fill("for my colleagues alone")
    _lock(node, "officer-8")
    with node.node.database.unit("test.visit") as unit:
        sessions = screens.access_session
        unit.connection.execute(sessions.update().where(sessions.c.person == "officer-8").values(person="visitor-1"))
    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("button", name="Go on with your passkey").click()
    page.wait_for_url(re.compile(r"/(work)?$"))
    assert page.get_by_text("for my colleagues alone").count() == 0


@pytest.mark.parametrize("flaw", ["token", "site", "size", "nothing"])
def test_a_late_form_that_is_not_kept(node: Served, flaw: str) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{node.node.settings.officer_port}", trust_env=False) as client:
        session = re.search(
            r"__Host-comity=([^;]+)", client.get(node.visit.removeprefix(node.origin)).headers["set-cookie"]
        )
        assert session
        _lock(node, "visitor-1")
        fields = {"token": form_token(session[1]), "text": "late"}
        fields |= {"token": {"token": "0" * 64}, "size": {"text": "x" * 110_000}}.get(flaw, {})
        headers = {"Accept": "text/html", "Cookie": f"__Host-comity={session[1]}"}
        headers |= {"Sec-Fetch-Site": "cross-site"} if flaw == "site" else {}
        fields = {"token": fields["token"]} if flaw == "nothing" else fields
        answer = client.post("/duty/notes", headers=headers, data=fields)
        assert answer.status_code == 403 and "kept" not in answer.text and "Sign in" in answer.text


def test_a_form_of_another_session_is_refused(page: Page, node: Served) -> None:
    page.goto(node.visit)
    page.goto(f"{node.origin}/admin")
    page.locator('form[action="/sign-out"] [name="token"]').evaluate("field => field.value = '0'.repeat(64)")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_text("made in another session").is_visible()
    page.goto(f"{node.origin}/admin")
    assert page.get_by_role("button", name="Sign out").is_visible()
