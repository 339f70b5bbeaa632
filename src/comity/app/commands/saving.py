"""`comity backup` and `comity restore`."""

from pathlib import Path
from typing import Annotated

import typer

from comity.app.backups import making, restoring
from comity.app.commands.opened import Opened
from comity.app.settings import SQLITE
from comity.base.errors import BadInput
from comity.kit.shell import AsJson, Progress, emit, passphrase

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The backup file to write.")]
KeysOut = Annotated[
    Path, typer.Option("--keys-out", metavar="FILE", help="The key file to write; keep it in another place.")
]
Backup = Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup file.")]
Keys = Annotated[Path, typer.Option("--keys", metavar="FILE", help="The key file that was written with it.")]
DatabaseUrl = Annotated[
    str, typer.Option("--database", metavar="URL", help="Where to restore to: an empty database of either kind.")
]
Module = Annotated[
    str,
    typer.Option("--token-module", metavar="FILE", help="The token's PKCS #11 module, if elsewhere on this machine."),
]
_WHOSE = "the backup"


def backup_command(opened: Opened) -> typer.Typer:
    """`comity backup`."""
    app = typer.Typer()

    @app.command("backup")
    def command(out: Out, keys_out: KeysOut, as_json: AsJson = False) -> None:
        """Write an encrypted backup of the data and, apart from it, of the keys; the node may go on running.

        Asks for a passphrase of the backup, twice: whoever has it and both files has the node. Without it nobody
        restores anything.

        Example: comity backup --out /backup/xa.data --keys-out /safe/xa.keys
        """
        node, secret = opened.open(), _chosen()
        with Progress("saving", making.volume(node)) as progress:
            data = making.backup(node, (out, keys_out), secret, progress.advance)
        emit(data, as_json, lambda: (
            f"Backup in {out}, keys in {keys_out}, at log size {data['log_size']}.\n"
            "Keep them in different places, and the passphrase in a third."))  # fmt: skip

    return app


def _chosen() -> str:
    once, again = passphrase(_WHOSE), passphrase(_WHOSE)
    if once != again:
        raise BadInput("shell.passphrase-differs", "The two passphrases differ", todo="Type the same one twice.")
    if not once:
        raise BadInput("backup.passphrase", "An empty passphrase protects nothing", todo="Choose a long one.")
    return once


def restore_command(opened: Opened) -> typer.Typer:
    """`comity restore`."""
    app = typer.Typer()

    @app.command("restore")
    def command(
        source: Backup, keys: Keys, database: DatabaseUrl = f"{SQLITE}node.db", token_module: Module = "",
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Restore a backup into an empty home. The node is read-only then: going on would fork its log.

        A node whose keys are in a token needs that token here, or a copy of it.
        It answers every question about the past: status, log verify, log show, dna list, partners. Nothing stays
        behind when the backup turns out to be damaged.

        Example: comity --home /srv/restored restore /backup/xa.data --keys /safe/xa.keys
        """
        home = opened.home
        files = restoring.Files(source, keys, passphrase(_WHOSE), token_module)
        with Progress("restoring", source.stat().st_size if source.is_file() else 1) as progress:
            data = restoring.restore(home, files, database, progress.advance)
        emit(data, as_json, lambda: (
            f"Node {data['code']} of {data['at']} is restored to {home}, read-only, at log size {data['log_size']}."
        ))  # fmt: skip

    return app
