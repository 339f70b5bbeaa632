"""Rows of access: persons, their keys, the assertions they made, and who approved what."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from comity.access.model import Approval, Person
from comity.base.model import Assertion
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.statements import Prepared
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
    sa.Column("system", sa.Boolean, nullable=False, server_default=sa.false()),
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
    sa.Column("signature", sa.Text, nullable=False),
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

_people, _keys, _strangers = Rows(access_person), Rows(access_key), Rows(access_stranger)
_assertions, _approvals = Rows(access_assertion), Rows(access_approval)
_PERSONS: Final = sa.select(access_person, access_key.c.public_key).join(
    access_key, access_key.c.key_id == access_person.c.key_id
)
_PERSON: Final = Prepared(_PERSONS.where(access_person.c.id == sa.bindparam("person")))
_PART: Final = ("target_hash", "slot", "person", "key_id", "unit", "act_hash")


class Lock(NamedTuple):
    """A key's seal, the wrong passphrases in a row, and until when it stays shut."""

    sealed: bytes
    failures: int
    blocked_until: datetime | None


def find_person(unit: Unit, person: str) -> Person | None:
    """The person named `person`."""
    row = _PERSON.first(unit.connection, {"person": person})
    return _person(row) if row is not None else None


def persons(unit: Unit) -> list[Person]:
    """Everyone, by name."""
    return [_person(row) for row in unit.connection.execute(_PERSONS.order_by(access_person.c.id))]


def anybody(unit: Unit) -> bool:
    """Whether the node has any person yet."""
    return unit.connection.execute(sa.select(access_person.c.id).limit(1)).first() is not None


def _person(row: Row) -> Person:
    return Person(
        id=row.id, unit=row.unit, roles=frozenset(row.roles), key_id=row.key_id, public_key=row.public_key,
        qualified_until=row.qualified_until, active=row.active, system=row.system,
    )  # fmt: skip


def insert_person(unit: Unit, person: Person, sealed: bytes, at: datetime, by: str | None) -> None:
    """A new person with their sealed key."""
    key = {
        "key_id": person.key_id, "person": person.id, "kind": "key", "public_key": person.public_key, "sealed": sealed,
        "made_at": at, "failures": 0, "blocked_until": None,
    }  # fmt: skip
    row = {
        "id": person.id, "unit": person.unit, "roles": sorted(person.roles), "key_id": person.key_id,
        "qualified_until": person.qualified_until, "active": person.active, "added_at": at, "added_by": by,
        "system": person.system,
    }  # fmt: skip
    _keys.add(unit, key)
    _people.add(unit, row)


def set_active(unit: Unit, person: str, active: bool) -> None:
    """Lets a person act, or no more."""
    _people.change(unit, {"id": person}, {"active": active})


def set_qualified(unit: Unit, person: str, until: date) -> None:
    """Until when a person is qualified to confirm hits."""
    _people.change(unit, {"id": person}, {"qualified_until": until})


def lock_of(unit: Unit, key_id: str) -> Lock:
    """The lock of a key."""
    (found,) = _keys.all(unit, {"key_id": key_id}, Lock._fields)
    return Lock(*found)


def set_lock(unit: Unit, key_id: str, **values: object) -> None:
    """Changes `sealed`, `failures` or `blocked_until` of a key."""
    _keys.change(unit, {"key_id": key_id}, values)


def strangers(unit: Unit) -> tuple[datetime | None, int]:
    """When tries under unknown names were logged last, and how many came since."""
    row = _strangers.first(unit, {"id": 1})
    return (None, 0) if row is None else (row.logged_at, row.silent)


def set_strangers(unit: Unit, logged_at: datetime, silent: int) -> None:
    """Keeps what `strangers` answers."""
    _strangers.put(unit, {"id": 1, "logged_at": logged_at, "silent": silent}, ["id"])


def public_key(unit: Unit, key_id: str) -> bytes | None:
    """The raw public key that a person has or had."""
    found = _keys.first(unit, {"key_id": key_id}, ["public_key"])
    return found.public_key if found else None


def insert_assertion(unit: Unit, assertion: Assertion, auth_hash: str) -> None:
    """Keeps an assertion, so that a log entry's `auth_hash` can be opened later.

    Ed25519 is deterministic: the same act at the same millisecond is the same assertion, and is kept once.
    """
    _assertions.add_new(unit, {"auth_hash": auth_hash, **assertion.as_dict()})


def find_assertion(unit: Unit, auth_hash: str) -> Assertion | None:
    """The assertion whose hash is `auth_hash`."""
    row = _assertions.first(unit, {"auth_hash": auth_hash})
    if row is None:
        return None
    return Assertion(
        kind=row.kind, person=row.person, key_id=row.key_id, act_hash=row.act_hash, at=row.at, signature=row.signature
    )


def approvals(unit: Unit, target_hash: str) -> list[Approval]:
    """Who has taken part in the decision on `target_hash`, in order."""
    return [Approval(*row) for row in _approvals.all(unit, {"target_hash": target_hash}, _PART, ["at"])]


def approvals_of(unit: Unit, targets: Sequence[str]) -> list[Approval]:
    """Who has taken part in the decisions on these hashes, in order; one statement."""
    if not targets:
        return []
    columns = [access_approval.c[name] for name in _PART]
    query = sa.select(*columns).where(access_approval.c.target_hash.in_(targets)).order_by(access_approval.c.at)
    return [Approval(*row) for row in unit.connection.execute(query)]


def insert_approval(unit: Unit, new: Approval, at: datetime) -> None:
    """One more part; sqlalchemy's IntegrityError when a person, key, unit or slot comes twice."""
    _approvals.add(unit, {name: getattr(new, name) for name in _PART} | {"at": at})
