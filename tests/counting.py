"""How many statements a piece of code sends to the database, on both ways there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from comity.kit.database import statements


class Count:
    """Statements so far; those that begin and end transactions and savepoints are left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self.texts)

    def note(self, text: str) -> None:
        """One more."""
        if not text.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")):
            self.texts.append(text)


@contextmanager
def counted() -> Iterator[Count]:
    """Counts what SQLAlchemy and `Prepared` execute inside, in every thread."""
    count = Count()
    cursor_of = statements._cursor

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        count.note(text)

    def noted(connection: sa.Connection) -> Any:
        return _Noted(cursor_of(connection), count)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    statements._cursor = noted
    try:
        yield count
    finally:
        statements._cursor = cursor_of
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


class _Noted:
    """A driver's cursor whose statements are counted."""

    def __init__(self, cursor: Any, count: Count) -> None:
        self._cursor, self._count = cursor, count

    def execute(self, text: str, *values: Any) -> Any:
        self._count.note(text)
        return self._cursor.execute(text, *values)

    def executemany(self, text: str, rows: Any) -> Any:
        self._count.note(text)
        return self._cursor.executemany(text, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)
