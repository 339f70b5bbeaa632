"""Searches between two real nodes: `python -m benchmarks.searches [--minutes 60]`.

XB is a node's process as an operator runs it, over 20,000 synthetic profiles. XA runs in this process, with all of a
node's background work. Every search is an officer's signed act with its decision, permit, log entries on both sides,
answer and receipts; SQLite, FULL durability. Prints one JSON line:

search_p99_ms         from the moment at which a search is due, `--rate` a second whether or not earlier ones have
                      ended, until its answer is durable at XA; with `search_p50_ms`, and the same at 10 a second
searches_per_cpu_s    searches sealed beforehand, delivered at once: how many for each processor second of XB's process
batch_searches_per_s  the same in envelopes of 64: from the first delivery until the last answer is durable at XA
rss_slope_mb          growth of XB's resident memory in MB per 10 minutes (least squares over the second half of
                      `--minutes`), at 60 % of `searches_per_s`: what both nodes together can do on this machine, from
                      the officer's act to the answer; `rss_mb`, `anon_mb`: what it ended with, and how much of it is
                      not libraries
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from comity.app import settings
from comity.app.demo import population
from comity.app.demo.commands import Commands
from comity.app.demo.federation import Federation, found
from comity.app.wiring import Node, create_node
from comity.base.model import Issuer
from comity.exchange import api, jobs
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.kit.web.servers import Server
from comity.search import service as search
from comity.search.model import Ask

SEED = 20_261
PASSPHRASE = "benchmark passphrase"
PROFILES = 20_000
STAINS = 640


@dataclass
class Bench:
    """Both nodes; XB's process, XA in this one."""

    federation: Federation
    node: Node
    issuer: Issuer
    case: str
    stains: list[str]
    answered: dict[str, float] = field(default_factory=dict)
    """When the answer to a query was durable here, by the query's id."""

    def ask(self, *refs: str) -> list[str]:
        """One officer's act about these records; the ids of its queries."""
        first, *further = refs
        question = Ask(self.case, "dna", first, ("XB",), "criminal_investigation", further=tuple(further))
        with self.node.desk.acting("search.ask", self.issuer) as unit:
            return [query.id for query in search.ask(unit, self.node.matchers["dna"], self.issuer, question)]

    def await_answers(self, queries: Sequence[str], seconds: float = 600) -> float:
        """When the last of these was answered; long after, where more was asked than the nodes can do."""
        end = time.perf_counter() + seconds
        while not all(query in self.answered for query in queries):
            if time.perf_counter() > end:
                raise SystemExit(f"{sum(q not in self.answered for q in queries)} searches without an answer")
            time.sleep(0.002)
        return max(self.answered[query] for query in queries)

    def cpu_seconds(self) -> float:
        """Processor time of XB's process so far."""
        fields = Path(f"/proc/{self.federation.running['XB'].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory of XB's process, and what of it belongs to no file."""
        rows = Path(f"/proc/{self.federation.running['XB'].pid}/status").read_text().splitlines()
        kib = {name: value.split()[0] for name, _, value in (row.partition(":") for row in rows) if value.strip()}
        return int(kib["VmRSS"]) / 1024, int(kib["RssAnon"]) / 1024


@contextlib.contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Both nodes founded and filled by the public commands; XB runs, XA listens and delivers nothing yet."""
    federation = Federation(folder, Commands(PASSPHRASE))
    found(federation)
    _import(federation, "XB", population.generate(SEED, PROFILES))
    case = federation.ask(
        "XA", "case", "open", "BENCH-1", "--title", "Benchmark", "--offence", "XA-CC-101", by="officer-1"
    )
    admit = ("case", "admit", "examiner-1", "--case", case["id"])
    federation.ask("XA", *admit, by="officer-1")
    stains = population.generate(SEED + 1, STAINS).replace(",Reference,", ',"Forensic, Unknown",')
    _import(federation, "XA", stains)
    federation.start("XB")
    node, server = _ours(federation)
    try:
        federation.wait_ready("XB")
        refs = [row.partition(",")[0] for row in stains.splitlines()[1:]]
        made = Bench(federation, node, node.desk.enter("officer-1", PASSPHRASE), case["id"], refs)
        _told(made)
        yield made
    finally:
        server.stop()
        node.close()
        federation.stop_all()


def _import(federation: Federation, code: str, table: str) -> None:
    path = federation.post / f"{code}.csv"
    path.write_text(table, encoding="utf-8")
    federation.ask(code, "dna", "import", str(path), by="examiner-1", seconds=600)


def _ours(federation: Federation) -> tuple[Node, Server]:
    loaded = settings.load(federation.home("XA"))
    node = create_node(loaded)
    return node, api.serve(node.station, loaded.host, loaded.partner_port)


def _told(made: Bench) -> None:
    """Have the moment noted at which an answer is durable."""
    handlers = dict(made.node.station.handlers)
    single, several = handlers["search.answer"], handlers["search.answers"]

    def note(unit: Unit, queries: list[str]) -> None:
        unit.after_commit(lambda: made.answered.update(dict.fromkeys(queries, time.perf_counter())))

    def one(unit: Unit, received: Received) -> None:
        single(unit, received)
        note(unit, [str(received.body["query"])])

    def many(unit: Unit, received: Received) -> None:
        several(unit, received)
        parts: Any = received.body["parts"]
        note(unit, [part["body"]["query"] for part in parts])

    station = replace(made.node.station, handlers=handlers | {"search.answer": one, "search.answers": many})
    made.node = replace(made.node, station=station)


def open_loop(made: Bench, rate: float, seconds: float) -> list[float]:
    """Milliseconds of each search's round trip, due `rate` times a second; what waits for its turn counts."""
    due = [number / rate for number in range(int(rate * seconds))]
    asked: dict[str, float] = {}
    chance = random.Random(SEED)
    begun = time.perf_counter() + 0.1

    def search_at(moment: float) -> None:
        time.sleep(max(0.0, begun + moment - time.perf_counter()))
        asked[made.ask(chance.choice(made.stains))[0]] = begun + moment

    with jobs.running(made.node.station), ThreadPoolExecutor(32) as pool:
        list(pool.map(search_at, due))
        made.await_answers(list(asked))
    return [(made.answered[query] - moment) * 1000 for query, moment in asked.items()]


@dataclass(frozen=True)
class Drain:
    """Searches sealed beforehand: seconds to seal them, then until all answers were durable, and XB's processor time
    for these."""

    sealing: float
    spent: float
    cpu: float


def drained(made: Bench, lots: Sequence[Sequence[str]]) -> Drain:
    """Each lot in an envelope of its own."""
    asked = time.perf_counter()
    queries = [query for lot in lots for query in made.ask(*lot)]
    before, begun = made.cpu_seconds(), time.perf_counter()
    with jobs.running(made.node.station):
        spent = made.await_answers(queries) - begun
        while exchange.owed(made.node.station):
            time.sleep(0.05)
    return Drain(begun - asked, spent, made.cpu_seconds() - before)


def slope(made: Bench, rate: float, seconds: float) -> dict[str, object]:
    """How XB grows in the second half of a steady load, and how many samples that rests on."""
    samples: list[tuple[float, float]] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(max(0.2, seconds / 600)):
            samples.append((time.perf_counter(), made.memory_mb()[0]))

    watcher = threading.Thread(target=sample)
    watcher.start()
    try:
        steady = open_loop(made, rate, seconds)
    finally:
        ended.set()
        watcher.join()
    late = samples[len(samples) // 2 :]
    fitted = statistics.linear_regression([at for at, _ in late], [mb for _, mb in late])
    whole, anonymous = made.memory_mb()
    return _spread("steady", steady) | {
        "rss_slope_mb": round(fitted.slope * 600, 2), "rss_samples": len(late), "steady_rate": round(rate, 1),
        "rss_mb": round(whole, 1), "anon_mb": round(anonymous, 1),
    }  # fmt: skip


def figures(folder: Path, minutes: float, rate: float, seconds: float) -> dict[str, object]:
    """All figures, as the module says."""
    with bench(folder) as made:
        drained(made, [[ref] for ref in made.stains[:32]])  # both nodes are warm
        calm = open_loop(made, 10, seconds)
        busy = open_loop(made, rate, seconds)
        singles = drained(made, [[ref] for ref in made.stains])
        batches = drained(made, [made.stains[at : at + 64] for at in range(0, len(made.stains), 64)])
        both = len(made.stains) / (singles.sealing + singles.spent)
        grown = slope(made, 0.6 * both, 60 * minutes)
    return _spread("search", busy) | {"rate": rate} | _spread("calm", calm) | {
        "searches_per_cpu_s": round(len(made.stains) / singles.cpu, 1), "searches_per_s": round(both, 1),
        "batch_searches_per_s": round(len(made.stains) / batches.spent, 1),
        "batch_searches_per_cpu_s": round(len(made.stains) / batches.cpu, 1),
    } | grown | {"minutes": minutes, "profiles": PROFILES}  # fmt: skip


def _spread(name: str, spent: list[float]) -> dict[str, object]:
    """Median and 99th percentile."""
    cut = statistics.quantiles(spent, n=100)
    return {f"{name}_p50_ms": round(statistics.median(spent), 1), f"{name}_p99_ms": round(cut[98], 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = figures(Path(folder), options.minutes, options.rate, options.seconds)
    print(json.dumps(measured | {"seed": SEED, "load": [round(x, 2) for x in os.getloadavg()]}))


if __name__ == "__main__":
    main()
