"""Messages per second between two real nodes, one after another: `python -m benchmarks.exchange`.

Two processes with their own keys and databases (SQLite, FULL durability) over mutual TLS. The sending process, in which
the node's own background work runs, calls `send` and waits until the sender's durable ACCEPTED receipt is there; then
the next. Every message makes complete log entries on both sides. Then come the figures of `benchmarks.searches` (an
hour, which `--minutes` shortens) and `benchmarks.files` (10 GiB, `--gib`), each in a process of its own, unless
`--alone` is given. Prints one JSON line.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.offices import entry, founded, published
from comity.base.clock import system_clock
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange import api, jobs, service
from comity.exchange.model import Message
from comity.exchange.service import Station
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.schema import metadata
from comity.kit.database.unit import Database, Unit
from comity.legal import service as legal
from comity.legal.model import Permit, Question

SEED = 20260302
SIZES = (512, 1024, 2048, 4096)
"""Bytes of the body's text, drawn evenly."""
FACTS: JsonObject = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip


def node(home: Path, code: str, url: str | None = None) -> Database:
    """A fresh node's database with its keys."""
    keys = KeyRing.create(home / code / "keys", code, system_clock)
    address = url or f"sqlite:///{home / code / 'node.db'}"
    database = Database(address, node=code, keys=keys)
    metadata.create_all(database.engine)  # of the rooms imported above: all that a message touches
    return database


def recipient(home: Path, pipe: Connection) -> None:
    """The receiving node's process: opens its port, hands over its entry, takes the directory, serves until told."""
    database = node(home, "XB")
    station = Station(database)
    pipe.send(entry(database, 9))
    take_directory(database, pipe.recv())
    partner = api.serve(station, "127.0.0.1", 0)
    pipe.send(entry(database, partner.port))
    take_directory(database, pipe.recv())
    pipe.send("ready")
    pipe.recv()
    partner.stop()
    database.dispose()


def take_directory(database: Database, told: tuple[bytes, str]) -> None:
    """Import the directory."""
    with database.unit("benchmark.directory") as unit:
        service.import_directory(unit, *told)


def fsync_p50(folder: Path) -> float:
    """Median milliseconds of writing 4 KiB and fsync."""
    spent = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


class Stopwatch:
    """Told every point a message passes in the sending process; sums the time between neighbours."""

    def __init__(self) -> None:
        self.accepted = threading.Event()
        self.sums: dict[str, list[float]] = {}
        self._last = 0.0

    def start(self) -> float:
        """A new message begins, now."""
        self.accepted.clear()
        self._last = time.perf_counter()
        return self._last

    def observe(self, point: str) -> None:
        """A point was passed: the time since the one before belongs to it."""
        name = _SPLIT.get(point)
        if name is not None:
            now = time.perf_counter()
            self.sums.setdefault(name, []).append(now - self._last)
            self._last = now
        if point == "exchange.delivered:after-commit":
            self.accepted.set()


_SPLIT = {
    "benchmark.send:before-commit": "send", "benchmark.send:after-commit": "commit_send",
    "send:before:search.query": "wake", "send:after:search.query": "post",
    "exchange.delivered:before-commit": "receipt", "exchange.delivered:after-commit": "commit_receipt",
}  # fmt: skip


def one(database: Database, watch: Stopwatch, message: Message, permit: Permit) -> float:
    """Seconds of one message, from the call of `send` to the durable receipt; the law was asked before."""
    with database.unit("benchmark.send") as unit:
        start = watch.start()
        service.send(unit, permit, message)
    if not watch.accepted.wait(30):
        raise SystemExit("no receipt within 30 seconds")
    return time.perf_counter() - start


def prepared(unit: Unit, text: str) -> tuple[Message, Permit]:
    """A query and its permit: the legal part is decided once a message, as a node does."""
    act = sha256(text.encode() + os.urandom(8)).hex()
    question = Question("hit_no_hit", "XA", "XB", "TRAIN-REG", unit.now.date(), FACTS)
    permit = legal.permit(unit, legal.decide(unit, question), act, ("XB",))
    return Message("search.query", ("XB",), uuid7(unit.now), {"text": text}, act, "criminal_investigation"), permit


@contextmanager
def pair(home: Path, watch: Stopwatch) -> Iterator[Database]:
    """Both nodes, up: the sender's database."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=recipient, args=(home, theirs), daemon=True)
    process.start()
    database = node(home, "XA")
    database.observer = watch.observe
    office = founded()
    for _ in range(2):
        told = published(office, entry(database, 9), ours.recv())
        take_directory(database, told)
        ours.send(told)
    ours.recv()
    with jobs.running(Station(database, observe=watch.observe)):
        yield database
    ours.send("stop")
    process.join(10)
    database.dispose()


def main() -> None:
    """Run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--alone", action="store_true", help="only messages, without searches and files")
    parser.add_argument("--minutes", type=float, default=60.0, help="of the steady load of searches")
    parser.add_argument("--gib", type=float, default=10.0, help="size of the file")
    given = parser.parse_args()
    figures = messages(given.messages, given.warm_up)
    if not given.alone:
        figures |= beside("searches", "--minutes", str(given.minutes)) | beside("files", "--gib", str(given.gib))
    print(json.dumps(figures))


def beside(name: str, *options: str) -> dict[str, object]:
    """The figures of another benchmark, but for those of the machine, which this one tells."""
    made = subprocess.run(  # our own module
        [sys.executable, "-m", f"benchmarks.{name}", *options], stdout=subprocess.PIPE, check=True
    )
    found: dict[str, object] = json.loads(made.stdout)
    return {key: value for key, value in found.items() if key not in ("seed", "load", "durability")}


def messages(count: int, warm_up: int) -> dict[str, object]:
    """`count` messages, one after another."""
    chance = random.Random(SEED)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder, pair(Path(folder), watch) as database:
        texts = [chance.randbytes(chance.choice(SIZES) // 2).hex() for _ in range(warm_up + count)]
        with database.unit("benchmark.permits") as unit:
            letters = [prepared(unit, text) for text in texts]
        for letter in letters[:warm_up]:
            one(database, watch, *letter)
        watch.sums.clear()
        spent = [one(database, watch, *letter) for letter in letters[warm_up:]]
        fsync = fsync_p50(Path(folder))
    return {
        "messages_per_s": round(count / sum(spent), 1), "p50_ms": round(statistics.median(spent) * 1000, 2),
        "p99_ms": round(statistics.quantiles(spent, n=100)[98] * 1000, 2),
        "split_ms": {name: round(statistics.mean(times) * 1000, 3) for name, times in watch.sums.items()},
        "fsync_p50_ms": round(fsync, 3), "messages": count, "seed": SEED, "body_bytes": SIZES,
        "durability": "SQLite WAL, synchronous=FULL", "load": [round(x, 2) for x in os.getloadavg()],
    }  # fmt: skip


if __name__ == "__main__":
    main()
