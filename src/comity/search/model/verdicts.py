"""What examiners say of candidates, and what laboratories tell each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.search.model.matching import Candidate, SideBySide
from comity.search.model.queries import Judgeable, Query

VerdictKind = Literal["match", "no_match", "inconclusive"]

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
