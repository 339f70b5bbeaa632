"""Rows of the duty desk: shifts, which are never deleted, and hand-over notes, sealed under a key of the node."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.access.model import HandOver, Shift
from comity.base.model import DataKey
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

access_shift: Final = sa.Table(
    "access_shift",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("unit", sa.String(63), nullable=False),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("begins", UtcTime, nullable=False),
    sa.Column("ends", UtcTime, nullable=False),
    sa.Column("planned_by", sa.String(63), nullable=False),
    sa.Column("cancelled_by", sa.String(63), nullable=False),
    sa.Index("ix_access_shift_rota", "unit", "ends"),
    sa.Index("ix_access_shift_person", "person", "ends"),
)

access_hand_over: Final = sa.Table(
    "access_hand_over",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("unit", sa.String(63), nullable=False),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("taken_by", sa.String(63), nullable=False),
    sa.Column("taken_at", UtcTime, nullable=True),
    sa.Index("ix_access_hand_over_unit", "unit", "id"),
)

_shifts, _notes = Rows(access_shift), Rows(access_hand_over)
_SHIFT: Final = tuple(Shift.__dataclass_fields__)


def insert_shift(unit: Unit, shift: Shift) -> None:
    """Keep a shift."""
    _shifts.add(unit, {name: getattr(shift, name) for name in _SHIFT})


def find_shift(unit: Unit, id: str) -> Shift | None:
    """The shift of that id."""
    row = _shifts.first(unit, {"id": id}, _SHIFT)
    return Shift(*row) if row else None


def cancel_shift(unit: Unit, id: str, by: str) -> None:
    """Who called the shift off."""
    _shifts.change(unit, {"id": id}, {"cancelled_by": by})


def shifts_of(unit: Unit, person: str, since: datetime) -> list[Shift]:
    """The shifts of a person that end after `since`, oldest first."""
    shift = access_shift.c
    return _found(unit, _select().where(shift.person == person, shift.ends > since).order_by(shift.ends, shift.id))


def coming(unit: Unit, of: str, since: datetime, most: int) -> list[Shift]:
    """The shifts of an organisational unit that end after `since`, by their end."""
    shift = access_shift.c
    query = _select().where(shift.unit == of, shift.ends > since).order_by(shift.ends, shift.id)
    return _found(unit, query.limit(most))


def past(unit: Unit, of: str, before: tuple[datetime, str], most: int) -> list[Shift]:
    """The shifts of an organisational unit below `before` (an end and an id), the latest first."""
    shift = access_shift.c
    end, id = before
    below = sa.or_(shift.ends < end, sa.and_(shift.ends == end, shift.id < id))
    query = _select().where(shift.unit == of, shift.ends <= end, below)
    return _found(unit, query.order_by(shift.ends.desc(), shift.id.desc()).limit(most))


def _select() -> sa.Select[Any]:
    return sa.select(*(access_shift.c[name] for name in _SHIFT))


def _found(unit: Unit, query: sa.Select[Any]) -> list[Shift]:
    return [Shift(*row) for row in unit.connection.execute(query)]


def insert_note(unit: Unit, note: HandOver, key: DataKey) -> bool:
    """Keep a note; False where one of that id is kept."""
    sealed = encrypt(key.secret, note.text.encode(), _place(note.id))
    return _notes.add_new(unit, {
        "id": note.id, "unit": note.unit, "person": note.person, "at": note.at, "sealed": sealed, "taken_by": "",
        "taken_at": None,
    })  # fmt: skip


def find_note(unit: Unit, id: str, key: DataKey) -> HandOver | None:
    """The note of that id, opened."""
    row = _notes.first(unit, {"id": id})
    return _note(row, key) if row else None


def take_note(unit: Unit, id: str, by: str, at: datetime) -> None:
    """Who took the desk over with this note."""
    _notes.change(unit, {"id": id}, {"taken_by": by, "taken_at": at})


def notes(unit: Unit, of: str, before: str, most: int, key: DataKey) -> list[HandOver]:
    """The notes of an organisational unit below the id `before` (empty: all), the newest first."""
    note = access_hand_over.c
    query = sa.select(access_hand_over).where(note.unit == of).order_by(note.id.desc()).limit(most)
    return [_note(row, key) for row in unit.connection.execute(query.where(note.id < before) if before else query)]


def untaken(unit: Unit, of: str, but: str, most: int) -> Sequence[tuple[str, str, datetime]]:
    """Id, writer and time of the notes of a unit that nobody has taken over and `but` did not write, newest first."""
    note = access_hand_over.c
    query = sa.select(note.id, note.person, note.at).where(note.unit == of, note.taken_by == "", note.person != but)
    return [(id, person, at) for id, person, at in unit.connection.execute(query.order_by(note.id.desc()).limit(most))]


def _note(row: Any, key: DataKey) -> HandOver:
    text = decrypt(key.secret, row.sealed, _place(row.id)).decode()
    return HandOver(row.id, row.unit, row.person, row.at, text, row.taken_by, row.taken_at)


def _place(id: str) -> bytes:
    """Binds a sealed note to its row."""
    return f"access_hand_over|{id}".encode()
