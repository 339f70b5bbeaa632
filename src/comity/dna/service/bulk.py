"""Profiles in bulk against the agency's own: all of them, those that came since one, or those of a file.

A run is an act, logged when it begins and when it is done. Between the two it goes on block by block, each read from
the last committed state; only profiles that were held when it began are compared, so that the next run can go on there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import COLUMN, WIDTH, Loci, Profile, RuleSet, Specimen, kind_of
from comity.dna.service.held import Held, rows_of
from comity.dna.service.importing import read_file
from comity.dna.service.looking import VIEWERS, find
from comity.dna.service.shipped import DEFAULT_RULE_SET, rule_set
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.bulk"
LEAST_BLOCK: Final = 20_000
"""Profiles of a block at the fewest: each costs a pass over the database."""


@dataclass(frozen=True)
class InBulk:
    """What is compared with the database: the specimens of a file with its hash, or the profiles behind `since` (all,
    if it is empty)."""

    since: str = ""
    sha256: str = ""
    specimens: tuple[Specimen, ...] = ()


def in_bulk(data: bytes, name: str) -> InBulk:
    """A file's specimens as what is compared; BadInput for a file, or one of its specimens, that cannot be used."""
    specimens, refused = read_file(data)
    if refused:
        first = refused[0]
        raise BadInput("dna.bulk-file", f"Specimen {first.specimen} of {name} cannot be used: {first.reason}",
                       where=f"line {first.line}", todo=first.todo)  # fmt: skip
    return InBulk(sha256=sha256(data).hex(), specimens=tuple(specimens))


@dataclass(frozen=True)
class Run:
    """A run that has begun: the hash of its act, the rows of profiles that ask (behind `first`, up to `last`), how many
    they are, and the id of the last profile held."""

    id: str
    first: int
    last: int
    profiles: int
    mark: str
    sha256: str = ""

    def as_dict(self) -> JsonObject:
        """The run as JSON."""
        return {
            "run": self.id, "first": self.first, "last": self.last, "profiles": self.profiles, "mark": self.mark,
            "sha256": self.sha256,
        }  # fmt: skip


class Block(NamedTuple):
    """The hits of some profiles, how many these were, and where the run stands behind them."""

    hits: list[JsonObject]
    profiles: int
    position: int


def begin_bulk(unit: Unit, issuer: Issuer, asked: InBulk) -> Run:
    """Begin a run: an act of one of `VIEWERS`, logged as ``dna.bulk-begun`` with what is compared by which rules."""
    first = store.seq_of(unit, find(unit, asked.since).id) if asked.since else 0
    last = store.last_seq(unit)
    many = len(asked.specimens) if asked.sha256 else store.count_between(unit, first, last)
    mark = store.id_of(unit, last)
    subject: JsonObject = {"since": asked.since or None, "file": asked.sha256 or None, "last": mark or None}
    acted = access.act(unit, issuer, VERB, subject | {"rule_set": DEFAULT_RULE_SET}, VIEWERS)
    payload: JsonObject = {"profiles": many, "held": store.count(unit)}
    log.append(unit, Record("dna.bulk-begun", acted.actor, acted.act["subject"], payload, auth_hash=acted.auth_hash))
    return Run(acted.act_hash, first, last, many, mark, asked.sha256)


def resume_bulk(unit: Unit, issuer: Issuer, run: Run) -> None:
    """Go on with a run that was stopped: an act of one of `VIEWERS`, logged as ``dna.bulk-resumed``."""
    subject: JsonObject = {"run": run.id, "resumed": True, "last": run.mark or None}
    acted = access.act(unit, issuer, VERB, subject, VIEWERS)
    log.append(unit, Record("dna.bulk-resumed", acted.actor, subject, None, auth_hash=acted.auth_hash))


def end_bulk(unit: Unit, issuer: Issuer, run: Run, told: JsonObject) -> None:
    """Log as ``dna.bulk-done`` that a run is done, with what it found: the number of hits and the report's hash."""
    subject: JsonObject = {"run": run.id, **told}
    acted = access.act(unit, issuer, VERB, subject, VIEWERS)
    log.append(unit, Record("dna.bulk-done", acted.actor, subject, None, auth_hash=acted.auth_hash))


