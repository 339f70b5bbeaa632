"""The bodies of search messages, parsed once at the edge. Version 1; every body names the query it belongs to.

Message kinds: `search.query`, `search.answer`, `search.confirmation`, `search.note`, `search.core_request`,
`search.status`, `search.core_data`, `search.correction`, `search.withdrawal`; refusals are exchange's own `refusal`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.errors import BadInput
from comity.base.ids import is_uuid
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.legal.model import Finding
from comity.search.model import Candidate, NoteKind, Status, VerdictKind
from comity.search.rules import check_finding

QUERY: Final = "search.query"
ANSWER: Final = "search.answer"
BATCH: Final = "search.batch"
ANSWERS: Final = "search.answers"
CONFIRMATION: Final = "search.confirmation"
NOTE: Final = "search.note"
CORE_REQUEST: Final = "search.core_request"
STATUS: Final = "search.status"
CORE_DATA: Final = "search.core_data"
CORRECTION: Final = "search.correction"
WITHDRAWAL: Final = "search.withdrawal"

QUEUED: Final = "queued"
"""The state in a status that says: the capacity of today is used up, and it goes on by itself."""

CHANGED: Final = "changed"
"""The state in a status that says: a record was corrected, and the answer would be another one now."""

REJECTED: Final = "rejected"
"""The state in a status about one question of a batch that cannot be searched here; its code says why."""

MAX_PARTS: Final = 64
"""Most questions, or answers, of a batch."""
MAX_CANDIDATES: Final = 200
MAX_FACTS: Final = 16 * 1024
"""Most bytes of the facts that a partner states: they are codes."""
MAX_FINDINGS: Final = 100
MAX_REASONS: Final = 64 * 1024
"""Most bytes of all findings of a refusal together; a person's reason is one of their values."""
MAX_LABEL: Final = 128
MAX_CURE: Final = 1000
MAX_ACCOUNT: Final = 20_000
MAX_NOTE: Final = 2_000
_CODE: Final = re.compile("[!-~]{1,64}")
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
    """Instrument, article, measure, facts and the asking side's rules hash and decision id. A parsed body has a code as
    its instrument and an object as its facts, and holds nothing else."""
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


def code(body: JsonObject, name: str) -> str:
    """The code in field `name`: 1 to 64 visible ASCII characters."""
    value = text(body, name)
    if not _CODE.fullmatch(value):
        raise _bad(f"`{name}` is no code of at most 64 characters")
    return value


def query_id(body: JsonObject, name: str = "query") -> str:
    """The id in field `name`; BadInput unless it is a canonical UUID."""
    value = text(body, name)
    if not is_uuid(value):
        raise _bad(f"`{name}` is no UUID")
    return value


def version(body: JsonObject) -> None:
    """Refuse a body of another version than 1."""
    if body.get("v") != 1 or body.get("v") is True:
        raise _bad(f"version {body.get('v')!r} is unknown; this node speaks 1")


def parse_query(body: JsonObject) -> QueryBody:
    """A checked `search.query` or `search.correction` body."""
    version(body)
    try:
        deadline = parse_rfc3339(text(body, "deadline"))
    except (ValueError, OverflowError) as error:
        raise _bad(f"`deadline`: {error}") from error
    supersedes = query_id(body, "supersedes") if body.get("supersedes") is not None else None
    return QueryBody(
        query_id(body), query_id(body, "question"), code(body, "modality"), thing(body, "record"), _basis(body),
        deadline, supersedes,
    )  # fmt: skip


def _basis(body: JsonObject) -> JsonObject:
    """The partner's basis: an instrument by its code, and facts that are no longer than codes are."""
    basis = thing(body, "legal")
    code(basis, "instrument")
    facts = thing(basis, "facts")
    if len(canonical(facts)) > MAX_FACTS:
        raise _bad(f"`facts` are longer than {MAX_FACTS} bytes; facts are codes")
    return _labels(basis, _BASIS) | {"facts": facts}


_BASIS: Final = ("instrument", "article", "measure", "rules_hash", "decision")


def _labels(source: JsonObject, names: tuple[str, ...]) -> JsonObject:
    """The short texts of those names that `source` holds, and nothing else of it."""
    return {name: _label(source, name) for name in names if name in source}


def _label(source: JsonObject, name: str, most: int = MAX_LABEL) -> str:
    value = source.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise _bad(f"`{name}` is no text of at most {most} characters")
    return value


@dataclass(frozen=True)
class Part:
    """One question or answer of a batch: its own conversation, in which all goes on, and its body, not yet read."""

    conversation: str
    body: JsonObject


def batch_json(parts: Sequence[Part]) -> JsonObject:
    """A `search.batch` or `search.answers` body."""
    listed: list[Json] = [{"conversation": part.conversation, "body": part.body} for part in parts]
    return {"v": 1, "parts": listed}


def parse_batch(body: JsonObject) -> list[Part]:
    """The parts of a `search.batch` or `search.answers` body; what is in each is read when its turn comes.

    BadInput unless each names its query, and no two name the same or share a conversation.
    """
    version(body)
    listed = body.get("parts")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_PARTS:
        raise _bad(f"`parts` is no list of 1 to {MAX_PARTS} parts")
    parts = [_part(value) for value in listed]
    if len({part.conversation for part in parts}) != len(parts) or len({query_id(p.body) for p in parts}) != len(parts):
        raise _bad("two parts share a query or a conversation")
    return parts


def _part(value: Json) -> Part:
    if not isinstance(value, dict):
        raise _bad("a part is no object")
    return Part(query_id(value, "conversation"), thing(value, "body"))


