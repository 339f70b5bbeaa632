"""Statements of the hot path: compiled once a process, then run on the driver itself.

SQLAlchemy finds, checks and wraps a statement anew at every execution, which costs several times what the database
needs. A `Prepared` promises the same rows, values and errors as `connection.execute`, in the same transaction; engine
events on cursors do not see it. It is for statements that run with every message; anything else stays with SQLAlchemy.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import sqlalchemy as sa

Row = Any
"""A named tuple, by attribute or index; its names are the statement's columns."""

Values = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]
_Convert = Callable[[Any], Any] | None


class Prepared:
    """A Core statement without lists (IN). The names of its parameters, or of an insert's columns, come with a run."""

    def __init__(self, statement: Any) -> None:
        self.statement: Final = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def run(self, connection: sa.Connection, values: Values) -> int:
        """Execute once; the number of rows it changed."""
        ready = self._ready(connection, values)
        with _translated(connection, ready.text):
            return int(_cursor(connection).execute(ready.text, ready.bound(values)).rowcount)

    def run_many(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Execute once for each of `rows` (at least one), all with the same names."""
        ready = self._ready(connection, rows[0])
        with _translated(connection, ready.text):
            _cursor(connection).executemany(ready.text, [ready.bound(values) for values in rows])

    def run_columns(self, connection: sa.Connection, columns: Columns, same: Values) -> None:
        """As `run_many`, with the values of one name in one list, all of one length (at least one); `same` are those
        of every row."""
        ready = self._ready(connection, {**same, **columns})
        with _translated(connection, ready.text):
            _cursor(connection).executemany(ready.text, ready.bound_columns(columns, same))

    def first(self, connection: sa.Connection, values: Values) -> Row | None:
        """The first row, or None."""
        ready = self._ready(connection, values)
        with _translated(connection, ready.text):
            found = _cursor(connection).execute(ready.text, ready.bound(values)).fetchone()
        return None if found is None else ready.row(found)

    def all(self, connection: sa.Connection, values: Values) -> list[Row]:
        """Every row."""
        ready = self._ready(connection, values)
        with _translated(connection, ready.text):
            rows = _cursor(connection).execute(ready.text, ready.bound(values)).fetchall()
        return [ready.row(found) for found in rows]

    def _ready(self, connection: sa.Connection, values: Values) -> "_Compiled":
        key = (connection.dialect.name, *values)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = _Compiled(self.statement, connection.dialect, list(values))
        return found


class _Compiled:
    """A statement's text in one dialect, and how values go in and come out."""

    def __init__(self, statement: Any, dialect: sa.Dialect, names: list[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self.text = str(compiled)
        bind = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for bound, name in compiled.bind_names.items()
        }
        fixed = {name: value for name, value in compiled.params.items() if name not in names}
        self._fixed = {name: _converted(bind[name], value) for name, value in fixed.items()}
        self._positional = compiled.positiontup is not None
        self._plan = [(name, bind[name]) for name in compiled.positiontup or bind if name in bind]
        self._names = [name for name, _ in self._plan]
        columns = getattr(statement, "selected_columns", ())
        self._named = _row_type([column.key for column in columns])
        processors = [_result_processor(column.type, dialect) for column in columns]
        self._convert = [(at, convert) for at, convert in enumerate(processors) if convert is not None]

    def bound(self, values: Values) -> Sequence[Any] | Values:
        """`values` as the driver takes them."""
        fixed = self._fixed
        if self._positional:
            return [
                fixed[name] if name in fixed else values[name] if convert is None else convert(values[name])
                for name, convert in self._plan
            ]
        return fixed | {
            name: values[name] if convert is None else convert(values[name])
            for name, convert in self._plan if name not in fixed
        }  # fmt: skip

    def bound_columns(self, columns: Columns, same: Values) -> Iterator[Sequence[Any] | Values]:
        """The rows of `columns` as the driver takes them, one after another."""
        fixed = self._fixed | {n: _converted(convert, same[n]) for n, convert in self._plan if n in same}
        length = len(next(iter(columns.values())))
        values = [
            repeat(fixed[name], length) if name in fixed
            else columns[name] if convert is None else map(convert, columns[name])
            for name, convert in self._plan
        ]  # fmt: skip
        rows = zip(*values, strict=True)
        return rows if self._positional else (dict(zip(self._names, row, strict=True)) for row in rows)

    def row(self, found: Sequence[Any]) -> Row:
        """A row as the driver gave it, its values converted and named."""
        if not self._convert:
            return self._named(*found)
        values = list(found)
        for at, convert in self._convert:
            values[at] = convert(values[at])
        return self._named(*values)


def _converted(convert: _Convert, value: Any) -> Any:
    return value if convert is None else convert(value)


def _row_type(names: list[str]) -> Callable[..., Row]:
    return namedtuple("Row", names)


def _result_processor(kind: Any, dialect: sa.Dialect) -> _Convert:
    found: _Convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def execute(connection: sa.Connection, text: str) -> Sequence[Any] | None:
    """Run `text`, which has no parameters, in the connection's transaction; its first row. Errors are SQLAlchemy's."""
    with _translated(connection, text):
        cursor = _cursor(connection).execute(text)
        return None if cursor.description is None else cursor.fetchone()


def _cursor(connection: sa.Connection) -> Any:
    """A new cursor of the driver."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    return driver.cursor()


class _translated:  # noqa: N801  # a context manager, as a class because a generator would cost as much as the statement
    """Errors of the driver, also those of fetching, become SQLAlchemy's; a lost connection is given up."""

    def __init__(self, connection: sa.Connection, text: str) -> None:
        self._connection = connection
        self._text = text

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and isinstance(error, base := self._connection.dialect.loaded_dbapi.Error):
            raise self._wrapped(error, base) from error

    def _wrapped(self, error: Exception, base: type[Exception]) -> BaseException:
        """`error` as SQLAlchemy would raise it. The values stay out of the message."""
        connection, dialect = self._connection, self._connection.dialect
        lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
        if lost:
            connection.invalidate(error)
        return sa.exc.DBAPIError.instance(
            self._text, (), error, base, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        )
