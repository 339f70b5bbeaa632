"""An auditor looks for who did what, about whom, when: as an act with a reason, which is itself logged.

Who and about what stand sealed behind each entry, and no index tells of them: a look opens the entries one by one, so
many at a time, from the newest on; what it has looked through is said, and the next look goes on there.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.errors import NotAllowed, NotFound, Tampered
from comity.base.model import DataKey, Json, JsonObject
from comity.kit.database.unit import Unit
from comity.log import store
from comity.log.model import Line, Looked, Record, Sought
from comity.log.service.append import append
from comity.log.service.inspect import Acted, check_reason
from comity.log.service.openings import OWN_KEY, opening_of
from comity.log.service.prove import stored_entry
from comity.log.service.state import state
from comity.log.service.verify import KeyFinder

LINES: Final = 50
"""Entries that one look answers with at most."""
OPENED: Final = 500
"""Entries that it opens at most."""
SPAN: Final = 20_000
"""Entries among which it looks at most, where no case leads to them."""


def looking(sought: Sought, reason: str) -> JsonObject:
    """The subject of the act of looking; BadInput without a reason."""
    check_reason(reason)
    times = {name: rfc3339(at) for name, at in (("since", sought.since), ("until", sought.until)) if at}
    said = {"person": sought.person, "type": sought.type, "record": sought.record, "peer": sought.peer}
    return {
        **{name: value for name, value in said.items() if value}, **times, "key": sought.key_id or None,
        "before": sought.before, "reason": reason,
    }  # fmt: skip


def look(unit: Unit, acted: Acted, subject: JsonObject, sought: Sought, find_key: KeyFinder) -> Looked:
    """One look, for an auditor, and the entry ``log.searched`` about it; `subject` is that of `looking`.

    Show what was found only after the unit's commit. Tampered for a value that is not the one committed to.
    """
    found = Look(unit, sought, find_key).run()
    append(unit, Record("log.searched", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return found


@dataclass
class Look:
    """One look through the log; it lives no longer than the call."""

    unit: Unit
    sought: Sought
    find_key: KeyFinder
    closed: int = 0

    def run(self) -> Looked:
        """Newest first, until enough was found or opened."""
        sought = self.sought
        first, end = self._span()
        start = first if sought.key_id else max(first, end - SPAN)
        clear = {name: value for name, value in (("type", sought.type), ("peer", sought.peer)) if value}
        rows = store.window(self.unit.connection, (start, end), clear, sought.key_id, OPENED)
        at, lines = (rows[-1].seq if len(rows) == OPENED else start), []
        for row, line in self._opened(rows):
            lines.append(line)
            if len(lines) == LINES:
                at = row.seq
                break
        return Looked(tuple(lines), at, end, at if at > first else None, self.closed)

    def _span(self) -> tuple[int, int]:
        """The indexes that the wanted time and `before` leave; entries are in order of time."""
        size, sought = state(self.unit).frontier.size, self.sought
        end = min(size, size if sought.before is None else sought.before)
        first = self._since(sought.since, size) if sought.since else 0
        return first, max(first, min(end, self._since(sought.until, size)) if sought.until else end)

    def _since(self, moment: datetime, size: int) -> int:
        """The first index whose entry is not before `moment`; some twenty small questions in a million entries."""
        return bisect_left(_Moments(self.unit, size), moment)

    def _opened(self, rows: Sequence[store.Row]) -> Iterator[tuple[store.Row, Line]]:
        for row in rows:
            line = self._line(row)
            if line is not None and _fits(line, self.sought):
                yield row, line

    def _line(self, row: store.Row) -> Line | None:
        """The entry as the auditor reads it; None where it is closed and what is sought stands in it."""
        try:
            entry, key = stored_entry(row), self._key(row.key_id)
            actor, subject = (opening_of(self.unit, entry, row, name, key).value for name in ("actor", "subject"))
        except (NotAllowed, NotFound):
            self.closed += 1
            if self.sought.person or self.sought.record:
                return None
            return Line(row.seq, row.type, row.at, row.peer, "", None)
        person = actor.get("person") if isinstance(actor, dict) else ""
        return Line(row.seq, row.type, row.at, row.peer, str(person or ""), subject)

    def _key(self, key_id: str | None) -> DataKey | None:
        return self.find_key(self.unit, key_id) if key_id and key_id != OWN_KEY else None


class _Moments:
    """The times of the entries, as a sequence to bisect."""

    def __init__(self, unit: Unit, size: int) -> None:
        self._unit, self._size = unit, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> datetime:
        found = store.moment_of(self._unit.connection, index)
        if found is None:
            raise Tampered("log.missing", "An entry is missing", where=f"log_entry {index}",
                           todo="Verify the log: comity log verify")  # fmt: skip
        return found


def _fits(line: Line, sought: Sought) -> bool:
    return (not sought.person or line.person == sought.person) and (
        not sought.record or _holds(line.subject, sought.record)
    )


def _holds(value: Json, wanted: str) -> bool:
    """Whether a text stands anywhere in a JSON value."""
    if isinstance(value, dict):
        return any(_holds(inner, wanted) for inner in value.values())
    if isinstance(value, list):
        return any(_holds(inner, wanted) for inner in value)
    return value == wanted
