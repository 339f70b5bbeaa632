"""The nouns of a search, and `Matcher`, the contract between a search and a modality such as DNA."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from comity.base.clock import rfc3339
from comity.base.model import Issuer, Json, JsonObject
from comity.legal.model import Decision, Permit

Status = Literal["pending", "hit", "near_match", "no_hit", "refused", "unavailable", "partial"]
"""What a country has answered so far. `pending` is no answer yet; the other six are answers and never merged."""

Side = Literal["asking", "asked"]

VerdictKind = Literal["match", "no_match", "inconclusive"]

HitKind = Literal["open", "useful", "known", "wrong", "arrest", "exculpation"]
"""What became of a confirmed hit: nothing yet, it helped, it was known already, it was wrong, it led to an arrest, or
it cleared somebody."""


@dataclass(frozen=True)
class Candidate:
    """One stored record that may come from the same source. It carries no name: only a number and the comparison.

    `number` is pseudonymous and means something only to the answering node; `quality` is the rule set's grade (for
    Prüm 1 is best); `near` marks a near match; `comparison` names the rule set, the compared loci and every difference;
    `record` is what the asking side may see of the stored record (for DNA the loci and alleles).
    """

    number: str
    quality: int
    near: bool
    comparison: JsonObject
    record: JsonObject


@dataclass(frozen=True)
class Mandate:
    """What a modality is to do for a partner: the act at hand, for whom, and the permit given for exactly that.

    The permit binds the hash of `act`, and the act's subject names what it is about: ``record_sha256`` of the record to
    be searched, or the ``number`` of the candidate whose identity is opened. So a permit for another act opens nothing.
    """

    act: JsonObject
    recipient: str
    permit: Permit


Difference = Literal["same", "unknown", "close", "one", "all", "question", "candidate"]
"""How one place of two records differs: not at all, by a value that one side does not know, by neighbouring values, by
one value, by all; or only the question or the candidate has it, and it is not compared."""


@dataclass(frozen=True)
class Place:
    """One place of two records side by side, such as a locus: its name, both values as written, how they differ."""

    name: str
    question: str
    candidate: str
    difference: Difference


@dataclass(frozen=True)
class Weighing:
    """What two records' agreement weighs against one collection of figures, such as a population's."""

    basis: str
    source: str
    assumed: str
    places: Mapping[str, str]
    """By place, its own figures as text; a place that is not there did not count."""
    ratio: str
    """How many times more probable the agreement is if both have one source; empty where they do not agree
    everywhere, for then no ratio of this kind says anything."""


@dataclass(frozen=True)
class SideBySide:
    """Two records beside each other, by one rule; `source` is where it stands. `counts` are (what, number) by codes of
    the rule, such as how many places it compares."""

    rule: str
    source: str
    places: tuple[Place, ...]
    counts: Mapping[str, int]
    remarks: Mapping[str, str]
    """What is told and never counted, code by code, such as the marker of sex: `same`, `differs`, `not compared`."""
    weighed: tuple[Weighing, ...] = ()


@dataclass(frozen=True)
class Fitness:
    """What a record is good for in a search abroad: which places partners will compare, which stay here unused, which
    the rule knows and the record lacks, and how many are full where the rule asks for `least`; no value is told."""

    kind: str
    rule: str
    source: str
    compared: tuple[str, ...]
    unused: tuple[str, ...]
    lacking: tuple[str, ...]
    full: int
    least: int


@dataclass(frozen=True)
class Chance:
    """What a question is expected to find by chance: records of sources that have nothing to do with it.

    `probability` is that of one record; `basis` says how it was made; `sizes` how many records a state says that it
    holds, where that is known; from `bound` hits on (of a state in `bounds`: from its own) whoever asks must say that
    they are expected.
    """

    basis: str
    probability: float
    sizes: Mapping[str, int]
    bound: float
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def per_million(self) -> float:
        """The hits to expect among a million records."""
        return 1e6 * self.probability

    def expected(self, state: str) -> float:
        """The hits to expect of a state; of one of unknown size, those among a million records."""
        return self.probability * self.sizes.get(state, 1_000_000)

    def too_many(self, states: Iterable[str]) -> dict[str, str]:
        """The states of which more is expected than the bound, with how many hits."""
        found = {state: self.expected(state) for state in states}
        return {state: f"{hits:.3g}" for state, hits in found.items() if hits > self.bounds.get(state, self.bound)}

    def as_dict(self, states: Iterable[str] = ()) -> JsonObject:
        """The expectation as JSON; numbers as decimal text. Of a state whose size nobody said, `profiles` is None."""
        told: JsonObject = {
            state: {
                "profiles": self.sizes.get(state), "expected": f"{self.expected(state):.3g}",
                "bound": f"{self.bounds.get(state, self.bound):g}",
            } for state in states
        }  # fmt: skip
        return {
            "basis": self.basis, "per_million": f"{self.per_million:.3g}", "states": told,
            "too_many": {**self.too_many(told)},
        }  # fmt: skip


U_contra = TypeVar("U_contra", contravariant=True)


class Matcher(Protocol[U_contra]):
    """What a modality offers to `search`. The type variable is the unit of work, which this pure module must not name.

    Guarantees: `prepare` refuses (BadInput) a record that no partner could search, `check` a partner's record that this
    node could not; `facts` states what a record of ours settles of the law's facts, such as that it is no mixture;
    `match` verifies before it reads that the mandate's permit is for an act on this very record, and returns candidates
    best first, without any name; `explain` compares two records in words and figures; `describe` says what a query's
    record is, `grade` what a candidate's quality means and by which rule (both of JSON, as queries are shown);
    `core_data` verifies alike that the act is about this number, given by `match`, and opens the identity behind it.
    `lacking` says what a question lacks of what this node asks of searches with a partner, either way, with the counts.
    `chance` says what a search with the record `ref` is expected to find by chance, None where nobody can tell.
    For pages: `fitness` says what a record is good for, `side_by_side` lays the records of a question and a candidate
    beside each other (both of JSON), `latest` names the records that came last, to whoever may list them.
    """

    def prepare(self, unit: U_contra, ref: str) -> JsonObject: ...

    def facts(self, unit: U_contra, ref: str) -> JsonObject: ...

    def chance(self, unit: U_contra, ref: str) -> Chance | None: ...

    def lacking(self, unit: U_contra, query: JsonObject, partner: str) -> str | None: ...

    def check(self, query: JsonObject) -> None: ...

    def match(self, unit: U_contra, query: JsonObject, mandate: Mandate) -> list[Candidate]: ...

    def explain(self, query: JsonObject, candidate: Candidate) -> str: ...

    def describe(self, query: JsonObject) -> str: ...

    def grade(self, candidate: JsonObject) -> str: ...

    def core_data(self, unit: U_contra, number: str, mandate: Mandate) -> JsonObject: ...

    def fitness(self, unit: U_contra, ref: str) -> Fitness: ...

    def side_by_side(self, unit: U_contra, query: JsonObject, record: JsonObject) -> SideBySide: ...

    def latest(self, unit: U_contra, issuer: Issuer, most: int) -> list[str]: ...


@dataclass(frozen=True)
class Ask:
    """A question to several states: which record of which case, on what purpose, to whom."""

    case: str
    modality: str
    ref: str
    recipients: tuple[str, ...]
    purpose: str
    instrument: str | None = None
    urgency: str = "normal"
    facts: JsonObject = field(default_factory=dict)
    """Further facts for the legal engine, such as `territory` or `handling`; judgements of one's own stay at home."""
    emergency: bool = False
    """A threat to life: asked at once, counted by no quota, reviewed by another person within 24 hours."""
    oral: bool = False
    """Asked on a basis that was given orally, and is confirmed in writing afterwards."""
    further: tuple[str, ...] = ()
    """More records of the same case, each a question of its own; what goes to one state travels in batches."""
    reason: str = ""
    """With `emergency`: why a life is in danger, in a sentence without names, for whoever reviews it."""
    question: str = ""
    """An id for the question, made where it is asked; asking again under it finds what was asked then. Only of one
    record; a new one where it is left out."""
    accepted: bool = False
    """Whoever asks has seen that more hits by chance are expected than usual, and asks all the same."""

    @property
    def refs(self) -> tuple[str, ...]:
        """All records, each once."""
        return tuple(dict.fromkeys((self.ref, *self.further)))

    @property
    def pace(self) -> str:
        """How urgent it is: a threat to life is immediate, whatever else was said."""
        return "immediate" if self.emergency else self.urgency


