"""Look at the index of a large node, and make it anew."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from comity.base.model import JsonObject
from comity.dna import kernel, store
from comity.dna.service import snapshots
from comity.dna.service.held import LEAST, opened, rows_of
from comity.kit.database.unit import Unit

INDEX: Final = "index"
"""The folder under a node's home that keeps the index."""


class Steps(Protocol):
    """How far a job is."""

    def advance(self, steps: int = 1) -> None:
        """`steps` more are done."""


Progress = Callable[[str, int], AbstractContextManager[Steps]]
"""What is being done, and how many steps it has."""


def index_status(unit: Unit, folder: Path) -> JsonObject:
    """What lies in `folder`, whether every byte of it is as it was written, and what searches do with it."""
    held, state = store.count(unit), store.changes(unit)
    about = snapshots.told(folder)
    usable, problem, rows = False, about["problem"], 0
    if problem is None:
        found = opened(unit, folder, state)
        usable, rows = found is not None, sum(int(file["profiles"]) for file in about["segments"])
        problem = None if usable else "it is damaged, or of another state of the database"
    return {
        "profiles": held, "used_from": LEAST, "used": held >= LEAST or usable, "usable": usable, "problem": problem,
        "segments": len(about["segments"]), "rows": rows, "bytes": sum(int(f["bytes"]) for f in about["segments"]),
    }  # fmt: skip


def rebuild_index(unit: Unit, folder: Path, progress: Progress) -> JsonObject:
    """Make the index of the present profiles anew, and keep it in `folder`; a node uses it from its next start on.

    Answers what `index_status` does.
    """
    from comity.dna.kernel.index.whole import LEAN, Index  # noqa: PLC0415  # the compiler, which no other verb here needs

    keys, rows, last = [np.zeros(0, dtype=np.int64)], [kernel.columns([]).T], 0
    with progress("reading", store.count(unit)) as steps:
        for portion in store.packed_after(unit, 0):
            keys.append(np.array([seq for seq, _ in portion], dtype=np.int64))
            rows.append(rows_of(unit, portion))
            steps.advance(len(portion))
    joined = np.concatenate(keys)

    def each(make: Callable[[int], None], numbers: Iterable[int]) -> Iterator[None]:
        lists = list(numbers)
        with progress("indexing", len(lists)) as steps:
            for number in lists:
                make(number)
                steps.advance()
                yield

    codes = np.ascontiguousarray(np.concatenate(rows))
    rows.clear()  # 58 bytes a profile, while an index is made beside them
    made = Index.of(joined, codes, each, joined.size >= LEAN)
    last = int(joined[-1]) if joined.size else 0
    state = snapshots.State(store.changes(unit).changes, last, store.id_of(unit, last))
    snapshots.save(folder, [part.segment for part in made.parts], state)
    return index_status(unit, folder)
