"""What lists of evidence show: lines in codes, hashes and ids, with nothing opened, and which of them are wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar

PAGE: Final = 50
"""Lines on a page of a list."""


@dataclass(frozen=True)
class Choice:
    """Which lines of a list are wanted; empty: all. Lists go from the newest to the oldest."""

    case: str = ""
    """By id or reference; a case that is not the reader's holds nothing."""
    state: str = ""
    partner: str = ""
    before: str = ""
    """Only lines with a smaller id: the last one of the page before."""
    without_hits: bool = False
    """Only requests that follow no query's hit."""


@dataclass(frozen=True)
class ItemLine:
    """An item of a list."""

    id: str
    case: str
    reference: str
    """The case's; empty for an erased case."""
    exhibit: str
    origin: str
    sha256: str
    standing: str
    at: datetime


@dataclass(frozen=True)
class RequestLine:
    """A request of a list, on either side."""

    id: str
    case: str
    reference: str
    partner: str
    category: str
    state: str
    at: datetime


@dataclass(frozen=True)
class PackageLine:
    """A package of a list: what was released to a partner, or came from one."""

    id: str
    case: str
    reference: str
    partner: str
    way: Literal["out", "in"]
    state: str
    size: int
    at: datetime


L = TypeVar("L")


@dataclass(frozen=True)
class Listed(Generic[L]):
    """One page of a list."""

    lines: tuple[L, ...]
    older: str
    """What `Choice.before` takes for the next page; empty on the last."""
