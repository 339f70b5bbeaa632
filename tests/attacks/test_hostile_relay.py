"""A relay that lies to the member behind it: it can withhold and delay, and nothing else that it does has an effect.

XB is a real node that opens no port; XR has the keys of the relay that XB's entry names and runs no software of ours;
XA, whose messages it keeps, is simulated.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from comity.app.demo.commands import Commands
from comity.app.settings import load, save
from comity.base.clock import system_clock
from comity.base.model import JsonObject
from comity.exchange import service as exchange
from comity.kit.crypto.symmetric import sha256
from comity.kit.web.servers import serve_in_thread
from tests.journeys.federation import Scene, joined
from tests.journeys.nodes import LiveNode
from tests.journeys.story import look
from tests.people import PASSPHRASE
from tests.simulator import Hostility, Partner

pytestmark = pytest.mark.journey


@dataclass
class HostileRelay:
    """What it lists and gives is the test's to say; `rounds` counts how often XB has asked."""

    listed: list[tuple[str, str, str]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: int = 0
    given: int = 0
    rounds: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def offer(self, body: bytes, sender: str = "XA", what: str = "messages", given: bytes | None = None) -> None:
        """List `body` as posted by `sender`; whoever fetches it gets `given`, or the same."""
        id = sha256(body).hex()
        self.bodies[id] = body if given is None else given
        self.listed.append((id, sender, what))

    def wait(self) -> None:
        """Return when XB has fetched all that is listed, and has asked again; then list nothing any more."""
        while self.rounds.acquire(blocking=False):
            pass
        for _ in range(2):
            assert self.rounds.acquire(timeout=30)
        self.listed.clear()

    def app(self) -> Starlette:
        async def held(_: Request) -> Response:
            self.asked += 1
            self.rounds.release()
            return JSONResponse({"held": [dict(zip(("id", "from", "what"), one, strict=True)) for one in self.listed]})

        async def give(request: Request) -> Response:
            self.given += 1
            return Response(self.bodies[request.path_params["id"]])

        async def taken(_: Request) -> Response:
            return JSONResponse({"taken": 0})  # it lets go of nothing

        return Starlette(routes=[
            Route("/cx/1/relay/XB/held", held), Route("/cx/1/relay/XB/held/{id}", give),
            Route("/cx/1/relay/XB/taken", taken, methods=["POST"]),
        ])  # fmt: skip


@dataclass
class Behind:
    """XB behind its hostile relay."""

    node: LiveNode
    us: JsonObject
    relay: HostileRelay
    sender: Partner
    """XA, an honest member."""
    liar: Partner
    """XR as a member that writes messages of its own."""

    def count(self, table: str, where: str = "1 = 1") -> int:
        query = sa.text(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(look(self.node, lambda unit: unit.connection.scalar(query)))


@pytest.fixture(scope="module")
def behind(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder: Path = tmp_path_factory.mktemp("behind")
    Commands(PASSPHRASE).ask(folder / "xr", "relay", "init", "--code", "XR", "--name", "Relay of Arvenia")
    for code in ("XA", "XB"):
        shutil.copytree(scene.home(code), folder / code.lower())
    with ExitStack() as stack:
        save(replace(load(folder / "xb"), relay="XR"))
        made = stack.enter_context(joined(replace(scene, folder=folder), ("XA", "XB", "XR")))
        node, relay, eyes = made["XB"], HostileRelay(), made["XR"].eyes
        tls = exchange.server_tls(eyes.station)
        server = serve_in_thread(relay.app(), "127.0.0.1", eyes.settings.partner_port, tls)
        stack.callback(server.stop)
        node.start()
        us = exchange.member_entry(node.eyes.keys, "XB", node.settings.partner_endpoint)
        partners = (Partner(made[code].eyes.keys, system_clock) for code in ("XA", "XR"))
        yield Behind(node, us, relay, *partners)


def test_what_it_gives_five_times_is_one_message(behind: Behind) -> None:
    before, asked, given = behind.count("exchange_inbox"), behind.relay.asked, behind.relay.given
    body = behind.sender.message(behind.us, {"n": 1})
    for _ in range(5):
        behind.relay.offer(body)
    behind.relay.wait()
    assert behind.count("exchange_inbox") == before + 1
    assert behind.count("log_entry", "type = 'message.received'") == behind.count("exchange_inbox")
    fetched = behind.relay.given - given
    assert 1 <= fetched <= behind.relay.asked - asked, "once a look at most, whatever it lists and does not let go"


def test_what_it_holds_back_and_gives_in_another_order_is_taken_all_the_same(behind: Behind) -> None:
    before = behind.count("exchange_inbox")
    first = behind.sender.header("XB")
    second = behind.sender.header("XB", conversation=first["conversation"], seq=2, prev="00" * 32)
    bodies = [behind.sender.message(behind.us, {"n": n}, header=one) for n, one in enumerate((first, second))]
    behind.relay.wait()
    assert behind.count("exchange_inbox") == before, "it withholds: the sender's deadline notices"
    behind.relay.offer(bodies[1])
    behind.relay.wait()
    behind.relay.offer(bodies[0])
    behind.relay.wait()
    assert behind.count("exchange_inbox") == before + 2


def test_nothing_that_it_changes_is_taken(behind: Behind) -> None:
    before, body = behind.count("exchange_inbox"), behind.sender.message(behind.us, {"n": 2})
    for at in range(0, len(body), len(body) // 9):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        behind.relay.offer(changed)
    behind.relay.wait()
    behind.relay.offer(body, given=body[:-1] + b" }")
    behind.relay.wait()
    assert behind.count("exchange_inbox") == before


def named(header: dict[str, Any]) -> None:
    header["from"] = "XA"


def test_nothing_is_taken_that_it_writes_in_anothers_name(behind: Behind) -> None:
    before = behind.count("exchange_inbox")
    behind.relay.offer(behind.liar.message(behind.us, {"n": 3}, Hostility(header=named)))
    behind.relay.offer(behind.sender.message(behind.us, {"n": 4}), sender="XR")
    behind.relay.wait()
    assert behind.count("exchange_inbox") == before


def test_it_can_accept_and_report_nothing_for_another(behind: Behind) -> None:
    before = behind.count("exchange_receipt")
    for kind in ("ACCEPTED", "DELIVERED", "HANDLED"):
        behind.relay.offer(behind.liar.receipt("0" * 36, "0" * 64, "XB", kind), what="receipts")
    behind.relay.wait()
    assert behind.count("exchange_receipt") == before
