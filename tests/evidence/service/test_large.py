"""Exhibits that are too large for a message: they follow it in chunks, and nobody ever holds a package in memory."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.base.model import Issuer
from comity.evidence import store
from comity.evidence.model.package import Digest
from comity.evidence.service import common, settling, showing, verifying
from comity.evidence.wire import package
from comity.evidence.wire.manifest import write_authorisation
from comity.exchange import service as exchange
from comity.kit.codec.parts import Part
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from tests.clock import FixedClock
from tests.evidence import scene
from tests.evidence.service.agencies import Agency, World, world
from tests.evidence.service.test_handover import show

IMAGE = b"".join(hashlib.sha256(n.to_bytes(8)).digest() for n in range(60_000))
"""1.9 MB: more than a message brings along."""
LARGE = 192 * 1024 * 1024
MEMORY = 150_000
"""Kilobytes of a process that verifies a package of any size."""

VERIFY = """
import sys
from pathlib import Path
from comity.app.program import main
sys.argv = ["comity", "verify", sys.argv[1], "--json"]
try:
    main()
finally:
    print(*[line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line], file=sys.stderr)
"""
"""The command, which also says how much memory it held at most."""


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


def exported(agency: Agency, by: Issuer, named: str) -> bytes:
    with agency.database.unit("evidence.export") as unit:
        return b"".join(showing.export(unit, agency.vault, by, named).package.pieces())


def test_a_large_exhibit_is_handed_over_as_a_file(met: World) -> None:
    item, release = met.offered(IMAGE)
    with met.b.database.read("test") as unit:
        known = exchange.sent(unit, store.find_release(unit, release.id).message)
        assert known.deliveries[0].state == "delivered"
    assert met.a.accept(release.id).state == "accepted"
    met.post()
    assert show(met.a, item.item.id)["standing"] == "held"
    assert show(met.b, item.item.id)["standing"] == "given"
    with met.a.database.read("test") as unit:
        key = common.key_of(unit, met.a.case)
        assert met.a.vault.get(unit, item.item.container.sha256, key) == IMAGE
    made = exported(met.a, met.a.people["officer"], release.id)
    assert len(made) > len(IMAGE)
    assert verifying.verify(made, met.federation.publish()).exit_code == 0


def test_what_nobody_asked_for_is_refused_before_it_is_sent(met: World) -> None:
    item = met.b.take_in(IMAGE)
    request = met.a.request()
    met.post()
    met.b.offer(request.id, item.item.id)
    met.b.release(request.id)
    with met.a.database.unit("test") as unit:
        store.update_request(unit, request.id, state="withdrawn", reason={})
    met.post()
    with met.b.database.read("test") as unit:
        sent = exchange.sent(unit, store.releases(unit, request=request.id)[0].message).deliveries[0]
        assert (sent.state, sent.reason) == ("rejected", "evidence.unasked")
        assert exchange.transfers(unit) == []
    assert not (met.a.vault.arriving).exists()


def test_an_offer_that_lapses_sends_no_more(met: World, clock: FixedClock) -> None:
    item = met.b.take_in(IMAGE)
    request = met.a.request()
    met.post()
    met.b.offer(request.id, item.item.id)
    release = met.b.release(request.id)
    exchange.deliver_due(met.b.node.station)
    with met.b.database.read("test") as unit:
        assert [one.state for one in exchange.transfers(unit)] == ["open"]
    clock.advance(40 * 86_400)
    with met.b.database.unit("test") as unit:
        assert settling.lapse(unit) == 1
        assert exchange.transfers(unit) == []
    assert show(met.b, item.item.id)["standing"] == "held"
    assert release.state == "offered"


def large_package(place: Path) -> None:
    """A package with one container of `LARGE` zeros, made without holding it."""
    zeros = Part(LARGE, lambda start, end: bytes(end - start))
    made = scene.scene()
    hashed = Digest(zeros.sha256, LARGE)
    granted = sha256(write_authorisation(made.authorisation)).hex()
    steps = [scene.event("collected"), scene.event("sealed"),
             scene.event("offered", to="XA", authorisation=granted, recorded=scene.RELEASED)]  # fmt: skip
    chain = scene.chained(*((replace(step, after=hashed.sha256), scene.KEY_B) for step in steps))
    whole = scene.Scene(replace(made.item, container=hashed, media=hashed), made.authorisation, chain)
    contents = replace(whole.contents(), objects={hashed.sha256: zeros})
    with place.open("wb") as file:
        file.writelines(package.build_pieces(contents, scene.KEY_B))


def test_a_package_of_any_size_is_verified_in_little_memory(tmp_path: Path) -> None:
    place = tmp_path / "large.zip"
    large_package(place)
    done = subprocess.run([sys.executable, "-c", VERIFY, str(place)], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 2, done.stderr
    assert all(check["ok"] for check in found["checks"])
    assert int(done.stderr.split()[1]) < MEMORY
