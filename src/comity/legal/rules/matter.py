"""One question held against one row, what was made ready beforehand, and the three ways a condition can turn out.

A decision is made of many findings, most of which no fact of the question changes. They are worked out once: for a row
when the tables are built (`Plan`), for two states and a day when they are first met (`Standing`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from comity.base.model import Json, JsonObject
from comity.legal.model import Declaration, Finding, Instrument, Offence, Participation, Question, Row, Side, Tables
from comity.legal.rules.tables import holds

Try = Callable[["Matter"], Finding]
"""One condition made ready: held against a matter it gives its finding."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A row with its conditions made ready; one for each row of a set of tables."""

    tables: Tables
    instrument: Instrument
    row: Row
    tries: tuple[Try, ...]
    available: Finding
    no_grounds: Finding
    """The finding where nobody has raised a ground of refusal."""
    as_limited: Finding
    """The finding where nothing beyond the stated purpose is meant to be done: the limits that bind."""

    def place(self, name: str) -> str:
        """The instrument's article on a general subject, or the row's own where it names none."""
        return self.instrument.articles.get(name) or self.row.article


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What two states are to a row on one day: parties, their declarations, and what the asked state requires."""

    findings: tuple[Finding, ...]
    parts: tuple[tuple[str, Participation], ...]
    """Who has left parts of its territory out: ``asking`` or ``asked``, and the participation."""
    declared: tuple[Declaration, ...]
    """The declarations of both states to the row's article that hold on that day."""
    requirements: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """What every condition reads. `offence` is the asking state's offence on that day, None when it is unknown."""

    plan: Plan
    question: Question
    side: Side
    standing: Standing
    offence: Offence | None

    @property
    def tables(self) -> Tables:
        """The tables that the side which decides goes by."""
        return self.plan.tables

    @property
    def row(self) -> Row:
        """The row that is tried."""
        return self.plan.row

    @property
    def declared(self) -> tuple[Declaration, ...]:
        """The declarations of both states to the row's article that hold on that day."""
        return self.standing.declared

    @property
    def on(self) -> date:
        """The day of the question."""
        return self.question.on

    @property
    def here(self) -> str:
        """The state that decides."""
        return self.question.asking if self.side == "asking" else self.question.asked

    @property
    def partner(self) -> str:
        """The other state: whoever receives what the one that decides lets go."""
        return self.question.asked if self.side == "asking" else self.question.asking

    def place(self, name: str) -> str:
        """The instrument's article on a general subject, or the row's own where it names none."""
        return self.plan.place(name)


def named_offence(question: Question) -> tuple[str, str] | None:
    """State and code of the offence that the facts name, always the asking state's; None where they name none."""
    stated = question.facts.get("offence")
    state, code = question.asking, stated
    if isinstance(stated, dict):
        if stated.get("state", state) != state:
            return None
        code = stated.get("code")
    return (state, code) if isinstance(code, str) else None


def offence_of(tables: Tables, question: Question) -> Offence | None:
    """The offence that the facts name, from the asking state's table as of that day; None when no table has it."""
    named = named_offence(question)
    rows = tables.offences.get(named, ()) if named else ()
    return next((o for o in rows if holds(o, question.on)), None)


def text(value: Json) -> str:
    """A stated code, or an empty string for anything that is none."""
    return value if isinstance(value, str) else ""


def whole(value: Json) -> int | None:
    """A stated whole number that is not negative, or None for anything that is none; a truth value is no number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def listed(value: Json) -> list[Json]:
    """A list as it was stated, a single value as a list of one."""
    return value if isinstance(value, list) else [value]


def codes(values: Iterable[str]) -> list[Json]:
    """Codes as a JSON list."""
    return [*values]


def met(condition: str, article: str, values: JsonObject) -> Finding:
    """The condition holds."""
    return Finding(condition, "pass", article, values, "")


def failed(condition: str, article: str, values: JsonObject, cure: str) -> Finding:
    """The condition does not hold; `cure` says what would change that."""
    return Finding(condition, "fail", article, values, cure)


def unsure(condition: str, article: str, values: JsonObject, cure: str) -> Finding:
    """Nobody can tell yet; `cure` says which fact or whose judgement is missing."""
    return Finding(condition, "unknown", article, values, cure)
