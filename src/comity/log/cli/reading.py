"""`comity log verify` and `show`: what this node did, entry by entry, and whether the record is whole."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import MOST_NUMBER, Json, JsonObject
from comity.client.node import Node
from comity.kit.shell import AsJson, Desk, Progress, acting, emit, table
from comity.log import service
from comity.log.model import FIELDS, Entry, Head, Opening

Tree = Annotated[bool, typer.Option("--tree", help="Only the entries and the root last signed: seconds a million.")]
After = Annotated[int, typer.Option("--after", metavar="N", max=MOST_NUMBER, help="Only entries numbered above N.")]
Limit = Annotated[int, typer.Option("--limit", metavar="COUNT", min=1, max=10_000, help="At most so many.")]
Kind = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="Only this type, such as message.sent.")]
Number = Annotated[
    int | None, typer.Option("--entry", metavar="N", min=0, max=MOST_NUMBER, help="One entry, with all it says.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--open", metavar="FIELD", help=f"Open a sealed value ({', '.join(FIELDS)}); may be repeated."),
]
Auditor = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="The auditor who opens values.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they must be seen; it is logged.")]


Verifier = Callable[[], JsonObject]
"""Recomputes a whole log, this node's or one at a distance; the report as the officer API tells it."""


def there(node: Node) -> Verifier:
    """A node at a distance recomputes its own log: what it says of it is its own word."""
    return node.log.verify


def verifying(app: typer.Typer, desk: Callable[[], Desk], find_key: service.KeyFinder, far: Verifier | None) -> None:
    """`verify`."""

    def here() -> JsonObject:
        with desk().database.read("log.verify") as unit, Progress("verifying", service.count(unit)) as progress:
            return service.verify(unit, find_key, progress.advance).as_dict()

    recompute = far or here

    @app.command()
    def verify(tree: Tree = False, as_json: AsJson = False) -> None:
        """Recompute the whole log from its stored bytes and compare it with every checkpoint this node signed.

        Exit code 1 when anything does not hold; each finding names the row of the database that it was found in.
        """
        if tree:
            with desk().database.read("log.verify") as unit, Progress("verifying", service.count(unit)) as progress:
                head = service.verify_tree(unit, progress.advance)
            emit({"ok": True, "origin": head.origin, "size": head.size, "root": head.root.hex()}, as_json,
                 lambda: _tree_text(head))  # fmt: skip
            return
        report = recompute()
        emit(report, as_json, lambda: _report_text(report))
        if not report["ok"]:
            raise typer.Exit(1)


def reading(app: typer.Typer, desk: Callable[[], Desk], act: service.Acting, find_key: service.KeyFinder) -> None:
    """`show`."""

    @app.command()
    def show(
        after: After = -1, limit: Limit = 100, kind: Kind = None, entry: Number = None, fields: Fields = None,
        person: Auditor = None, reason: Reason = "", as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """List what the node did: number, time, type, partner. Who, what and about whom stay sealed.

        An auditor may open sealed values of one entry with a reason, which becomes an entry of its own:
        comity log show --entry 12 --open subject --as auditor-1 --reason "request DPO-7 of a citizen"
        """
        if fields and (entry is None or person is None):
            raise BadInput("log.open", "Values are opened of one entry, by one auditor",
                           todo="Add --entry N --as PERSON --reason TEXT.")  # fmt: skip
        if fields and entry is not None and person is not None:
            opened = _opened(desk(), act, find_key, (person, service.inspection(entry, fields, reason)))
            emit(_openings(opened), as_json, lambda: "\n".join(f"{n}: {o.value}" for n, o in opened.items()))
        elif entry is not None:
            with desk().database.read("log.show") as unit:
                one = service.entry(unit, entry)
            emit(one.as_dict(), as_json, one.data.decode)
        else:
            with desk().database.read("log.show") as unit:
                found = service.entries(unit, after, limit, kind)
                more = service.head(unit).size - 1 - found[-1].index if found and kind is None else 0
            emit([one.as_dict() for one in found], as_json, lambda: _list_text(found) + _more(found, more))


def _more(found: list[Entry], more: int) -> str:
    """That the list goes on, and how to see the rest."""
    return f"\n{more} more entries: comity log show --after {found[-1].index}" if more > 0 else ""


def _opened(
    desk: Desk, act: service.Acting, find_key: service.KeyFinder, what: tuple[str, JsonObject]
) -> dict[str, Opening]:
    """The values that an auditor opens, once the entry about it is committed; `what` is (person, subject)."""
    person, subject = what
    with acting(desk, "log.open", person) as (unit, issuer):
        acted = act(unit, issuer, "log.open", subject, service.AUDITORS)
        return service.inspect(unit, acted, subject, find_key)


def _openings(opened: dict[str, Opening]) -> Json:
    return {name: {"r": one.r.hex(), "value": one.value} for name, one in opened.items()}


def _list_text(found: list[Entry]) -> str:
    rows = [(str(one.index), rfc3339(one.at), one.type, one.peer or "-") for one in found]
    return table(("ENTRY", "TIME", "TYPE", "PARTNER"), rows, "No such entries; acts on this node will appear here.")


def _tree_text(head: Head) -> str:
    """What the short form proves, in plain words."""
    return "\n".join([
        f"Log {head.origin}: {head.size} entries.", f"Root {head.root.hex()}", "",
        "Proven: no entry was changed, removed, inserted or moved since this node signed its last checkpoint.",
        "Not checked: earlier checkpoints, sealed values, and what else `comity log verify` looks at.",
    ])  # fmt: skip


def _report_text(report: Any) -> str:
    """What was proven, in plain words."""
    lines = [
        f"Log {report['origin']}: {report['entries']} entries, {report['checkpoints']} signed checkpoints.",
        f"Root {report['root']}",
    ]
    if not report["ok"]:
        lines += ["", f"The log is NOT whole: {len(report['findings'])} findings."]
        lines += [f"  {finding['row']}: {finding['what']}" for finding in report["findings"]]
        return "\n".join([*lines, "", "Stop the node, keep its database as evidence, and compare it with a backup."])
    lines += [
        "",
        "Proven: no entry was changed, removed, inserted or moved since this node signed its checkpoint;",
        "every checkpoint kept is over exactly these entries, so each extends the one before it;",
        f"{report['opened']} sealed values are those that the entries commit to, "
        f"{report['erased']} were erased on record.",
    ]
    if report["unread"]:
        lines.append(f"Not checked: {report['unread']} values sealed under keys that are not at hand.")
    lines += [
        "Not proven: that the end was not cut off, or another log signed: partners hold earlier heads and check that;",
        "nor that nothing was done outside this software.",
    ]
    return "\n".join(lines)
