"""Rows of saved searches. What a person called one and where it leads may name people of a case: both are sealed."""

from typing import Final

import sqlalchemy as sa

from comity.access.model import SavedSearch
from comity.kit.codec import jcs
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

access_saved: Final = sa.Table(
    "access_saved",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("saved_at", UtcTime, nullable=False),
)

_KEY: Final = "access-saved"
_saved: Final = Rows(access_saved)


def add(unit: Unit, person: str, kept: SavedSearch) -> None:
    """One more of that person's."""
    told = jcs.canonical({"name": kept.name, "address": kept.address})
    sealed = encrypt(unit.keys.data_key(_KEY).secret, told, _bound(person, kept.id))
    _saved.add(unit, {"id": kept.id, "person": person, "sealed": sealed, "saved_at": kept.saved_at})


def of(unit: Unit, person: str) -> list[SavedSearch]:
    """That person's, the oldest first."""
    return [_opened(unit, row) for row in _saved.all(unit, {"person": person}, order=["id"])]


def drop(unit: Unit, person: str, id: str) -> bool:
    """Delete one of that person's; whether there was one."""
    return _saved.drop(unit, {"id": id, "person": person}) > 0


def _opened(unit: Unit, row: Row) -> SavedSearch:
    told = jcs.parse_object(decrypt(unit.keys.data_key(_KEY).secret, row.sealed, _bound(row.person, row.id)))
    return SavedSearch(row.id, str(told["name"]), str(told["address"]), row.saved_at)


def _bound(person: str, id: str) -> bytes:
    return f"access_saved/{person}/{id}".encode()