def block_of(unit: Unit, held: Held, run: Run, asked: InBulk, position: int) -> Block | None:
    """The next block of a run that stands at `position`; None where nothing is left."""
    if asked.sha256:
        return _of_file(unit, held, run, asked.specimens, position)
    seqs, rows = _next(unit, max(position, run.first), run)
    if not seqs:
        return None
    found = _found(unit, held, rows, run)
    # Of two profiles that both ask, the one that came later is said to have met the earlier.
    pairs = [(seqs[row], key) for row, key in found if key < seqs[row]]
    profiles = store.by_seq(unit, sorted({seq for pair in pairs for seq in pair}))
    hits = list(_graded(pairs, profiles, profiles))
    return Block(hits, len(seqs), seqs[-1])


def _of_file(unit: Unit, held: Held, run: Run, specimens: Sequence[Specimen], position: int) -> Block | None:
    some = specimens[position : position + _size(run)]
    if not some:
        return None
    under = rule_set(DEFAULT_RULE_SET)
    rows = np.ascontiguousarray(kernel.columns([kernel.pack(each.loci, under.loci) for each in some]).T)
    pairs = _found(unit, held, rows, run)
    left = {n: Profile("", s.specimen, s.category, s.loci, s.kit) for n, s in enumerate(some)}
    profiles = store.by_seq(unit, sorted({key for _, key in pairs}))
    return Block(list(_graded(pairs, left, profiles)), len(some), position + len(some))


def _size(run: Run) -> int:
    """Profiles of a block: few enough blocks to be quick, enough of them to show how far a run is."""
    from comity.dna.kernel.bulk.whole import BLOCK  # noqa: PLC0415  # the compiler, which no other verb here needs

    return max(LEAST_BLOCK, min(BLOCK, run.profiles // 20))


def _next(unit: Unit, after: int, run: Run) -> tuple[list[int], kernel.Codes]:
    """The next active profiles that ask: their rows, and their codes."""
    seqs: list[int] = []
    parts = [np.zeros((0, WIDTH), dtype=np.uint8)]
    for portion in store.packed_after(unit, after):
        some = [(seq, packed) for seq, packed in portion if seq <= run.last][: _size(run) - len(seqs)]
        if some:
            seqs += [seq for seq, _ in some]
            parts.append(rows_of(unit, some))
        if len(some) < len(portion):
            break
    return seqs, np.concatenate(parts)


def _found(unit: Unit, held: Held, rows: kernel.Codes, run: Run) -> list[tuple[int, int]]:
    """Pairs of a row and the number of a profile that was held when the run began."""
    from comity.dna.kernel.bulk import whole  # noqa: PLC0415  # as above

    under = rule_set(DEFAULT_RULE_SET)
    hits = whole.search(held.index(unit), _restricted(rows, under), under.minimum_full)
    return [(row, key) for row, key in zip(hits.rows.tolist(), hits.keys.tolist(), strict=True) if key <= run.last]


def _restricted(rows: kernel.Codes, under: RuleSet) -> kernel.Codes:
    """The rows with the loci of the rule set alone."""
    kept = np.zeros(WIDTH, dtype=np.uint8)
    for name in under.loci:
        kept[2 * COLUMN[name] : 2 * COLUMN[name] + 2] = 1
    return rows * kept


def _graded(
    pairs: Sequence[tuple[int, int]], left: Mapping[int, Profile], right: Mapping[int, Profile]
) -> Iterator[JsonObject]:
    """What the plain rules say of each pair; those that they do not accept are left out."""
    under = rule_set(DEFAULT_RULE_SET)
    fit = {id(p): _searchable(p.loci, p.category, under) for p in (*left.values(), *right.values())}
    for one, two in pairs:
        ours, theirs = left[one], right[two]
        if fit[id(ours)] and fit[id(theirs)]:
            found = rules.compare(ours.loci, theirs.loci, under)
            if found.quality is not None:
                yield {
                    "specimen": ours.specimen, "profile": ours.id or None, "category": ours.category,
                    "meets": theirs.specimen, "meets_profile": theirs.id, "meets_category": theirs.category,
                    "quality": found.quality.grade, "near": found.quality.near, "full": found.full,
                    "compared": len(found.findings), "differing": {f.locus: f.difference for f in found.differing},
                    "sex": found.sex, "rule_set": under.id,
                }  # fmt: skip


def _searchable(loci: Loci, category: str, under: RuleSet) -> bool:
    return rules.shortfall(loci, kind_of(category), under) is None
