"""`comity federation holder`, `rotate` and `sign`: who holds the root, and how the next one comes about as a file."""

from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import system_clock
from comity.base.model import JsonObject
from comity.exchange.service.federation import folder, rooting
from comity.exchange.service.federation.rooting import Change, Standing
from comity.kit.shell import AsJson, emit, read_file, write_file

Office = Annotated[Path, typer.Option("--dir", metavar="DIR", help="The office's folder.")]
KeyFile = Annotated[Path, typer.Argument(metavar="KEY.pem", help="Where the private key goes; KEY.pub goes beside it.")]
Add = Annotated[list[Path] | None, typer.Option("--add", metavar="KEY.pub", help="A new holder; may be repeated.")]
Remove = Annotated[
    list[str] | None, typer.Option("--remove", metavar="FINGERPRINT", help="A holder no longer; may be repeated.")
]
Threshold = Annotated[int | None, typer.Option("--threshold", min=1, help="How many holders must sign from then on.")]
Renew = Annotated[
    list[str] | None, typer.Option("--renew", metavar="ROLE", help="Another targets, snapshot or timestamp key.")
]
Out = Annotated[Path, typer.Option("--out", metavar="NEXT.json", help="Where the proposed root goes.")]
Take = Annotated[Path | None, typer.Option("--take", metavar="NEXT.json", help="Take up the root that is signed.")]
Proposed = Annotated[Path, typer.Argument(metavar="NEXT.json", help="The proposed root; the signature is added to it.")]
Key = Annotated[Path, typer.Option("--key", metavar="KEY.pem", help="The holder's private key.")]
_MOST = 1 << 20


def add_root_commands(app: typer.Typer) -> None:
    """The commands about the root."""
    for act in (holder, rotate, sign):
        app.command()(act)


def holder(file: KeyFile, as_json: AsJson = False) -> None:
    """Make a root key for its holder, on a machine of its own. Send only KEY.pub to the office."""
    made = folder.make_holder(file)
    data: JsonObject = {"key": str(file), "public": str(file.with_suffix(".pub")), "fingerprint": made}
    emit(data, as_json, lambda: f"Root key {made}. Keep {file} offline, twice; send {data['public']}.")


def rotate(
    office: Office, add: Add = None, remove: Remove = None, threshold: Threshold = None, renew: Renew = None,
    out: Out = Path("NEXT.json"), take: Take = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Propose the next root (other holders, another threshold), or --take up one that enough holders have signed.

    With --renew the office's own key for that role is replaced, after a theft for instance; it comes into use with
    --take. NEXT.json goes from holder to holder (`federation sign`). It counts when the old threshold and the new
    one have signed it; nodes then follow by themselves, since each root vouches for the next.

    Example: comity federation rotate --dir office --add xb.pub --add xc.pub --threshold 2
    """
    with folder.working(office) as made:
        if take is not None:
            data = read_file(take, _MOST)
            standing = rooting.standing(made.office, data)
            made.take_root(data, system_clock())
        else:
            added = tuple(folder.read_public(read_file(file, 1024)) for file in add or [])
            change = Change(added, tuple(remove or ()), threshold, made.renewed(renew or ()))
            data = rooting.propose(made.office, change, system_clock())
            standing = rooting.standing(made.office, data)
            write_file(out, data)
    told = {**_standing(standing), "root": made.office.fingerprint, "file": str(take or out)}
    done = f"The root is now {made.office.fingerprint}." if take else f"Proposed in {out}. {_lacking(standing)}"
    emit(told, as_json, lambda: done)


def sign(proposed: Proposed, key: Key, as_json: AsJson = False) -> None:
    """Sign a proposed root as one of its holders; no network and no office are needed.

    Read what it changes first: it is text. Then hand the file to the next holder, or back to the office.
    """
    made = rooting.countersign(read_file(proposed, _MOST), folder.read_key(key))
    write_file(proposed, made)
    signers = rooting.signers(made)
    data: JsonObject = {"file": str(proposed), "signed": [*signers]}
    emit(data, as_json, lambda: f"{proposed} has {len(signers)} signatures. Hand it on, or back to the office.")


def _standing(found: Standing) -> JsonObject:
    return {
        "version": found.version, "threshold": found.threshold, "holders": [*found.holders], "signed": [*found.signed],
        "missing_old": found.missing_old, "missing_new": found.missing_new, "complete": found.complete,
    }  # fmt: skip


def _lacking(found: Standing) -> str:
    if found.complete:
        return "It has all signatures: comity federation rotate --dir DIR --take NEXT.json"
    return (
        f"It lacks {found.missing_old} signatures of present holders and {found.missing_new} of coming ones: each runs "
        "comity federation sign NEXT.json --key KEY.pem"
    )
