"""What people meet on every page: with a keyboard, a screen reader, without scripts, on a phone, on paper."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from comity.base.languages import LANGUAGES
from tests.browser.conftest import Open
from tests.browser.nodes import PAGES

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What axe-core finds on the page: rule and the element's HTML."""
    page.evaluate(AXE)  # by the debugger, which the page's policy does not bind
    found: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(open_page: Open, origin: str, language: str, theme: str) -> None:
    page = open_page("/status", locale=language, color_scheme=theme)
    for path in PAGES.values():
        page.goto(origin + path)
        assert page.locator("html").get_attribute("lang") == language
        assert faults(page) == [], path


def test_the_first_visit_and_the_next_one_weigh_little(chromium: Browser, origin: str) -> None:
    """Bytes as they came, with fonts, for a Latin and for the Arabic script; a second page loads no file again."""
    for language in ("fr", "ar"):
        context = chromium.new_context(locale=language)
        page = context.new_page()
        weighed: list[int] = []
        page.on("requestfinished", partial(_weigh, weighed))
        page.goto(f"{origin}/status", wait_until="networkidle")
        first, weighed[:] = sum(weighed), []
        page.goto(f"{origin}/preferences", wait_until="networkidle")
        assert first < 150_000, (language, first)
        assert sum(weighed) < 45_000, (language, sum(weighed))  # not compressed on loopback; most are names of zones
        context.close()


def _weigh(weighed: list[int], request: Request) -> None:
    """Add the bytes of a request's answer as they came; nothing for what was in the browser's cache."""
    sizes = request.sizes()
    weighed.append(sizes["responseBodySize"] if sizes["responseHeadersSize"] else 0)


# --- keyboard ------------------------------------------------------------------------------------------------------


def test_the_keyboard_alone(open_page: Open) -> None:
    page = open_page("/status")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/docs")


def test_shortcuts_can_be_switched_off_and_never_disturb_typing(open_page: Open) -> None:
    page = open_page("/parts")
    page.locator("#why").fill("")
    page.keyboard.type("g d ?")
    expect(page.locator("#why")).to_have_value("g d ?")
    page.locator("main").focus()
    page.keyboard.press("?")
    page.get_by_label("Use shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_timeout(200)
    assert page.url.endswith("/parts")


def test_every_control_shows_its_focus(open_page: Open) -> None:
    page = open_page("/parts")
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        style: Any = page.evaluate(
            "(e => e === document.body ? null : [e.outerHTML.slice(0, 80), getComputedStyle(e).outlineStyle])"
            "(document.activeElement)"
        )
        if style is None:
            break
        seen += 1
        assert style[1] == "solid", style
    assert seen > 20


# --- choices, with and without scripts -----------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_language_theme_and_zone_are_switched(open_page: Open, scripts: bool) -> None:
    page = open_page("/status?from=here", java_script_enabled=scripts)
    page.get_by_role("button", name="العربية").click()
    page.wait_for_url("**/status?from=here")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("footer")).to_contain_text("ترجمة أولية")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    page.get_by_role("link", name="Time zone and display").click()
    page.get_by_label("Time zone", exact=True).select_option("Asia/Beirut")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/status?from=here")
    expect(page.locator("header")).to_contain_text("Asia/Beirut")
    expect(page.locator("main time")).to_have_text(re.compile(r"\d \w+ \d{4} \d\d:\d\d EES?T"))


def test_no_page_needs_scripts(open_page: Open, origin: str) -> None:
    page = open_page("/status", java_script_enabled=False)
    for path in PAGES.values():
        page.goto(origin + path)
        expect(page.locator("h1")).to_have_count(1)
        assert page.locator("button:visible", has_text="Copy").count() == 0


def test_an_id_is_copied(open_page: Open) -> None:
    page = open_page("/parts", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy 3f2a9c7700d1e8b4").click()
    expect(page.get_by_role("status").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "3f2a9c7700d1e8b4"


# --- sizes and media -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_screen(open_page: Open, origin: str, language: str, width: int) -> None:
    """WCAG 2.2, 1.4.10: at 320 pixels nothing but wide tables moves sideways, and those within their own frame."""
    page = open_page("/status", locale=language, viewport={"width": width, "height": 800})
    for path in PAGES.values():
        page.goto(origin + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_paper_shows_the_content_alone(open_page: Open) -> None:
    page = open_page("/parts")
    page.emulate_media(media="print")
    for hidden in ("nav.rooms", "footer .choices", ".chip", "button"):
        assert page.locator(f"{hidden} >> visible=true").count() == 0, hidden
    expect(page.get_by_role("heading", name="Every part")).to_be_visible()
    expect(page.get_by_text("synthetic data only")).to_be_visible()
    expect(page.get_by_text("TLP:AMBER")).to_be_visible()
