"""Who is no member gets no word in; who is one no longer is told so under a signature, and the attempt is logged."""

import contextlib
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.kit.crypto.certificates import client_context
from comity.kit.crypto.keyring import KeyRing
from comity.log import service as log
from tests.journeys.federation import Federation
from tests.journeys.nodes import LiveNode
from tests.journeys.story import Story, look, queries, query
from tests.journeys.test_search_abroad import ask

pytestmark = pytest.mark.journey
Start = Callable[..., Federation]


def entries(node: LiveNode) -> Counter[str]:
    """How many entries of each type the node's log has."""
    return look(node, lambda unit: Counter(e.type for e in log.entries(unit)))  # type: ignore[no-any-return]  # look is untyped


def knock(node: LiveNode, keys: KeyRing) -> bytes:
    """What the partner port says to a client with these keys; empty when it hangs up."""
    context = client_context(keys.tls_certificate, keys.tls_key, [node.eyes.keys.tls_certificate.read_bytes()])
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", node.settings.partner_port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        line.sendall(b"GET /cx/1/log/checkpoint HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return line.recv(1)
    return b""


def test_a_stranger_fails_in_the_handshake_and_leaves_no_entry(federation: Start, tmp_path: Path) -> None:
    world = federation("XA", "XB")
    b = world["XB"]
    before = entries(b)
    stranger = KeyRing.create(tmp_path / "stranger", "XA", system_clock)
    assert [knock(b, stranger) for _ in range(20)] == [b""] * 20
    assert knock(b, world["XA"].eyes.keys) == b"H", "a member is heard"
    said = b.home.with_suffix(".log").read_text()
    assert said.count("TLS handshakes refused") == 1, "counted, not one line each"
    assert entries(b) == before
    Story(world).ask()


@pytest.mark.parametrize(
    ("change", "code"), [({"revoked": ("XA",)}, "exchange.revoked"), ({"without": ("XA",)}, "exchange.unlisted")]
)
def test_a_former_member_is_refused_and_the_attempt_logged(
    federation: Start, change: dict[str, tuple[str, ...]], code: str
) -> None:
    world = federation("XA", "XB")
    a, b = world["XA"], world["XB"]
    Story(world).ask()
    known = len(queries(b))
    world.publish(**change, at=("XB",))
    (sent,) = ask(world, "homicide", "XB")
    world.bell.until(lambda: query(a, sent["query"]).status == "unavailable", "XA is told")
    assert query(a, sent["query"]).reason["reason"] == code
    assert entries(b)["request.refused"] >= 1
    assert len(queries(b)) == known
