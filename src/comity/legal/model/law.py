"""The nouns of the law: instruments, their rows, who takes part and declares what, offences and dated tables.

All of them are frozen. Dates are civil dates (`datetime.date`) and inclusive at both ends; states are ISO 3166-1
codes; measures, purposes, categories and grounds are the codes of `docs/protocol/legal-facts.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from comity.base.model import JsonObject
from comity.legal.model.capacity import DatedQuota
from comity.legal.model.timing import DayOff, Deadline
from comity.legal.model.vocabulary import Vocabulary


@dataclass(frozen=True)
class Condition:
    """What an article demands. `kind` names the test in `rules.conditions`; `values` are that test's parameters."""

    kind: str
    article: str
    values: JsonObject
    text: str = ""


@dataclass(frozen=True)
class Clause:
    """A use limit, refusal ground, channel or authority of a row: code, article, and whether it binds."""

    code: str
    article: str
    mandatory: bool = True
    states: tuple[str, ...] = ()
    """Only these asked states; empty means all."""


@dataclass(frozen=True)
class Row:
    """One measure under one article of one instrument."""

    measure: str
    article: str
    conditions: tuple[Condition, ...]
    deadlines: tuple[Deadline, ...]
    use_limits: tuple[Clause, ...]
    refusal_grounds: tuple[Clause, ...]
    channels: tuple[Clause, ...]
    requirements: tuple[Clause, ...]
    source: str
    confidence: str
    """V text read at the source; S secondary page; H, M, L general knowledge of that quality."""
    status: str
    """``reviewed`` by a lawyer, or ``unreviewed``: such a row refers whatever it says."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The source's own short words on ``condition``, ``deadline``, ``limits`` and ``channel``, for its reviewer."""
    review: str = ""
    """Who of this agency reviewed the row as it stands, and when; empty where the package itself says its status."""
    where: str = field(default="", compare=False)
    """File and row, for errors."""

    def as_dict(self) -> JsonObject:
        """The row as JSON for whoever reads or reviews it."""
        return {
            "measure": self.measure, "article": self.article, "status": self.status, "review": self.review,
            "confidence": self.confidence, "source": self.source, "words": dict(self.words),
            "conditions": [
                {"kind": c.kind, "article": c.article, "text": c.text, **c.values} for c in self.conditions
            ],
            "refusal_grounds": [c.code for c in self.refusal_grounds], "use_limits": [c.code for c in self.use_limits],
            "channels": [c.code for c in self.channels], "requirements": [c.code for c in self.requirements],
        }  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """A treaty, agreement or memorandum: its dates, its rank among bases, its rows, the hash of its text."""

    code: str
    title: str
    kind: str
    """``bilateral``, ``regional`` or ``convention``: the more special basis goes first among equals."""
    valid_from: date | None
    """The first day; None where the table states none, so that the parties' own dates say since when it binds them."""
    valid_until: date | None
    articles: Mapping[str, str]
    """Where the instrument itself speaks of: entry, territory, declarations, handling, neutrality, refusal."""
    text: str
    """The file that holds the full text, beside the table; empty where only a source is named."""
    rows: tuple[Row, ...]
    in_force: bool = True
    """False for an instrument that was not in force when its table was made: what rests on it refers."""
    where: str = field(default="", compare=False)
    """The file, for errors."""

    @property
    def reviewed(self) -> int:
        """How many rows are reviewed."""
        return sum(row.status == "reviewed" for row in self.rows)

    def outline(self) -> JsonObject:
        """The instrument as JSON for lists, without its rows."""
        return {
            "code": self.code, "title": self.title, "in_force": self.in_force, "from": str(self.valid_from or ""),
            "until": str(self.valid_until or ""), "rows": len(self.rows), "reviewed": self.reviewed,
        }  # fmt: skip


@dataclass(frozen=True)
class Participation:
    """A state is party to an instrument between two dates. `territory`: parts left out, such as ``XB-ISLES``."""

    instrument: str
    state: str
    valid_from: date
    valid_until: date | None
    territory: tuple[str, ...]
    source: str
    where: str = field(default="", compare=False)
    """File and row, for errors."""


