"""Rows of access tokens; of a secret only its hash is kept, of a key only the public half."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from comity.access.model import AccessToken
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

access_token: Final = sa.Table(
    "access_token",  # kept when it is over: what was done by it stays provable
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("key_id", sa.String(64), nullable=False, unique=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("scopes", JsonText, nullable=False),
    sa.Column("issued_by", JsonText, nullable=False),
    sa.Column("issued_at", UtcTime, nullable=False),
    sa.Column("expires", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("ended_at", UtcTime),
)

_tokens: Final = Rows(access_token)
_COLUMNS: Final = tuple(AccessToken.__dataclass_fields__)


def insert_token(unit: Unit, new: AccessToken) -> None:
    """A new token."""
    _tokens.add(unit, {**vars(new), "scopes": [*new.scopes]})


def token(unit: Unit, **where: str) -> AccessToken | None:
    """The token with this `id`, `key_id` or `token_hash`."""
    row = _tokens.first(unit, where, _COLUMNS)
    return None if row is None else _token(row)


def tokens(unit: Unit, since: datetime, person: str = "") -> list[AccessToken]:
    """The tokens of that person, or of everybody, whose last moment is after `since`, in the order of their making."""
    recent = sa.select(access_token).where(access_token.c.expires > since)
    chosen = recent.where(access_token.c.person == person) if person else recent
    rows = unit.connection.execute(chosen.order_by(access_token.c.issued_at, access_token.c.id))
    return [_token(row) for row in rows]


def change_token(unit: Unit, id: str, **values: object) -> None:
    """Change `used_at` or `ended_at`."""
    _tokens.change(unit, {"id": id}, values)


def end_all(unit: Unit, person: str) -> None:
    """No token of this person's opens anything any more."""
    still = sa.and_(access_token.c.person == person, access_token.c.ended_at.is_(None))
    unit.connection.execute(access_token.update().where(still).values(ended_at=unit.now))


def _token(row: Row) -> AccessToken:
    found = {name: getattr(row, name) for name in _COLUMNS}
    return AccessToken(**{**found, "scopes": tuple(found["scopes"])})
