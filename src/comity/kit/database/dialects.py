"""The only module that asks which database is running: SQLite or PostgreSQL.

What both promise through `Dialect`:

* a *write* engine whose every transaction waits its turn: one writer a node at a time, across threads and processes
  (SQLite ``BEGIN IMMEDIATE``; PostgreSQL an advisory lock that ends with the transaction), durable when COMMIT returns;
* a *read* engine whose transactions see one consistent snapshot and cannot write;
* `announce` and `watch`: waking whoever waits for a commit, in this process or another.
"""

import collections
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from comity.base.errors import ComityError, Conflict, Misconfigured, Unavailable
from comity.kit.database.statements import execute

LOCK_SECONDS: Final = 30
"""How long a writer waits for its turn before it answers `Unavailable`."""

POLL_SECONDS: Final = 0.02
"""How often a waiting SQLite thread looks for commits of other processes."""

_ADVISORY_KEY: Final = 0x636F6D697479  # "comity": one writer in this database
_CHANNEL: Final = "comity_changes"


Pause = Callable[[float], None]
"""Sleeps for at most so many seconds, less when this process itself commits something."""


class Watch(Protocol):
    """Sees commits made after it was opened, of any process; after `close` it sees none."""

    def changed(self, seconds: float) -> bool:
        """Whether something was committed since the last call; waits at most `seconds`, or a part of them."""
        ...

    def close(self) -> None: ...


