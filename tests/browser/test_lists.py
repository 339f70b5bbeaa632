"""A list turned, sorted or filtered: in place where scripts run, by loading the page where they do not."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

KEPT = "window.marked === true"


def opened(open_page: Open, path: str, **context: Any) -> Page:
    """The page, marked: a page that is loaded anew has lost the mark."""
    page = open_page(path, **context)
    page.evaluate("window.marked = true")
    return page


def test_a_filter_keeps_the_page_and_the_focus(open_page: Open) -> None:
    page = opened(open_page, "/oversight")
    field = page.get_by_label("Only entries of this type")
    field.fill("person.added")
    field.press("Enter")
    page.wait_for_url("**/oversight?type=person.added")
    expect(page.locator("tbody td:nth-child(3)").first).to_have_text("person.added")
    expect(field).to_be_focused()
    expect(page.locator("#told")).to_have_text(page.title())
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Copy")).first).to_be_visible()
    assert page.evaluate(KEPT)
    assert "type%3Dperson.added" in (page.get_by_role("link", name="Time zone").get_attribute("href") or "")
    page.go_back()
    page.wait_for_url("**/oversight")
    expect(field).to_have_value("")


def test_pages_are_turned_with_the_focus_where_it_was(open_page: Open) -> None:
    page = opened(open_page, "/parts")
    page.locator("#list-older").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/parts?older")
    expect(page.locator("#list-older")).to_be_focused()
    page.get_by_role("link", name="When").click()
    page.wait_for_url("**/parts?sort=when")
    assert page.evaluate(KEPT)


def test_what_is_no_such_page_is_loaded(open_page: Open) -> None:
    page = opened(open_page, "/oversight")
    page.context.clear_cookies()
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(re.compile(r"/enter\?next="))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert not page.evaluate(KEPT)


def test_the_same_addresses_without_scripts(open_page: Open) -> None:
    page = open_page("/oversight", java_script_enabled=False)
    page.get_by_label("Only entries of this type").fill("person.added")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"/oversight\?type=person\.added$"))
    expect(page.locator("tbody td:nth-child(3)").first).to_have_text("person.added")


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_on_a_telephone_the_navigation_is_one_line_that_begins_where_this_page_is(open_page: Open, locale: str) -> None:
    page = open_page("/admin", locale=locale, viewport={"width": 390, "height": 844})
    rooms = page.locator("nav.rooms")
    box = rooms.bounding_box()
    assert box is not None and box["height"] < 64
    expect(rooms.locator("[aria-current]")).to_be_in_viewport(ratio=0.98)
    for link in rooms.get_by_role("link").all():
        link.focus()
        expect(link).to_be_in_viewport(ratio=0.98)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
