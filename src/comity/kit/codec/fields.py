"""Strict reading of parsed YAML: every field named, typed and used; errors say file, row and reason.

Each room has an error of its own for its tables: `Bad` makes it of what is wrong and where.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

import yaml

from comity.base.errors import BadInput

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 32

Bad = Callable[[str, str], BadInput]
"""The error of a table: the reason, and the file and row."""

_LOADER: Final[type[yaml.SafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it, many times as fast; what it makes of a document is the same."""


def _check_events(text: str, name: str, bad: Bad) -> None:
    """Refuses aliases and deep nesting before anything is built: libyaml's composer recurses without a limit."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise bad("anchors and aliases are not allowed", name)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise bad(f"nested deeper than {MAX_DEPTH}", name)


def _check_keys(node: yaml.Node | None, name: str, bad: Bad) -> None:
    """Refuses a key given twice, of which YAML would silently keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item, name, bad)
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise bad(f"given twice: {', '.join(sorted(twice))}", f"{name} line {node.start_mark.line + 1}")
        for _, value in node.value:
            _check_keys(value, name, bad)


def load_yaml(data: bytes, name: str, bad: Bad) -> "Fields":
    """One YAML document whose top is a mapping. Anchors are refused: a table repeats itself in plain sight."""
    if len(data) > MAX_BYTES:
        raise bad(f"larger than {MAX_BYTES} bytes", name)
    try:
        text = data.decode("utf-8")
        _check_events(text, name, bad)
        node = yaml.compose(text, Loader=_LOADER)
        _check_keys(node, name, bad)
        loaded = yaml.constructor.SafeConstructor().construct_document(node) if node is not None else None
    except UnicodeDecodeError as error:
        raise bad(f"not UTF-8: {error.reason} at byte {error.start}", name) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise bad(f"not YAML: {' '.join(str(error).split())}", name) from error
    return Fields(loaded, name, bad)


class Fields:
    """A mapping read field by field; `done` refuses what nobody asked for. Codes must be quoted strings."""

    def __init__(self, value: object, where: str, bad: Bad) -> None:
        if not isinstance(value, dict):
            raise bad("must be a mapping", where)
        self._left: dict[object, object] = dict(value)
        self.where, self._bad = where, bad

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise self._bad(f"{key} is missing", self.where)
        return self._left.pop(key)

    def has(self, key: str) -> bool:
        """Whether `key` is given and not yet read."""
        return key in self._left

    def text(self, key: str, *, empty: bool = False) -> str:
        """A string; `empty` allows none in it."""
        value = self._take(key)
        if not isinstance(value, str):
            raise self._bad(f"{key} must be quoted text, not {value!r}", self.where)
        if not value.strip() and not empty:
            raise self._bad(f"{key} must not be empty", self.where)
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """One code of a closed list."""
        value = self.text(key)
        if value not in allowed:
            raise self._bad(f"{key}: unknown code {value!r}; known: {', '.join(allowed)}", self.where)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of quoted codes; `[NO]` without quotes would be a truth value in YAML 1.1 and is refused."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self._bad(f"{key} must be a list of quoted codes, not {value!r}", self.where)
        return tuple(value)

    def number(self, key: str) -> int:
        """A whole number, not negative."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._bad(f"{key} must be a whole number, not {value!r}", self.where)
        return value

    def truth(self, key: str) -> bool:
        """true or false."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self._bad(f"{key} must be true or false, not {value!r}", self.where)
        return value

    def day(self, key: str) -> date:
        """A quoted ISO 8601 date."""
        return day(self.text(key), key, self.where, self._bad)

    def day_or_none(self, key: str) -> date | None:
        """A quoted date, or null for no end."""
        if self._left.get(key, "") is None:
            self._left.pop(key)
            return None
        return self.day(key)

    def items(self, key: str, label: str) -> list["Fields"]:
        """A list of mappings; each names itself by `label` and its number, counted from 1."""
        value = self._take(key)
        if not isinstance(value, list):
            raise self._bad(f"{key} must be a list", self.where)
        return [Fields(item, f"{self.where} {label} {n}", self._bad) for n, item in enumerate(value, start=1)]

    def map(self, key: str) -> "Fields":
        """A mapping inside."""
        return Fields(self._take(key), f"{self.where} {key}", self._bad)

    def codes(self) -> tuple[str, ...]:
        """The keys not yet read."""
        return tuple(str(key) for key in self._left)

    def rest(self) -> dict[str, object]:
        """All that is left, for fields whose names depend on another field."""
        left, self._left = {str(key): value for key, value in self._left.items()}, {}
        return left

    def done(self) -> None:
        """Refuse fields that are not of the schema: a misspelt condition must not vanish."""
        if self._left:
            raise self._bad(f"unknown field: {', '.join(map(str, self._left))}", self.where)


def day(text: str, key: str, where: str, bad: Bad) -> date:
    """The date of an ISO 8601 text such as ``2026-09-01``."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise bad(f"{key}: {text!r} is not a date such as 2026-09-01", where) from None
    if found.isoformat() != text:
        raise bad(f"{key}: {text!r} is not a date such as 2026-09-01", where)
    return found
