"""Connections kept between units: SQLAlchemy's pool would wrap, check and reset each one anew, twice a message."""

import contextlib
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

_KEPT: Final = 4
"""How many rest at most; further ones are closed."""


class Connections:
    """Connections of one engine; each is used by one thread at a time."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._idle: list[sa.Connection] = []

    @contextlib.contextmanager
    def begun(self) -> Iterator[sa.Connection]:
        """A connection with a transaction begun; what is not committed at the end is rolled back."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            connection.begin()
            yield connection
            connection.rollback()
        except BaseException:
            self._give_up(connection)
            raise
        if len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _give_up(self, connection: sa.Connection) -> None:
        """After an error; a server that was lost is lost for the others too."""
        if connection.invalidated:
            self.close()
        connection.close()
