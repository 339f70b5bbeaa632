"""A strict reader of JSON objects: every field named, of its type, and none left over.

Records that are signed are read with it, so that nothing can ride along unseen.
"""

import re
from typing import Final

from comity.base.errors import BadInput
from comity.base.ids import is_uuid
from comity.base.model import Json, JsonObject
from comity.evidence.model.package import Digest

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NEVER: Final = re.compile(r"[\x00\ud800-\udfff]")
"""What no text of a record holds: not every database and no UTF-8 can keep it."""

MAX_AGENCY: Final = 16
MAX_LABEL: Final = 64
MAX_TEXT: Final = 4000


def refused(what: str, where: str) -> BadInput:
    """The one error for a record that is not as the protocol says."""
    return BadInput("evidence.format", f"Not a record of this protocol: {what}", where=where,
                    todo="Ask the sender for the package or message as it was made.")  # fmt: skip


class Fields:
    """Reads one object field by field; `end` refuses what was not asked for. `where` names the place in errors."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise refused("an object is expected", where)
        self._left: JsonObject = dict(value)
        self.where = where

    def take(self, name: str) -> Json:
        if name not in self._left:
            raise refused(f"the field {name} is missing", self.where)
        return self._left.pop(name)

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        value = self.take(name)
        if not isinstance(value, str) or len(value) > limit or _NEVER.search(value):
            raise refused(f"the field {name} is not a text of at most {limit} characters", self.where)
        return value

    def label(self, name: str) -> str:
        """A short text of one line, such as an exhibit number; it may be empty."""
        value = self.text(name, MAX_LABEL)
        if not value.isprintable() and value:
            raise refused(f"the field {name} is not one line of text", self.where)
        return value

    def id(self, name: str, *, empty: bool = False) -> str:
        """A UUID in its canonical form; with `empty` the empty text too."""
        value = self.text(name)
        if not is_uuid(value) and not (empty and value == ""):
            raise refused(f"the field {name} is not a UUID", self.where)
        return value

    def agency(self, name: str) -> str:
        """The code of a member of the federation."""
        value = self.code(name)
        if len(value) > MAX_AGENCY:
            raise refused(f"the field {name} is not a member's code", self.where)
        return value

    def code(self, name: str) -> str:
        """A short identifier: letters, digits, dot, dash, underscore."""
        value = self.text(name)
        if not _CODE.fullmatch(value):
            raise refused(f"the field {name} is not a code", self.where)
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise refused(f"the field {name} is none of {', '.join(allowed)}", self.where)
        return value

    def hash(self, name: str, *, empty: bool = False) -> str:
        """A lower-case hex SHA-256; with `empty` the empty text too."""
        value = self.text(name)
        if not _SHA256.fullmatch(value) and not (empty and value == ""):
            raise refused(f"the field {name} is not a SHA-256", self.where)
        return value

    def integer(self, name: str) -> int:
        value = self.take(name)
        if type(value) is not int:
            raise refused(f"the field {name} is not an integer", self.where)
        return value

    def size(self, name: str) -> int:
        value = self.integer(name)
        if value < 0:
            raise refused(f"the field {name} is negative", self.where)
        return value

    def flag(self, name: str) -> bool:
        value = self.take(name)
        if type(value) is not bool:
            raise refused(f"the field {name} is neither true nor false", self.where)
        return value

    def array(self, name: str) -> list[Json]:
        value = self.take(name)
        if not isinstance(value, list):
            raise refused(f"the field {name} is not a list", self.where)
        return value

    def object(self, name: str) -> JsonObject:
        value = self.take(name)
        if not isinstance(value, dict):
            raise refused(f"the field {name} is not an object", self.where)
        return value

    def inner(self, name: str) -> "Fields":
        return Fields(self.take(name), f"{self.where}: {name}")

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.array(name)
        if not all(isinstance(v, str) and len(v) <= MAX_TEXT and not _NEVER.search(v) for v in values):
            raise refused(f"the field {name} is not a list of texts", self.where)
        return tuple(str(value) for value in values)

    def version(self) -> None:
        if self.integer("v") != 1:
            raise refused("its version is not 1", self.where)

    def end(self) -> None:
        if self._left:
            raise refused(f"unknown field {min(self._left)}", self.where)


def digest(value: Json, where: str) -> Digest:
    """A `{sha256, size}` object."""
    fields = Fields(value, where)
    found = Digest(fields.hash("sha256"), fields.size("size"))
    fields.end()
    return found
