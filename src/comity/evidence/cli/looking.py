"""`comity evidence list | show | export`: what there is, how it stands, and what travels as files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import monotonic
from comity.base.errors import NotFound, Unavailable
from comity.base.model import JsonObject
from comity.base.words import in_words, name, said
from comity.client.node import Node
from comity.evidence import service
from comity.evidence.cli.options import EMPTY, Named, Wait
from comity.kit.shell import As, AsJson, Desk, Progress, acting, emit, table, write_file, writing

Lister = Callable[[str, str], JsonObject]
"""(person, case or nothing) to an overview as the officer API tells it, on this node or at a distance."""


def there(node: Node) -> Lister:
    """The evidence of a node at a distance, for whom the access token is."""
    return lambda _person, case: node.evidence.list(case)


def _here(desk: Callable[[], Desk]) -> Lister:
    def listed(person: str, case: str) -> JsonObject:
        with acting(desk(), "evidence.list", person) as (unit, issuer):
            return service.overview(unit, issuer, case or None)

    return listed


def looking(app: typer.Typer, desk: Callable[[], Desk], far: Lister | None) -> None:
    """`show` and `list`."""
    lister = far or _here(desk)

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
        found = lister(person, case)
        emit(found, as_json, lambda: _overview_text(found))


def carrying(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`export`."""

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
        with writing(out), out.open("wb") as file, Progress(f"writing {out.name}", taken.package.size) as progress:
            for piece in taken.package.pieces():
                file.write(piece)
                progress.advance(len(piece))
        if receipt is not None:
            write_file(receipt, taken.receipt)
        data: JsonObject = {
            "release": taken.release, "package": str(out), "sha256": taken.sha256,
            "receipt": str(receipt) if receipt else "",
        }  # fmt: skip
        emit(data, as_json, lambda: f"Written: {out}. Check it with: comity verify {out} --directory FEDERATION.zip")


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