class Dialect(Protocol):
    """What differs between the two databases."""

    name: str

    def engine(self, *, write: bool) -> sa.Engine:
        """A new engine whose transactions write in turn, or only read a snapshot."""
        ...

    def is_open(self, connection: sa.Connection) -> bool:
        """Whether the database still holds our transaction (SQLite drops it by itself when the disk is full)."""
        ...

    def announce(self, connection: sa.Connection) -> bool:
        """Just before COMMIT: whether this transaction changed anything; if so, wake waiting processes after it."""
        ...

    def watch(self, pause: Pause) -> Watch: ...

    def upsert(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        """Insert `values`, or update the row that has the same `keys` (a primary or unique key)."""
        ...

    def insert_if_new(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        """Insert `values` unless a row with the same `keys` exists; rowcount says which."""
        ...

    def resume_counters(self, connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
        """After rows came in with their numbers (a restored backup): go on counting behind the highest."""
        ...

    def translate(self, error: sa.exc.DBAPIError) -> ComityError | None:
        """The error in the node's words, or None if it is the caller's own (a broken constraint, wrong SQL)."""
        ...

    def backup_hint(self) -> str:
        """The command with which an operator takes a consistent copy while the node runs."""
        ...


def dialect_for(url: str) -> Dialect:
    """The dialect of `url` (``sqlite:////folder/file`` or ``postgresql://...``); Misconfigured for any other."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    backend = parsed.get_backend_name() if parsed else ""
    if parsed and backend == "sqlite" and parsed.database:
        return Sqlite(parsed.set(drivername="sqlite"))
    if parsed and backend == "postgresql":
        return Postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise Misconfigured(
        "node.database-url", "The database address is neither an SQLite file nor PostgreSQL",
        todo="Write it as sqlite:////folder/file.db or postgresql://user@host/database.",
    )  # fmt: skip


class Sqlite:
    """SQLite in WAL mode, synchronous=FULL: a COMMIT that returned survives a power cut."""

    name = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def engine(self, *, write: bool) -> sa.Engine:
        engine = sa.create_engine(
            self._url, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True, **_pool(write)
        )
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"

        def prepare(connection: DBAPIConnection, _record: object) -> None:
            _prepare_sqlite(connection, write=write)

        def start(connection: sa.Connection) -> None:
            execute(connection, begin)

        sa.event.listen(engine, "connect", prepare)
        sa.event.listen(engine, "begin", start)
        return engine

    def is_open(self, connection: sa.Connection) -> bool:
        return bool(_driver(connection).in_transaction)

    def announce(self, connection: sa.Connection) -> bool:
        driver, seen = _driver(connection), connection.info.get("changes", 0)
        connection.info["changes"] = driver.total_changes
        return bool(driver.total_changes != seen)

    def watch(self, pause: Pause) -> Watch:
        return _SqliteWatch(self._url.database or "", pause)

    def upsert(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        return _on_conflict(sqlite.insert(table).values(**values), values, tuple(keys))

    def insert_if_new(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        insert = sqlite.insert(table).values(**values).on_conflict_do_nothing(index_elements=tuple(keys))
        return insert.execution_options(preserve_rowcount=True)

    def resume_counters(self, connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
        """Nothing to do: SQLite numbers a new row one above the highest."""

    def translate(self, error: sa.exc.DBAPIError) -> ComityError | None:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return busy()
        if code in _SQLITE_STORAGE:
            return storage(str(error.orig), self._url.database or "")
        if code == sqlite3.SQLITE_READONLY:
            return read_only(str(error.orig))
        return unmigrated(str(error.orig)) if "no such table" in str(error.orig) else None

    def backup_hint(self) -> str:
        return f"sqlite3 '{self._url.database}' \".backup 'copy.db'\""


class Postgresql:
    """PostgreSQL 15 or later through psycopg."""

    name = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def engine(self, *, write: bool) -> sa.Engine:
        engine = sa.create_engine(self._url, hide_parameters=True, **_pool(write))

        def prepare(connection: Any, _record: object) -> None:
            _prepare_postgresql(connection, write=write)

        def start(connection: sa.Connection) -> None:
            execute(connection, f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})")

        sa.event.listen(engine, "connect", prepare)
        if write:
            sa.event.listen(engine, "begin", start)
        return engine

    def is_open(self, connection: sa.Connection) -> bool:
        status = _driver(connection).info.transaction_status
        return status in {psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR}

    def announce(self, connection: sa.Connection) -> bool:
        told = execute(
            connection, f"SELECT pg_notify('{_CHANNEL}', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
        )
        return told is not None

    def watch(self, pause: Pause) -> Watch:
        return _PostgresqlWatch(self._url)

    def upsert(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        return _on_conflict(postgresql.insert(table).values(**values), values, tuple(keys))

    def insert_if_new(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        insert = postgresql.insert(table).values(**values).on_conflict_do_nothing(index_elements=tuple(keys))
        return insert.execution_options(preserve_rowcount=True)

    def resume_counters(self, connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
        for table in tables:
            counted = table.autoincrement_column
            if counted is not None:
                sequence = sa.func.pg_get_serial_sequence(table.name, counted.name)
                highest = sa.select(sa.func.max(counted)).scalar_subquery()
                known = sa.func.coalesce(highest, 1)
                connection.execute(sa.select(sa.func.setval(sequence, known, highest.is_not(None))))

    def translate(self, error: sa.exc.DBAPIError) -> ComityError | None:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in {"55P03", "57014"}:
            return busy()
        if state == "53100" or state.startswith("58"):
            return storage(_first_line(error), "PostgreSQL")
        if state == "25006":
            return read_only(_first_line(error))
        if state == "42P01":
            return unmigrated(_first_line(error))
        lost = error.connection_invalidated or state[:2] in {"08", "53", "57"} or not state
        return away(_first_line(error)) if lost and isinstance(error, sa.exc.OperationalError) else None

    def backup_hint(self) -> str:
        return f"pg_dump --format=custom --file=copy.dump '{self._url.render_as_string(hide_password=True)}'"


# --- errors in the node's words ---------------------------------------------------------------------------------


def busy() -> Unavailable:
    """Another writer kept its turn for longer than `LOCK_SECONDS`."""
    return Unavailable(
        "node.busy", f"The database was kept busy by another writer for {LOCK_SECONDS} seconds",
        todo="Nothing was changed. Try again; if it stays, look for a stuck comity process.",
    )  # fmt: skip


def storage(what: str, where: str) -> Unavailable:
    """The disk is full, failing or out of reach."""
    return Unavailable(
        "node.storage", f"The database cannot be read or written: {what}", where=where,
        todo="Nothing was changed. Check free space, the disk and the folder's permissions, then try again.",
    )  # fmt: skip


def away(what: str) -> Unavailable:
    """The database server does not answer."""
    return Unavailable(
        "node.database-away", f"The database server does not answer: {what}",
        todo="Nothing was changed. Check that PostgreSQL runs and accepts this node, then try again.",
    )  # fmt: skip


def read_only(what: str) -> Conflict:
    """A write was tried where only reading is allowed."""
    return Conflict(
        "node.read-only", f"This node, or this part of it, may only read: {what}",
        todo="A node restored from a backup only reads and proves (docs/operate/backup-and-restore.md); otherwise give "
        "the node's user the right to write the database.",
    )  # fmt: skip


def unmigrated(what: str) -> Misconfigured:
    """The tables are older than the program."""
    return Misconfigured(
        "node.schema", f"The database lacks a table that this version needs: {what}",
        todo="Run `comity upgrade` once with the node stopped.",
    )  # fmt: skip


_SQLITE_STORAGE: Final = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
}  # fmt: skip


def _first_line(error: sa.exc.DBAPIError) -> str:
    return (str(error.orig).splitlines() or [""])[0]


# --- SQLite ----------------------------------------------------------------------------------------------------


def _prepare_sqlite(connection: DBAPIConnection, *, write: bool) -> None:
    """Autocommit driver mode (we send BEGIN ourselves) and the pragmas of the module's promise."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    if not write:
        cursor.execute("PRAGMA query_only=ON")
    cursor.close()


class _SqliteWatch:
    """PRAGMA data_version changes whenever another connection, of any process, has committed a change."""

    def __init__(self, path: str, pause: Pause) -> None:
        self._lock = threading.Lock()
        self._pause = pause
        try:
            self._connection: sqlite3.Connection | None = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise storage(str(error), path) from error
        self._seen = self._version() or 0

    def _version(self) -> int | None:
        """The file's present version; None once closed."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise storage(str(error), "data_version") from error

    def _moved(self) -> bool:
        version = self._version()
        if version is None or version == self._seen:
            return False
        self._seen = version
        return True

    def changed(self, seconds: float) -> bool:
        if self._moved():
            return True
        self._pause(min(seconds, POLL_SECONDS))
        return self._moved()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def _prepare_postgresql(connection: Any, *, write: bool) -> None:
    """Session settings once per connection; `connection` is psycopg's."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.execute("SET synchronous_commit = on")
    if not write:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.autocommit = False


class _PostgresqlWatch:
    """A connection that LISTENs for the NOTIFY which `announce` puts into every changing transaction."""

    def __init__(self, url: sa.URL) -> None:
        self._lock = threading.Lock()
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            self._connection = psycopg.connect(plain, autocommit=True)
            self._connection.execute(f"LISTEN {_CHANNEL}")
        except psycopg.Error as error:
            raise away(str(error)) from error

    def changed(self, seconds: float) -> bool:
        with self._lock:
            if self._connection.closed:
                return False
            try:
                heard = any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
                if heard:  # one answer for everything that has come in by now
                    collections.deque(self._connection.notifies(timeout=0), maxlen=0)
            except psycopg.Error as error:
                raise away(str(error)) from error
            return heard

    def close(self) -> None:
        with self._lock:
            self._connection.close()


# --- shared ----------------------------------------------------------------------------------------------------


def _pool(write: bool) -> dict[str, Any]:
    """One writer needs one connection; readers come from as many threads as the web server has."""
    return {"pool_size": 1, "max_overflow": 2} if write else {"pool_size": 4, "max_overflow": 44}


def _driver(connection: sa.Connection) -> Any:
    """The driver's own connection (sqlite3 or psycopg) beneath SQLAlchemy's."""
    return connection.connection.dbapi_connection


def _on_conflict(insert: Any, values: Mapping[str, Any], keys: tuple[str, ...]) -> sa.Executable:
    """`insert` completed by ON CONFLICT; both dialects' inserts have the same methods without a common type."""
    rest = {name: insert.excluded[name] for name in values if name not in keys}
    if not rest:
        insert = insert.on_conflict_do_nothing(index_elements=keys)
    else:
        insert = insert.on_conflict_do_update(index_elements=keys, set_=rest)
    return cast(sa.Executable, insert)
