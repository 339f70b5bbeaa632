"""Figures of the database of profiles: how many there are, of what kind, and how completely typed."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from comity.base.model import Issuer
from comity.dna import kernel, store
from comity.dna.model import AUTOSOMAL, WILDCARD, Summary
from comity.dna.service.held import rows_of
from comity.dna.service.looking import require_viewer
from comity.kit.database.unit import Unit

_LOCI: Final = [locus.name for locus in AUTOSOMAL]


def summary(unit: Unit, issuer: Issuer) -> tuple[Summary | None, bool]:
    """The figures that were made last, and whether the database is still as it was then; for one of `VIEWERS`."""
    require_viewer(issuer)
    found = store.summaries.last(unit)
    return found, found is not None and found.changes == store.changes(unit).changes


def summarise(unit: Unit, issuer: Issuer, progress: Callable[[int], Any] = lambda _: None) -> Summary:
    """Make the figures anew, by one pass over all profiles, and keep them; for one of `VIEWERS`. They name nobody, so
    nothing is logged. `progress` is called with the number of profiles of each portion."""
    require_viewer(issuer)
    state = store.changes(unit)
    categories: Counter[str] = Counter()
    typed, by_loci = np.zeros(len(_LOCI), dtype=np.int64), np.zeros(len(_LOCI) + 1, dtype=np.int64)
    for portion in store.summaries.portions(unit, store.dna_profile):
        categories.update(portion.categories)
        full = _fully_typed(rows_of(unit, portion.packed))
        typed += full.sum(axis=0)
        by_loci += np.bincount(full.sum(axis=1), minlength=len(by_loci))
        progress(len(portion.categories))
    made = Summary(
        unit.now, state.changes, categories.total(), state.retired, dict(categories.most_common()),
        {str(number): int(count) for number, count in enumerate(by_loci) if count},
        {name: int(count) for name, count in zip(_LOCI, typed, strict=True) if count},
    )  # fmt: skip
    store.summaries.keep(unit, made)
    return made


def _fully_typed(rows: kernel.Codes) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Of profiles by rows: by locus, whether both values are known."""
    return np.asarray((rows[:, 0::2] > WILDCARD) & (rows[:, 1::2] > WILDCARD))
