"""Rows of cases. Reference and title are sealed under the case's own key, whose wrapped form has its own table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import DataKey
from comity.cases.model import ERASED, ERASURE_REQUESTED, Case, Wanted
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.selections import Selection
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit

case_file: Final = sa.Table(
    "case_file",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("reference_hash", sa.String(64), nullable=False, unique=True),  # keyed: finds a case, reveals nothing
    sa.Column("reference", sa.LargeBinary, nullable=False),
    sa.Column("title", sa.LargeBinary, nullable=False),
    sa.Column("offence", sa.String(64), nullable=False),
    sa.Column("unit", sa.String(63), nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
)

case_member: Final = sa.Table(
    "case_member",
    metadata,
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("admitted_by", sa.String(63), nullable=False),
    sa.Column("admitted_at", UtcTime, nullable=False),
    sa.UniqueConstraint("case_id", "person"),
)

case_key: Final = sa.Table(
    "case_key",  # apart from the rest: backups keep it for a shorter time, so that erasure reaches them
    metadata,
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

_NAMED_EACH: Final = 300
"""Cases of a person that a condition names one by one."""
_FEW: Final = 1000
"""Cases of a person that are read sooner than a few thousand rows are asked one by one whose they are."""
_cases, _members, _keys = Rows(case_file), Rows(case_member), Rows(case_key)
_NAMED: Final = Prepared(
    sa.select(case_file.c.id).where(
        sa.or_(case_file.c.id == sa.bindparam("case"), case_file.c.reference_hash == sa.bindparam("hashed"))
    )
)
_SOME: Final = Prepared(
    sa.select(case_member.c.case_id)
    .join(case_key, case_key.c.case_id == case_member.c.case_id)
    .where(case_member.c.person == sa.bindparam("somebody"))
    .limit(_NAMED_EACH + 1)
)
_COUNTED: Final = Prepared(
    sa.select(sa.func.count().label("rows")).select_from(
        sa.select(case_member.c.seq).where(case_member.c.person == sa.bindparam("somebody")).limit(_FEW + 1).subquery()
    )
)


def insert_case(unit: Unit, case: Case, reference_hash: str, key: DataKey, wrapped: bytes) -> None:
    """A new case without members; `wrapped` is its `key` under the node's."""
    row = {
        "id": case.id, "reference_hash": reference_hash, "reference": _seal(case.id, "reference", case.reference, key),
        "title": _seal(case.id, "title", case.title, key), "offence": case.offence, "unit": case.unit,
        "opened_at": case.opened_at, "state": case.state,
    }  # fmt: skip
    _cases.add(unit, row)
    _keys.add(unit, {"case_id": case.id, "wrapped": wrapped})


def insert_member(unit: Unit, case: str, person: str, by: str, at: datetime) -> None:
    """One more person with a need to know."""
    seq = len(members(unit, case))
    row = {"case_id": case, "seq": seq, "person": person, "admitted_by": by, "admitted_at": at}
    _members.add(unit, row)


def members(unit: Unit, case: str) -> tuple[str, ...]:
    """The case's members, in the order in which they came."""
    return tuple(row.person for row in _members.all(unit, {"case_id": case}, ["person"], ["seq"]))


def wrapped_key(unit: Unit, case: str) -> bytes | None:
    """The case's wrapped data key; None for an unknown case or a destroyed key."""
    found = _keys.first(unit, {"case_id": case}, ["wrapped"])
    return found.wrapped if found else None


def wrapped_keys(unit: Unit) -> list[tuple[str, bytes]]:
    """Every case that has a data key, with that key's wrapped form."""
    return [(row.case_id, row.wrapped) for row in _keys.all(unit, {}, ["case_id", "wrapped"], ["case_id"])]


def replace_wrapped(unit: Unit, case: str, wrapped: bytes) -> None:
    """Another wrapped form of the case's data key."""
    _keys.change(unit, {"case_id": case}, {"wrapped": wrapped})


def state_of(unit: Unit, case: str) -> str:
    """Where the case stands; it is readable after an erasure, too."""
    row = _cases.first(unit, {"id": case}, ["state"])
    return row.state if row else ""


def drop_stray_keys(unit: Unit) -> None:
    """Drop the keys of cases that are not here."""
    unit.connection.execute(sa.delete(case_key).where(case_key.c.case_id.not_in(sa.select(case_file.c.id))))


def set_state(unit: Unit, case: str, state: str) -> None:
    """Where the case stands from now on."""
    _cases.change(unit, {"id": case}, {"state": state})


def destroy(unit: Unit, case: str) -> None:
    """Destroy the case's data key and what it sealed here, for good; its id, state and members stay.

    The reference may be given to another case afterwards: its keyed hash goes, too.
    """
    _keys.drop(unit, {"case_id": case})
    gone = {"state": ERASED, "reference_hash": case, "reference": b"", "title": b""}
    _cases.change(unit, {"id": case}, gone)