@dataclass(frozen=True)
class Preview:
    """What would leave, to whom, on what basis: shown before anything is sent."""

    recipients: tuple[str, ...]
    """Exactly those who would receive the query."""
    withheld: tuple[str, ...]
    """Those whom the decision keeps out."""
    decisions: dict[str, Decision]
    seen: JsonObject
    """The query body as every recipient will see it."""
    chance: Chance | None = None
    """What the question is expected to find by chance; None where nobody can tell."""

    def as_dict(self) -> JsonObject:
        """The preview as JSON."""
        decisions: JsonObject = {state: decision.as_dict() for state, decision in self.decisions.items()}
        chance = self.chance.as_dict(self.recipients) if self.chance else None
        return {"recipients": list[Json](self.recipients), "withheld": list[Json](self.withheld),
                "decisions": decisions, "seen": self.seen, "chance": chance}  # fmt: skip


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


NoteKind = Literal["asks", "typing_holds", "typing_wrong", "relative", "other"]
"""What a laboratory found about a near match, or that it asks the other one to look."""


@dataclass(frozen=True)
class Note:
    """What one laboratory tells the other about a near match. `person` is empty for the partner's: it names nobody."""

    query: str
    seq: int
    node: str
    person: str
    kind: NoteKind
    words: str
    at: datetime
    entry: int

    def as_dict(self) -> JsonObject:
        """The note as JSON."""
        return {
            "node": self.node, "person": self.person, "finding": self.kind, "words": self.words,
            "at": rfc3339(self.at), "entry": self.entry,
        }  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """An examiner's blind judgement of one candidate.

    `round` is the message (a query or a correction) whose answer holds the candidate: a corrected record starts a new
    round, in which nobody has judged.
    """

    query: str
    round: str
    number: str
    node: str
    person: str
    kind: VerdictKind
    reason: str
    at: datetime


