"""Decisions with all their findings, by the shipped tables, on one core; no database takes part.

    python -m benchmarks.legal [--seconds N] [--seed N] [--repeats N]

One JSON line: `decisions_per_s` counts decisions with every finding made, for each second of one core's time (CPU time
of this process, so that what else the machine does, `load_1m`, does not count); it is the best of `repeats` runs of
`seconds` each, `mean_per_s` their mean and `wall_per_s` the best by the clock on the wall. The mix: each row of each
shipped instrument is asked for by its instrument's name, once with every fact that the training rows know and once
with one of them missing, on both sides, shuffled by `seed`; where an instrument has several rows of a measure, each is
tried. `best_basis_per_s` are questions that name no instrument: all that have the measure are tried until one allows.
Building the tables is not counted.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from comity.base.model import JsonObject
from comity.legal.model import Question, Side, Tables
from comity.legal.rules import engine
from comity.legal.service.held import Held
from comity.legal.service.tables import build
from tests.legal import law

DAY: Final = date(2026, 11, 22)
FACTS: Final[JsonObject] = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
    "match": "confirmed_hit", "facts_of_offence": True, "penalty_text_included": True,
}  # fmt: skip
DROPPED: Final = ("offence", "purpose", "data_category", "handling")
MIX: Final = "each row of each instrument x (all facts, one missing) x (asking, asked)"

Asked = tuple[Question, Side]


def questions(tables: Tables, seed: int, named: str | None) -> list[Asked]:
    """The mix, in an order that `seed` fixes; `named` None leaves the choice of the instrument to the engine."""
    chance = random.Random(seed)
    made: list[Asked] = []
    for measure, rows in tables.rows.items():
        for n, (instrument, _) in enumerate(rows):
            fitting: JsonObject = FACTS | law.FACTS.get(measure, {})
            short = {name: value for name, value in fitting.items() if name != DROPPED[n % len(DROPPED)]}
            for facts in (fitting, short):
                question = Question(measure, "XA", "XB", named and instrument.code, DAY, facts)
                made += [(question, "asking"), (question, "asked")]
    chance.shuffle(made)
    return made


@dataclass(frozen=True)
class Rate:
    """Decisions a second: of this core's own time, and by the clock on the wall."""

    core: float
    wall: float


def run(tables: Tables, asked: list[Asked], seconds: float) -> Rate:
    """Decide the mix again and again for about so many seconds."""
    done, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        for question, side in asked:
            engine.decide(tables, question, side)
        done += len(asked)
    return Rate(done / (time.process_time() - cpu), done / (time.perf_counter() - start))


def measure(seconds: float, seed: int, repeats: int) -> dict[str, Any]:
    """The benchmark's figures."""
    began = time.perf_counter()
    tables = build(Held())
    built = time.perf_counter() - began
    asked, free = questions(tables, seed, "named"), questions(tables, seed, None)
    decided = [engine.decide(tables, question, side) for question, side in asked]
    rates = [run(tables, asked, seconds) for _ in range(repeats)]
    best = max(rate.core for rate in rates)
    return {
        "benchmark": "legal", "decisions_per_s": round(best), "us_per_decision": round(1e6 / best, 1),
        "mean_per_s": round(sum(rate.core for rate in rates) / len(rates)),
        "wall_per_s": round(max(rate.wall for rate in rates)),
        "best_basis_per_s": round(run(tables, free, seconds).core), "questions": len(asked),
        "findings_per_decision": round(sum(len(d.findings) for d in decided) / len(decided), 1),
        "outcomes": dict(Counter(d.outcome for d in decided)), "instruments": len(tables.instruments),
        "rows": sum(len(rows) for rows in tables.rows.values()), "mix": MIX, "seed": seed, "seconds": seconds,
        "repeats": repeats, "build_ms": round(built * 1e3, 1), "load_1m": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
    }  # fmt: skip


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    print(json.dumps(measure(given.seconds, given.seed, given.repeats)))


if __name__ == "__main__":
    main()
