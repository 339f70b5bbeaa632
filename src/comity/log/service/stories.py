"""What the log tells of one case, to somebody who may know it: who did what, when and about what; never the payload."""

from comity.base.errors import NotFound
from comity.base.model import MOST_NUMBER, DataKey, Json
from comity.kit.database.unit import Unit
from comity.log import store
from comity.log.model import Entry, Line
from comity.log.service.openings import opening_of
from comity.log.service.prove import stored_entry


def story(unit: Unit, key: DataKey, before: int | None = None, most: int = 50) -> list[Line]:
    """The newest entries, below the index `before`, whose values are sealed under `key`, a case's; newest first.

    One statement. Whoever calls this has made sure that the reader needs to know the case. Tampered for a value that is
    not the one committed to.
    """
    rows = store.entries_under(unit.connection, key.id, MOST_NUMBER if before is None else before, most)
    return [_line(unit, stored_entry(row), row, key) for row in rows]


def _line(unit: Unit, entry: Entry, row: store.Row, key: DataKey) -> Line:
    actor = _value(unit, entry, row, ("actor", key))
    person = actor.get("person") if isinstance(actor, dict) else ""
    subject = _value(unit, entry, row, ("subject", key))
    return Line(entry.index, entry.type, entry.at, entry.peer, person if isinstance(person, str) else "", subject)


def _value(unit: Unit, entry: Entry, row: store.Row, what: tuple[str, DataKey]) -> Json:
    """A field's value; None where it was erased."""
    try:
        return opening_of(unit, entry, row, *what).value
    except NotFound:
        return None
