"""`comity evidence`: take in, request, offer, release, accept, refuse, show, export; and `comity verify`."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from comity.base.clock import monotonic
from comity.base.errors import BadInput, NotFound, Unavailable
from comity.base.model import JsonObject
from comity.base.words import in_words, name, said
from comity.evidence import service
from comity.evidence.model.flow import Ask, Offer
from comity.evidence.model.package import Acquisition, Details, Digest, Verification
from comity.kit.shell import As, AsJson, Desk, Progress, acting, agreed, emit, read_file, reading, table, write_file
from comity.legal import service as legal
from comity.search.model import Preview

Case = Annotated[str, typer.Option("--case", help="The case, by id or reference.")]
Named = Annotated[str, typer.Argument(metavar="ID", help="A request, release, package or item.")]
Wait = Annotated[float, typer.Option("--wait", metavar="SECONDS", help="Wait for it, at most this long.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the partner reads it, and it goes into the log.")]
PIECE: Final = 1 << 20
EMPTY: Final = (
    "WARNING: the file is EMPTY (0 bytes). It is sealed as it came, for an empty file can be evidence; make sure that"
    " the acquisition was complete."
)
WANTED: Final = "The laboratory report and the exhibits behind this hit"


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The `evidence` group."""
    app = typer.Typer(no_args_is_help=True, help="Exhibits: take in and seal, hand over with signatures on both sides.")
    _taking(app, desk)
    _asking(app, desk)
    _releasing(app, desk)
    _answering(app, desk)
    _looking(app, desk)
    _carrying(app, desk)
    return app


# --- taking in -----------------------------------------------------------------------------------------------------


