"""What both dialects promise, and what they share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, cast

import sqlalchemy as sa

from comity.base.errors import ComityError

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


def pool(write: bool) -> dict[str, Any]:
    """One writer needs one connection; readers come from as many threads as the web server has."""
    return {"pool_size": 1, "max_overflow": 2} if write else {"pool_size": 4, "max_overflow": 44}


def driver_of(connection: sa.Connection) -> Any:
    """The driver's own connection (sqlite3 or psycopg) beneath SQLAlchemy's."""
    return connection.connection.dbapi_connection


def on_conflict(insert: Any, values: Mapping[str, Any], keys: tuple[str, ...]) -> sa.Executable:
    """`insert` completed by ON CONFLICT; both dialects' inserts have the same methods without a common type."""
    rest = {name: insert.excluded[name] for name in values if name not in keys}
    if not rest:
        insert = insert.on_conflict_do_nothing(index_elements=keys)
    else:
        insert = insert.on_conflict_do_update(index_elements=keys, set_=rest)
    return cast(sa.Executable, insert)
