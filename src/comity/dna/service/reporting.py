"""The report of a run in bulk: hits as they are found, a line of JSON or a row of CSV each, and where the run stands.

Beside the report lies a small file with the run's position and the length that the report had then. It is replaced when
a block is written and durable. Whoever goes on cuts the report to that length: a hit is there once, wherever the run
was killed.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from comity.base.errors import BadInput, Conflict
from comity.base.model import Json, JsonObject
from comity.dna.service.bulk import Run
from comity.dna.wire.reports import rows_of_hits
from comity.kit.crypto import durable

_FORMAT: Final = "comity-dna-bulk-1"
_CHUNK: Final = 1 << 20


@dataclass
class Report:
    """A report file in the making: the run, where it stands, how many profiles and hits are done."""

    file: Path
    run: Run
    position: int = 0
    done: int = 0
    hits: int = 0
    size: int = 0

    @property
    def _beside(self) -> Path:
        return _position_of(self.file)

    def start(self) -> None:
        """Make the report, with its heading; Conflict ``dna.bulk-report`` where a file of its name is there."""
        refuse_report(self.file)
        durable.write_new(self.file, rows_of_hits([], self.file.suffix == ".csv", True))
        self.size = self.file.stat().st_size
        self._keep()

    def add(self, hits: Sequence[JsonObject], profiles: int, position: int) -> None:
        """Write the hits of a block, and that the run stands behind it; both are on disk when this returns."""
        data = rows_of_hits(hits, self.file.suffix == ".csv", False)
        with self.file.open("r+b") as file:
            file.truncate(self.size)
            file.seek(self.size)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.position, self.size = position, self.size + len(data)
        self.done, self.hits = self.done + profiles, self.hits + len(hits)
        self._keep()

    def finish(self) -> None:
        """Nothing is left to go on with."""
        self._beside.unlink(missing_ok=True)

    def _keep(self) -> None:
        about: JsonObject = {
            "format": _FORMAT, "run": self.run.as_dict(), "position": self.position, "done": self.done,
            "hits": self.hits, "size": self.size,
        }  # fmt: skip
        durable.replace(self._beside, json.dumps(about).encode())

    def sha256(self) -> str:
        """The hash of the report."""
        seen = sha256()
        with self.file.open("rb") as file:
            while piece := file.read(_CHUNK):
                seen.update(piece)
        return seen.hexdigest()


def refuse_report(file: Path) -> None:
    """Conflict ``dna.bulk-report`` where a file of its name is there."""
    if file.exists():
        raise Conflict("dna.bulk-report", "A file of this name is there", where=str(file),
                       todo="Name another file, or go on with --resume.")  # fmt: skip


def resumed(file: Path) -> Report:
    """The report of a run that was stopped, where it stands; BadInput ``dna.bulk-resume`` where there is none."""
    try:
        about = json.loads(_position_of(file).read_bytes())
        if about["format"] != _FORMAT or file.stat().st_size < about["size"]:
            raise ValueError
        return Report(file, _run(about["run"]), *(int(about[name]) for name in ("position", "done", "hits", "size")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("dna.bulk-resume", "No run that was stopped can go on with this report", where=str(file),
                       todo="Begin anew, without --resume, with another file.") from error  # fmt: skip


def _run(about: dict[str, Json]) -> Run:
    numbers = {name: int(str(about[name])) for name in ("first", "last", "profiles")}
    return Run(str(about["run"]), mark=str(about["mark"]), sha256=str(about["sha256"]), **numbers)


def _position_of(file: Path) -> Path:
    return file.with_name(file.name + ".position")