@dataclass(frozen=True)
class Declaration:
    """A declaration or reservation of one state to one article, dated, with its effect as a code and a value."""

    id: str
    instrument: str
    state: str
    article: str
    effect: str
    value: str
    valid_from: date
    valid_until: date | None
    text: str
    source: str
    where: str = field(default="", compare=False)
    """File and row, for errors."""


@dataclass(frozen=True)
class Offence:
    """An offence of national law, mapped to ICCS level 1 (UNODC 2015) and the EAW list (2002/584/JHA art 2(2))."""

    state: str
    code: str
    text: str
    iccs: str
    eaw_list: str
    category: str
    max_penalty_months: int
    valid_from: date
    valid_until: date | None
    where: str = field(default="", compare=False)
    """File and row, for errors."""


@dataclass(frozen=True)
class Recipient:
    """What the state `by` has found, for its own node, about data that go to `recipient`, between two dates.

    `basis`: ``shared_regime``, or after Directive (EU) 2016/680 ``adequacy`` (36), ``safeguards`` (37), ``derogation``
    (38), ``none``. `death_penalty`: ``none``, ``possible``, ``assured`` (possible, but an assurance is held).
    `torture_risk`: ``none`` or ``real``.
    """

    by: str
    recipient: str
    basis: str
    reason: str
    death_penalty: str
    torture_risk: str
    valid_from: date
    valid_until: date | None
    source: str
    where: str = field(default="", compare=False)
    """File and row, for errors."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything the engine reads, indexed; built and checked by `rules.tables.build`. Two are equal only if one.

    `rules_hash` is the SHA-256 (hex) over the canonical form of all rows and the engine's version; it travels with
    each act.
    """

    rules_hash: str
    instruments: Mapping[str, Instrument]
    """The newest version of each."""
    versions: Mapping[str, tuple[Instrument, ...]]
    """All versions of each, the earliest first; no two hold on the same day."""
    rows: Mapping[str, tuple[tuple[Instrument, Row], ...]]
    """By measure, of all versions, the most special instrument first."""
    participations: Mapping[tuple[str, str], tuple[Participation, ...]]
    declarations: Mapping[tuple[str, str], tuple[Declaration, ...]]
    offences: Mapping[tuple[str, str], tuple[Offence, ...]]
    offences_of: Mapping[str, tuple[Offence, ...]]
    recipients: Mapping[tuple[str, str], tuple[Recipient, ...]]
    """By who judges and who receives."""
    calendars: Mapping[str, tuple[DayOff, ...]]
    """The days off of each state whose calendar is known."""
    quotas: tuple[DatedQuota, ...]
    """The capacities that tables declare, on any day."""
    states: frozenset[str]
    """States of which some participation is known."""
    joined: frozenset[str]
    """Instruments of which some participation is known; of the others nobody here can say who is party."""
    vocabulary: Vocabulary
    """The closed lists of codes that tables and facts may use."""
    first_day: date
    """No table says anything about an earlier day."""


@dataclass(frozen=True)
class DatedTable:
    """The rows of one dated table file, all of one kind: ``participations``, ``declarations``, ``offences``,
    ``recipients``, ``calendar`` or ``quotas``."""

    kind: str
    name: str
    participations: tuple[Participation, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    offences: tuple[Offence, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    calendar: tuple[DayOff, ...] = ()
    quotas: tuple[DatedQuota, ...] = ()

    def __len__(self) -> int:
        law = (self.participations, self.declarations, self.offences, self.recipients)
        return sum(len(rows) for rows in law) + len(self.calendar) + len(self.quotas)


@dataclass(frozen=True)
class ImportedTable:
    """A table that this agency imported: who, when, its digest and how many rows of which kind."""

    id: str
    kind: str
    name: str
    digest: str
    rows: int
    at: datetime
    by: str
    signed: bool = False
    """Whether a lawyer's set has it; until then it is not in use."""
