"""PostgreSQL 15 or later through psycopg: one writer by an advisory lock, a watch by LISTEN and NOTIFY."""

import collections
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from comity.base.errors import ComityError
from comity.kit.database.dialects.dialect import Pause, Watch, driver_of, on_conflict, pool
from comity.kit.database.dialects.errors import LOCK_SECONDS, away, busy, read_only, storage, unmigrated
from comity.kit.database.statements import execute

_ADVISORY_KEY: Final = 0x636F6D697479  # "comity": one writer in this database
_CHANNEL: Final = "comity_changes"


class Postgresql:
    """PostgreSQL 15 or later through psycopg."""

    name = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def engine(self, *, write: bool) -> sa.Engine:
        engine = sa.create_engine(self._url, hide_parameters=True, **pool(write))

        def prepare(connection: Any, _record: object) -> None:
            _prepare_postgresql(connection, write=write)

        def start(connection: sa.Connection) -> None:
            execute(connection, f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})")

        sa.event.listen(engine, "connect", prepare)
        if write:
            sa.event.listen(engine, "begin", start)
        return engine

    def is_open(self, connection: sa.Connection) -> bool:
        status = driver_of(connection).info.transaction_status
        return status in {psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR}

    def announce(self, connection: sa.Connection) -> bool:
        told = execute(
            connection, f"SELECT pg_notify('{_CHANNEL}', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
        )
        return told is not None

    def watch(self, pause: Pause) -> Watch:
        return _PostgresqlWatch(self._url)

    def upsert(self, table: sa.Table, values: Mapping[str, Any], keys: Iterable[str]) -> sa.Executable:
        return on_conflict(postgresql.insert(table).values(**values), values, tuple(keys))

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


def _first_line(error: sa.exc.DBAPIError) -> str:
    return (str(error.orig).splitlines() or [""])[0]
