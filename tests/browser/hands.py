"""A person at a browser of their own: by the mouse or by the keyboard alone, with a passkey or, without scripts, as a
visitor of a training node."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, expect

from comity.access import service as access
from tests.browser.test_entering import device
from tests.journeys.nodes import LiveNode

PATIENCE: Final = 15_000
"""Milliseconds for a page on a busy machine."""
FARTHEST: Final = 400
"""Presses of the tabulator after which a control counts as out of the keyboard's reach."""


@dataclass(frozen=True)
class Hands:
    """What a person does on a page; controls are named by their labels, as a person finds them."""

    page: Page
    origin: str
    keyboard: bool

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.origin + path)

    def write(self, label: str, text: str) -> None:
        """Type into a field, in place of what it holds."""
        field = self.page.get_by_label(label, exact=True)
        if not self.keyboard:
            field.fill(text)
            return
        self._reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def tick(self, label: str) -> None:
        """Choose a box or a radio button whose label begins so."""
        box = self.page.get_by_label(label).first
        if not self.keyboard:
            box.check()
            return
        if box.get_attribute("type") == "radio":
            self._turn_to(box)
        else:
            self._reach(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def choose(self, label: str, words: str) -> None:
        """Choose of a list the option that reads so."""
        field = self.page.get_by_label(label, exact=True)
        if not self.keyboard:
            field.select_option(label=words)
            return
        self._reach(field)
        self.page.keyboard.type(words)
        assert field.evaluate("one => one.selectedOptions[0].label") == words

    def attach(self, label: str, file: Path) -> None:
        """Choose a file."""
        field = self.page.get_by_label(label, exact=True)
        if not self.keyboard:
            field.set_input_files(file)
            return
        self._reach(field)
        with self.page.expect_file_chooser() as opened:
            self.page.keyboard.press("Space")
        opened.value.set_files(file)

    def press(self, name: str) -> None:
        """Press a button; return when the page it leads to is there."""
        button = self.page.get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation():
            self._press(button, "Enter")

    def open_first(self, table: str) -> None:
        """Open what stands first in a table."""
        with self.page.expect_navigation():
            self._press(self.page.get_by_role("table", name=table).get_by_role("link").first, "Enter")

    def unfold(self, name: str) -> None:
        """Open what lies under a heading that opens, unless it is open."""
        part = self.page.locator("details", has=self.page.locator("summary", has_text=name)).last
        if part.get_attribute("open") is None:
            self._press(part.locator("summary"), "Enter")

    def sees(self, text: str) -> None:
        """These words stand on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    def _turn_to(self, radio: Locator) -> None:
        """The tabulator reaches a group of radio buttons, the arrows go on within it."""
        group = self.page.locator(f'[name="{radio.get_attribute("name")}"]')
        self._reach(radio, group)
        for _ in range(group.count()):
            if radio.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")

    def _press(self, control: Locator, key: str) -> None:
        if not self.keyboard:
            control.click()
            return
        self._reach(control)
        self.page.keyboard.press(key)

    def _reach(self, control: Locator, group: Locator | None = None) -> None:
        """Go on with the tabulator until the control has the focus, or, of a group, any one of it."""
        for _ in range(FARTHEST):
            if (group or control).evaluate_all("all => all.includes(document.activeElement)"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {control}")


@contextmanager
def somebody(chromium: Browser, node: LiveNode, person: str, scripts: bool, **more: Any) -> Iterator[Hands]:
    """`person` signed in at the node: with scripts by a new passkey and the keyboard alone, without by a visit."""
    with node.eyes.database.unit("test.link") as unit:
        link = access.issue_link(unit, person, "first" if scripts else "visit")
    with device(chromium, java_script_enabled=scripts, **more) as page:
        page.set_default_timeout(PATIENCE)
        hands = Hands(page, node.settings.officer_address, keyboard=scripts)
        hands.go(f"/{'join' if scripts else 'visit'}/{link}")
        if scripts:
            hands.press("Make a passkey")
            page.wait_for_url("**/enter?made=1")
            hands.press("Sign in with a passkey")
            page.wait_for_url("**/work")
        yield hands