@dataclass(frozen=True)
class Compared:
    """A candidate beside the record of its query, as an examiner sees it.

    `own` is the examiner's verdict once given; `others` are those that may then be seen; `waits` are all candidates
    that wait for this examiner, the longest asked first.
    """

    query: Query
    candidate: Candidate
    table: SideBySide
    grade: str
    own: Verdict | None
    others: tuple[Verdict, ...]
    waits: tuple[Judgeable, ...]


@dataclass(frozen=True)
class Transition:
    """One step of a query's life cycle, with who took it and the log entry that records it."""

    query: str
    seq: int
    before: str
    event: str
    after: str
    person: str
    reason: str
    at: datetime
    entry: int


@dataclass(frozen=True)
class HitOutcome:
    """What became of a confirmed hit of ours, as somebody of its case said at one time; `reason` in their words."""

    query: str
    seq: int
    kind: HitKind
    reason: str
    person: str
    at: datetime
    entry: int

    def as_dict(self) -> JsonObject:
        """The outcome as JSON."""
        return {
            "query": self.query, "outcome": self.kind, "reason": self.reason, "person": self.person,
            "at": rfc3339(self.at), "entry": self.entry,
        }  # fmt: skip


@dataclass(frozen=True)
class FollowUp:
    """A confirmed hit of ours, when it is asked about next (None: not any more), and the latest word on it."""

    query: str
    partner: str
    case: str
    confirmed_at: datetime
    due_at: datetime | None
    kind: HitKind | None

    def as_dict(self) -> JsonObject:
        """The follow-up as JSON."""
        return {
            "query": self.query, "partner": self.partner, "case": self.case, "outcome": self.kind,
            "confirmed_at": rfc3339(self.confirmed_at), "due_at": rfc3339(self.due_at) if self.due_at else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """One partner's queries of a span of time, on one side: how many, by answer, and how long an answer took.

    `answers` counts by `Status`, and as ``withheld`` what our own law let nobody be asked; `median_seconds` is None
    where nothing was answered. `outcomes` counts the hits confirmed in that span by the latest word on each (``none``:
    nobody has said yet); hits are followed on the asking side alone.
    """

    side: Side
    partner: str
    asked: int
    answers: Mapping[str, int]
    median_seconds: int | None
    outcomes: Mapping[str, int]

    def as_dict(self) -> JsonObject:
        """The counts as JSON."""
        return {
            "side": self.side, "partner": self.partner, "asked": self.asked, "answers": dict(self.answers),
            "median_seconds": self.median_seconds, "outcomes": dict(self.outcomes),
        }  # fmt: skip
