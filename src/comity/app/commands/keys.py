"""`comity keys`: another certificate before the present one ends, without a gap."""

from pathlib import Path
from typing import Annotated

import typer

from comity.app import operating
from comity.app.commands.opened import Opened
from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.kit.crypto.certificates import fingerprint, to_der, valid_until
from comity.kit.shell import AsJson, emit, table

Entry = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the file for the office goes.")]


def keys_command(opened: Opened) -> typer.Typer:
    """`comity keys`."""
    app = typer.Typer(no_args_is_help=True, help="The certificate that partners see: show it, renew it in time.")

    @app.command()
    def show(as_json: AsJson = False) -> None:
        """Show the present certificate and, where it was made already, the next one."""
        keys = opened.open().keys
        files = {"present": keys.tls_certificate, "next": keys.next_certificate}
        found = [_told(which, path) for which, path in files.items() if path.exists()]
        rows = [[str(one[key]) for key in ("which", "valid_until", "certificate")] for one in found]
        emit([*found], as_json, lambda: table(("WHICH", "VALID UNTIL", "FINGERPRINT"), rows, ""))

    @app.command()
    def renew(out: Entry = None, as_json: AsJson = False) -> None:
        """Make the next certificate, and write the entry that announces it, for the federation's office.

        Nothing changes for partners yet. When the edition with it is in force here, and the partners have it too:
        `comity keys switch`. Done again, it announces the same certificate again.
        """
        made, file = operating.renew(opened.open(), out)
        emit({"certificate": made, "entry": str(file)}, as_json, lambda: (
            f"The next certificate is {made}.\nHand {file} to the federation's office. "
            "When the edition with it is in force everywhere: comity keys switch"))  # fmt: skip

    @app.command()
    def switch(out: Entry = None, as_json: AsJson = False) -> None:
        """Show the next certificate from now on; a running node takes it up within a second.

        Refused unless the directory in force announces it. The new entry names it alone: hand it to the office, so that
        the next directory drops the old one.
        """
        made, file = operating.switch(opened.open(), out)
        emit({"certificate": made, "entry": str(file)}, as_json, lambda: (
            f"Partners see {made} from now on.\nHand {file} to the federation's office."))  # fmt: skip

    return app


def _told(which: str, path: Path) -> JsonObject:
    pem = path.read_bytes()
    return {"which": which, "valid_until": rfc3339(valid_until(pem)), "certificate": fingerprint(to_der(pem))}
