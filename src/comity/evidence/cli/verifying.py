"""`comity verify`: a package, trusting no node."""

from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.evidence import service
from comity.evidence.model.package import Verification
from comity.kit.shell import AsJson, Progress, emit, read_file, reading


def verify_command(
    file: Annotated[Path, typer.Argument(help="The package.")],
    receipt: Annotated[
        list[Path] | None, typer.Option("--receipt", help="A receipt about it; may be repeated.")
    ] = None,
    directory: Annotated[Path | None, typer.Option("--directory", help="The federation's signed directory.")] = None,
    root_key: Annotated[
        str | None, typer.Option("--root-key", metavar="FINGERPRINT", help="The directory's root, learnt elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify an evidence package offline, trusting neither node. Exit 0: whole and authentic; 1: tampered.

    Without --directory only integrity is checked, and the exit code is 2: anybody could have made such a package.
    """
    if root_key and directory is None:
        raise BadInput("evidence.root-key", "--root-key needs --directory", todo="Name the directory file.")
    known = read_file(directory) if directory else None
    receipts = [read_file(path) for path in receipt or []]
    with reading(file), Progress(f"verifying {file.name}", 2 * file.stat().st_size) as progress:
        found = service.verify(service.package_file(file, progress.advance), known, root_key, receipts)
    emit(found.as_dict(), as_json, lambda: _verification_text(found, root_key is not None))
    raise typer.Exit(found.exit_code)


def _verification_text(found: Verification, pinned: bool) -> str:
    lines = [f"Package {found.digest}" + (f", use: {found.use.replace('_', ' ')}" if found.use else "")]
    for number, check in enumerate(found.checks, 1):
        place = f" [{check.file}]" if check.file else ""
        lines.append(f"{number:3} {'ok  ' if check.ok else 'FAIL'} {check.name}{place}: {check.detail}")
    return "\n".join([*lines, _verdict(found, pinned)])


def _verdict(found: Verification, pinned: bool) -> str:
    if found.exit_code:
        return {1: "TAMPERED: do not rely on it", 2: "integrity ok, authenticity not checked"}[found.exit_code]
    if pinned:
        return "WHOLE AND AUTHENTIC"
    return "WHOLE, and authentic IF the directory is: add --root-key, learnt by another way, to be sure"
