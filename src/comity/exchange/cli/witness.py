"""`comity witness`: a small service that cosigns the logs of others, and is no node."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject
from comity.exchange.service.neutral import Neutral, found_witness, open_witness
from comity.kit.shell import AsJson, emit, table

Folder = Annotated[Path, typer.Option("--dir", metavar="DIR", help="The witness's folder: its key and its book.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name for ever, such as witness.example/w1.")]
Key = Annotated[str, typer.Argument(metavar="VKEY", help="The log's key, NAME+HASH+KEY, told by another way.")]
Host = Annotated[str, typer.Option(help="Where to listen; a proxy with HTTPS stands before it.")]
Port = Annotated[int, typer.Option(help="The TCP port.", min=0, max=65535)]

Running = Callable[[Neutral, str, int], None]
"""Serves a witness at a host and port until it is told to end."""


def witness_commands(running: Running) -> typer.Typer:
    """The group `witness`."""
    app = typer.Typer(no_args_is_help=True, help="A neutral witness: it cosigns others' logs, and is no node.")
    _add_acts(app)
    _add_run(app, running)
    return app


def _add_acts(app: typer.Typer) -> None:
    @app.command()
    def init(name: Name, folder: Folder, as_json: AsJson = False) -> None:
        """Make a witness: a key of its own, and an empty book. Keep no second copy of either in use.

        Example: comity witness init witness.example/w1 --dir witness
        """
        _emit_key(found_witness(folder, name), as_json)

    @app.command()
    def add(key: Key, folder: Folder, as_json: AsJson = False) -> None:
        """Watch a log: cosign its checkpoints from its beginning on, each only when it extends the last."""
        origin = open_witness(folder).watch(key)
        emit({"origin": origin}, as_json, lambda: f"{origin} is watched.")

    @app.command("list")
    def show(folder: Folder, as_json: AsJson = False) -> None:
        """List the watched logs: how far each was cosigned, and which have contradicted themselves."""
        made = open_witness(folder)
        logs = made.book.logs()
        data: list[Json] = [
            {"origin": one.origin, "size": one.size, "at": _time(one.at), "contradicted": one.contradicted}
            for one in logs
        ]  # fmt: skip
        rows = [(one.origin, str(one.size), _time(one.at) or "-", one.contradicted or "no") for one in logs]
        told: JsonObject = {"key": made.verifier.format(), "logs": data}
        headings = ("LOG", "ENTRIES", "COSIGNED", "CONTRADICTED")
        emit(told, as_json, lambda: table(headings, rows, "No logs yet: `comity witness add VKEY`."))


def _add_run(app: typer.Typer, running: Running) -> None:
    @app.command()
    def run(folder: Folder, host: Host = "127.0.0.1", port: Port = 9450) -> None:
        """Answer at http://HOST:PORT/add-checkpoint until Ctrl-C (C2SP tlog-witness)."""
        running(open_witness(folder), host, port)


def _emit_key(made: Neutral, as_json: bool) -> None:
    key = made.verifier.format()
    emit({"name": made.name, "key": key}, as_json, lambda: f"{key}\nGive this key to those who count on the witness.")


def _time(at: int) -> str:
    return rfc3339(datetime.fromtimestamp(at, UTC)) if at else ""
