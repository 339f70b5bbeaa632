"""The evidence log."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.base.model import JsonObject
from comity.client.connection import Connection, Objects


@dataclass(frozen=True)
class Log:
    """The node's log: its signed head, its entries, whether it is whole."""

    _at: Connection

    def checkpoint(self) -> str:
        """The signed head, a C2SP checkpoint."""
        return self._at.text("GET", "/log/checkpoint")

    def entries(self, after: int = -1, limit: int = 100, type: str | None = None) -> Objects:
        """Entries numbered above `after` in their clear fields, oldest first; at most 1,000."""
        return self._at.ask_all("GET", "/log/entries", query={"after": after, "limit": limit, "type": type})

    def verify(self) -> JsonObject:
        """Recompute the whole log; findings name rows."""
        return self._at.ask("GET", "/log/verify")

    def open_values(self, index: int, fields: Sequence[str], reason: str) -> JsonObject:
        """Open sealed values of an entry, as an auditor."""
        body = {"fields": [*fields], "reason": reason}
        return self._at.ask("POST", "/log/entries/{index}/open", {"index": index}, body=body)
