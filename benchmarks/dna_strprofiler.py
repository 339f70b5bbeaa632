"""Real profiles beside a peer, strprofiler 0.5.1 (MIT): `python -m benchmarks.dna_strprofiler [--data ../shared/data]`.

The peer is installed apart (`make peers`), reads the 1,258 profiles of tumour models by itself, and calls a pair a
match where the Tanabe score or one of both Masters scores reaches 80, its thresholds. Printed as one JSON line:

- `scores`: the peer's Tanabe scores beside ours, of alleles as this node reads them: a check that both read the same;
- `agreement`: pairs that `codis-moderate` finds and pairs that the peer calls matches; `disagreements` lists every pair
  that one of the two finds alone, and why;
- `speed`: comparisons a second of the same data, every profile against all others, and of `--queries` against 10,000
  drawn ones: the peer's scoring alone; ours with the index's sweep, the order of what it found, and the plain rules
  again over the best 20 of each (drawn: of 1,000 queries);
- `recall`: every profile with ten known loci is spoilt by each rule of `SPOILT` (seed printed) and searched for: `kept`
  is the share of which the plain rules say that source and query still match, `recall` the share of these found.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from comity.app.demo import population
from comity.dna import kernel, rules, service
from comity.dna.kernel.index.whole import Index
from comity.dna.model import AUTOSOMAL, LOCI, WILDCARD, Alleles, Refusal, RuleSet, Specimen, code

PEER: Final = Path("build/peers/bin/python")
THRESHOLD: Final = 80
SETS: Final = ("pruem-2008", "codis-high", "codis-moderate", "codis-low")
MODERATE: Final = service.rule_set("codis-moderate")
UNKNOWN: Final = frozenset({"*", "OL"})
Loci = dict[str, Alleles]
Pair = frozenset[str]


def main() -> None:
    """Everything, as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--drawn", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=25)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    table = options.data / "dna" / "jax-pdx-str.csv"
    if not table.exists():
        sys.stdout.write(json.dumps({"skipped": f"{table} is not here"}) + "\n")
        return
    subprocess.run(["make", "peers"], check=True, stdout=sys.stderr)
    good, refused = service.read_file(table.read_bytes())
    theirs, ours = peer(table), Ours([dict(each.loci) for each in good])
    names = [each.specimen for each in good]
    found = {
        "profiles": len(good) + len(refused), "taken": len(good), "refused": {r.specimen: r.reason for r in refused},
        "scores": scores(theirs, good), **agreement(theirs, good, refused, pairs(ours, names)),
        "speed": {"same_data": speed(theirs, ours), f"drawn_{options.drawn}": drawn(options)},
        "recall": recall(ours, options.seed), "seed": options.seed, "load": os.getloadavg()[0],
    }  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n")


class Ours:
    """Profiles and their index."""

    def __init__(self, loci: Sequence[Loci]) -> None:
        """Index the profiles, by their places."""
        self.loci = loci
        rows = np.ascontiguousarray(kernel.columns([kernel.pack(each) for each in loci]).T)
        self._index = Index.of(np.arange(len(loci)), rows)

    def fitting(self, query: Loci, under: RuleSet) -> kernel.Fitting:
        """The profiles that meet a rule set."""
        return self._index.fitting(np.frombuffer(kernel.pack(query, under.loci), np.uint8)[1:], kernel.limits(under))


