"""People at a node's real pages: over loopback, each with a session of their own, by links for visitors."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from comity.access import service as access
from comity.app import officers, operating
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.base.clock import system_clock
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.browsers import FIELD, SESSION, form_token
from comity.kit.web.servers import serve_in_thread
from tests.exchange.federation import PIN, directory_file, entry
from tests.people import PASSPHRASE, enrol, signed_in


@dataclass
class Visitor:
    """A person at a browser, more or less: it keeps a session, and sends forms with their token."""

    client: httpx.Client
    session: str

    def get(self, path: str, **query: Any) -> httpx.Response:
        """A page."""
        return self.client.get(path, headers=self._cookie, params=query or None)

    def text(self, path: str, status: int = 200, **query: Any) -> str:
        """A page's text, which must come with that status."""
        answer = self.get(path, **query)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, token: str = "", **fields: Any) -> httpx.Response:
        """A form, sent as its page would."""
        data = {FIELD: token or form_token(self.session), **fields}
        return self.client.post(path, headers=self._cookie, data=data)

    def done(self, path: str, **fields: Any) -> str:
        """A form that must be taken; where it leads."""
        answer = self.send(path, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def refused(self, path: str, status: int, **fields: Any) -> str:
        """A form that must not be taken; what the page says then, unescaped."""
        answer = self.send(path, **fields)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    @property
    def _cookie(self) -> dict[str, str]:
        return {"Cookie": f"{SESSION}={self.session}"}


@dataclass
class Office:
    """A node with its people, served."""

    node: Node
    client: httpx.Client

    def enrol(self, person: str, *roles: str, of: str = "") -> Visitor:
        """A new person, signed in."""
        with self.node.database.unit("test.enrol") as unit:
            enrol(unit, person, *roles, of=of)
        return self.visitor(person)

    def join(self, folder: Path) -> None:
        """The node finds the partners XB and XC in its directory, and cannot reach them."""
        others = [KeyRing.create(folder / code, code, system_clock) for code in ("XB", "XC")]
        data = directory_file([entry(keys) for keys in (self.node.keys, *others)], 1, system_clock())
        with self.node.database.unit("test.directory") as unit:
            exchange.import_directory(unit, data, PIN)

    def take_in(self, examiner: str, data: bytes) -> None:
        """An examiner imports a file of profiles."""
        with self.node.database.unit("test.import") as unit:
            acted = dna.sign_import(unit, signed_in(unit, examiner), data, "profiles")
            dna.import_file(unit, acted, data, "profiles", dna.Options())

    def visitor(self, person: str) -> Visitor:
        """A person that is there, signed in anew."""
        with self.node.database.unit("test.visit") as unit:
            link = access.issue_link(unit, person, "visit")
        cookie = self.client.get(f"/visit/{link}").headers["set-cookie"]
        found = re.search(rf"{SESSION}=([^;]+)", cookie)
        assert found
        return Visitor(self.client, found[1])


@contextmanager
def office(home: Path) -> Iterator[Office]:
    """A new training node XA, whose administrator is admin-1."""
    node = operating.init(
        Settings(home, "XA", "Arvenia", training=True), operating.FirstPerson("admin-1", "s", PASSPHRASE)
    )
    with serving(node) as client:
        yield Office(node, client)
    node.close()


@contextmanager
def serving(node: Node) -> Iterator[httpx.Client]:
    """The officers' pages of a node."""
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    headers = {"Accept": "text/html"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, headers=headers) as client:
        yield client
    server.stop()
