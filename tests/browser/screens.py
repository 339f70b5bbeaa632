"""Pictures of every page in every language and theme: ``build/screens/PAGE-LANGUAGE-THEME.png``, by `make screens`.

They are made to be looked at: axe sees few of the faults that a picture shows, least of all from right to left. With
``--readme`` only the few of README are made, into ``docs/pictures/``.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from comity.base.languages import LANGUAGES
from tests.browser.chromium import browser
from tests.browser.nodes import PAGES, Served, served

FOLDER: Final = Path(__file__).parents[2] / "build" / "screens"
SIZE: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
README: Final = {
    "work": ("en", "light"), "search-query": ("en", "light"), "search-compared": ("ar", "dark"),
    "evidence-item": ("fr", "light"),
}  # fmt: skip
PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "home") as node, browser() as chromium:
        for language in LANGUAGES:
            for theme in ("light", "dark"):
                _take(chromium, node, language, theme)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")


def readme() -> None:
    """Make the pictures of README."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "home") as node, browser() as chromium:
        for name, (language, theme) in README.items():
            context = chromium.new_context(
                viewport={"width": 1100, "height": 800}, locale=language,
                color_scheme="dark" if theme == "dark" else "light",
            )  # fmt: skip
            page = context.new_page()
            page.goto(node.visit)
            page.goto(node.origin + PAGES[name])
            page.evaluate("document.fonts.ready")
            page.screenshot(path=PICTURES / f"{name}.jpeg", type="jpeg", quality=75)
            context.close()


def _take(chromium: Browser, node: Served, language: str, theme: str) -> None:
    for size, suffix in ((SIZE, ""), (PHONE, "-phone")):
        context = chromium.new_context(
            viewport={"width": size["width"], "height": size["height"]}, locale=language,
            color_scheme="dark" if theme == "dark" else "light",
        )  # fmt: skip
        page = context.new_page()
        page.goto(node.visit)
        for name, path in PAGES.items():
            page.goto(node.origin + path)
            page.evaluate("document.fonts.ready")
            page.screenshot(full_page=True, path=FOLDER / f"{name}{suffix}-{language}-{theme}.png")
        context.close()


if __name__ == "__main__":
    readme() if "--readme" in sys.argv[1:] else main()
