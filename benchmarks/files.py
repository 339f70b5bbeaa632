"""A large file between two real nodes: `python -m benchmarks.files [--gib 10]`.

Two processes with their own keys, databases (SQLite, FULL durability) and vaults over mutual TLS, with the nodes' own
background work in both. The file lies sealed in the sender's vault and its manifest is made (its time is told apart);
the clock runs from the act that sends the message until the sender has the receipt HANDLED: every chunk hashed, opened,
sealed into the recipient's vault and written through, the whole hashed again as it lies on the disk, the row committed.
Memory is the largest resident set of either process. With `--kill`, the recipient is killed in the middle and started
again, and the chunks that were sent twice are counted. Prints one JSON line.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.offices import entry, founded, published
from comity.base.clock import system_clock
from comity.base.ids import uuid7
from comity.base.model import DataKey, JsonObject
from comity.exchange import api, jobs, service
from comity.exchange.model import Message, Outgoing, Pace, Received
from comity.exchange.service import Station
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.schema import metadata
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.legal import service as legal
from comity.legal.model import Question

SEED = 20260302
GIB = 1 << 30
PIECE = 1 << 20
PACE = Pace(first_retry=0.5, longest_retry=2.0)
FACTS: JsonObject = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip


@dataclass
class Watch:
    """What the sending process is told of its own work: chunks by number, and the end."""

    chunks: Counter[str] = field(default_factory=Counter)
    handled: threading.Event = field(default_factory=threading.Event)

    def observe(self, point: str) -> None:
        """A point was passed."""
        if point.startswith("chunk:before"):
            self.chunks[point] += 1


def opened(home: Path, code: str, watch: Watch | None = None) -> Station:
    """A node of its own, made or found in `home`; it takes files with queries."""
    folder = home / code
    fresh = not (folder / "keys").exists()
    place = folder / "keys"
    keys = KeyRing.create(place, code, system_clock) if fresh else KeyRing.load(place, code)
    database = Database(f"sqlite:///{folder / 'node.db'}", node=code, keys=keys)
    if fresh:
        metadata.create_all(database.engine)
    station = Station(
        database, {"search.query": lambda unit, received: None}, pace=PACE, vault=Vault(folder / "vault"),
        keepers={"search.query": keep},
    )  # fmt: skip
    return replace(station, observe=watch.observe) if watch else station


def keep(unit: Unit, _received: Received) -> DataKey:
    """Stands for the key of the case."""
    return unit.keys.data_key("benchmark-case")


def take_directory(station: Station, told: tuple[bytes, str]) -> None:
    """Import the directory."""
    with station.database.unit("benchmark.directory") as unit:
        service.import_directory(unit, *told)


def recipient(home: Path, pipe: Connection, port: int) -> None:
    """The receiving node's process: serves until told, and tells its largest resident set and its processor time."""
    station = opened(home, "XB")
    if port == 0:
        pipe.send(entry(station.database, 9))
        take_directory(station, pipe.recv())
    partner = api.serve(station, "127.0.0.1", port)
    with jobs.running(station):
        if port == 0:
            pipe.send(partner.port)
            pipe.send(entry(station.database, partner.port))
            take_directory(station, pipe.recv())
        pipe.send("ready")
        pipe.recv()
    partner.stop()
    pipe.send((peak_mb(), time.process_time()))
    station.database.dispose()


def peak_mb() -> float:
    """The largest resident set of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def started(home: Path, port: int) -> tuple[BaseProcess, Connection]:
    """The receiving process."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=recipient, args=(home, theirs, port), daemon=True)
    process.start()
    return process, ours


def pieces(size: int) -> Iterator[bytes]:
    """`size` bytes that nothing can compress, the same every time."""
    chance = random.Random(SEED)
    block = bytearray(chance.randbytes(PIECE))
    for number in range(0, size, PIECE):
        block[:8] = number.to_bytes(8)
        yield bytes(block[: size - number])


