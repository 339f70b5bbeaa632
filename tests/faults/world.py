"""A federation whose lines a test can spoil, what the operator of a node reads there, and what must hold afterwards."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comity.app.demo.commands import Commands
from comity.app.settings import save
from comity.exchange import service as exchange
from comity.exchange.model import PartnerStatus
from tests.faults.proxy import Fate, Proxy, honest
from tests.journeys.federation import Federation, Scene, copied, take_port
from tests.journeys.nodes import LiveNode
from tests.journeys.pictures import check_sound
from tests.journeys.story import look, query, rest
from tests.people import PASSPHRASE

COMMANDS = Commands(PASSPHRASE)


class World:
    """A running federation; `lines[code]` is the line over which the others reach that node."""

    def __init__(self, federation: Federation, lines: dict[str, Proxy]) -> None:
        self.federation = federation
        self.lines = lines

    def __getitem__(self, code: str) -> LiveNode:
        return self.federation[code]

    def until(self, seen: Callable[[], Any], what: str) -> Any:
        """Wait for `seen` to be true."""
        return self.federation.bell.until(seen, what)

    def ask(self, *to: str, urgency: str = "normal") -> list[str]:
        """XA's officer asks these states; the queries' ids."""
        scene = self.federation.scene
        body = {"case": scene.case["homicide"], "profile": scene.profile, "to": list(to), "urgency": urgency}
        return [str(one["query"]) for one in self["XA"].post("officer-1", "/searches", body)]

    def status(self, id: str) -> str:
        """What XA's officer is told about a query."""
        return query(self["XA"], id).status

    def answered(self, id: str, *status: str) -> str:
        """Wait for one of these answers."""
        self.until(lambda: self.status(id) in status, f"the query is {status}")
        return self.status(id)

    def stand(self, code: str, of: str) -> PartnerStatus:
        """How the node `code` sees its partner `of`."""
        found: list[PartnerStatus] = look(self[code], exchange.partners)
        return next(one for one in found if one.code == of)

    def pass_time(self, seconds: float) -> None:
        """Time passes at every node, and the directory is signed anew as it would have been."""
        for node in self.federation.nodes.values():
            node.shift.value += seconds
        self.federation.publish()

    def rest(self) -> None:
        """Nothing is under way at any node."""
        rest(self.federation)

    def check(self) -> None:
        """Nothing lost, nothing doubled, no word without a signature; and every log holds."""
        self.rest()
        for node in self.federation.nodes.values():
            check_once(node)
        check_sound(self.federation)


@contextmanager
def behind(
    scene: Scene, folder: Path, codes: tuple[str, ...], fates: dict[str, Fate] | None = None, patience: float = 0.0
) -> Iterator[World]:
    """A running federation in which each node is reached over a line of its own, and failures are retried soon."""
    lines: dict[str, Proxy] = {}
    with copied(scene, folder, codes) as made:
        try:
            for code, node in made.nodes.items():
                node.settings = replace(node.settings, retry_first_s=1, retry_most_s=1)
                save(node.settings)
                node.patience = patience
                port = take_port()
                lines[code] = Proxy(port, node.settings.partner_port, (fates or {}).get(code, honest))
                made.endpoints[code] = f"https://127.0.0.1:{port}"
            made.publish()
            made.start()
            yield World(made, lines)
        finally:
            for line in lines.values():
                line.close()


# --- what the operator reads ---------------------------------------------------------------------------------------


def status(node: LiveNode, partner: str) -> dict[str, Any]:
    """`comity status` about one partner, which `comity partners` tells alike."""
    found: dict[str, Any] = next(p for p in COMMANDS.ask(node.home, "status")["partners"] if p["code"] == partner)
    listed = next(p for p in COMMANDS.ask(node.home, "partners") if p["code"] == partner)
    assert listed["waiting"] >= 0 and listed["name"] == found["name"]
    return found


def told(node: LiveNode, *command: str) -> str:
    """What a command prints for people."""
    return COMMANDS.run(node.home, *command).out


def check_operator(node: LiveNode, partner: str, *words: str) -> None:
    """Both commands name the partner, and these words stand in each of the two lines about it."""
    for command in ("status", "partners"):
        lines = told(node, command).splitlines()
        line = next(line for line in lines if line.startswith((f"{partner} ", f"partner {partner}:")))
        assert all(word in line for word in words), (command, line)


# --- what must hold ------------------------------------------------------------------------------------------------


def check_once(node: LiveNode) -> None:
    """Each message in inbox, log and conversation once; each handled or refused for good; every word was signed."""
    for row in look(node, lambda unit: unit.connection.execute(sa.text(_COUNTS)).all()):
        assert row.entries == row.rows, (node.code, row)
    assert look(node, lambda unit: unit.connection.scalars(sa.text(_UNSETTLED)).all()) == [], node.code
    assert look(node, lambda unit: unit.connection.scalars(sa.text(_DOUBLED)).all()) == [], node.code
    said = node.home.with_suffix(".log").read_text() if node.home.with_suffix(".log").exists() else ""
    assert re.findall(r" answered \S+ with: (?!X[ABC]: ).*", said) == [], "each error was signed"
    assert "Traceback" not in said, said[-2000:]


_COUNTS = (
    "SELECT 'received' AS what, (SELECT count(*) FROM exchange_inbox) AS rows,"
    " (SELECT count(*) FROM log_entry WHERE type = 'message.received') AS entries "
    "UNION SELECT 'sent', (SELECT count(*) FROM exchange_message),"
    " (SELECT count(*) FROM log_entry WHERE type = 'message.sent')"
)
_UNSETTLED = "SELECT id FROM exchange_inbox WHERE state NOT IN ('handled', 'delivered')"
_DOUBLED = (
    "SELECT conversation FROM exchange_inbox GROUP BY conversation, sender, seq HAVING count(*) > 1 "
    "UNION SELECT question FROM search_query GROUP BY question, side, partner HAVING count(*) > 1"
)
