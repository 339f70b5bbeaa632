"""The node of a command: opened when the command first needs it, closed when the command has ended."""

from collections.abc import Callable
from pathlib import Path

from comity.app.settings import load
from comity.app.standing import check_schema
from comity.app.wiring import Matchers, Node, create_node
from comity.kit.shell import Desk


class Opened:
    """At most one node in a home, which is known only when the command runs; `open` it as often as needed."""

    def __init__(self, home: Callable[[], Path]) -> None:
        self._home = home
        self._node: Node | None = None

    @property
    def home(self) -> Path:
        """The home that the root's options named."""
        return self._home()

    def open(self) -> Node:
        """The node, whose database stands at this release; Misconfigured otherwise."""
        if self._node is None:
            self._node = create_node(load(self.home))
            check_schema(self._node)
        return self._node

    def desk(self) -> Desk:
        """The node's desk, for the rooms' commands."""
        return self.open().desk

    def matchers(self) -> Matchers:
        """The node's matchers, for searches."""
        return self.open().matchers

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if self._node is not None:
            self._node.close()
            self._node = None