def prepared(station: Station, size: int) -> tuple[Outgoing, float]:
    """The file in the sender's vault and its manifest; seconds of the latter."""
    key = station.database.keys.data_key("benchmark-case")
    assert station.vault is not None
    staged = station.vault.stage(pieces(size), key)
    with station.database.unit("benchmark.put") as unit:
        ref = station.vault.keep(unit, staged)
    start = time.perf_counter()
    return service.prepare(station.database, station.vault, ("disk.img", ref), key), time.perf_counter() - start


def send(station: Station, file: Outgoing) -> str:
    """Send it beside a query; the message's id."""
    act = sha256(os.urandom(8)).hex()
    with station.database.unit("benchmark.send") as unit:
        question = Question("hit_no_hit", "XA", "XB", "TRAIN-REG", unit.now.date(), FACTS)
        permit = legal.permit(unit, legal.decide(unit, question), act, ("XB",))
        body: JsonObject = {"text": "a file follows"}
        made = Message("search.query", ("XB",), uuid7(unit.now), body, act, "criminal_investigation", files=(file,))
        return service.send(unit, permit, made)


def until_handled(station: Station, message: str) -> None:
    """Return when the recipient's signed HANDLED is here."""
    while True:
        with station.database.read("benchmark.sent") as unit:
            state = service.sent(unit, message).deliveries[0].state
        if state == "handled":
            return
        if state in {"rejected", "non_delivery"}:
            raise SystemExit(f"the message ended as {state}")
        station.database.wait_for_change(0.5)


def measure(folder: Path, gib: float, kill: bool = False) -> dict[str, object]:
    """The figures of one file of `gib` GiB under `folder`, which needs three times its room."""
    watch, size = Watch(), int(gib * GIB)
    process, pipe = started(folder, 0)
    station = opened(folder, "XA", watch)
    office = founded()
    sender = api.serve(station, "127.0.0.1", 0)
    ports = []
    for version in (1, 2):
        if version == 2:
            ports.append(pipe.recv())
        told = published(office, entry(station.database, sender.port), pipe.recv())
        take_directory(station, told)
        pipe.send(told)
    pipe.recv()
    file, prepare_s = prepared(station, size)
    os.sync()
    cpu = time.process_time()
    start = time.perf_counter()
    with jobs.running(station):
        message = send(station, file)
        if kill:
            process, pipe = _killed(folder, (process, ports[0]), watch, file.manifest.count // 2)
        until_handled(station, message)
        seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    sender.stop()
    pipe.send("stop")
    theirs, their_cpu = pipe.recv()
    process.join(10)
    station.database.dispose()
    return {
        "file_mb_per_s": round(size / seconds / 1e6, 1), "file_rss_mb": round(max(theirs, peak_mb()), 1),
        "seconds": round(seconds, 2), "gib": gib,
        "rss_mb": {"sender": round(peak_mb(), 1), "recipient": round(theirs, 1)},
        "prepare_mb_per_s": round(size / prepare_s / 1e6, 1),
        "cpu_s": {"sender": round(cpu, 2), "recipient": round(their_cpu, 2)},
        "sent_twice": sum(watch.chunks.values()) - file.manifest.count,
    }  # fmt: skip


def _killed(folder: Path, running: tuple[BaseProcess, int], watch: Watch, after: int) -> tuple[BaseProcess, Connection]:
    """The recipient, killed when so many chunks were sent, and started again."""
    process, port = running
    while sum(watch.chunks.values()) < after:
        time.sleep(0.01)
    process.kill()
    process.join()
    process, pipe = started(folder, port)
    pipe.recv()
    return process, pipe


def main() -> None:
    """Run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=10)
    parser.add_argument("--kill", action="store_true", help="kill the recipient in the middle")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.gib, given.kill)
    print(json.dumps(figures | {"seed": SEED, "load": [round(x, 2) for x in os.getloadavg()]}))


if __name__ == "__main__":
    main()
