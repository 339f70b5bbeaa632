"""A query as it stands, and how lists choose among queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from comity.base.model import JsonObject

Status = Literal["pending", "hit", "near_match", "no_hit", "refused", "unavailable", "partial"]
"""What a country has answered so far. `pending` is no answer yet; the other six are answers and never merged."""

Side = Literal["asking", "asked"]


@dataclass(frozen=True)
class Query:
    """One exchange with one partner, on either side of it."""

    id: str
    question: str
    side: Side
    partner: str
    modality: str
    case: str | None
    ref: str | None
    state: str
    status: Status
    reason: JsonObject
    """Findings of a refusal, or the cause and deadline of unavailability; empty otherwise."""
    conversation: str
    message: str
    asked_at: datetime
    deadline: datetime
    basis: JsonObject
    """Instrument, article, rules hash and decision id on this node's side."""
    supersedes: str | None = None
    superseded_by: str | None = None


Stage = Literal["awaited", "review", "hits", "ended"]
"""Where a query stands, for lists: an answer is awaited, a lawyer is, a hit is being followed, or its life is over."""


@dataclass(frozen=True)
class Wanted:
    """Which queries a list shows: of a side, a stage, an answer, a partner, a case, where they are given. In order
    of asking, from the newest or the oldest on, after `after` or, backwards, before `before`: when asked, and the id.
    """

    side: Side | None = None
    stage: Stage | None = None
    status: Status | None = None
    partner: str = ""
    case: str = ""
    oldest_first: bool = False
    after: tuple[datetime, str] | None = None
    before: tuple[datetime, str] | None = None
    rows: int = 50


@dataclass(frozen=True)
class Judgeable:
    """A candidate that waits for an examiner's verdict."""

    query: str
    number: str
    partner: str
    near: bool
    asked_at: datetime


@dataclass(frozen=True)
class Listed:
    """One page of a list: its queries, and whether there are more before and after them."""

    queries: tuple[Query, ...]
    before: bool
    after: bool
