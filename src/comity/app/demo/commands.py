"""Run the public command line in processes of its own, as a person at each node would.

A fork server loads the program once; every command then is a real, separate process that starts in milliseconds.
Nothing here opens a node: commands get a home, a person and a passphrase, and answer in JSON.
"""

import contextlib
import io
import json
import multiprocessing as mp
import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from comity.app.cli import main
from comity.base.errors import ComityError, Unavailable

_ROOMS: Final = ("access", "cases", "dna", "evidence", "exchange", "legal", "log", "search")
_PRELOADED: Final = (
    "comity.app.cli",
    "comity.app.commands.founding",
    "comity.app.commands.opened",
    *(f"comity.{room}.cli" for room in _ROOMS),
)
"""What the fork server loads once, so that a command has it at once."""


class CommandFailed(ComityError):
    """A command ended with another exit code than 0; `answer` is its error as JSON, `exit_code` its exit code."""

    branch = "command"

    def __init__(self, argv: list[str], exit_code: int, answer: dict[str, Any], text: str) -> None:
        what = str(answer.get("what") or text.strip() or f"exit code {exit_code}")
        super().__init__(str(answer.get("code", "demo.command")), what, where="comity " + " ".join(argv),
                         todo=str(answer.get("todo", "See the message above.")))  # fmt: skip
        self.exit_code = exit_code


@dataclass(frozen=True)
class Result:
    """A command's exit code, standard output and standard error."""

    exit_code: int
    out: str
    err: str


def _child(argv: list[str], environment: dict[str, str], pipe: Connection) -> None:
    os.environ.update(environment)
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(argv)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
    pipe.send((code, out.getvalue(), err.getvalue()))
    pipe.close()


class Commands:
    """Runs `comity` commands for the homes under one folder."""

    def __init__(self, passphrase: str) -> None:
        self._context = mp.get_context("forkserver")
        self._context.set_forkserver_preload(list(_PRELOADED))
        self._passphrase = passphrase

    def run(self, home: Path, *argv: str, seconds: float = 120) -> Result:
        """Run one command to its end; Unavailable when it takes longer than `seconds`."""
        ours, theirs = self._context.Pipe(duplex=False)
        full = ["--home", str(home), *argv]
        environment = {"COMITY_PASSPHRASE": self._passphrase}
        process = self._context.Process(target=_child, args=(full, environment, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            if not ours.poll(seconds):
                process.kill()
                raise Unavailable("demo.slow", f"`comity {' '.join(argv)}` takes longer than {seconds:.0f} s",
                                  todo="Try again on a machine with less load.")  # fmt: skip
            code, out, err = ours.recv()
        except EOFError:
            code, out, err = 70, "", "the command's process died"
        process.join()
        return Result(code, out, err)

    def ask(self, home: Path, *argv: str, seconds: float = 120) -> Any:
        """Run one command with `--json` and return its answer; CommandFailed unless it exits with 0."""
        result = self.run(home, *argv, "--json", seconds=seconds)
        if result.exit_code:
            raise CommandFailed(list(argv), result.exit_code, _error(result.err), result.err or result.out)
        return json.loads(result.out)


def _error(text: str) -> dict[str, Any]:
    for line in reversed(text.strip().splitlines()):
        with contextlib.suppress(json.JSONDecodeError):
            found = json.loads(line)
            if isinstance(found, dict) and isinstance(found.get("error"), dict):
                return dict(found["error"])
    return {}


def interpreter(*argv: str) -> list[str]:
    """The command line that starts `comity` as a program of its own."""
    return [sys.executable, "-m", "comity", *argv]
