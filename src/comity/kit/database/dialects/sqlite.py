"""SQLite in WAL mode: one file, one writer by BEGIN IMMEDIATE, a watch by PRAGMA data_version."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from comity.base.errors import ComityError
from comity.kit.database.dialects.dialect import Pause, Watch, driver_of, on_conflict, pool
from comity.kit.database.dialects.errors import LOCK_SECONDS, busy, read_only, storage, unmigrated
from comity.kit.database.statements import execute

POLL_SECONDS: Final = 0.02
"""How often a waiting thread looks for commits of other processes."""

_SQLITE_STORAGE: Final = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
}  # fmt: skip


class Sqlite:
    """SQLite in WAL mode, synchronous=FULL: a COMMIT that returned survives a power cut."""

    name = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def engine(self, *, write: bool) -> sa.Engine:
        engine = sa.create_engine(
            self._url, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True, **pool(write)
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
        return bool(driver_of(connection).in_transaction)

    def announce(self, connection: sa.Connection) -> bool:
        driver, seen = driver_of(connection), connection.info.get("changes", 0)
        connection.info["changes"] = driver.total_changes
        return bool(driver.total_changes != seen)

    def watch(self, pause: Pause) -> Watch:
        return _SqliteWatch(self._url.database or "", pause)

    def upsert(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        return on_conflict(sqlite.insert(table).values(**values), values, tuple(keys))

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
