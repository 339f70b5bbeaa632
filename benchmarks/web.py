"""The officers' pages over a large database: `python -m benchmarks.web`.

    python -m benchmarks.web [--queries 1000000] [--entries 5000000] [--cases 20000] [--rounds 40] [--officers 100]

The database is loaded once into ``build/`` and used again: queries, a fifth of them hits, cases of 100 officers, and
the log. The node serves in this process, as an operator's does; SQLite. Prints one JSON line:

p95_ms          the slowest page's 95th percentile of `--rounds` requests, each from the request's first byte to the
                answer's last over loopback; `pages` has every page's median and 95th percentile
statements_max  most SQL statements of one page, transactions' own left out; `statements_grow` names the pages that take
                more of them here than over `SMALL`, with both numbers: none, where each takes as many whatever there is
first_kb        the heaviest page at a first visit: itself and all that it loads, as gzip (level 6) would send it
next_kb         the heaviest page afterwards, when the browser keeps what pages load
log_in_ms       signing in with a passkey: both requests' server time, median of 20
errors          among `--officers` people who read pages at once for `--seconds`, each thinking for a second between
                two; with `together_p50_ms`, `together_p95_ms`, `together_per_s`
"""

import argparse
import gzip
import http.client
import json
import os
import random
import re
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from benchmarks._filled import OFFICERS, SEED, Size, build_seconds, node
from comity.access import service as access
from comity.app import officers, operating
from comity.app.wiring import Node
from comity.cases.store import case_member
from comity.kit.web.browsers import SESSION
from comity.kit.web.servers import serve_in_thread
from comity.search.store.candidates import candidate_table
from comity.search.store.queries import query_table
from tests.authenticator import Authenticator
from tests.counting import counted

ASSET = re.compile(rb"/static/[A-Za-z0-9_.-]+")
PRINTED = "text/html"
SMALL = Size(3000, 10_000, 300)


@dataclass(frozen=True)
class Answer:
    """What one request brought."""

    status: int
    body: bytes
    seconds: float


