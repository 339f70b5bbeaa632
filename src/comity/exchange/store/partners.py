"""Directory versions and their pinned root, how partners stand, the heads of their logs, and alarms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import JsonObject
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

root: Final = sa.Table(
    "exchange_root", metadata,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one"), primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("federation", sa.String(256), nullable=False),
    sa.Column("source", sa.String(1024)),
)  # fmt: skip
directory: Final = sa.Table(
    "exchange_directory", metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("imported_at", UtcTime, nullable=False),
    sa.Column("reading", sa.LargeBinary),
)  # fmt: skip
partner: Final = sa.Table(
    "exchange_partner", metadata,
    sa.Column("code", sa.String(16), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("next_at", UtcTime),
    sa.Column("seen_at", UtcTime),
)  # fmt: skip
head: Final = sa.Table(
    "exchange_head", metadata,
    sa.Column("node", sa.String(16), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False, server_default="1"),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("origin", sa.String(256), nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Index("exchange_head_unverified", "verified", "node", "epoch"),
)  # fmt: skip
log_key: Final = sa.Table(
    "exchange_log_key", metadata,
    sa.Column("node", sa.String(16), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("vkey", sa.String(512), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("start", sa.BigInteger),
    sa.Column("met", sa.Boolean, nullable=False),
    sa.Column("repaired", sa.Boolean, nullable=False),
)  # fmt: skip
"""The key of each epoch of a member's log, as directories listed it; `met` once what began it was looked at, which told
its `start`; `repaired` once what was lost before it was sent again."""
alarm: Final = sa.Table(
    "exchange_alarm", metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("detail", JsonText, nullable=False),
)  # fmt: skip

_NEWEST: Final = Prepared(
    sa.select(directory.c.version, directory.c.digest).order_by(directory.c.version.desc()).limit(1)
)
_partners, _heads, _log_keys = Rows(partner), Rows(head), Rows(log_key)


def pinned_root(unit: Unit) -> tuple[str, str] | None:
    """Fingerprint of the root trusted now, and the federation's name."""
    row = unit.connection.execute(sa.select(root.c.fingerprint, root.c.federation)).first()
    return (row.fingerprint, row.federation) if row else None


def pin_root(unit: Unit, fingerprint: str, federation: str) -> None:
    """Pin the root, once for the life of the node."""
    unit.connection.execute(sa.insert(root).values(one=1, fingerprint=fingerprint, federation=federation))


def move_root(unit: Unit, fingerprint: str) -> None:
    """The root that is trusted from now on: the pinned one led to it."""
    unit.connection.execute(sa.update(root).where(root.c.fingerprint != fingerprint).values(fingerprint=fingerprint))


def source(unit: Unit) -> str | None:
    """Where a running node looks for newer editions beside its partners, if anywhere."""
    return unit.connection.execute(sa.select(root.c.source)).scalar()


def set_source(unit: Unit, place: str | None) -> None:
    """Remember where to look."""
    unit.connection.execute(sa.update(root).values(source=place))


def newest_directory(unit: Unit) -> tuple[int, str] | None:
    """Version and digest of the newest directory imported."""
    row = _NEWEST.first(unit.connection, {})
    return (row.version, row.digest) if row else None


def directory_bytes(unit: Unit, version: int) -> bytes:
    """The directory of that version as imported."""
    query = sa.select(directory.c.data).where(directory.c.version == version)
    return bytes(unit.connection.execute(query).scalar_one())


def directories(unit: Unit) -> dict[int, bytes]:
    """Every directory imported so far, by version."""
    rows = unit.connection.execute(sa.select(directory.c.version, directory.c.data).order_by(directory.c.version))
    return {int(row.version): bytes(row.data) for row in rows}


def directory_reading(unit: Unit, version: int) -> bytes | None:
    """What the node read in that version when it verified it, sealed; None where an earlier release kept it."""
    found: bytes | None = unit.connection.scalar(sa.select(directory.c.reading).where(directory.c.version == version))
    return found


def add_directory(unit: Unit, version: int, digest: str, data: bytes, reading: bytes) -> None:
    """Keep a newer directory, with the sealed reading of it."""
    values = {"version": version, "digest": digest, "data": data, "reading": reading, "imported_at": unit.now}
    unit.connection.execute(sa.insert(directory).values(values))


def refresh_directory(unit: Unit, version: int, digest: str, data: bytes, reading: bytes) -> None:
    """The same edition, said anew by the office."""
    values = {"digest": digest, "data": data, "reading": reading}
    unit.connection.execute(sa.update(directory).where(directory.c.version == version).values(values))


def partner_rows(unit: Unit) -> dict[str, Row]:
    """How each partner with whom we spoke stands, by code."""
    return {row.code: row for row in unit.connection.execute(sa.select(partner))}


def partner_row(unit: Unit, code: str) -> Row | None:
    """How the partner stands; None before the first contact."""
    return _partners.first(unit, {"code": code})


def set_partner(unit: Unit, code: str, values: dict[str, Any]) -> None:
    """Write how the partner stands."""
    row = {"code": code, "failures": 0, "reason": "", "next_at": None, "seen_at": None} | values
    _partners.put(unit, row, ["code"])


def head_root(unit: Unit, node: str, epoch: int, size: int) -> bytes | None:
    """The root kept for that epoch of a partner's log at that size."""
    row = _heads.first(unit, {"node": node, "epoch": epoch, "size": size}, ["root"])
    return bytes(row.root) if row else None


