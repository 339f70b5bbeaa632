"""Tables of the log and the SQL over them. Statements are built once; nothing here commits.

`log_entry` holds exact entry bytes, `log_opening` what opens their commitments (encrypted, erasable), `log_checkpoint`
every signed note, `log_head` the frontier to append to, `log_node` the complete subtrees of 256, 65,536 and so on
leaves, `log_epoch` where each epoch begins and its key, from the second on. The clear columns of `log_entry` repeat
what the bytes say, for lists; `service.verify` compares them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import MOST_NUMBER
from comity.kit.database.schema import UtcTime, metadata, misstored, sound
from comity.kit.database.statements import Prepared
from comity.kit.database.statements import Row as Row
from comity.log.model import FIELDS, LANDMARKS, Epoch, Frontier, Subtree

_Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits on both databases; SQLite makes a table's row number only of a column called INTEGER."""

entry_table: Final = sa.Table(
    "log_entry", metadata,
    sa.Column("seq", _Whole, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("peer", sa.String(64)),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
)  # fmt: skip

_LANDMARK: Final = sa.literal_column("type").in_([sa.literal_column(f"'{kind}'") for kind in LANDMARKS])
"""Written out in index and query alike, which is how either database sees that the one serves the other."""
sa.Index(
    "log_entry_landmark", entry_table.c.type, entry_table.c.seq, sqlite_where=_LANDMARK, postgresql_where=_LANDMARK
)

opening_table: Final = sa.Table(
    "log_opening", metadata,
    sa.Column("seq", _Whole, primary_key=True, autoincrement=False),
    sa.Column("key_id", sa.String(128), nullable=False),
    sa.Column("actor", sa.LargeBinary),
    sa.Column("subject", sa.LargeBinary),
    sa.Column("case_ref", sa.LargeBinary),
    sa.Column("payload", sa.LargeBinary),
)  # fmt: skip

OWN: Final = "log-openings"
"""The name of the node's own key for values that belong to no case."""
_UNDER_ANOTHER: Final = sa.literal_column("key_id") != sa.literal_column(f"'{OWN}'")
"""Written out in index and query alike, as `_LANDMARK` is: most entries belong to no case and take no place in it."""
sa.Index(
    "log_opening_case", opening_table.c.key_id, opening_table.c.seq, sqlite_where=_UNDER_ANOTHER,
    postgresql_where=_UNDER_ANOTHER,
)  # fmt: skip

checkpoint_table: Final = sa.Table(
    "log_checkpoint", metadata,
    sa.Column("size", _Whole, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)  # fmt: skip

head_table: Final = sa.Table(
    "log_head", metadata,
    sa.Column("one", sa.SmallInteger, sa.CheckConstraint("one = 1", name="one"), primary_key=True, autoincrement=False),
    sa.Column("size", _Whole, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="1"),
)  # fmt: skip

node_table: Final = sa.Table(
    "log_node", metadata,
    sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("index", _Whole, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)  # fmt: skip

epoch_table: Final = sa.Table(
    "log_epoch", metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", _Whole, nullable=False),
    sa.Column("vkey", sa.String(512), nullable=False),
)  # fmt: skip
"""No row for a log that is in its first epoch; else one for each, the first included."""

paper_table: Final = sa.Table(
    "log_paper", metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("about", sa.String(36), nullable=False),
    sa.Column("entry", _Whole, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)  # fmt: skip
"""Where the entry of a paper is found by the hash of its file; what is sealed stands in the entry."""

COLUMNS: Final = {name: "case_ref" if name == "case" else name for name in FIELDS}
"""The column of `log_opening` for each committed field (CASE is a word of SQL)."""

_HEAD: Final = Prepared(
    sa.select(
        head_table.c.size, head_table.c.frontier, checkpoint_table.c.note, head_table.c.epoch, epoch_table.c.vkey
    ).select_from(
        head_table.outerjoin(checkpoint_table, checkpoint_table.c.size == head_table.c.size).outerjoin(
            epoch_table, epoch_table.c.number == head_table.c.epoch
        )
    )
)
_MOVE_HEAD: Final = Prepared(
    sa.update(head_table).where(head_table.c.one == 1, head_table.c.size == sa.bindparam("old_size"))
    .values(size=sa.bindparam("new_size"), frontier=sa.bindparam("new_frontier"), epoch=sa.bindparam("new_epoch"))
)  # fmt: skip
_START_HEAD: Final = Prepared(sa.insert(head_table))
_ADD_ENTRIES: Final = Prepared(sa.insert(entry_table))
_ADD_OPENINGS: Final = Prepared(sa.insert(opening_table))
_ADD_CHECKPOINT: Final = Prepared(sa.insert(checkpoint_table))
_ADD_NODES: Final = Prepared(sa.insert(node_table))
_COLUMNS: Final = sa.select(
    entry_table,
    opening_table.c.seq.label("opened"),
    *(column for column in opening_table.c if column.name != "seq"),
)
_SAME: Final = opening_table.c.seq == entry_table.c.seq
_ONE: Final = Prepared(
    _COLUMNS.select_from(entry_table.outerjoin(opening_table, _SAME)).where(entry_table.c.seq == sa.bindparam("at"))
)
_UNDER: Final = (
    _COLUMNS.select_from(opening_table.join(entry_table, _SAME))
    .where(
        opening_table.c.key_id == sa.bindparam("key"),
        _UNDER_ANOTHER,
        opening_table.c.seq < sa.bindparam("before"),
    )
    .order_by(opening_table.c.seq.desc())
    .limit(sa.bindparam("most"))
)
_LEAVES: Final = (
    sa.select(entry_table.c.leaf_hash)
    .where(entry_table.c.seq >= sa.bindparam("first"), entry_table.c.seq < sa.bindparam("end"))
    .order_by(entry_table.c.seq)
)
_DATA: Final = (
    sa.select(entry_table.c.bytes)
    .where(entry_table.c.seq >= sa.bindparam("first"), entry_table.c.seq < sa.bindparam("end"))
    .order_by(entry_table.c.seq)
)
_NODES: Final = (
    sa.select(node_table.c.hash)
    .where(
        node_table.c.level == sa.bindparam("at_level"),
        node_table.c.index >= sa.bindparam("first"), node_table.c.index < sa.bindparam("end"),
    )
    .order_by(node_table.c.index)
)  # fmt: skip
_LIST: Final = (
    sa.select(entry_table.c.seq, entry_table.c.bytes, entry_table.c.leaf_hash)
    .where(entry_table.c.seq > sa.bindparam("after"))
    .order_by(entry_table.c.seq)
    .limit(sa.bindparam("most"))
)
_LIST_TYPE: Final = _LIST.where(entry_table.c.type == sa.bindparam("only"), entry_table.c.seq <= sa.bindparam("upto"))


@dataclass(frozen=True)
class StoredHead:
    """The log's head as stored: what was signed over it, in which epoch, and that epoch's key from the second on."""

    size: int
    frontier: bytes
    note: str | None
    epoch: int
    key: str | None


def head(connection: sa.Connection) -> StoredHead | None:
    """The head; None before the first entry."""
    row = _HEAD.first(connection, {})
    return None if row is None else StoredHead(row.size, row.frontier, row.note, row.epoch, row.vkey)


def move_head(connection: sa.Connection, old_size: int, frontier: Frontier, epoch: int) -> bool:
    """Replace the head, provided that it still has `old_size`; whether it had."""
    packed = b"".join(frontier.peaks)
    if old_size == 0:
        _START_HEAD.run(connection, {"one": 1, "size": frontier.size, "frontier": packed, "epoch": epoch})
        return True
    values = {"old_size": old_size, "new_size": frontier.size, "new_frontier": packed, "new_epoch": epoch}
    return _MOVE_HEAD.run(connection, values) == 1


def epochs(connection: sa.Connection, bad: Iterable[int] = ()) -> list[Epoch]:
    """The rows of `log_epoch` by number, without the `bad` ones."""
    query = sa.select(epoch_table).where(sound(epoch_table, bad)).order_by(epoch_table.c.number)
    return [Epoch(row.number, row.start, row.vkey) for row in connection.execute(query)]


def add_epochs(connection: sa.Connection, epochs: Iterable[Epoch]) -> None:
    """Keep these epochs."""
    rows = [{"number": one.number, "start": one.start, "vkey": one.key} for one in epochs]
    connection.execute(sa.insert(epoch_table), rows)


def add(connection: sa.Connection, entries: Sequence[dict[str, Any]], openings: Sequence[dict[str, Any]]) -> None:
    """Insert entry rows and their openings, in bulk."""
    _ADD_ENTRIES.run_many(connection, entries)
    _ADD_OPENINGS.run_many(connection, openings)


def add_checkpoint(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Insert a signed note."""
    _ADD_CHECKPOINT.run(connection, row)


def add_nodes(connection: sa.Connection, nodes: Iterable[tuple[Subtree, bytes]]) -> None:
    """Insert complete subtrees, if there are any."""
    if rows := [{"level": part.level, "index": part.index, "hash": digest} for part, digest in nodes]:
        _ADD_NODES.run_many(connection, rows)


def hashes(connection: sa.Connection, level: int, first: int, end: int) -> list[bytes]:
    """Stored hashes of `level` (0: leaves, else a multiple of 8) from `first` to `end`, exclusive."""
    if level == 0:
        rows = connection.execute(_LEAVES, {"first": first, "end": end}).all()
    else:
        rows = connection.execute(_NODES, {"at_level": level, "first": first, "end": end}).all()
    return [row[0] for row in rows]  # fetched in one call: a proof reads some five hundred


def entry_with_opening(connection: sa.Connection, index: int) -> Row | None:
    """The row of entry `index` joined with its opening (`opened` is None where there is none)."""
    return _ONE.first(connection, {"at": index})


def entries_under(connection: sa.Connection, key_id: str, before: int, most: int) -> Sequence[Row]:
    """Up to `most` rows, as of `entry_with_opening`, below `before` whose values are sealed under that key of a case,
    newest first."""
    return connection.execute(_UNDER, {"key": key_id, "before": before, "most": most}).all()


def moment_of(connection: sa.Connection, index: int) -> datetime | None:
    """When entry `index` was made; None where there is none."""
    return connection.execute(sa.select(entry_table.c.at).where(entry_table.c.seq == index)).scalar()


def window(
    connection: sa.Connection, span: tuple[int, int], clear: Mapping[str, str], key_id: str, most: int
) -> Sequence[Row]:
    """Up to `most` rows, as of `entry_with_opening`, from the first of `span` to before its second, newest first: with
    these values in the columns ``type`` and ``peer``, and of one case's key where `key_id` names it."""
    first, end = span
    column = opening_table.c.seq if key_id else entry_table.c.seq  # the one that the index in question begins with
    chosen = _COLUMNS.select_from(entry_table.outerjoin(opening_table, _SAME))
    chosen = chosen.where(column >= first, column < end).order_by(column.desc()).limit(most)
    for name, value in clear.items():
        chosen = chosen.where(entry_table.c[name] == value)
    return connection.execute(
        chosen.where(opening_table.c.key_id == key_id, _UNDER_ANOTHER) if key_id else chosen
    ).all()


def data(connection: sa.Connection, first: int, end: int) -> list[bytes]:
    """The exact bytes of the entries from `first` to `end`, exclusive, in order."""
    return [row[0] for row in connection.execute(_DATA, {"first": first, "end": end}).all()]


def index_of(connection: sa.Connection, id: str) -> int | None:
    """The index of the entry with this id."""
    return connection.execute(sa.select(entry_table.c.seq).where(entry_table.c.id == id)).scalar_one_or_none()


def indexes(connection: sa.Connection, since: datetime | None, until: datetime | None, limit: int | None) -> list[int]:
    """Up to `limit` indexes of entries from `since` until just before `until`, in order."""
    query = sa.select(entry_table.c.seq).order_by(entry_table.c.seq).limit(limit)
    if since is not None:
        query = query.where(entry_table.c.at >= since)
    if until is not None:
        query = query.where(entry_table.c.at < until)
    return list(connection.execute(query).scalars())


def case_refs(connection: sa.Connection, key_ids: Sequence[str]) -> Iterator[Row]:
    """Rows (seq, id, key_id, case_ref) of all openings sealed under one of these keys, in order."""
    columns = (opening_table.c.seq, entry_table.c.id, opening_table.c.key_id, opening_table.c.case_ref)
    query = sa.select(*columns).select_from(entry_table.join(opening_table, _SAME))
    query = query.where(opening_table.c.key_id.in_(key_ids)).order_by(opening_table.c.seq)
    yield from connection.execute(query, execution_options={"yield_per": 1000})


Misstored = Mapping[str, Mapping[int, list[str]]]
"""By table: the numbers of rows that cannot be read, with the columns at fault; see `kit.database.schema.misstored`."""


def misstored_rows(connection: sa.Connection) -> Misstored:
    """The rows of the log's tables that hold a value of another kind than their column's."""
    tables = (entry_table, opening_table, checkpoint_table, head_table, node_table, epoch_table)
    return {table.name: misstored(connection, table) for table in tables}


def entries_with_openings(connection: sa.Connection, after: int, limit: int, bad: Misstored) -> Sequence[Row]:
    """Up to `limit` rows as of `entry_with_opening`, from the first index above `after`, without the `bad` ones."""
    same = sa.and_(_SAME, sound(opening_table, bad[opening_table.name]))
    return connection.execute(
        _COLUMNS.select_from(entry_table.outerjoin(opening_table, same))
        .where(entry_table.c.seq > after, sound(entry_table, bad[entry_table.name]))
        .order_by(entry_table.c.seq)
        .limit(limit)
    ).all()


def entries(
    connection: sa.Connection, after: int, limit: int, kind: str | None, upto: int = MOST_NUMBER
) -> Sequence[Row]:
    """Up to `limit` rows (seq, bytes, leaf_hash) above `after`; of one type, and up to `upto`, if `kind` names it."""
    if kind is None:
        return connection.execute(_LIST, {"after": after, "most": limit}).all()
    return connection.execute(_LIST_TYPE, {"after": after, "most": limit, "only": kind, "upto": upto}).all()


def newest(connection: sa.Connection, kinds: tuple[str, ...]) -> int | None:
    """The index of the newest entry of one of these `LANDMARKS`, by the index of these; None where there is none."""
    row = _newest(kinds).first(connection, {})
    return None if row is None or row.newest is None else int(row.newest)


@cache
def _newest(kinds: tuple[str, ...]) -> Prepared:
    """One statement for each question asked: with every message, whether another set of law was signed."""
    asked = sa.literal_column("type").in_([sa.literal_column(f"'{kind}'") for kind in kinds if kind in LANDMARKS])
    return Prepared(sa.select(sa.func.max(entry_table.c.seq).label("newest")).where(_LANDMARK, asked))


def count(connection: sa.Connection) -> int:
    """How many entries are stored."""
    return connection.execute(sa.select(sa.func.count()).select_from(entry_table)).scalar_one()


def checkpoints(connection: sa.Connection, after: int, upto: int, bad: Misstored) -> Sequence[Row]:
    """Rows (size, note, at) with `after` < size <= `upto`, by size, without the `bad` ones."""
    size = checkpoint_table.c.size
    wanted = (size > after, size <= upto, sound(checkpoint_table, bad[checkpoint_table.name]))
    return connection.execute(sa.select(checkpoint_table).where(*wanted).order_by(size)).all()


def checkpoint_at(connection: sa.Connection, size: int) -> str | None:
    """The note signed over that many entries; None where none was."""
    query = sa.select(checkpoint_table.c.note).where(checkpoint_table.c.size == size)
    return connection.execute(query).scalar()


def stray_rows(connection: sa.Connection, size: int) -> list[str]:
    """Names of rows that belong to no entry of a log of `size` entries, at most ten of each table."""
    found = []
    for table, key in ((opening_table, opening_table.c.seq), (checkpoint_table, checkpoint_table.c.size - 1)):
        query = sa.select(key).where(sa.or_(key >= size, key < 0)).order_by(key).limit(10)
        last = 1 if table is checkpoint_table else 0  # a checkpoint is named by its size, not by its last entry
        found += [f"{table.name} {index + last}" for index in connection.execute(query).scalars()]
    return found


def all_nodes(connection: sa.Connection, bad: Misstored) -> dict[Subtree, bytes]:
    """Every stored subtree but the `bad` ones."""
    columns = sa.select(node_table.c.level, node_table.c.index, node_table.c.hash)
    rows = connection.execute(columns.where(sound(node_table, bad[node_table.name])))
    return {Subtree(level, index): digest for level, index, digest in rows}


def openings_under(connection: sa.Connection, key_id: str) -> list[int]:
    """The entries with an opening under that key of which anything is left, in order."""
    left = sa.or_(*(opening_table.c[name].is_not(None) for name in COLUMNS.values()))
    query = sa.select(opening_table.c.seq).where(opening_table.c.key_id == key_id, left).order_by(opening_table.c.seq)
    return list(connection.execute(query).scalars())


def erase_under(connection: sa.Connection, key_id: str) -> None:
    """Destroy all openings under that key."""
    gone = dict.fromkeys(COLUMNS.values())
    connection.execute(sa.update(opening_table).where(opening_table.c.key_id == key_id).values(gone))


def erase(connection: sa.Connection, index: int, columns: Iterable[str]) -> None:
    """Destroy openings of entry `index`; the ciphertexts are gone once the database has reused their space."""
    gone = dict.fromkeys(columns)
    connection.execute(sa.update(opening_table).where(opening_table.c.seq == index).values(gone))


def add_paper(connection: sa.Connection, values: dict[str, object]) -> None:
    """Keep where a paper's entry is."""
    connection.execute(sa.insert(paper_table), values)


def find_paper(connection: sa.Connection, *, sha256: str = "", id: str = "") -> Row | None:
    """The paper with this hash, or with this id."""
    wanted = paper_table.c.sha256 == sha256 if sha256 else paper_table.c.id == id
    return connection.execute(sa.select(paper_table).where(wanted)).first()
