"""Appending log entries with one signed checkpoint and one durable commit a batch; proving and verifying a large log.

    python -m benchmarks.log [--seed N] [--seconds S] [--entries N] [--profile BATCH]

One JSON line: entries a second for batches of 1, 64 and 1,024 on SQLite (WAL, synchronous=FULL) and on a throwaway
PostgreSQL cluster with fsync and synchronous_commit on, with what the figures depend on: seed, row mix, durability,
load average, median time of an fsync on the same file system, and CPU time.

`sqlite` and `postgresql` append complete entries, four sealed commitments included; `prebuilt` leaves these out: the
entries were sealed and encoded beforehand. `prove_ms` is the median time to compute the inclusion proof of a random
entry from stored hashes, `verify_s` the time to recompute the whole tree from the entries' bytes (`comity log verify
--tree`), both in an SQLite log of `entries` entries, which takes minutes to fill: progress goes to stderr.
"""

import argparse
import cProfile
import json
import os
import pstats
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from comity.base.clock import system_clock
from comity.base.model import Actor, DataKey
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.kit.shell import time_left
from comity.log import service
from comity.log.model import Head, Record
from comity.log.service.append import enqueue, prepare
from comity.log.service.prove import inclusion
from tests import postgres
from tests.clock import FixedClock
from tests.schema import build_schema

BATCHES = (1, 64, 1024)
PROOFS = 2000
MIX = {"message.sent": 4, "message.received": 4, "search.answered": 1, "case.opened": 1}
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def records(seed: int) -> Iterator[Record]:
    """An endless row of records: types by MIX, half of them sealed under one of 16 case keys."""
    chance = random.Random(seed)
    keys = [DataKey(f"case-{n}", chance.randbytes(32)) for n in range(16)]
    people = [Actor("XA", f"officer-{n}", f"unit-{n % 4}", frozenset({"officer"})) for n in range(40)]
    while True:
        key = chance.choice(keys) if chance.random() < 0.5 else None
        digest = chance.randbytes(32).hex()
        yield Record(
            type=chance.choices(list(MIX), list(MIX.values()))[0], actor=chance.choice(people), peer="XB",
            subject={"message": digest[:36], "conversation": digest[28:]}, payload={"digest": digest, "kind": "sent"},
            case=key.id if key else None, key=key, legal_basis="regional-agreement:art-5", auth_hash=digest,
            policy_hash=digest[::-1],
            peer_head=Head("comity.invalid/XB/log", chance.randrange(10**6), chance.randbytes(32)),
        )  # fmt: skip


def measure(database: Database, batch: int, source: Iterator[Record], seconds: float) -> dict[str, float]:
    """Appends in units of `batch` entries for about `seconds`: entries a second of wall clock and of CPU time."""
    done, rounds = 0, 0
    start, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds or rounds < 3:
        with database.unit("benchmark.log") as unit:
            for _ in range(batch):
                service.append(unit, next(source))
        done, rounds = done + batch, rounds + 1
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    return {"per_s": round(done / wall, 1), "per_cpu_s": round(done / spent, 1)}


def measure_prebuilt(database: Database, batch: int, source: Iterator[Record], seconds: float) -> float:
    """As `measure`, for entries that are sealed and encoded before the clock starts; entries a second of wall clock."""
    done, spent = 0, 0.0
    while spent < seconds:
        database.clock = FixedClock(system_clock())  # an entry's time is that of the unit which commits it
        with database.read("benchmark.prepare") as unit:
            ready = [prepare(unit, next(source)) for _ in range(max(batch, 256))]
        for at in range(0, len(ready), batch):
            start = time.perf_counter()
            with database.unit("benchmark.log") as unit:
                enqueue(unit, *ready[at : at + batch])
            spent += time.perf_counter() - start
        done += len(ready)
    database.clock = system_clock
    return round(done / spent, 1)


def run(url: str, keys: KeyRing, seed: int, seconds: float) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """All batch sizes on the database at `url`, complete and prebuilt, then a check of what was written."""
    database = Database(url, node="XA", keys=keys)
    try:
        source = records(seed)
        measure(database, 8, source, 0.2)  # connections, caches and compiled statements
        found = {str(batch): measure(database, batch, source, seconds) for batch in BATCHES}
        prebuilt = {str(batch): measure_prebuilt(database, batch, source, seconds) for batch in BATCHES}
        with database.read("benchmark.check") as unit:
            report = service.verify(unit)
        assert report.ok, report.findings[:3]
        return found, prebuilt
    finally:
        database.dispose()