def peer(table: Path, queries: int = 0) -> dict[str, Any]:
    """What the peer makes of a table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.npz"
        more = [str(queries)] if queries else []
        subprocess.run([PEER, "benchmarks/_strprofiler_peer.py", table, out, *more], check=True)
        with np.load(out) as made:
            return {name: made[name] for name in made.files}


def pairs(ours: Ours, names: Sequence[str]) -> set[Pair]:
    """Every pair that the shipped moderate stringency finds."""
    found = [(place, other) for place, loci in enumerate(ours.loci) for other in ours.fitting(loci, MODERATE).rows]
    return {frozenset((names[place], names[other])) for place, other in found if other != place}


def tanabe(one: Loci, two: Loci) -> float:
    """Twice the shared alleles over all alleles of the loci that both hold, in percent; unknown ones are left out."""
    both = [name for name in one if name in two and LOCI[name].role == "autosomal"]
    alleles = [({*one[name]} - UNKNOWN, {*two[name]} - UNKNOWN) for name in both]
    shared = sum(len(left & right) for left, right in alleles if left and right)
    every = sum(len(left) + len(right) for left, right in alleles if left and right)
    return 200 * shared / every if every else 0.0


def scores(theirs: Mapping[str, Any], good: Sequence[Specimen]) -> dict[str, Any]:
    """How many of the pairs that both read have the same score; the first that do not."""
    held = {each.specimen: dict(each.loci) for each in good}
    apart, count = [], 0
    for left, right, score in zip(theirs["left"], theirs["right"], theirs["tanabe"], strict=True):
        one, two = str(theirs["names"][left]), str(theirs["names"][right])
        if one in held and two in held:
            count += 1
            own = tanabe(held[one], held[two])
            if abs(own - score) > 1e-6:
                apart.append({"pair": [one, two], "theirs": round(float(score), 2), "ours": round(own, 2)})
    return {"pairs": count, "differ": len(apart), "first": apart[:5]}


def agreement(
    theirs: Mapping[str, Any], good: Sequence[Specimen], refused: Sequence[Refusal], found: set[Pair]
) -> dict[str, Any]:
    """Pairs that both call matches, and every other one, explained."""
    best = np.maximum(theirs["tanabe"], theirs["masters"].max(axis=0))
    named = [frozenset((str(theirs["names"][a]), str(theirs["names"][b])))
             for a, b in zip(theirs["left"], theirs["right"], strict=True)]  # fmt: skip
    score = dict(zip(named, zip(theirs["tanabe"].tolist(), best.tolist(), strict=True), strict=True))
    called = {pair for pair, (_, most) in score.items() if most >= THRESHOLD}
    held, why = {each.specimen: dict(each.loci) for each in good}, {each.specimen: each.reason for each in refused}
    lines = [
        {"pair": sorted(pair), "by": "strprofiler" if pair in called else "comity",
         "tanabe": round(score[pair][0], 2), "best_score": round(score[pair][1], 2), "why": explained(pair, held, why)}
        for pair in sorted(called ^ found, key=sorted)
    ]  # fmt: skip
    counts = {
        "both": len(called & found),
        "strprofiler_alone": len(called - found),
        "comity_alone": len(found - called),
    }
    return {"agreement": counts | {"pairs": len(named)}, "disagreements": lines}


def explained(pair: Pair, held: Mapping[str, Loci], refused: Mapping[str, str]) -> str:
    """Why one of the two finds a pair alone."""
    out = [f"{name} is refused here: {refused[name]}" for name in sorted(pair) if name in refused]
    if out:
        return "; ".join(out)
    one, two = (held[name] for name in sorted(pair))
    found = rules.compare(one, two, MODERATE)
    misfits = [rules.difference_in_words(each) for each in found.differing if each.difference not in found.fits]
    return (
        f"{found.fitting} of {len(found.findings)} loci fit, {MODERATE.most_mismatches} may not; not: "
        f"{', '.join(misfits) or 'none'}; the score weighs shared alleles over all loci together"
    )


def speed(theirs: Mapping[str, Any], ours: Ours) -> dict[str, Any]:
    """Comparisons a second of either, all against all of the same data."""
    return rates(len(theirs["left"]) / float(theirs["seconds"]), ours, ours.loci)


def rates(peer_rate: float, ours: Ours, queries: Sequence[Loci]) -> dict[str, Any]:
    """Comparisons a second, and the ratio."""
    by, start = kernel.limits(MODERATE), time.perf_counter()
    for query in queries:
        for row in ours.fitting(query, MODERATE).best(by, 20):
            rules.compare(query, ours.loci[row], MODERATE)
    rate = len(queries) * len(ours.loci) / (time.perf_counter() - start)
    return {"strprofiler_per_s": round(peer_rate), "comity_per_s": round(rate), "ratio": round(rate / peer_rate)}


def drawn(options: argparse.Namespace) -> dict[str, Any]:
    """The same over drawn profiles, by some of them."""
    specimens, _ = service.read_file(population.generate(options.seed, options.drawn).encode())
    loci = [dict(each.loci) for each in specimens]
    names = [locus.name for locus in AUTOSOMAL]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "drawn.csv"
        lines = [",".join(["Sample", *names])]
        lines += [",".join([f"S{n}", *(f'"{",".join(each.get(name, ()))}"' for name in names)])
                  for n, each in enumerate(loci)]  # fmt: skip
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        theirs = peer(table, options.queries)
    return rates(len(theirs["left"]) / float(theirs["seconds"]), Ours(loci), loci[:1000])


# --- profiles that are spoilt ----------------------------------------------------------------------------------------


def _changed(chance: random.Random, loci: Loci, count: int, change: Callable[[str, Alleles], Alleles | None]) -> Loci:
    """The profile with `count` loci changed, of those that the change suits."""
    made, left = dict(loci), count
    for name in chance.sample(sorted(loci), len(loci)):
        new = change(name, loci[name]) if left else None
        if new is not None:
            made[name], left = new, left - 1
    return made


def _dropped(_name: str, alleles: Alleles) -> Alleles | None:
    """A heterozygote loses its second allele."""
    return alleles[:1] if len(set(alleles)) == 2 and len(alleles) == 2 else None


def _shifted(step: int) -> Callable[[str, Alleles], Alleles | None]:
    """The last allele becomes another: the code's neighbour (a micro-variant), or one of two repeats more."""

    def change(name: str, alleles: Alleles) -> Alleles | None:
        locus = LOCI[name]
        size = max(4, locus.repeat)
        repeats, odd = divmod(code(locus, alleles[-1]) + (1 if step == 1 else 2 * size), size)
        if odd >= locus.repeat or len(alleles) > 2:
            return None
        return alleles[0], f"{repeats}.{odd}" if odd else str(repeats)

    return change