def _taking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("take-in")
    def take_in(  # a command's options are its parameters
        file: Annotated[Path, typer.Argument(help="The container as acquired: a report, an image, a dump.")],
        case: Case,
        kind: Annotated[str, typer.Option("--kind", help="laboratory_report, disk_image, photograph, ...")],
        source: Annotated[str, typer.Option("--source", help="Where it comes from, in words.")],
        person: As,
        exhibit: Annotated[str, typer.Option("--exhibit", help="Exhibit number; default: the next of the case.")] = "",
        method: Annotated[str, typer.Option("--method", help="How it was acquired.")] = "file",
        acquired: Annotated[str, typer.Option("--acquired", help="When: RFC 3339 with a zone.")] = "",
        media_sha256: Annotated[str, typer.Option("--media-sha256", help="Media hash that the tool stated.")] = "",
        media_size: Annotated[int, typer.Option("--media-size", help="Media size in bytes that the tool stated.")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """Take an exhibit in: hashed while it is sealed under the case's key; its custody chain begins.

        Example: comity evidence take-in report.pdf --case C-1 --kind laboratory_report --source "our laboratory" --as P
        """
        media = Digest(media_sha256.lower(), media_size) if media_sha256 else None
        kept_as = "ewf" if file.suffix.lower() == ".e01" else "raw"
        acquisition = Acquisition(method, operator=person, end=acquired)
        details = Details(kind, source, acquisition, exhibit, "", kept_as, media)
        with acting(desk(), "evidence.stage", person) as (_, issuer):
            pass
        staged = service.stage(desk().database, desk().vault, issuer, case, _pieces(file))
        with desk().acting("evidence.take-in", issuer) as unit:
            kept = service.take_in(unit, desk().vault, issuer, (case, staged), details)
        data: JsonObject = kept.as_dict() | {"item": kept.item.id}
        warning = f"\n{EMPTY}" if data["empty"] else ""
        emit(data, as_json, lambda: (
            f"Exhibit {kept.item.exhibit} is sealed as item {kept.item.id}.\n"
            f"SHA-256 {kept.item.container.sha256}, {kept.item.container.size:,} bytes{warning}"))  # fmt: skip


def _pieces(file: Path) -> Iterator[bytes]:
    """The file in pieces, with progress; BadInput when it cannot be read."""
    with reading(file), file.open("rb") as source, Progress(f"sealing {file.name}", file.stat().st_size) as progress:
        while piece := source.read(PIECE):
            yield piece
            progress.advance(len(piece))


# --- asking and releasing ------------------------------------------------------------------------------------------


def _asking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("request")
    def request(  # a command's options are its parameters
        case: Case,
        person: As,
        about: Annotated[str, typer.Option("--about", metavar="QUERY", help="The query whose hit was confirmed.")] = "",
        to: Annotated[str, typer.Option("--to", metavar="STATE", help="The partner; default: the query's.")] = "",
        wanted: Annotated[str, typer.Option("--wanted", help="What is wanted, in words.")] = WANTED,
        category: Annotated[str, typer.Option("--category", help="exhibit or laboratory_report.")] = "exhibit",
        purpose: Annotated[str, typer.Option("--purpose", help="Purpose code.")] = "criminal_investigation",
        instrument: Annotated[str | None, typer.Option("--instrument", help="Legal basis; default: the best.")] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Send without asking once more.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Ask a partner for evidence as information only. Evidence proper needs a request for assistance.

        Shows the findings of the law, the exact recipient and what it will see, then asks.
        """
        ask = Ask(case, to, wanted, category, about, purpose, instrument)
        with acting(desk(), "evidence.preview", person) as (unit, issuer):
            seen = service.preview(unit, issuer, ask)
        send = "Send to exactly this recipient?" if seen.recipients else "Keep the request on record all the same?"
        if not agreed(lambda: _preview_text(seen), send, yes, as_json):
            return
        with desk().acting("evidence.request", issuer) as unit:
            made = service.request(unit, issuer, ask)
        what = "sent to" if made.state == "open" else f"not sent: {made.state} by our own law for"
        emit(made.as_dict(), as_json, lambda: f"Request {made.id} {what} {made.partner}.")

    @app.command("refuse-request")
    def refuse_request(
        named: Annotated[str, typer.Argument(metavar="REQUEST", help="The partner's request.")],
        person: As,
        ground: Annotated[str, typer.Option("--ground", help="The ground of refusal, a code of the instrument.")],
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Refuse a partner's request for evidence; the partner receives ground and reason."""
        with acting(desk(), "evidence.refuse-request", person) as (unit, issuer):
            made = service.refuse_request(unit, issuer, named, ground, reason)
        emit(made.as_dict(), as_json, lambda: f"Refused; {made.partner} is told why.")


def _preview_text(seen: Preview) -> str:
    lines = [legal.explain(decision) for decision in seen.decisions.values()]
    if not seen.recipients:
        return "\n".join([*lines, "Exact recipients: nobody; nothing will leave this node."])
    lines.append(f"Exact recipients: {', '.join(seen.recipients)}\nThey will see:")
    lines += [f"  {name(what)}: {in_words(value)}" for what, value in seen.seen.items() if value is not None]
    return "\n".join([*lines, "They will see no name and no case reference but those that you wrote."])


def _releasing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("offer")
    def offer(
        request: Annotated[str, typer.Argument(metavar="REQUEST", help="The partner's request.")],
        item: Annotated[list[str], typer.Option("--item", help="An item to release; may be repeated.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Propose items for a partner's request. Nothing leaves until an approver of another unit releases it."""
        with acting(desk(), "evidence.offer", person) as (unit, issuer):
            made = service.offer(unit, issuer, Offer(request, tuple(item)))
        emit(made.as_dict(), as_json, lambda: (
            f"Proposed to {made.recipient}, and to nobody else: {', '.join(made.items)}.\n"
            f"Now an approver: comity evidence release {made.id} --as APPROVER"))  # fmt: skip

    @app.command("withdraw")
    def withdraw(
        release: Annotated[str, typer.Argument(metavar="RELEASE", help="The proposed release.")],
        person: As,
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Take a proposal back before it has left."""
        with acting(desk(), "evidence.withdraw", person) as (unit, issuer):
            made = service.withdraw(unit, issuer, release, reason)
        emit(made.as_dict(), as_json, lambda: "Withdrawn; nothing has left.")

    @app.command("release")
    def release(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="A proposed release, or its request.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Approve what another person offered: decided under today's law, packed, signed and sent.

        Custody stays here until the recipient has signed after its own re-hash.
        """
        with acting(desk(), "evidence.release", person) as (unit, issuer):
            made = service.release(unit, desk().vault, issuer, named)
        emit(made.as_dict(), as_json, lambda: (
            f"Package {made.package.sha256 if made.package else ''} is on its way to {made.recipient}."))  # fmt: skip


def _answering(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("accept")
    def accept(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="The package's release, or our request.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Accept a package after this node's own re-hash, with a signed receipt: custody is ours from here."""
        with acting(desk(), "evidence.accept", person) as (unit, issuer):
            made = service.accept(unit, desk().vault, issuer, named)
        emit(made.as_dict(), as_json, lambda: (
            f"Re-hashed and accepted; the receipt is on its way to {made.sender}."))  # fmt: skip

    @app.command("refuse")
    def refuse(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="The package's release, or our request.")],
        person: As,
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Refuse a package with a signed receipt that says why; custody stays with the sender."""
        with acting(desk(), "evidence.refuse", person) as (unit, issuer):
            made = service.refuse(unit, desk().vault, issuer, named, reason)
        emit(made.as_dict(), as_json, lambda: f"Refused; {made.sender} is told why. Custody did not move.")


# --- looking -------------------------------------------------------------------------------------------------------


def _looking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("show")
    def show(
        named: Named,
        person: As = "",
        wait: Wait = 0,
        until: Annotated[str, typer.Option("--until", metavar="STAGE", help="Wait for this stage.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Show where a request, release, package or item stands; with --as, all that this person may see of it."""
        found = _waited(desk(), named, until, wait)
        if person:
            with acting(desk(), "evidence.show", person) as (unit, issuer):
                found = service.detail(unit, issuer, named) | {
                    "stage": found["stage"],
                    "custody_with": found["custody"],
                }
        emit(found, as_json, lambda: _found_text(found))

    @app.command("list")
    def list_(
        person: As,
        case: Annotated[str, typer.Option("--case", help="A case; default: what partners ask for.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """List a case's items, requests, releases and packages, or the requests that partners have sent."""
        with acting(desk(), "evidence.list", person) as (unit, issuer):
            found = service.overview(unit, issuer, case or None)
        emit(found, as_json, lambda: _overview_text(found))


def _carrying(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("export")
    def export(
        named: Named,
        out: Annotated[Path, typer.Option("--out", help="Where to write the package.")],
        person: As,
        receipt: Annotated[Path | None, typer.Option("--receipt", help="Where to write the receipt.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Write a package and its receipt to files, for anybody who wants to verify them: comity verify."""
        with acting(desk(), "evidence.export", person) as (unit, issuer):
            taken = service.export(unit, desk().vault, issuer, named)
        if receipt is not None and not taken.receipt:
            raise NotFound("evidence.no-receipt", "Nobody has signed a receipt for this package yet",
                           where=taken.release, todo="Leave --receipt out, or wait for the answer.")  # fmt: skip
        write_file(out, taken.package)
        if receipt is not None:
            write_file(receipt, taken.receipt)
        data: JsonObject = {
            "release": taken.release, "package": str(out), "sha256": hashlib.sha256(taken.package).hexdigest(),
            "receipt": str(receipt) if receipt else "",
        }  # fmt: skip
        emit(data, as_json, lambda: f"Written: {out}. Check it with: comity verify {out} --directory FEDERATION.json")


def _waited(desk: Desk, named: str, until: str, wait: float) -> JsonObject:
    """The progress of `named`, once it exists and has come to the stage `until`; Unavailable when it does not."""
    end = monotonic() + wait
    while True:
        with desk.database.read("evidence.show") as unit:
            try:
                found: JsonObject | None = service.progress(unit, named)
            except NotFound:
                if monotonic() >= end:
                    raise
                found = None
        if found is not None and until in ("", found["stage"]):
            return found
        left = end - monotonic()
        if left <= 0:
            stage = found["stage"] if found else "not here"
            raise Unavailable("evidence.waited", f"It is {stage}, not {until}", where=named,
                              todo="Wait longer, or look at the partner: comity partners")  # fmt: skip
        desk.database.wait_for_change(min(left, 1.0))


def _found_text(found: JsonObject) -> str:
    """A line for each thing known; a list of things, such as a custody chain, has a line for each of them."""
    lines = []
    for key, value in found.items():
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        if rows:
            lines += [f"{name(key)}:", *(f"  {said(row)}" for row in rows)]
        else:
            lines.append(f"{name(key)}: {in_words(value)}")
    return "\n".join([*lines, EMPTY] if found.get("empty") else lines)


def _overview_text(found: JsonObject) -> str:
    parts = []
    for group, keys in (
        ("items", ("id", "exhibit", "kind", "standing", "origin")),
        ("requests", ("request", "partner", "side", "state")),
        ("releases", ("release", "recipient", "state")), ("packages", ("release", "sender", "state")),
    ):  # fmt: skip
        rows = found.get(group)
        if isinstance(rows, list) and rows:
            lines = [[str(row[key]) for key in keys] for row in rows if isinstance(row, dict)]
            parts.append(table([key.upper() for key in keys], lines, ""))
    return "\n\n".join(parts) or "Nothing yet. Take an exhibit in: comity evidence take-in --help"


# --- comity verify -------------------------------------------------------------------------------------------------


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
    found = service.verify(read_file(file), known, root_key, [read_file(path) for path in receipt or []])
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