def large(url: str, keys: KeyRing, seed: int, entries: int) -> dict[str, float]:
    """A log of `entries` entries: the median milliseconds of a proof, and the seconds of a whole verification."""
    database = Database(url, node="XA", keys=keys)
    try:
        fill(database, records(seed), entries)
        chance, taken = random.Random(seed), []
        with database.read("benchmark.prove") as unit:
            for _ in range(PROOFS):
                index = chance.randrange(entries)
                start = time.perf_counter()
                inclusion(unit, index)
                taken.append(time.perf_counter() - start)
            start = time.perf_counter()
            assert service.verify_tree(unit).size == entries
            verified = time.perf_counter() - start
        return {"prove_ms": round(statistics.median(taken) * 1000, 3), "verify_s": round(verified, 3)}
    finally:
        database.dispose()


def fill(database: Database, source: Iterator[Record], entries: int) -> None:
    """Append so many, saying on stderr how far it is."""
    start = time.perf_counter()
    for done in range(0, entries, BATCHES[-1]):
        with database.unit("benchmark.fill") as unit:
            for _ in range(min(BATCHES[-1], entries - done)):
                service.append(unit, next(source))
        if done % (BATCHES[-1] * 50) == 0:
            left = time_left(done, entries, time.perf_counter() - start)
            print(f"filling: {done:,} of {entries:,} entries" + (f", {left}" if left else ""), file=sys.stderr)


@contextmanager
def durable_cluster(build: Callable[[str], None] = build_schema) -> Iterator[str]:
    """The URL of a database in a throwaway cluster that is as durable as one in production, as `build` makes it."""
    caretaker = postgres.Caretaker()
    try:
        cluster = postgres.Cluster(caretaker.folder)
        cluster.ensure(build)
        with psycopg.connect(f"host={caretaker.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            for name in DURABLE:
                connection.execute(f"ALTER SYSTEM SET {name} = on".encode())
            connection.execute("SELECT pg_reload_conf()")
        with cluster.clone() as url:
            time.sleep(0.5)  # the server rereads its settings on a signal
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                settings = {name: connection.execute(f"SHOW {name}".encode()).fetchone() for name in DURABLE}
            assert set(settings.values()) == {("on",)}, settings
            yield url
    finally:
        caretaker.close()


def fsync_p50_ms(folder: Path) -> float:
    """Median milliseconds to write 4 KiB and fsync in `folder`."""
    taken = []
    descriptor = os.open(folder / "probe", os.O_WRONLY | os.O_CREAT)
    for _ in range(200):
        start = time.perf_counter()
        os.write(descriptor, bytes(4096))
        os.fsync(descriptor)
        taken.append(time.perf_counter() - start)
    os.close(descriptor)
    return round(statistics.median(taken) * 1000, 3)


def profile(url: str, keys: KeyRing, seed: int, batch: int) -> None:
    """Where the time goes, on stderr."""
    database = Database(url, node="XA", keys=keys)
    source = records(seed)
    measure(database, batch, source, 0.3)
    profiler = cProfile.Profile()
    profiler.runcall(measure, database, batch, source, 2.0)
    database.dispose()
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each batch size on each database")
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the log that is proven and verified")
    parser.add_argument("--profile", type=int, metavar="BATCH", help="profile this batch size on SQLite instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = KeyRing.create(folder / "keys", "XA", FixedClock())
        url = f"sqlite:///{folder / 'node.sqlite'}"
        build_schema(url)
        if options.profile:
            profile(url, keys, options.seed, options.profile)
            return
        load, probe = os.getloadavg(), fsync_p50_ms(folder)
        sqlite, sqlite_prebuilt = run(url, keys, options.seed, options.seconds)
        with durable_cluster() as cluster:
            postgresql, postgresql_prebuilt = run(cluster, keys, options.seed, options.seconds)
        second = f"sqlite:///{folder / 'large.sqlite'}"
        build_schema(second)
        whole = large(second, keys, options.seed, max(1, options.entries))
    result = {
        "benchmark": "log",
        "sqlite": {batch: figures["per_s"] for batch, figures in sqlite.items()},
        "postgresql": {batch: figures["per_s"] for batch, figures in postgresql.items()},
        "prebuilt": {"sqlite": sqlite_prebuilt, "postgresql": postgresql_prebuilt},
        **whole, "entries": max(1, options.entries),
        "per_cpu_s": {"sqlite": {b: f["per_cpu_s"] for b, f in sqlite.items()},
                      "postgresql": {b: f["per_cpu_s"] for b, f in postgresql.items()}},
        "seed": options.seed, "row_mix": MIX, "case_key_share": 0.5,
        "durability": {"sqlite": "WAL, synchronous=FULL", "postgresql": ", ".join(f"{n}=on" for n in DURABLE)},
        "load_average": [round(value, 2) for value in load], "fsync_p50_ms": probe, "cpus": os.cpu_count(),
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main()