def _unknown(_name: str, alleles: Alleles) -> Alleles | None:
    """The last allele is not known."""
    return (alleles[0], "*") if len(alleles) <= 2 else None


SPOILT: Final[Mapping[str, tuple[int, Callable[[str, Alleles], Alleles | None]]]] = {
    "as it is": (0, _dropped), "one drop-out": (1, _dropped), "three drop-outs": (3, _dropped),
    "one allele off": (1, _shifted(2)), "two alleles off": (2, _shifted(2)), "micro-variant": (1, _shifted(1)),
    "wildcard": (1, _unknown), "three wildcards": (3, _unknown),
}  # fmt: skip
"""How many loci are changed, and how; each once with all loci, and once of nine loci chosen by chance."""


def recall(ours: Ours, seed: int) -> dict[str, Any]:
    """Of each rule and rule set: how many sources still match by the plain rules, and how many of them are found."""
    return {
        f"{name}{part}": {id: _recall(ours, random.Random(seed), (count, change), (id, size)) for id in SETS}
        for name, (count, change) in SPOILT.items() for part, size in (("", 0), (", nine loci", 9))
    }  # fmt: skip


def _recall(
    ours: Ours, chance: random.Random, spoil: tuple[int, Callable[[str, Alleles], Alleles | None]], by: tuple[str, int]
) -> dict[str, Any]:
    under, asked, kept, found = service.rule_set(by[0]), 0, 0, 0
    for place, whole in enumerate(ours.loci):
        known = {name: alleles for name, alleles in whole.items() if _known(name, alleles) and name in under.loci}
        if len(known) < 10:
            continue
        chosen = chance.sample(sorted(known), by[1] or len(known))
        query = _changed(chance, {name: known[name] for name in chosen}, *spoil)
        asked += 1
        if rules.compare(query, whole, under).quality:
            kept += 1
            found += place in ours.fitting(query, under).rows
    return {"asked": asked, "kept": round(kept / asked, 4), "recall": round(found / kept, 6) if kept else None}


def _known(name: str, alleles: Alleles) -> bool:
    return LOCI[name].role == "autosomal" and all(code(LOCI[name], text) != WILDCARD for text in alleles)


if __name__ == "__main__":
    main()