class Browser:
    """One person's connection, kept open."""

    def __init__(self, port: int, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Cookie": f"{SESSION}={session}", "Accept": PRINTED, "Host": f"xa.localhost:{port}"}

    def get(self, path: str) -> Answer:
        """One page."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        return Answer(answer.status, body, time.perf_counter() - started)


@dataclass(frozen=True)
class Site:
    """The node that serves, and how people get in."""

    node: Node
    port: int

    def browser(self, person: str) -> Browser:
        """A session of that person, by a visitor's link."""
        with self.node.database.unit("benchmark.visit") as unit:
            _, session = access.visit(unit, access.issue_link(unit, person, "visit"))
        return Browser(self.port, session)


@contextmanager
def serving(folder: Path, size: Size) -> Iterator[Site]:
    """The filled node's pages on a free port."""
    made = node(folder, size)
    operating.upgrade(made)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = replace(made, settings=replace(made.settings, officer_port=port))
    server = serve_in_thread(officers.application(made), "127.0.0.1", port, limits=officers.LIMITS)
    try:
        yield Site(made, port)
    finally:
        server.stop()
        made.close()


def pages(site: Site) -> dict[str, tuple[str, str]]:
    """Every page by name: who reads it, and its address."""
    with site.node.database.read("benchmark.ids") as unit:
        of = unit.connection.execute
        hit = of(
            sa.select(query_table.c.id, query_table.c.case, candidate_table.c.number)
            .join(candidate_table, candidate_table.c.query == query_table.c.id)
            .where(query_table.c.side == "asking", query_table.c.state == "confirmed").limit(1)
        ).one()  # fmt: skip
        asked = of(sa.select(query_table.c.id).where(query_table.c.side == "asked").limit(1)).scalar_one()
        first = sa.select(case_member.c.person).where(case_member.c.case_id == hit.case, case_member.c.seq == 0)
        member = of(first).scalar_one()
    officer = {
        "work": "/work", "searches": "/search", "hits": "/search?status=hit", "ours": "/search?side=asking",
        "partners' no-hits": "/search?side=asked&status=no_hit", "query": f"/search/{hit.id}",
        "partner's query": f"/search/{asked}", "wizard": "/search/new", "cases": "/cases", "case": f"/cases/{hit.case}",
        "searches of a case": f"/search?case={hit.case}", "evidence": "/evidence", "duty": "/duty",
        "partners": "/partners", "partner": "/partners/XB", "status": "/status", "admin": "/admin",
        "find part of an id": f"/find?q={hit.id[:3]}",
        "find a case": "/find?q=number", "API": "/docs", "preferences": "/preferences",
    }  # fmt: skip
    examiner = {"verdicts": "/search/verdicts", "comparison": f"/search/{hit.id}/candidates/{hit.number}"}
    auditor = {
        "log": "/oversight", "entry": "/oversight/entries/1000", "old log": "/oversight?before=2500000",
        "a kind": "/oversight?kind=case.shown", "statistics": "/oversight/statistics", "verify": "/oversight/verify",
    }  # fmt: skip
    who = {member: officer, "examiner-1": examiner, "auditor-1": auditor}
    return {name: (person, path) for person, several in who.items() for name, path in several.items()}


def measured(site: Site, rounds: int) -> dict[str, object]:
    """Every page, alone."""
    found: dict[str, dict[str, float]] = {}
    weights: dict[str, tuple[float, float]] = {}
    static: dict[str, int] = {}
    for name, (person, path) in pages(site).items():
        browser = site.browser(person)
        first = browser.get(path)
        if first.status == 404:
            print(f"  {name}: there is no page {path}", file=sys.stderr)
            continue
        if first.status != 200:
            raise SystemExit(f"{path} answered {first.status}: {first.body[:300]!r}")
        times = sorted(browser.get(path).seconds * 1000 for _ in range(rounds))
        found[name] = {
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(times[int(0.95 * len(times)) - 1], 1),
        }
        page = len(gzip.compress(first.body, 6)) / 1000
        assets = {asset.decode() for asset in ASSET.findall(first.body)}
        static |= {asset: len(gzip.compress(browser.get(asset).body, 6)) for asset in assets - static.keys()}
        loaded = sum(static[asset] for asset in assets) / 1000
        weights[name] = (page, page + loaded)
        print(f"  {name}: {found[name]}, {page:.1f} kB", file=sys.stderr, flush=True)
    slowest = max(found, key=lambda name: found[name]["p95_ms"])
    return {
        "p95_ms": found[slowest]["p95_ms"], "slowest": slowest,
        "first_kb": round(max(first for _, first in weights.values()), 1),
        "next_kb": round(max(page for page, _ in weights.values()), 1), "pages": found,
    }  # fmt: skip


def statements(site: Site) -> dict[str, int]:
    """How many SQL statements each page takes, once it was read before."""
    found = {}
    for name, (person, path) in pages(site).items():
        browser = site.browser(person)
        if browser.get(path).status == 200:
            with counted() as count:
                browser.get(path)
            found[name] = count.number
    return found


def log_in_ms(site: Site) -> float:
    """A passkey made by a link, then signing in with it."""
    made_at = access.site(f"http://xa.localhost:{site.port}")
    database, key, times = site.node.database, Authenticator(f"http://xa.localhost:{site.port}"), []
    with database.unit("benchmark.join") as unit:
        token = access.issue_link(unit, "approver-1", "first")
        ceremony, options = access.ask_to_enrol(unit, made_at, token)
        access.enrol(unit, made_at, token, (ceremony.id, key.create(options)))
    for _ in range(20):
        started = time.perf_counter()
        with database.unit("benchmark.enter") as unit:
            entering = access.begin_entering(unit, made_at)
        spent = time.perf_counter() - started
        answer = (entering.ceremony, key.get(entering.options))
        started = time.perf_counter()
        access.enter_at_browser(database, made_at, entering.token, answer)
        times.append(spent + time.perf_counter() - started)
    return round(statistics.median(times) * 1000, 1)


def together(site: Site, people: int, seconds: float) -> dict[str, object]:
    """That many officers, each reading one page after another as fast as a person who thinks for a second."""
    everybody = ("searches", "hits", "ours", "wizard", "cases", "evidence", "partners", "status", "preferences")
    shared = [path for name, (_, path) in pages(site).items() if name in everybody]
    browsers = [site.browser(f"officer-{n % OFFICERS + 1}") for n in range(people)]
    end, lock = time.perf_counter() + seconds, threading.Lock()
    times: list[float] = []
    wrong: list[str] = []

    def reads(number: int) -> None:
        chance = random.Random(SEED + number)
        while time.perf_counter() < end:
            path = chance.choice(shared)
            try:
                answer = browsers[number].get(path)
            except (OSError, http.client.HTTPException) as error:
                with lock:
                    wrong.append(f"{path}: {error}")
                return
            with lock:
                times.append(answer.seconds * 1000)
                if answer.status != 200:
                    wrong.append(f"{path}: {answer.status}")
            time.sleep(chance.uniform(0.5, 1.5))

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(reads, range(people)))
    for line in wrong[:5]:
        print(f"  {line}", file=sys.stderr)
    cut = statistics.quantiles(times, n=20)
    return {"errors": len(wrong), "together_p50_ms": round(statistics.median(times), 1),
            "together_p95_ms": round(cut[-1], 1), "together_per_s": round(len(times) / seconds, 1)}  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=5_000_000)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--officers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    size = Size(options.queries, options.entries, options.cases)
    with serving(Path("build"), size) as site:
        found = measured(site, options.rounds) | {"log_in_ms": log_in_ms(site)}
        found |= together(site, options.officers, options.seconds)
        large = statements(site)
    with serving(Path("build"), SMALL) as site:
        small = statements(site)
    found |= {
        "statements_max": max(large.values()),
        "statements_grow": {name: (small.get(name), many) for name, many in large.items() if many > small.get(name, 0)},
    }
    built = build_seconds(Path("build"), size)
    print(json.dumps(found | {
        "queries": size.queries, "entries": size.entries, "cases": size.cases, "officers": options.officers,
        "build_s": "not measured" if built is None else built, "seed": SEED,
        "load": [round(x, 2) for x in os.getloadavg()],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
