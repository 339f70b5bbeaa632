"""One node for each worker of the run, a browser for each test; everything here has the mark `browser`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import browser
from tests.browser.nodes import Served, served

HERE = Path(__file__).parent
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """The browser: one for each test, because Playwright's event loop runs in the tests' thread while it is up, and no
    test of something else that asks for a loop could run there meanwhile."""
    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A node whose pages are looked at."""
    with served(tmp_path_factory.mktemp("browser") / "home") as made:
        yield made


@pytest.fixture(scope="session")
def origin(node: Served) -> str:
    """Its origin."""
    return node.origin


@pytest.fixture
def open_page(chromium: Browser, node: Served) -> Iterator[Open]:
    """`open_page("/status", locale="fr")`: that page, as a visitor sees it who is signed in, in a context of its own.

    What its console complains of fails the test.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(path: str, **context: Any) -> Page:
            made = chromium.new_context(**context)
            stack.callback(made.close)
            page = made.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(node.visit)
            page.goto(node.origin + path)
            return page

        yield opened
    assert [one for one in complaints if "404 (Not Found)" not in one] == []
