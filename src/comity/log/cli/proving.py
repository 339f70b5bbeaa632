"""`comity log prove` and `check-proof`: one entry proven to others, and their proofs checked without their node."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.kit.shell import AsJson, Desk, emit, read_file, read_text
from comity.log import service
from comity.log.cli import files
from comity.log.model import Entry, Head

Named = Annotated[str, typer.Argument(metavar="ENTRY", help="An entry's number or its id.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A new file; default: the terminal.")]
ProofFile = Annotated[Path, typer.Argument(metavar="FILE", help="A C2SP tlog-proof, as `comity log prove` writes it.")]
EntryFile = Annotated[
    Path | None, typer.Option("--entry", metavar="FILE", help="The entry's exact bytes, where the proof lacks them.")
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="VKEY", help="The log's key, name+hash+key; default: this node's own.")
]


def proving(app: typer.Typer, desk: Callable[[], Desk], upstairs: service.Upstairs) -> None:
    """The commands about the proof of one entry."""

    @app.command()
    def prove(named: Named, out: Out = None, as_json: AsJson = False) -> None:
        """Write the proof that one entry is in the log: a C2SP tlog-proof that carries the entry.

        Against a checkpoint that witnesses have cosigned, with their lines, where this node holds one. Anybody who has
        the log's key can check it, years later and without this node: comity log check-proof FILE
        """
        with desk().database.read("log.prove") as unit:
            text, key = service.proof_file(unit, named, upstairs.cosigned), service.verifier(unit)
            head, _ = service.check_proof(text, key)
        if out is not None:
            with files.new_file(out) as file:
                file.write(text.encode())
        data: JsonObject = {"tlog_proof": text, "size": head.size, "root": head.root.hex(), "key": key.format()}
        done = f"Written: {out}. Check it with: comity log check-proof {out} --key {key.format()}"
        emit(data, as_json, lambda: text.rstrip("\n") if out is None else done)

    @app.command("check-proof")
    def check_proof(file: ProofFile, entry: EntryFile = None, key: Key = None, as_json: AsJson = False) -> None:
        """Check that an entry is in a log: the proof leads from its exact bytes to a checkpoint under the log's key."""
        text, data = read_text(file, files.MOST), read_file(entry, files.MOST) if entry else None
        head, found = service.check_proof(text, service.named_key(key) if key else _own(desk, text), data)
        emit(_proven(head, found), as_json, lambda: _proven_text(head, found))


def _own(desk: Callable[[], Desk], proof: str) -> service.VerifierKey:
    """This node's own key: of the epoch in which the proof was made, or the present one."""
    origin = proof.partition("\n\n")[2].partition("\n")[0]
    with desk().database.read("log.key") as unit:
        known = [service.named_key(one.key) for one in service.epochs(unit)]
    return next((key for key in known if key.name == origin), known[-1])


def _proven(head: Head, entry: Entry) -> JsonObject:
    signed: JsonObject = {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    return {"ok": True, "entry": entry.as_dict(), "checkpoint": signed}


def _proven_text(head: Head, entry: Entry) -> str:
    """What was proven, in plain words."""
    peer = f", partner {entry.peer}" if entry.peer else ""
    return "\n".join([
        f"Proven: entry {entry.index} is in the log {head.origin}, which signed a checkpoint of {head.size} entries.",
        f"It says: {entry.type} at {rfc3339(entry.at)}{peer}.",
        "Not proven: what its sealed values say, nor that the clock of its node was right.",
    ])  # fmt: skip
