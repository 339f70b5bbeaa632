"""Debian's Chromium, driven by Playwright: where it is, and how it is started."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

APT: Final = "apt-get update && apt-get install -y chromium"
OLDEST: Final = 120
"""The first with everything the style sheet uses."""


def program() -> Path | None:
    """The browser; None where it is missing or too old."""
    found = shutil.which("chromium")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    version = re.search(r"(\d+)\.", said)
    return Path(found) if found and version and int(version[1]) >= OLDEST else None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser. Root may not use its sandbox; nobody else goes without."""
    found = program()
    if found is None:
        raise RuntimeError(f"Chromium {OLDEST} or newer is needed: {APT}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, chromium_sandbox=os.geteuid() != 0)
        yield started
        started.close()
