"""One question held against one row of one instrument, and the three ways in which a condition can turn out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from comity.base.model import Json, JsonObject
from comity.legal.model import Declaration, Finding, Instrument, Offence, Question, Row, Side, Tables
from comity.legal.rules.checking import covers
from comity.legal.rules.tables import holds


@dataclass(frozen=True, slots=True)
class Matter:
    """What every condition reads: the tables, the question, the side that decides, and the row that is tried.

    `offence` is the asking state's offence on that day, None when it is unknown; `declared` are the declarations of
    both states to the row's article that hold on that day.
    """

    tables: Tables
    question: Question
    side: Side
    instrument: Instrument
    row: Row
    offence: Offence | None
    declared: tuple[Declaration, ...]

    @property
    def on(self) -> date:
        """The day of the question."""
        return self.question.on

    def place(self, name: str) -> str:
        """The instrument's article on a general subject, or the row's own where it names none."""
        return self.instrument.articles.get(name) or self.row.article


def matter(tables: Tables, question: Question, side: Side, instrument: Instrument, row: Row) -> Matter:
    """The question held against this row."""
    declared = tuple(
        declaration
        for state in (question.asking, question.asked)
        for declaration in tables.declarations.get((instrument.code, state), ())
        if holds(declaration, question.on) and covers(declaration.article, row.article)
    )
    return Matter(tables, question, side, instrument, row, offence_of(tables, question), declared)


def offence_of(tables: Tables, question: Question) -> Offence | None:
    """The offence that the facts name, from the asking state's table as of that day; None when no table has it."""
    stated = question.facts.get("offence")
    state, code = question.asking, stated
    if isinstance(stated, dict):
        if stated.get("state", state) != state:
            return None
        code = stated.get("code")
    if not isinstance(code, str):
        return None
    return next((o for o in tables.offences.get((state, code), ()) if holds(o, question.on)), None)


def text(value: Json) -> str:
    """A stated code, or an empty string for anything that is none."""
    return value if isinstance(value, str) else ""


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
