"""`comity dna bulk` as a process of its own that is killed at a chosen moment: for `test_bulk`.

    python -m tests.dna.bulk_run HOME KILL WORDS...

HOME holds `keys` and `node.sqlite`. The process kills itself (SIGKILL) at the KILL-th time that a run's position is to
be kept (0: never): by then the hits of that block are in the report.
"""

import os
import signal
import sys
from pathlib import Path

import typer

from comity.dna import cli
from comity.dna.service import bulk
from comity.kit import shell
from comity.kit.crypto import durable
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from tests.clock import FixedClock
from tests.faces import desk_over
from tests.people import PASSPHRASE


def main(home: Path, kill: int, words: list[str]) -> int:
    """Run the command; its exit code."""
    setattr(bulk, "LEAST_BLOCK", 20)  # noqa: B010  # a constant
    left = iter(range(kill - 1, -1, -1))
    keep = durable.replace

    def kept(path: Path, data: bytes) -> None:
        if next(left, -1) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        keep(path, data)

    setattr(durable, "replace", kept)  # noqa: B010  # a function of a module
    shell.keep_passphrase(PASSPHRASE, None)
    database = Database(f"sqlite:///{home / 'node.sqlite'}", node="XB", keys=KeyRing.load(home / "keys", "XB"),
                        clock=FixedClock())  # fmt: skip
    app = typer.Typer()
    app.add_typer(cli.commands(lambda: desk_over(database, home)), name="dna")
    return shell.run(app, words)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
