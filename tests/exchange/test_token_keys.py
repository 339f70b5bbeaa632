"""A node whose keys are in a token, and a partner whose keys are in files: messages pass, and nothing by halves."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.base.errors import ComityError, Unavailable
from comity.exchange import service
from comity.exchange.service import renewing
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.tokenkeys import TokenSigner
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.exchange.federation import Federation, Node, federation, send_query
from tests.softhsm import SoftToken

pytestmark = pytest.mark.softhsm
Make = Callable[[str], Database]


@pytest.fixture
def world(make_database: Make, token: SoftToken, tmp_path: Path) -> Iterator[Federation]:
    """XA with its keys in files, XB with its keys in the token; both answer to `search.query`."""

    def own(code: str) -> Database:
        database = make_database(code)
        if code == "XB":
            database.keys = KeyRing.create(tmp_path / code, code, system_clock, token.opened())
        else:
            folder = Path(shutil.copytree(database.keys.folder, tmp_path / code))
            database.keys = KeyRing.load(folder, code)
        return database

    wiring = {code: {"handlers": {"search.query": lambda unit, received: None}} for code in ("XA", "XB")}
    with federation(own, listening=("XA", "XB"), wiring=wiring) as made:
        yield made


def state_of(node: Node, message: str) -> str:
    with node.database.read("test") as unit:
        return service.sent(unit, message).deliveries[0].state


def exchanged(sender: Node, recipient: Node, to: str, number: int = 1) -> str:
    """The state of a fresh message after it was sent, handled and answered."""
    message = send_query(sender.station, to, number)
    service.deliver_due(sender.station)
    service.handle_pending(recipient.station)
    service.deliver_due(recipient.station)
    return state_of(sender, message)


def size(node: Node) -> int:
    with node.database.read("test") as unit:
        return log.head(unit).size


def verified(node: Node) -> bool:
    with node.database.read("test") as unit:
        return log.verify(unit).ok


def test_messages_pass_both_ways_and_both_logs_hold(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    assert (exchanged(a, b, "XB"), exchanged(b, a, "XA")) == ("handled", "handled")
    assert verified(a) and verified(b)
    assert [(one.partner, one.ok) for one in service.verify_partners(a.station)] == [("XB", True)]


def test_without_the_token_nothing_is_done_by_halves(world: Federation, token: SoftToken) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    waiting = send_query(a.station, "XB")
    before = size(b)
    with token.away():
        with pytest.raises(Unavailable) as caught:
            send_query(b.station, "XA", 2)
        assert caught.value.code == "keys.token"
        service.deliver_due(a.station)
        assert (state_of(a, waiting), size(b)) == ("waiting", before), "it neither took it in nor said it had"
    with a.database.unit("test.retry") as unit:
        service.retry(unit, "XB")
    service.deliver_due(a.station)
    assert (state_of(a, waiting), exchanged(b, a, "XA", 3)) == ("accepted", "handled")
    assert verified(a) and verified(b)


def test_the_tokens_key_is_replaced_without_a_gap(
    world: Federation, token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    old = b.database.keys.signing
    with b.database.unit("test.keys") as unit:
        service.renew(unit, "signing")
    service.refresh_keys(b.station)
    world.publish()
    assert exchanged(b, a, "XA") == "handled", "announced, and not used yet"
    with b.database.unit("test.keys") as unit:
        service.switch(unit, "signing")
    service.refresh_keys(b.station)
    fresh = b.database.keys.signing
    assert isinstance(fresh, TokenSigner) and fresh != old
    assert (exchanged(b, a, "XA", 2), exchanged(a, b, "XB")) == ("handled", "handled")
    held = token.objects()
    monkeypatch.setattr(renewing, "DRAIN", timedelta())
    assert service.retire(b.station) == ["signing"]
    assert token.objects() == held - 2, "in the token, too"
    with pytest.raises(ComityError):
        old.sign(b"x")
    service.refresh_keys(b.station)
    world.publish()
    assert exchanged(b, a, "XA", 3) == "handled"
    assert verified(b)
