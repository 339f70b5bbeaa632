"""News of commits: threads that wait until something has changed, and listeners told right after a commit."""

import threading
from collections.abc import Callable
from typing import Final

from comity.base.clock import monotonic
from comity.kit.database.dialects import Dialect, Watch

_SLICE_SECONDS: Final = 0.25

Listener = Callable[[str], None]
"""Told whom or what a signal is about."""


class News:
    """What one process hears of the changes in its database; `wait` also notices what other processes commit."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._changed = threading.Condition()
        self._watching = threading.Lock()
        self._watches: dict[int, Watch] = {}
        self._closed = False
        self._listeners: tuple[tuple[str, Listener], ...] = ()

    def wait(self, seconds: float) -> bool:
        """Whether anything was changed since this thread's last call, at the latest when `seconds` have passed.

        A thread's first call answers True at once: it starts the watch, and what was committed before cannot be known.
        """
        me = threading.get_ident()
        try:
            with self._watching:
                watch = self._watches.get(me)
                if watch is None:
                    self._watches[me] = self._dialect.watch(self._pause)
                    return not self._closed
            return self._wait(watch, monotonic() + seconds)
        except Exception:  # begun anew, whatever it was: a server that was lost, a file that went away
            self._watches.pop(me, None)
            raise

    def listen(self, topic: str, call: Listener) -> Callable[[], None]:
        """Has `call` told of `topic` until the answered function is called."""
        mine = (topic, call)
        with self._changed:
            self._listeners = (*self._listeners, mine)

        def stop() -> None:
            with self._changed:
                self._listeners = tuple(known for known in self._listeners if known is not mine)

        return stop

    def hear(self, topic: str, about: str) -> None:
        """Tells the listeners of `topic`."""
        for heard, call in self._listeners:
            if heard == topic:
                call(about)

    def changed(self) -> None:
        """Wakes the threads of this process that wait: it has committed a change."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Ends every watch; threads that wait answer False."""
        self._closed = True
        self.changed()
        with self._watching:
            for watch in self._watches.values():
                watch.close()
            self._watches.clear()

    def _wait(self, watch: Watch, deadline: float) -> bool:
        """Looks in short slices, so that `close` is noticed."""
        while not self._closed:
            left = deadline - monotonic()
            if watch.changed(max(0.0, min(left, _SLICE_SECONDS))):
                return True
            if left <= 0:
                return False
        return False

    def _pause(self, seconds: float) -> None:
        """Sleeps until a thread of this process has committed a change, or `seconds` have passed."""
        with self._changed:
            self._changed.wait(seconds)
