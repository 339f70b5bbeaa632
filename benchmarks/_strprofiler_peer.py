"""Run by the Python of `make peers`, which has strprofiler and none of Comity: its own scores of its own reading.

    python benchmarks/_strprofiler_peer.py PROFILES.csv OUT.npz [QUERIES]

Reads the table as strprofiler does and scores, without the marker of sex, every profile against each that comes behind
it; or the first QUERIES against every other. OUT has `names`, and of each pair `left`, `right`, `tanabe`, both
`masters` and `markers`; and how many seconds the reading and the scoring took.
"""

import importlib
import sys
import time
from pathlib import Path

import numpy as np

utils = importlib.import_module("strprofiler.utils")
SCORES = ("tanabe_score", "masters_query_score", "masters_ref_score", "n_shared_markers")


def main() -> None:
    """Score, and write."""
    table, out, queries = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0
    start = time.perf_counter()
    read = utils.str_ingress([table])
    profiles = read.to_dict("records")
    reading = time.perf_counter() - start
    pairs = [
        (left, right)
        for left in range(queries or len(profiles))
        for right in range(left + 1 if not queries else 0, len(profiles))
        if left != right
    ]
    start = time.perf_counter()
    found = []
    for left, right in pairs:
        try:
            score = utils.score_query(profiles[left], profiles[right], amel_col="Amelogenin")
        except ZeroDivisionError:  # no marker in common
            score = dict.fromkeys(SCORES, 0)
        found.append([score[name] for name in SCORES])
    seconds = time.perf_counter() - start
    both, scores = np.array(pairs, dtype=np.int64).T, np.array(found).T
    np.savez(
        out, names=np.array(list(map(str, read.index))), left=both[0], right=both[1], tanabe=scores[0],
        masters=scores[1:3], markers=scores[3], seconds=seconds, reading=reading,
    )  # fmt: skip


if __name__ == "__main__":
    main()
