"""Taking profiles in from a CODIS file: `python -m benchmarks.dna_import [--profiles 20000] [--seed 7]
[--database postgresql]`.

A file of CMF 3.3 as this node writes it (20 loci, readings with their dates), read alone and taken in whole: read,
checked, numbered, stored in one transaction (SQLite with `synchronous=FULL`, or PostgreSQL that keeps what it commits),
signed and logged, in a process whose collector leaves alone what was loaded, as in `comity run`. `floor` is what Python
cannot go below here: expat over the same bytes without a handler. Prints one JSON line, profiles a second.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

from benchmarks.log import durable_cluster
from comity.app import operating
from comity.app.settings import Settings
from comity.base.memory import spare_loaded
from comity.dna import service
from comity.dna.model import AUTOSOMAL, Specimen
from comity.dna.wire.formats import written
from comity.dna.wire.writing import Heading
from tests.people import PASSPHRASE, enrol

LOCI = 20


def document(profiles: int, seed: int) -> bytes:
    """A file of so many drawn profiles."""
    draw, loci = random.Random(seed), [locus.name for locus in AUTOSOMAL[:LOCI]]
    drawn = [
        Specimen(0, f"S-{number}", "Convicted Offender", "Kit A",
                 {name: (str(draw.randint(8, 20)), str(draw.randint(8, 20))) for name in loci})
        for number in range(profiles)
    ]  # fmt: skip
    return b"".join(written("cmf-3.3")(drawn, Heading("XA", "XA", "examiner-1", datetime(2026, 3, 2, tzinfo=UTC))))


def rate(profiles: int, deed: Callable[[], object]) -> float:
    """Profiles a second of one run."""
    start = time.perf_counter()
    deed()
    return round(profiles / (time.perf_counter() - start))


@contextmanager
def databases(kind: str) -> Iterator[str]:
    """The setting of a node's database, of a durable server where it is PostgreSQL."""
    if kind == "sqlite":
        yield Settings.database
        return
    with durable_cluster(lambda _url: None) as url:
        yield url.replace("+psycopg", "")


def whole(home: Path, data: bytes, database: str) -> dict[str, float]:
    """Take the file in at a node that is up; profiles a second, and microseconds of processor time a profile."""
    first = operating.FirstPerson("admin-1", "security", PASSPHRASE)
    node = operating.init(Settings(home, "XA", "Agency of XA", database, training=True), first)
    with node.database.unit("bench.people") as unit:
        examiner = enrol(unit, "examiner-1", "examiner")
    spare_loaded()
    start, used = time.perf_counter(), time.process_time()
    with node.database.unit("dna.import") as unit:
        acted = service.sign_import(unit, examiner, data, "bench.xml")
        report = service.import_file(unit, acted, data, "bench.xml")
    spent, busy = time.perf_counter() - start, time.process_time() - used
    node.close()
    return {"import_per_s": round(report.accepted / spent), "import_cpu_us": round(1e6 * busy / report.accepted, 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    data = document(given.profiles, given.seed)
    with tempfile.TemporaryDirectory() as folder, databases(given.database) as url:
        told = {
            "profiles": given.profiles, "database": given.database, "bytes": len(data), "seed": given.seed,
            "floor_per_s": rate(given.profiles, lambda: expat.ParserCreate().Parse(data, True)),
            "parse_per_s": rate(given.profiles, lambda: service.read_file(data)),
            **whole(Path(folder) / "home", data, url), "load": [round(x, 2) for x in os.getloadavg()],
        }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