def head_note(unit: Unit, origin: str, size: int) -> Row | None:
    """The row (node, size, note) kept for the log called `origin` at that size."""
    wanted = sa.select(head.c.node, head.c.size, head.c.note).where(head.c.origin == origin, head.c.size == size)
    return unit.connection.execute(wanted.limit(1)).first()


def add_head(unit: Unit, values: dict[str, Any]) -> bool:
    """Keep a partner's head; False when there is one of that epoch and size."""
    return _heads.add_new(unit, values)


def notes_at(unit: Unit, node: str, epoch: int, size: int) -> list[str]:
    """The signed checkpoint of that size kept of that epoch of a partner's log, if any."""
    query = sa.select(head.c.note).where(head.c.node == node, head.c.epoch == epoch, head.c.size == size)
    return list(unit.connection.execute(query).scalars())


def largest_head(unit: Unit, node: str, before: int | None = None) -> Row | None:
    """The largest head kept of the newest epoch of a partner's log, or of the newest one `before` that epoch."""
    query = sa.select(head).where(head.c.node == node).order_by(head.c.epoch.desc(), head.c.size.desc()).limit(1)
    return unit.connection.execute(query if before is None else query.where(head.c.epoch < before)).first()


def heads(unit: Unit, node: str, epoch: int) -> Sequence[Row]:
    """A partner's heads of one epoch, smallest first."""
    query = sa.select(head).where(head.c.node == node, head.c.epoch == epoch).order_by(head.c.size)
    return unit.connection.execute(query).all()


def unverified_heads(unit: Unit, node: str, epoch: int, most: int) -> Sequence[Row]:
    """Those (origin, size, root, note) that no later one was checked against, smallest first, `most` rows."""
    these = (head.c.node == node, head.c.epoch == epoch, head.c.verified.is_(False))
    query = sa.select(head.c.origin, head.c.size, head.c.root, head.c.note).where(*these)
    return unit.connection.execute(query.order_by(head.c.size).limit(most)).all()


def head_counts(unit: Unit) -> dict[str, tuple[int, int]]:
    """Largest size and number of unverified heads of the newest epoch, by partner; no head is read that counts not."""
    of_log = (head.c.node == log_key.c.node, head.c.epoch == log_key.c.epoch)
    largest = sa.select(sa.func.max(head.c.size)).where(*of_log).scalar_subquery()
    waiting = sa.select(sa.func.count()).where(*of_log, head.c.verified.is_(False)).scalar_subquery()
    query = sa.select(log_key.c.node, largest, waiting).order_by(log_key.c.node, log_key.c.epoch)
    return {node: (int(size), int(count)) for node, size, count in unit.connection.execute(query) if size is not None}


def mark_verified(unit: Unit, node: str, epoch: int, sizes: Sequence[int]) -> None:
    """These heads are prefixes of a later one."""
    these = (head.c.node == node, head.c.epoch == epoch, head.c.size.in_(sizes))
    unit.connection.execute(sa.update(head).where(*these).values(verified=True))


def log_keys(unit: Unit) -> dict[tuple[str, int], str]:
    """The log keys that directories listed, by member and epoch."""
    query = sa.select(log_key.c.node, log_key.c.epoch, log_key.c.vkey)
    return {(row.node, row.epoch): row.vkey for row in unit.connection.execute(query)}


def listed_since(unit: Unit, node: str) -> datetime | None:
    """When a directory first listed a member's log here; None for one that none did."""
    return unit.connection.execute(sa.select(sa.func.min(log_key.c.at)).where(log_key.c.node == node)).scalar()


def log_key_row(unit: Unit, node: str, epoch: int) -> Row | None:
    """What is known of that epoch of a member's log."""
    return _log_keys.first(unit, {"node": node, "epoch": epoch})


def put_log_key(unit: Unit, node: str, epoch: int, vkey: str, *, met: bool) -> None:
    """A directory lists that key."""
    row = {"node": node, "epoch": epoch, "vkey": vkey, "at": unit.now, "start": None, "met": met, "repaired": False}
    _log_keys.put(unit, row, ["node", "epoch"])


def meet(unit: Unit, node: str, epoch: int, start: int | None) -> None:
    """What began that epoch was looked at, or an operator does without."""
    _log_keys.change(unit, {"node": node, "epoch": epoch}, {"met": True} | ({} if start is None else {"start": start}))


def repair(unit: Unit, node: str, epoch: int) -> None:
    """What was lost before that epoch is being sent again."""
    _log_keys.change(unit, {"node": node, "epoch": epoch}, {"repaired": True})


def add_alarm(unit: Unit, values: dict[str, Any]) -> None:
    """Keep an alarm."""
    unit.connection.execute(sa.insert(alarm), values)


def alarms(unit: Unit) -> Sequence[Row]:
    """All alarms, newest first."""
    return unit.connection.execute(sa.select(alarm).order_by(alarm.c.at.desc(), alarm.c.id.desc())).all()


def alarm_detail(unit: Unit, id: str) -> JsonObject:
    """What an alarm says; nothing for an unknown one."""
    found = unit.connection.execute(sa.select(alarm.c.detail).where(alarm.c.id == id)).scalar()
    return found if isinstance(found, dict) else {}


def count_alarms(unit: Unit, kind: str, partner: str) -> int:
    """How many alarms of a kind there are about a partner."""
    query = sa.select(sa.func.count()).select_from(alarm).where(alarm.c.kind == kind, alarm.c.partner == partner)
    return unit.connection.execute(query).scalar_one()


def alarm_values(id: str, at: datetime, kind: str, code: str, detail: JsonObject) -> dict[str, Any]:
    """A row of `exchange_alarm`."""
    return {"id": id, "at": at, "kind": kind, "partner": code, "detail": detail}
