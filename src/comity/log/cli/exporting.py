"""`comity log export`: chosen entries for a court, in one file that proves itself without this node."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.kit.shell import As, AsJson, Desk, Progress, emit, passphrase, read_file, read_text
from comity.log import service
from comity.log.cli import files
from comity.log.model import FIELDS, Choice

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The ZIP to be made.")]
Case = Annotated[str | None, typer.Option("--case", metavar="NUMBER", help="Every entry of this case.")]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day on (UTC): 2026-03-01.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Up to this day (UTC), it included.")]
Entries = Annotated[list[str] | None, typer.Option("--entry", metavar="N", help="An entry's number or id; repeatable.")]
Fields = Annotated[
    list[str] | None, typer.Option("--open", metavar="FIELD", help=f"Open {', '.join(FIELDS)}; repeatable.")
]
Stamped = Annotated[
    tuple[Path, Path] | None,
    typer.Option("--stamped", metavar="CHECKPOINT TSR", help="A checkpoint of this log and its RFC 3161 time stamp."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is logged, and is in the export.")]


def exporting(app: typer.Typer, desk: Callable[[], Desk], act: service.Acting, upstairs: service.Upstairs) -> None:
    """The command that makes an export."""

    @app.command()
    def export(
        out: Out, person: As, reason: Reason, case: Case = None, since: From = None, until: To = None,
        entry: Entries = None, fields: Fields = None, stamped: Stamped = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Write chosen entries for a court, with proofs and a program that checks them anywhere. For auditors; logged.

        Time stamps over the entries are put in by themselves, and a new one over the export if the authority answers.

        comity log export --out court.zip --case C-7 --open subject --open payload --as auditor-1 --reason "order 7"
        """
        found = Choice(
            reason, tuple(entry or ()), None, _start(since), _start(until, 1), tuple(fields or ()), _stamped(stamped)
        )
        with files.new_file(out) as file:
            data, key, stamp = _exported(desk(), act, upstairs, (person, case, found))
            file.write(data)
        told: JsonObject = {
            "file": str(out), "sha256": sha256(data).hexdigest(), "bytes": len(data), "key": key,
            "timestamp": stamp.at or None, "no_timestamp": stamp.why,
        }  # fmt: skip
        emit(told, as_json, lambda: _told(out, data, key, stamp))


def _exported(
    desk: Desk, act: service.Acting, upstairs: service.Upstairs, what: tuple[str, str | None, Choice]
) -> tuple[bytes, str, service.Stamped]:
    """The ZIP, the log's key and what the time-stamping authority said; the entry about it is committed by then.

    `what` is (person, case, choice).
    """
    person, case, choice = what
    service.exporting(replace(choice, case=case))
    issuer = desk.enter(person, passphrase(person))
    with desk.database.read("log.gather") as unit:
        choice = replace(choice, case=upstairs.find_case(unit, case) if case is not None else None)
        draft = service.gather(unit, choice, upstairs)
    with desk.acting("log.export", issuer) as unit:
        acted = act(unit, issuer, "log.export", service.exporting(choice), service.AUDITORS)
        entry = service.export(unit, acted, choice, draft)
    with desk.database.read("log.export") as unit, Progress("proving", len(draft.entries)) as progress:
        stamp, key = upstairs.stamp(service.checkpoint(unit)), service.verifier(unit).format()
        data = service.complete(unit, draft, entry, progress.advance, stamp.token)
    if stamp.token:
        with desk.database.unit("log.stamped") as unit:
            stamp.keep(unit)
    return data, key, stamp


def _start(day: str | None, more: int = 0) -> datetime | None:
    """The first moment of that day, or of one `more` days later."""
    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=more), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("log.date", f"{day[:40]!r} is no day", todo="Write it as 2026-03-01.") from error


def _stamped(paths: tuple[Path, Path] | None) -> tuple[str, bytes] | None:
    return (read_text(paths[0], files.MOST), read_file(paths[1], files.MOST)) if paths else None


def _told(out: Path, data: bytes, key: str, stamp: service.Stamped) -> str:
    return "\n".join([
        f"Written: {out}, {len(data):,} bytes, SHA-256 {sha256(data).hexdigest()}",
        f"Time stamp over it: {stamp.at}" if stamp.at else f"Without a time stamp over the export itself: {stamp.why}.",
        "Anybody with Python checks it: unzip it for its README and verify.py, then",
        f"  python3 -I -S verify.py {out.name} --key {key}",
        "Give the court that key, and the SHA-256 above, by another way than the file.",
    ])  # fmt: skip
