"""Questions and decisions: asking the engine, keeping what it answered, and a person's refusal beside it."""

from dataclasses import replace
from typing import Final

from comity.base.errors import NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.kit.codec.jcs import parse_object
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Decision, Finding, Question, Side
from comity.legal.rules import engine
from comity.legal.service.tables import tables
from comity.legal.wire import questions

READERS: Final = frozenset({"officer", "lawyer", "auditor"})
"""Roles of which one is needed to read a decision's facts and this node's own judgements."""


def decide(unit: Unit, question: Question) -> Decision:
    """Decide as this node's state, which must be one side of the question, and keep the decision with its findings.

    Never raises for a no: deny and refer are answers. NotAllowed for a node that is neither side.
    """
    if unit.node not in (question.asking, question.asked):
        raise NotAllowed(
            "legal.not-concerned", f"{unit.node} is neither {question.asking} nor {question.asked}",
            todo="Ask about an act in which this node takes part.",
        )  # fmt: skip
    made = replace(consider(unit, question), id=uuid7(unit.now))
    store.add_decision(unit, made)
    return made


def consider(unit: Unit, question: Question) -> Decision:
    """The same decision without keeping it (its `id` stays empty, no permit can rest on it): for looking ahead."""
    side: Side = "asked" if unit.node == question.asked else "asking"
    return engine.decide(tables(unit), question, side)


def find_decision(unit: Unit, id: str) -> Decision:
    """The decision as it was made here; NotFound when this node made none of that id."""
    found = store.decision(unit, id)
    if found is None:
        raise NotFound("legal.decision", f"no decision {id or 'without an id'}", todo="See `comity legal decisions`.")
    return found


def decisions(unit: Unit, limit: int = 50) -> list[Decision]:
    """The newest decisions of this node, newest first."""
    return store.decisions(unit, limit)


def refuse_by_person(unit: Unit, decision: Decision, ground: str, reason: str) -> Decision:
    """Keep a person's refusal as a decision of its own: a deny whose deciding finding is the ground and the reason."""
    finding = Finding(
        condition="human_decision", result="fail", article=decision.article,
        values={"ground": ground, "reason": reason},
        cure="Consult the executing authority; ask again when the ground has ended.",
    )  # fmt: skip
    findings = (*decision.findings, finding)
    made = replace(decision, id=uuid7(unit.now), outcome="deny", findings=findings, requirements=())
    store.add_decision(unit, made)
    return made


def read_question(unit: Unit, data: bytes, name: str = "question") -> Question:
    """The question in the JSON file `name`; this node asks, and today, unless the file says otherwise."""
    return question_from(unit, parse_object(data, where=name))


def question_from(unit: Unit, value: JsonObject) -> Question:
    """The question in a JSON object; BadInput names the key that is wrong."""
    return questions.read_question(value, unit.node, unit.now.date())