def parse_answer(body: JsonObject) -> AnswerBody:
    """A checked `search.answer` body."""
    version(body)
    status = next((s for s in _STATUSES if s == body.get("status")), None)
    listed = body.get("candidates")
    if status is None or not isinstance(listed, list) or len(listed) > MAX_CANDIDATES:
        raise _bad("`status` or `candidates` are not of this version")
    found = [_candidate(c) for c in listed]
    if len({c.number for c in found}) != len(found):
        raise _bad("a candidate stands in it twice")
    return AnswerBody(query_id(body), status, found, _labels(thing(body, "legal"), _BASIS))


def _candidate(value: Json) -> Candidate:
    if not isinstance(value, dict) or not isinstance(value.get("near"), bool):
        raise _bad("a candidate is malformed")
    comparison, record, quality = thing(value, "comparison"), thing(value, "record"), number(value, "quality")
    if not 0 <= quality <= 100:
        raise _bad("`quality` is out of range")
    return Candidate(code(value, "number"), quality, value["near"] is True, comparison, record)


@dataclass(frozen=True)
class VerdictBody:
    """A verdict as the other laboratory hears of it: without person and reason."""

    query: str
    answer_to: str
    """The message, a query or a correction, whose answer was judged."""
    number: str
    kind: VerdictKind

    def as_json(self) -> JsonObject:
        """The body as sent."""
        return {
            "v": 1, "query": self.query, "answer_to": self.answer_to, "number": self.number, "verdict": self.kind,
        }  # fmt: skip


def parse_verdict(body: JsonObject) -> VerdictBody:
    """A checked `search.confirmation` body."""
    version(body)
    kind = next((k for k in _VERDICTS if k == body.get("verdict")), None)
    if kind is None:
        raise _bad("`verdict` is none of match, no_match, inconclusive")
    return VerdictBody(query_id(body), query_id(body, "answer_to"), code(body, "number"), kind)


@dataclass(frozen=True)
class NoteBody:
    """What a laboratory found about a near match, by code and in words; it names nobody."""

    query: str
    kind: NoteKind
    words: str

    def as_json(self) -> JsonObject:
        """The body as sent."""
        return {"v": 1, "query": self.query, "finding": self.kind, "words": self.words}


def parse_note(body: JsonObject) -> NoteBody:
    """A checked `search.note` body."""
    version(body)
    kind = check_finding(text(body, "finding"))
    words = text(body, "words")
    if not words.strip() or len(words) > MAX_NOTE:
        raise _bad(f"`words` is empty or longer than {MAX_NOTE} characters")
    return NoteBody(query_id(body), kind, words)


@dataclass(frozen=True)
class CoreRequestBody:
    """A request for core data: of which candidate, and the facts of the offence in words."""

    query: str
    number: str
    account: str
    legal: JsonObject

    def as_json(self) -> JsonObject:
        """The body as sent."""
        return {"v": 1, "query": self.query, "number": self.number, "account": self.account, "legal": self.legal}


def parse_core_request(body: JsonObject) -> CoreRequestBody:
    """A checked `search.core_request` body."""
    version(body)
    account = text(body, "account")
    if not account.strip() or len(account) > MAX_ACCOUNT:
        raise _bad(f"`account` is empty or longer than {MAX_ACCOUNT} characters")
    return CoreRequestBody(query_id(body), code(body, "number"), account, _basis(body))


@dataclass(frozen=True)
class StatusBody:
    """Word of where a query stands at the asked side: a state, and why a quota has put it off."""

    query: str
    state: str
    findings: list[Json]
    """The findings of a `queued` query; about the asked agency's capacity only, never about a case."""
    code: str = ""
    """Of a `rejected` question: what is wrong with it."""

    def as_json(self) -> JsonObject:
        """The body as sent."""
        told: JsonObject = {"v": 1, "query": self.query, "state": self.state}
        told |= {"code": self.code} if self.state == REJECTED else {}
        return told | ({"findings": self.findings} if self.state == QUEUED else {})


def parse_status(body: JsonObject) -> StatusBody:
    """A checked `search.status` body."""
    version(body)
    state = code(body, "state")
    why = code(body, "code") if state == REJECTED else ""
    return StatusBody(query_id(body), state, _findings(body) if state == QUEUED else [], why)


def parse_core_data(body: JsonObject) -> tuple[str, str, JsonObject]:
    """Query id, candidate number and data of a `search.core_data` body."""
    version(body)
    return query_id(body), code(body, "number"), thing(body, "data")


def parse_refusal(body: JsonObject) -> tuple[str, JsonObject]:
    """Query id and reason of a refusal: the partner's decision, with findings that read as findings."""
    told = thing(body, "decision")
    return query_id(body), _labels(told, _TOLD) | {"findings": _findings(told)}


_TOLD: Final = ("outcome", "measure", "instrument", "article", "rules_hash", "on")


def _findings(told: JsonObject) -> list[Json]:
    listed = told.get("findings")
    if not isinstance(listed, list) or len(listed) > MAX_FINDINGS:
        raise _bad("`findings` is no list of findings")
    if len(canonical(listed)) > MAX_REASONS:
        raise _bad(f"the findings are longer than {MAX_REASONS} bytes")
    return [_finding(value) for value in listed]


def _finding(value: Json) -> Json:
    found: JsonObject = value if isinstance(value, dict) else {}
    shown = _labels(found, ("condition", "result", "article")) | {"cure": _label(found, "cure", MAX_CURE)}
    try:
        return Finding.from_dict(shown | {"values": thing(found, "values")}).as_dict()
    except (KeyError, ValueError) as error:
        raise _bad("a finding is malformed") from error
