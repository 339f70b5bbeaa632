"""The index of profiles at any size, and whole searches and imports on a node of its own (SQLite, synchronous=FULL).

    python -m benchmarks.dna --profiles 10000000 [--imported 20000] [--irregular 0.05] [--each 100] [--bulk N]

One JSON line; `mixture_s` and `kinship_s` are those of `benchmarks.dna_statistics`. The index is built of `--profiles`
drawn profiles (`benchmarks._genotypes`: mix and planted queries; `benchmarks._index`: what is measured); `classes` has
`--each` queries of every part of a profile and every kind of change, timed by one warm thread, and their recall
against the compiled sweep, which passes over every profile and must find what the scan in NumPy finds for `--brute` of
them; `scan_ms` is the 99th percentile of the sweep for Prüm, `scan_moderate_ms` and `scan_low_ms` that of the
stringencies of CODIS as they ship (8 loci that fit, one that does not; queries of 8 loci and more), with the bytes of
classes that are read of each profile and the recall against NumPy. Microseconds are wall clock, a query's median of
three passes. With `--bulk` so many further profiles, the planted queries among them, are compared with the index at
once: `bulk_cpu_s` is processor time, `bulk_recall` that of the planted ones. With `--lean` the index has no lists, and
planted queries alone are timed.

Of `--imported` profiles: `import_per_s` counts profiles from the bytes of a CSV table to the commit (parsed, checked,
persons sealed, logged); `search_p50_us` and `search_p99_us` are whole searches through the matcher (permit checked,
question parsed, looked up, every found profile compared again by the plain rules), after one search that loads the
profiles into memory; `plain_scan_*` is the scan in NumPy alone. Queries are stored profiles, whole or cut to 6-9 loci,
exact or one allele off. `verify` compares that many searches with the plain rules over all profiles: `rules_recall`
must be 1.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import _genotypes, _index, dna_statistics
from comity.app.demo import population
from comity.base.model import JsonObject
from comity.dna import kernel, rules, service
from comity.dna.model import Alleles, Specimen
from comity.dna.wire.own import Question
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database, Unit
from comity.legal import service as legal
from comity.legal.model import Question as LegalQuestion
from comity.search.model import Mandate
from tests.clock import FixedClock
from tests.people import enrol
from tests.schema import build_schema

RULES: Final = service.rule_set("pruem-2008")
FACTS: Final[JsonObject] = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip
QUERY_MIX: Final = "half whole profiles, half cut to 6-9 loci; every second one allele off"


def import_all(database: Database, data: bytes) -> tuple[float, float]:
    """Seconds from the bytes to the commit, of wall clock and of CPU time."""
    with database.unit("benchmark.people") as unit:
        examiner = enrol(unit, "examiner-1", "examiner")
    start, cpu = time.perf_counter(), time.process_time()
    with database.unit("dna.import") as unit:
        acted = service.sign_import(unit, examiner, data, "population.csv")
        service.import_file(unit, acted, data, "population.csv")
    return time.perf_counter() - start, time.process_time() - cpu


def questions(specimens: list[Specimen], seed: int, count: int) -> list[Question]:
    """Stored profiles as questions, by QUERY_MIX; the stored source of each is in the database."""
    chance = np.random.default_rng(seed)
    made: list[Question] = []
    while len(made) < count:
        loci: dict[str, Alleles] = dict(specimens[int(chance.integers(len(specimens)))].loci)
        full = rules.fully_designated(loci, RULES)
        if rules.shortfall(loci, "reference", RULES):
            continue
        if len(made) % 4 >= 2:
            kept = chance.permutation(len(full))[: int(chance.integers(6, 10))].tolist()
            loci = {full[place]: loci[full[place]] for place in kept}
        if len(made) % 2:
            loci = population.one_allele_off(loci)
        sent = {name: values for name in loci if name in RULES.loci and (values := rules.values(name, loci))}
        made.append(Question(RULES.id, "stain", sent))
    return made


def mandate(unit: Unit, question: JsonObject) -> Mandate:
    """A mandate of this node to answer XA on this question, with its permit."""
    asked = LegalQuestion("hit_no_hit", "XA", unit.node, "TRAIN-REG", date(2026, 3, 2), FACTS)
    act: JsonObject = {"v": 1, "subject": {"record_sha256": sha256(canonical(question)).hex()}}
    permit = legal.permit(unit, legal.decide(unit, asked), sha256(canonical(act)).hex(), ("XA",))
    return Mandate(act, "XA", permit)


def timed(call: Callable[[Question], object], asked: list[Question]) -> list[float]:
    """Microseconds of each call."""
    taken = []
    for question in asked:
        start = time.perf_counter()
        call(question)
        taken.append((time.perf_counter() - start) * 1e6)
    return taken


def recall(matrix: kernel.Matrix, specimens: list[Specimen], asked: list[Question]) -> float:
    """Of what the plain rules find over all profiles, the part that the scan finds too."""
    expected = found = 0
    for question in asked:
        packed = kernel.pack(question.loci, RULES.loci)
        scanned = set(kernel.scan(matrix.codes, packed, RULES.minimum_full).rows.tolist())
        true = {n for n, s in enumerate(specimens) if rules.compare(question.loci, s.loci, RULES).quality}
        expected, found = expected + len(true), found + len(true & scanned)
    return found / expected if expected else 1.0


def percentiles(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile in microseconds."""
    return {f"{name}_p50_us": round(statistics.median(taken), 1),
            f"{name}_p99_us": round(float(np.percentile(taken, 99)), 1)}  # fmt: skip


