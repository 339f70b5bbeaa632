"""`comity log epoch`: a log that cannot go on as it is goes on in another epoch, which two people sign."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.base.model import Issuer, JsonObject
from comity.exchange.model import EpochWish
from comity.kit.shell import As, AsJson, Desk, emit, passphrase, read_text

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="What happened; partners and courts read it.")]
With = Annotated[str, typer.Option("--with", metavar="PERSON", help="Who agrees: an approver or auditor, other unit.")]
WithFile = Annotated[
    Path | None,
    typer.Option("--with-passphrase-file", metavar="FILE", help="The passphrase of --with, in the first line of FILE."),
]
Planned = Annotated[bool, typer.Option("--planned", help="Although nothing was lost.")]
NewKey = Annotated[bool, typer.Option("--new-key", help="Under a fresh log key; the one before is destroyed.")]
Number = Annotated[
    int | None, typer.Option("--number", min=2, help="The epoch's number, where higher ones were lost with the keys.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the file for the office goes.")]

Begin = Callable[[EpochWish, Callable[[], tuple[Issuer, Issuer]], Path | None], JsonObject]
"""Begins an epoch, signing two people in when it is time; answers what was done."""


def epoch_command(desk: Callable[[], Desk], begin: Begin) -> typer.Typer:
    """The command `log epoch`; `begin` is app's, which knows what seals a node."""
    app = typer.Typer()

    @app.command("epoch")
    def epoch(
        reason: Reason, person: As, second: With, second_file: WithFile = None, planned: Planned = False,
        new_key: NewKey = False, number: Number = None, out: Out = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Go on with the log after a loss, under another name: the way out of a node that is sealed. Stop it first.

        Partners are asked for the largest checkpoint of this log that they hold. The entries that are left stay; the
        next one says what was lost and why, and two people sign it: an operator or security administrator (--as), and
        an approver or auditor of another unit (--with). Then hand the entry that is written to the federation's office.

        Interrupted, it is run again. Without a loss: --new-key for another log key.

        Example: comity log epoch --reason "disk failed, backup of Monday" --as operator-1 --with approver-1
        """

        def people() -> tuple[Issuer, Issuer]:
            first = desk().enter(person, passphrase(person))
            return first, desk().enter(second, _passphrase(second, second_file))

        data = begin(EpochWish(reason, planned, new_key, number), people, out)
        emit(data, as_json, lambda: _text(data))

    return app


def _passphrase(person: str, file: Path | None) -> str:
    return read_text(file, 4096).partition("\n")[0] if file is not None else passphrase(person)


def _text(data: JsonObject) -> str:
    found: Any = data
    begun = "had begun already" if found["resumed"] else "has begun"
    lines = [f"Epoch {found['epoch']} of the log {begun}, with entry {found['first_entry']}: {found['origin']}"]
    for one in found["holdings"]:
        lost = " (LOST here)" if one["beyond"] else ""
        lines.append(f"{one['witness']} holds {one['size']} entries of epoch {one['epoch']}{lost}.")
    if found["lost"]:
        lines.append(f"At least {found['lost']} entries are lost; what partners accepted is still theirs.")
    lines += [f"Not heard: {', '.join(found['silent'])}"] if found["silent"] else []
    if found["entry"]:
        lines.append(f"Hand {found['entry']} to the federation's office. When the edition with it is in force,")
        lines.append(f"each partner agrees: comity partners --thaw {found['origin'].split('/')[1]} --reason ...")
    return "\n".join([*lines, "Start the node anew."])
