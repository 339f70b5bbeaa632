"""A real node under attack: XB as a process on its own database and ports, and a member XA that lies to it.

XA is `tests.simulator.Partner` with the keys that the directory lists for it: what a partner can send that runs no
software of ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comity.base.clock import system_clock
from comity.base.model import JsonObject
from comity.exchange import service as exchange
from tests.faults.world import COMMANDS
from tests.journeys.federation import Scene, copied
from tests.journeys.nodes import LiveNode
from tests.journeys.story import look
from tests.simulator import Partner, said


@dataclass
class Victim:
    """XB, what the directory says of it, and its hostile partner."""

    node: LiveNode
    us: JsonObject
    partner: Partner

    def post(self, body: bytes, path: str = "/cx/1/messages") -> tuple[int, dict[str, Any]]:
        """Status, and what XB says under its signature."""
        status, answer = self.partner.post(self.us, body, path)
        return status, said(answer, self.us)

    def count(self, table: str, where: str = "1 = 1") -> int:
        """Rows of a table."""
        query = sa.text(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(look(self.node, lambda unit: unit.connection.scalar(query)))

    def alarms(self) -> list[str]:
        """The kinds of alarm raised."""
        return [alarm.kind for alarm in look(self.node, exchange.alarms)]

    def status(self) -> str:
        """What `comity status` tells the operator."""
        return COMMANDS.run(self.node.home, "status").out


@contextmanager
def attacked(scene: Scene, folder: Path) -> Iterator[Victim]:
    """XB up and alone; XA is listed, and has no node."""
    with copied(scene, folder, ("XA", "XB")) as made:
        node = made["XB"]
        node.start()
        us = exchange.member_entry(node.eyes.keys, "XB", node.settings.partner_endpoint)
        yield Victim(node, us, Partner(made["XA"].eyes.keys, system_clock))
