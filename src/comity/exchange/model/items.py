"""Versioned state: items that hold until their holder says otherwise, and how far a partner's are known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


@dataclass(frozen=True)
class ItemStamp:
    """What travels with an item, and with its withdrawal.

    `number` counts the changes of all items of a kind in the `era`, the epoch of the holder's log. `after` says for
    each recipient the number of the change that it was told last before this one; empty for what is said again because
    a recipient asked for it: such a message moves nobody's cursor.
    """

    id: str
    version: int
    number: int
    era: int
    after: Mapping[str, int]

    def as_dict(self) -> JsonObject:
        """The stamp as JSON, as a message's body carries it under ``item``."""
        return {
            "id": self.id, "version": self.version, "number": self.number, "era": self.era, "after": {**self.after},
        }  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """An item in a listing: id and version, never what it says."""

    id: str
    version: int
    number: int
    withdrawn: bool


@dataclass(frozen=True)
class Listing:
    """What a partner was told of a kind since a number, a page of it.

    `until` is the number up to which this page goes; with `more` another page follows. `whole`: from the first one on.
    `live` and `digest` are of all items that the partner should hold (`wire.items.digest_of`), on the last page.
    """

    kind: str
    era: int
    since: int
    until: int
    whole: bool
    more: bool
    live: int
    digest: str
    items: tuple[Listed, ...]


@dataclass(frozen=True)
class Cursor:
    """How far the items of one kind of one holder are known: every change up to `number` of its `era`.

    `asked` is the number since which a listing was asked for and has not come, None where none is; `checked` when a
    listing last came to its end; `own_era` the epoch of this node's own log then.
    """

    holder: str
    kind: str
    era: int = 0
    number: int = 0
    asked: int | None = None
    asked_at: datetime | None = None
    whole: bool = False
    checked: datetime | None = None
    own_era: int = 0


@dataclass(frozen=True)
class Followed:
    """How the items of one kind of one holder stand here: how many are held, how many announced that have not come."""

    cursor: Cursor
    held: int
    due: int

    def as_dict(self) -> JsonObject:
        """The same as JSON."""
        checked = self.cursor.checked
        return {
            "partner": self.cursor.holder, "kind": self.cursor.kind, "held": self.held, "due": self.due,
            "checked": rfc3339(checked) if checked else None,
        }  # fmt: skip

    @property
    def told(self) -> str:
        """One line for the operator."""
        checked = f"compared {rfc3339(self.cursor.checked)}" if self.cursor.checked else "not compared yet"
        missing = f", {self.due} that have not come" if self.due else ""
        return f"{self.cursor.holder} tells {self.held} items of {self.cursor.kind}{missing}; {checked}"
