"""The unit of work: one transaction that holds an act, its log entry and its outgoing message, or nothing of them.

The outermost verb opens a `Unit` and passes it first to every inner verb. Promises, the same on both databases:

1. One writer a node at a time; `unit.now` is read once it is our turn, so time never runs against commit order.
2. `act()` is a savepoint that also takes back what the act put into `scratch` and the hooks.
3. `before_commit` hooks run inside the transaction, last; `after_commit` hooks only if COMMIT succeeded.
4. A full disk or a lost server raises `Unavailable`, with nothing half-done.
"""

import contextlib
import errno
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from comity.base.clock import Clock, system_clock
from comity.base.errors import ComityError, Conflict, Unavailable
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database import dialects
from comity.kit.database.connections import Connections
from comity.kit.database.dialects import Dialect
from comity.kit.database.news import Listener, News
from comity.kit.database.statements import execute

logger = logging.getLogger(__name__)

T = TypeVar("T")

Observer = Callable[[str], None]
"""Told the label of every point a unit passes; tests kill the process there."""


class Unit:
    """One transaction; made by `Database.unit` (may write) or `Database.read` (may not), used by one thread."""

    def __init__(self, database: "Database", connection: sa.Connection, name: str, *, writes: bool) -> None:
        self.connection = connection
        self.name = name
        self.node = database.node
        self.keys: KeyRing = database.keys
        self.dialect: Dialect = database.dialect
        self.now: datetime = database.clock()
        self.scratch: dict[str, object] = {}
        """Notes that inner verbs keep for this transaction; values must be immutable, `act` copies only the dict."""
        self.writes = writes
        self._observer = database.observer
        self._heard = database._news.hear
        self._before: dict[str, Callable[[Unit], None]] = {}
        self._after: tuple[Callable[[], None], ...] = ()
        self._acts = 0

    @contextlib.contextmanager
    def act(self) -> Iterator[None]:
        """One act as a savepoint: an exception undoes its rows, its scratch and its hooks, then goes on."""
        scratch, before, after = dict(self.scratch), dict(self._before), self._after
        self._acts += 1
        savepoint = f"act_{self._acts}"
        execute(self.connection, f"SAVEPOINT {savepoint}")
        try:
            yield
            execute(self.connection, f"RELEASE SAVEPOINT {savepoint}")
        except BaseException as error:
            self._undo(savepoint, error)
            self.scratch, self._before, self._after = scratch, before, after
            raise

    def attempt(self, what: str, deed: Callable[[], T]) -> tuple[T | None, str]:
        """One act among several that must not hold each other up: its answer and "", or None and its error's code.

        A failure is undone and reported as "`what`: why"; a fault of the program has the code ``node.internal``. Only
        Unavailable is raised: where the storage fails, nothing of the unit shall stay.
        """
        try:
            with self.act():
                return deed(), ""
        except Unavailable:
            raise
        except ComityError as error:
            logger.warning("%s: %s", what, error)
            return None, error.code
        except Exception:
            logger.exception("%s", what)
            return None, "node.internal"

    def _undo(self, savepoint: str, error: BaseException) -> None:
        """Rolls the savepoint back; when the database has dropped the whole transaction, that is the error."""
        if not self.dialect.is_open(self.connection):
            raise dialects.storage("the database gave up the transaction", self.name) from error
        execute(self.connection, f"ROLLBACK TO SAVEPOINT {savepoint}")
        execute(self.connection, f"RELEASE SAVEPOINT {savepoint}")

    def before_commit(self, key: str, call: "Callable[[Unit], None]") -> None:
        """Has `call` run once inside the transaction, after the verbs; a later hook may ask for `key` anew."""
        if not self.writes:
            raise dialects.read_only(f"{self.name} only reads")
        self._before.setdefault(key, call)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Has `call` run when COMMIT has succeeded; it can undo nothing any more, so its errors are only reported."""
        self._after = (*self._after, call)

    def signal(self, topic: str, about: str) -> None:
        """Once committed, tell whoever listens to `topic` in this process; others see by themselves that it changed."""
        self.after_commit(lambda: self._heard(topic, about))

    def point(self, label: str) -> None:
        """Tells the observer that this unit has come to `label`."""
        if self._observer is not None:
            self._observer(label)

    def _finish(self) -> bool:
        """Hooks, then COMMIT; whether anything was changed."""
        while self._before:
            self._before.pop(next(iter(self._before)))(self)
        changed = self.dialect.announce(self.connection)
        self.point(f"{self.name}:before-commit")
        if not self.dialect.is_open(self.connection):
            raise dialects.storage("the database gave up the transaction", self.name)
        self.connection.commit()
        return changed

    def _tell(self) -> None:
        """The after-commit hooks."""
        for call in self._after:
            try:
                call()
            except Exception:
                logger.exception("after the commit of %s", self.name)


class Database:
    """A node's database: hands out units, one writer at a time, any number of readers.

    `url` is an SQLite file or a PostgreSQL database of this node alone. `sealed` (settable) keeps the node read-only,
    for instance while a restored backup has not been cleared: `unit` then raises Conflict ``node.read-only``.
    """

    def __init__(
        self, url: str, *, node: str, keys: KeyRing, clock: Clock = system_clock, observer: Observer | None = None
    ) -> None:
        self.node = node
        self.keys = keys
        self.clock = clock
        self.observer = observer
        self.sealed = False
        self.dialect = dialects.dialect_for(url)
        self.engine = self.dialect.engine(write=True)
        """The writing engine; migrations use it directly, verbs never do."""
        self._reader = self.dialect.engine(write=False)
        self._writing = Connections(self.engine)
        self._reading = Connections(self._reader)
        self._turn = threading.Lock()
        self._holder = 0
        self._news = News(self.dialect)

    @contextlib.contextmanager
    def unit(self, name: str) -> Iterator[Unit]:
        """A write unit for the verb `name` (``room.verb``): commits at the end, rolls back on any exception.

        Raises Conflict when sealed or when this thread already has one open, Unavailable when the turn does not come
        within 30 seconds or the storage fails.
        """
        if self.sealed:
            raise dialects.read_only("the node is sealed")
        with self._our_turn(), self._translated(), self._writing.begun() as connection:
            unit = Unit(self, connection, name, writes=True)
            yield unit
            changed = unit._finish()
        unit.point(f"{name}:after-commit")
        if changed:
            self._news.changed()
        unit._tell()

    @contextlib.contextmanager
    def read(self, name: str) -> Iterator[Unit]:
        """A read unit: one consistent snapshot; an attempt to write raises Conflict ``node.read-only``."""
        with self._translated(), self._reading.begun() as connection:
            yield Unit(self, connection, name, writes=False)

    def wait_for_change(self, seconds: float) -> bool:
        """Waits until some transaction, of any thread or process, has changed something since this thread's last call.

        False when `seconds` pass without one. A thread's first call answers True at once: it starts the watch, and
        what was committed before cannot be known. So a loop of "look for work, then wait" never misses any.
        """
        with self._translated():
            return self._news.wait(seconds)

    def listen(self, topic: str, call: Listener) -> Callable[[], None]:
        """Has `call` told what units of this process `signal` about `topic`, until the answered function is called.

        It runs in the committing thread, right after the commit: it must be quick, a wake-up and no more.
        """
        return self._news.listen(topic, call)

    @contextlib.contextmanager
    def _our_turn(self) -> Iterator[None]:
        """Waits for the other writers of this process; the database itself keeps other processes waiting."""
        if self._holder == threading.get_ident():
            raise Conflict(
                "node.unit-open", "This thread already has a write unit open",
                todo="Pass the open unit on to the inner verb.",
            )  # fmt: skip
        if not self._turn.acquire(timeout=dialects.LOCK_SECONDS):
            raise dialects.busy()
        self._holder = threading.get_ident()
        try:
            yield
        finally:
            self._holder = 0
            self._turn.release()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Driver errors and a full disk in the node's words."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            known = self.dialect.translate(error)
            if known is None:
                raise
            raise known from error
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS}:
                raise
            raise dialects.storage(error.strerror or "the disk fails", str(error.filename or "")) from error

    def dispose(self) -> None:
        """Closes every connection; waiting threads answer False."""
        self._news.close()
        self._writing.close()
        self._reading.close()
        self.engine.dispose()
        self._reader.dispose()
