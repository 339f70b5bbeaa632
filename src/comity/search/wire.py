"""The bodies of search messages, parsed once at the edge. Version 1; every body names the query it belongs to.

Message kinds: `search.query`, `search.answer`, `search.confirmation`, `search.core_request`, `search.status`,
`search.core_data`, `search.correction`, `search.withdrawal`; refusals travel as exchange's own `refusal`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.errors import BadInput
from comity.base.ids import is_uuid
from comity.base.model import Json, JsonObject
from comity.search.model import Candidate, Status, VerdictKind

QUERY: Final = "search.query"
ANSWER: Final = "search.answer"
CONFIRMATION: Final = "search.confirmation"
CORE_REQUEST: Final = "search.core_request"
STATUS: Final = "search.status"
CORE_DATA: Final = "search.core_data"
CORRECTION: Final = "search.correction"
WITHDRAWAL: Final = "search.withdrawal"

MAX_CANDIDATES: Final = 200
_STATUSES: Final[tuple[Status, ...]] = ("hit", "near_match", "no_hit", "partial")
_VERDICTS: Final[tuple[VerdictKind, ...]] = ("match", "no_match", "inconclusive")


@dataclass(frozen=True)
class QueryBody:
    """A question as it reaches the partner: no name, no case reference, only what the basis needs."""

    query: str
    question: str
    modality: str
    record: JsonObject
    legal: JsonObject
    """Instrument, article, measure, facts and the asking side's rules hash and decision id."""
    deadline: datetime
    supersedes: str | None

    def as_json(self) -> JsonObject:
        """The body as sent."""
        return {
            "v": 1, "query": self.query, "question": self.question, "modality": self.modality, "record": self.record,
            "legal": self.legal, "deadline": rfc3339(self.deadline), "supersedes": self.supersedes,
        }  # fmt: skip


@dataclass(frozen=True)
class AnswerBody:
    """A partner's answer: a status with candidates, all without names."""

    query: str
    status: Status
    candidates: list[Candidate]
    legal: JsonObject

    def as_json(self) -> JsonObject:
        """The body as sent."""
        found: list[Json] = [
            {"number": c.number, "quality": c.quality, "near": c.near, "comparison": c.comparison, "record": c.record}
            for c in self.candidates
        ]
        return {"v": 1, "query": self.query, "status": self.status, "candidates": found, "legal": self.legal}


def _bad(what: str) -> BadInput:
    return BadInput("search.body", f"A search message cannot be used: {what}", todo="Ask the partner to send it again.")


def text(body: JsonObject, name: str) -> str:
    """The text field `name` of a body; BadInput when missing or of another type."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _bad(f"`{name}` is missing or no text")
    return value


def thing(body: JsonObject, name: str) -> JsonObject:
    """The object field `name` of a body."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise _bad(f"`{name}` is missing or no object")
    return value


def number(body: JsonObject, name: str) -> int:
    """The whole-number field `name` of a body."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(f"`{name}` is missing or no whole number")
    return value


def query_id(body: JsonObject, name: str = "query") -> str:
    """The id in field `name`; BadInput unless it is a canonical UUID."""
    value = text(body, name)
    if not is_uuid(value):
        raise _bad(f"`{name}` is no UUID")
    return value


def version(body: JsonObject) -> None:
    """Refuse a body of another version than 1."""
    if body.get("v") != 1:
        raise _bad(f"version {body.get('v')!r} is unknown; this node speaks 1")


def parse_query(body: JsonObject) -> QueryBody:
    """A checked `search.query` or `search.correction` body."""
    version(body)
    try:
        deadline = parse_rfc3339(text(body, "deadline"))
    except ValueError as error:
        raise _bad(f"`deadline`: {error}") from error
    supersedes = query_id(body, "supersedes") if body.get("supersedes") is not None else None
    return QueryBody(
        query_id(body), query_id(body, "question"), text(body, "modality"), thing(body, "record"), thing(body, "legal"),
        deadline, supersedes,
    )  # fmt: skip


def parse_answer(body: JsonObject) -> AnswerBody:
    """A checked `search.answer` body."""
    version(body)
    status = next((s for s in _STATUSES if s == body.get("status")), None)
    listed = body.get("candidates")
    if status is None or not isinstance(listed, list) or len(listed) > MAX_CANDIDATES:
        raise _bad("`status` or `candidates` are not of this version")
    return AnswerBody(query_id(body), status, [_candidate(c) for c in listed], thing(body, "legal"))


def _candidate(value: Json) -> Candidate:
    if not isinstance(value, dict) or not isinstance(value.get("near"), bool):
        raise _bad("a candidate is malformed")
    comparison, record = thing(value, "comparison"), thing(value, "record")
    return Candidate(text(value, "number"), number(value, "quality"), value["near"] is True, comparison, record)


def parse_verdict(body: JsonObject) -> tuple[str, str, VerdictKind]:
    """Query id, candidate number and verdict of a `search.confirmation` body."""
    version(body)
    kind = next((k for k in _VERDICTS if k == body.get("verdict")), None)
    if kind is None:
        raise _bad("`verdict` is none of match, no_match, inconclusive")
    return query_id(body), text(body, "number"), kind
