"""What a modality answers: candidates and how they compare; `Matcher`, the contract between a search and a modality."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from comity.base.model import Issuer, JsonObject
from comity.legal.model import Permit


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
