"""What two laboratories tell each other about a near match. The words are sealed under the query's data key."""

import json
from typing import Final

import sqlalchemy as sa

from comity.base.model import DataKey
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Note

note_table: Final = sa.Table(
    "search_note",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("node", sa.String(16), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
)

_notes = Rows(note_table)


def insert(unit: Unit, note: Note, key: DataKey) -> None:
    """Keep one more note."""
    _notes.add(unit, {
        "query": note.query, "seq": note.seq, "node": note.node, "person": note.person, "kind": note.kind,
        "at": note.at, "entry": note.entry,
        "sealed": encrypt(key.secret, json.dumps(note.words).encode(), _place(note.query, note.seq)),
    })  # fmt: skip


def thread(unit: Unit, query: str, key: DataKey) -> list[Note]:
    """The notes of both laboratories on a query, oldest first."""
    return [_note(row, key) for row in _notes.all(unit, {"query": query}, order=["seq"])]


def forget(unit: Unit, query: str) -> None:
    """Destroy the words of a query's notes."""
    _notes.change(unit, {"query": query}, {"sealed": None})


def _note(row: Row, key: DataKey) -> Note:
    words = json.loads(decrypt(key.secret, row.sealed, _place(row.query, row.seq))) if row.sealed else ""
    return Note(row.query, row.seq, row.node, row.person, row.kind, words, row.at, row.entry)


def _place(query: str, seq: int) -> bytes:
    return f"search|{query}|{seq}|note".encode()