def rss_mb() -> float:
    """Memory of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def run(database: Database, options: argparse.Namespace) -> dict[str, Any]:
    """Import, then search."""
    data = population.generate(options.seed, options.imported).encode()
    seconds, cpu = import_all(database, data)
    specimens, _ = service.read_file(data)
    asked = questions(specimens, options.seed, options.queries)
    matcher = service.DnaMatcher()
    with database.unit("benchmark.search") as unit:
        ahead = [asked[0], *asked[:100], *asked]
        leave = iter([mandate(unit, question.as_json()) for question in ahead])  # a permit is for one search
        matcher.match(unit, asked[0].as_json(), next(leave))
        hits = [len(matcher.match(unit, question.as_json(), next(leave))) for question in asked[:100]]
        before = time.thread_time()
        searches = timed(lambda question: matcher.match(unit, question.as_json(), next(leave)), asked)
        searching = time.thread_time() - before
    matrix = kernel.Matrix.of(range(len(specimens)), [kernel.pack(specimen.loci) for specimen in specimens])
    scans = timed(lambda q: kernel.scan(matrix.codes, kernel.pack(q.loci, RULES.loci), RULES.minimum_full), asked)
    return {
        "imported": options.imported, "import_per_s": round(options.imported / seconds),
        "import_per_cpu_s": round(options.imported / cpu), "search_cpu_mean_us": round(searching / len(asked) * 1e6, 1),
        **percentiles("search", searches), **percentiles("plain_scan", scans), "queries": len(asked),
        "queries_with_candidates_of_100": sum(count > 0 for count in hits),
        "verified": options.verify, "rules_recall": recall(matrix, specimens, asked[: options.verify]),
        "matrix_bytes_per_profile": int(matrix.codes.nbytes / len(matrix)), "imported_rss_mb": rss_mb(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=1_000_000, help="in the index alone")
    parser.add_argument("--imported", type=int, default=20_000, help="imported into a node and searched there; 0: none")
    parser.add_argument("--irregular", type=float, default=0.05, help="share of random subsets of loci")
    parser.add_argument("--each", type=int, default=100, help="planted queries of each of 25 classes")
    parser.add_argument("--sweeps", type=int, default=200, help="queries that time the sweep")
    parser.add_argument("--brute", type=int, default=100, help="of these, how many the scan in NumPy answers, too")
    parser.add_argument("--bulk", type=int, default=0, help="profiles compared with the index at once")
    parser.add_argument("--lean", action="store_true", help="an index without lists, as from 30 million profiles on")
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--verify", type=int, default=5, help="searches checked against the plain rules")
    options = parser.parse_args()
    found = imported(options) if options.imported else {}
    counts = _index.Counts(options.each, options.sweeps, options.brute, options.bulk)
    measured = _index.lean if options.lean else _index.run
    found |= measured(options.seed, options.profiles, counts, options.irregular)
    if not options.lean:
        ranked = dna_statistics.measured(options.seed, options.profiles)
        found |= {name: ranked[name] for name in ("mixture_s", "kinship_s", "candidates")}
    about = {"seed": options.seed, "index_mix": _genotypes.MIX, "rss_mb": rss_mb(), "load": os.getloadavg()[0]}
    sys.stdout.write(json.dumps(found | about) + "\n")


def imported(options: argparse.Namespace) -> dict[str, Any]:
    """Imports and whole searches, on a node that is made for them."""
    with tempfile.TemporaryDirectory() as name:
        keys = KeyRing.create(Path(name) / "keys", "XB", FixedClock())
        url = f"sqlite:///{Path(name) / 'node.sqlite'}"
        build_schema(url)
        database = Database(url, node="XB", keys=keys, clock=FixedClock())
        try:
            found = run(database, options)
        finally:
            database.dispose()
    return found | {"row_mix": population.MIX, "query_mix": QUERY_MIX, "durability": "SQLite WAL, synchronous=FULL"}


if __name__ == "__main__":
    main()
