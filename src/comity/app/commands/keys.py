"""`comity keys`: another certificate or key in the place of the present one, without a gap."""

from pathlib import Path
from typing import Annotated

import typer

from comity.app import keysheet, operating
from comity.app.commands.opened import Opened
from comity.base.errors import BadInput
from comity.exchange import service as exchange
from comity.kit.shell import AsJson, emit, table

Entry = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the file for the office goes.")]
Key = Annotated[
    str, typer.Option("--key", metavar="KIND", help="tls (the certificate), signing (messages) or kem (sealing).")
]


def keys_command(opened: Opened) -> typer.Typer:
    """`comity keys`."""
    app = typer.Typer(no_args_is_help=True, help="The node's certificate and keys: show them, renew them in time.")
    _add_show(app, opened)
    _add_succession(app, opened)
    _add_move(app, opened)
    return app


def _add_show(app: typer.Typer, opened: Opened) -> None:
    @app.command()
    def show(as_json: AsJson = False) -> None:
        """Show the keys, and where each lies: present ones, next ones where they were made, past ones.

        A past key stays until nothing under it can be on its way any more; then the running node destroys it.
        """
        found = keysheet.lines(opened.open().keys)
        rows = [[str(one[name]) for name in ("key", "which", "where", "valid_until", "fingerprint")] for one in found]
        emit([*found], as_json, lambda: table(("KEY", "WHICH", "WHERE", "VALID UNTIL", "FINGERPRINT"), rows, ""))


def _add_succession(app: typer.Typer, opened: Opened) -> None:
    @app.command()
    def renew(key: Key = "tls", out: Entry = None, as_json: AsJson = False) -> None:
        """Make the next certificate or key, and write the entry that announces it, for the federation's office.

        Nothing changes for partners yet. When the edition with it is in force here, and the partners have it too:
        `comity keys switch`. Done again, it announces the same one again.
        """
        kind = _kind(key)
        made, file = operating.renew(opened.open(), kind, out)
        emit({"key": kind, "fingerprint": made, "entry": str(file)}, as_json, lambda: (
            f"The next {_name(kind)} is {made}.\nHand {file} to the federation's office. "
            f"When the edition with it is in force everywhere: comity keys switch --key {kind}"))  # fmt: skip

    @app.command()
    def switch(key: Key = "tls", out: Entry = None, as_json: AsJson = False) -> None:
        """Use the next certificate or key from now on; a running node takes it up within a second.

        Refused unless the directory in force announces it. The new entry names it first: hand it to the office, so that
        the next edition says so.
        """
        kind = _kind(key)
        made, file = operating.switch(opened.open(), kind, out)
        emit({"key": kind, "fingerprint": made, "entry": str(file)}, as_json, lambda: (
            f"The {_name(kind)} is {made} from now on.\nHand {file} to the federation's office."))  # fmt: skip


def _add_move(app: typer.Typer, opened: Opened) -> None:
    @app.command()
    def move(as_json: AsJson = False) -> None:
        """Move the key-encryption key into the token that the settings name. Stop the node first.

        A key that never leaves the token then seals it, and wraps every case's key: without the token nothing opens.
        The file in the clear is destroyed; destroy older backups of the keys as well. Safe to run again after an
        interruption. The signing key goes into the token by `comity keys renew --key signing`.
        """
        count = operating.move_kek(opened.open())
        emit(
            {"cases": count}, as_json, lambda: f"The key-encryption key is in the token, which wraps {count} case keys."
        )


def _kind(text: str) -> exchange.Kind:
    for known in exchange.KINDS:
        if text == known:
            return known
    raise BadInput("keys.kind", f"`{text[:20]}` is no key that is renewed", todo="Use tls, signing or kem.")


def _name(kind: exchange.Kind) -> str:
    return "certificate" if kind == "tls" else f"{kind} key"
