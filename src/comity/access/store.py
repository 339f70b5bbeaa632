"""Rows of access: persons, their keys, the assertions they made, and who approved what."""

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from comity.access.model import Approval, Person
from comity.base.model import Assertion
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

access_person: Final = sa.Table(
    "access_person",
    metadata,
    sa.Column("id", sa.String(63), primary_key=True),
    sa.Column("unit", sa.String(63), nullable=False),
    sa.Column("roles", JsonText, nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False, unique=True),
    sa.Column("qualified_until", sa.Date),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", sa.String(63)),  # null: the node's first person
)

access_key: Final = sa.Table(
    "access_key",  # kept when a person gets another key: old assertions are verified with old keys
    metadata,
    sa.Column("key_id", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),  # the private key under the passphrase
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("blocked_until", UtcTime),
)

access_stranger: Final = sa.Table(
    "access_stranger",  # one row: tries under unknown names, when they were logged last and how many came since
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("logged_at", UtcTime, nullable=False),
    sa.Column("silent", sa.Integer, nullable=False),
)

access_assertion: Final = sa.Table(
    "access_assertion",
    metadata,
    sa.Column("auth_hash", sa.String(64), primary_key=True),
    sa.Column("act_hash", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # the signed text itself
    sa.Column("signature", sa.String(128), nullable=False),
)

access_approval: Final = sa.Table(
    "access_approval",  # four eyes: the constraints hold even against a fault in the program
    metadata,
    sa.Column("target_hash", sa.String(64), primary_key=True),
    sa.Column("slot", sa.String(32), primary_key=True),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("unit", sa.String(63), nullable=False),
    sa.Column("act_hash", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("target_hash", "person"),
    sa.UniqueConstraint("target_hash", "key_id"),
    sa.UniqueConstraint("target_hash", "unit"),
)

_PERSONS: Final = sa.select(access_person, access_key.c.public_key).join(
    access_key, access_key.c.key_id == access_person.c.key_id
)
_PERSON: Final = _PERSONS.where(access_person.c.id == sa.bindparam("person"))
_PART: Final = [access_approval.c[name] for name in ("target_hash", "slot", "person", "key_id", "unit", "act_hash")]


class Lock(NamedTuple):
    """A key's seal, the wrong passphrases in a row, and until when it stays shut."""

    sealed: bytes
    failures: int
    blocked_until: datetime | None


def find_person(connection: sa.Connection, person: str) -> Person | None:
    """The person named `person`."""
    row = connection.execute(_PERSON, {"person": person}).one_or_none()
    return _person(row) if row is not None else None


def persons(connection: sa.Connection) -> list[Person]:
    """Everyone, by name."""
    return [_person(row) for row in connection.execute(_PERSONS.order_by(access_person.c.id))]


def anybody(connection: sa.Connection) -> bool:
    """Whether the node has any person yet."""
    return connection.execute(sa.select(access_person.c.id).limit(1)).first() is not None


def _person(row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id, unit=row.unit, roles=frozenset(row.roles), key_id=row.key_id, public_key=row.public_key,
        qualified_until=row.qualified_until, active=row.active,
    )  # fmt: skip


def insert_person(connection: sa.Connection, person: Person, sealed: bytes, at: datetime, by: str | None) -> None:
    """A new person with their sealed key."""
    key = {
        "key_id": person.key_id, "person": person.id, "kind": "key", "public_key": person.public_key, "sealed": sealed,
        "made_at": at, "failures": 0, "blocked_until": None,
    }  # fmt: skip
    row = {
        "id": person.id, "unit": person.unit, "roles": sorted(person.roles), "key_id": person.key_id,
        "qualified_until": person.qualified_until, "active": person.active, "added_at": at, "added_by": by,
    }  # fmt: skip
    connection.execute(sa.insert(access_key), key)
    connection.execute(sa.insert(access_person), row)


def set_active(connection: sa.Connection, person: str, active: bool) -> None:
    """Lets a person act, or no more."""
    connection.execute(sa.update(access_person).where(access_person.c.id == person).values(active=active))


def set_qualified(connection: sa.Connection, person: str, until: date) -> None:
    """Until when a person is qualified to confirm hits."""
    connection.execute(sa.update(access_person).where(access_person.c.id == person).values(qualified_until=until))


def lock_of(connection: sa.Connection, key_id: str) -> Lock:
    """The lock of a key."""
    columns = (access_key.c.sealed, access_key.c.failures, access_key.c.blocked_until)
    return Lock(*connection.execute(sa.select(*columns).where(access_key.c.key_id == key_id)).one())


def set_lock(connection: sa.Connection, key_id: str, **values: object) -> None:
    """Changes `sealed`, `failures` or `blocked_until` of a key."""
    connection.execute(sa.update(access_key).where(access_key.c.key_id == key_id).values(**values))


def strangers(connection: sa.Connection) -> tuple[datetime | None, int]:
    """When tries under unknown names were logged last, and how many came since."""
    row = connection.execute(sa.select(access_stranger.c.logged_at, access_stranger.c.silent)).one_or_none()
    return (None, 0) if row is None else (row.logged_at, row.silent)


def set_strangers(unit: Unit, logged_at: datetime, silent: int) -> None:
    """Keeps what `strangers` answers."""
    row = {"id": 1, "logged_at": logged_at, "silent": silent}
    unit.connection.execute(unit.dialect.upsert(access_stranger, row, ("id",)))


def public_key(connection: sa.Connection, key_id: str) -> bytes | None:
    """The raw public key that a person has or had."""
    found: bytes | None = connection.scalar(sa.select(access_key.c.public_key).where(access_key.c.key_id == key_id))
    return found


def insert_assertion(unit: Unit, assertion: Assertion, auth_hash: str) -> None:
    """Keeps an assertion, so that a log entry's `auth_hash` can be opened later.

    Ed25519 is deterministic: the same act at the same millisecond is the same assertion, and is kept once.
    """
    row = {"auth_hash": auth_hash, **assertion.as_dict()}
    unit.connection.execute(unit.dialect.insert_if_new(access_assertion, row, ("auth_hash",)))


def find_assertion(connection: sa.Connection, auth_hash: str) -> Assertion | None:
    """The assertion whose hash is `auth_hash`."""
    row = connection.execute(sa.select(access_assertion).where(access_assertion.c.auth_hash == auth_hash)).one_or_none()
    if row is None:
        return None
    return Assertion(
        kind=row.kind, person=row.person, key_id=row.key_id, act_hash=row.act_hash, at=row.at, signature=row.signature
    )


def approvals(connection: sa.Connection, target_hash: str) -> list[Approval]:
    """Who has taken part in the decision on `target_hash`, in order."""
    rows = sa.select(*_PART).where(access_approval.c.target_hash == target_hash).order_by(access_approval.c.at)
    return [Approval(*row) for row in connection.execute(rows)]


def insert_approval(connection: sa.Connection, new: Approval, at: datetime) -> None:
    """One more part; sqlalchemy's IntegrityError when a person, key, unit or slot comes twice."""
    row = {column.name: getattr(new, column.name) for column in _PART}
    connection.execute(sa.insert(access_approval), {**row, "at": at})