def case_id(unit: Unit, case: str, reference_hash: str) -> str | None:
    """The id of the case with this id or this keyed hash of its reference."""
    found = _NAMED.first(unit.connection, {"case": case, "hashed": reference_hash})
    return found.id if found else None


def among(unit: Unit, person: str, ids: Sequence[str]) -> list[str]:
    """Which of these are ids of cases in which `person` is a member and whose key is not destroyed."""
    query: sa.Select[tuple[str]] = of(person).where(case_member.c.case_id.in_(ids))
    return list(unit.connection.scalars(query))


def files_of(unit: Unit, person: str, wanted: Wanted, most: int | None) -> Sequence[Row]:
    """The files of that person's cases with their wrapped keys; `wanted` says which state and order, and after which.

    One statement. What is sealed in them takes no part in it: `text` and an order by reference are the caller's.
    """
    file, oldest = case_file.c, wanted.order == "oldest"
    query: sa.Select[Any] = (
        sa.select(case_file, case_key.c.wrapped)
        .join_from(case_member, case_file, file.id == case_member.c.case_id)
        .join(case_key, case_key.c.case_id == file.id)
        .where(case_member.c.person == person)
        .order_by(file.id if oldest else file.id.desc())
        .limit(most)
    )
    if wanted.state:
        query = query.where(file.state == wanted.state)
    if wanted.after:
        query = query.where(file.id > wanted.after if oldest else file.id < wanted.after)
    return unit.connection.execute(query).all()


def members_of(unit: Unit, cases: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The members of each of these cases, in the order in which they came; one statement."""
    query = sa.select(case_member.c.case_id, case_member.c.person).where(case_member.c.case_id.in_(cases))
    found: dict[str, tuple[str, ...]] = dict.fromkeys(cases, ())
    for row in unit.connection.execute(query.order_by(case_member.c.case_id, case_member.c.seq)):
        found[row.case_id] += (row.person,)
    return found


def to_erase(unit: Unit, most: int) -> Sequence[Row]:
    """The cases whose erasure was asked for and not carried out (id, unit, opened_at), oldest first."""
    query = sa.select(case_file.c.id, case_file.c.unit, case_file.c.opened_at).order_by(case_file.c.id).limit(most)
    return unit.connection.execute(query.where(case_file.c.state == ERASURE_REQUESTED)).all()


def known_to(unit: Unit, person: str, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The condition that `column` holds the id of a case in which `person` is a member and whose key is there.

    Whoever has few cases is served by their ids, from an index of that column; whoever has many, row by row.
    """
    ids = [row.case_id for row in _SOME.all(unit.connection, {"somebody": person})]
    return column.in_(ids) if len(ids) <= _NAMED_EACH else Selection(of(person), few=False).has(column)


def selection(unit: Unit, person: str) -> Selection:
    """The cases in which `person` is a member and whose key is there, for other rooms' SQL."""
    return Selection(of(person), _COUNTED.all(unit.connection, {"somebody": person})[0].rows <= _FEW)


def of(person: str) -> sa.Select[tuple[str]]:
    """The ids of the cases in which `person` is a member and whose key is there."""
    held = case_member.join(case_key, case_key.c.case_id == case_member.c.case_id)
    return sa.select(case_member.c.case_id).select_from(held).where(case_member.c.person == person)


def named(unit: Unit, cases: Sequence[str]) -> Sequence[Any]:
    """Id, sealed reference and wrapped key of those of these cases that have a key."""
    chosen = sa.select(case_file.c.id, case_file.c.reference, case_key.c.wrapped).join(
        case_key, case_key.c.case_id == case_file.c.id
    )
    return unit.connection.execute(chosen.where(case_file.c.id.in_(cases))).all()


def open_reference(row: Any, key: DataKey) -> str:
    """The reference in a row of `named`."""
    return _open(row.id, "reference", row.reference, key)


def find_case(unit: Unit, case: str, key: DataKey) -> Case:
    """The case with this id, opened with its key."""
    (row,) = _cases.all(unit, {"id": case})
    return opened(row, members(unit, case), key)


def opened(row: Row, people: tuple[str, ...], key: DataKey) -> Case:
    """The case in a row of `case_file`, opened with its key."""
    reference, title = (_open(row.id, name, getattr(row, name), key) for name in ("reference", "title"))
    return Case(
        id=row.id, reference=reference, title=title,
        offence=row.offence, unit=row.unit, members=people, opened_at=row.opened_at, state=row.state,
    )  # fmt: skip


def _seal(case: str, column: str, text: str, key: DataKey) -> bytes:
    return encrypt(key.secret, text.encode(), _place(case, column))


def _open(case: str, column: str, sealed: bytes, key: DataKey) -> str:
    return decrypt(key.secret, sealed, _place(case, column)).decode()


def _place(case: str, column: str) -> bytes:
    """Binds a sealed value to its table, row and column, so that values cannot be moved about."""
    return f"case_file|{case}|{column}".encode()
