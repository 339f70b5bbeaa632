"""Tokens of Debian's SoftHSM 2 in a folder of the test run, each with a label and a PIN; one can be taken away."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from comity.kit.crypto.tokens import Place, Token

APT: Final = "apt-get update && apt-get install -y softhsm2"
OLDEST: Final = (2, 6, 1)
"""The first with Ed25519."""
PIN: Final = "4321-pin"


def library() -> Path | None:
    """SoftHSM's PKCS #11 module; None where it is missing or too old."""
    tool = shutil.which("softhsm2-util")
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout if tool else ""
    version = tuple(map(int, re.findall(r"\d+", said)[:3]))
    places = [Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/local/lib/softhsm/libsofthsm2.so")]
    found = [place for place in places if place.exists()]
    return found[0] if found and version >= OLDEST else None


@dataclass(frozen=True)
class SoftToken:
    """A token that lies in `folder`."""

    place: Place
    folder: Path

    def opened(self, pin: str = PIN) -> Token:
        """A session of its own with it, once used."""
        return Token(self.place, lambda _: pin)

    def objects(self) -> int:
        """How many keys and halves of keys it holds."""
        return len(list(self.folder.glob("*.object"))) - 1  # the token itself is one

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody reaches it meanwhile."""
        aside = self.folder.parent.parent / f"away-{self.folder.name}"
        self.folder.rename(aside)
        try:
            yield
        finally:
            aside.rename(self.folder)


class SoftHsm:
    """The tokens in `folder`; made once a process, before anything has loaded the module."""

    def __init__(self, folder: Path) -> None:
        module = library()
        if module is None:
            raise RuntimeError(f"SoftHSM 2.6.1 or newer is needed. As root: {APT}; or leave out the mark softhsm")
        self._module, self._tokens = module, folder / "tokens"
        self._tokens.mkdir()
        conf = folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {self._tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(conf)

    def make(self) -> SoftToken:
        """A fresh token."""
        before, label = set(self._tokens.iterdir()), f"comity {uuid4().hex[:12]}"
        argv = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", PIN]
        subprocess.run(argv, check=True, capture_output=True)
        (folder,) = set(self._tokens.iterdir()) - before
        return SoftToken(Place(str(self._module), label), folder)
