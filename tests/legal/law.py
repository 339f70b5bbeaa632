"""The shipped training tables, built once, and questions about them."""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from comity.base.model import Json, JsonObject
from comity.legal.model import DatedTable, Decision, Finding, Instrument, Question, Side, Tables, Vocabulary
from comity.legal.rules import engine, tables
from comity.legal.wire.dated import read_table
from comity.legal.wire.instruments import read_instrument
from comity.legal.wire.vocabulary import read_vocabulary

DATA = resources.files("comity.legal") / "data"
SHIPPED = ("participations.csv", "declarations.csv", "offences.csv", "recipients.csv")
CORVIA = "declaration-xc-2026.csv"
DAY = date(2026, 11, 22)
HANDLING: JsonObject = {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"}


def file(path: str) -> bytes:
    folder, name = path.split("/")
    return (DATA / folder / name).read_bytes()


@cache
def instruments() -> tuple[Instrument, ...]:
    names = ("TRAIN-CONV.yaml", "TRAIN-MOU.yaml", "TRAIN-REG.yaml")
    return tuple(read_instrument(file(f"instruments/{name}"), name) for name in names)


@cache
def vocabulary() -> Vocabulary:
    return read_vocabulary((DATA / "vocabulary.yaml").read_bytes(), "vocabulary.yaml")


@cache
def dated(*more: str) -> tuple[DatedTable, ...]:
    return tuple(read_table(file(f"training/{name}"), name) for name in (*SHIPPED, *more))


@cache
def law(*more: str) -> Tables:
    """The tables as XA knows them; `law(CORVIA)` as XC does since its newer declaration."""
    return tables.build(instruments(), dated(*more), vocabulary(), "0" * 64)


FACTS: dict[str, JsonObject] = {
    "hit_no_hit": {"data_category": "dna_profile", "modality": "dna"},
    "core_data": {"data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True},
    "evidence_information": {"data_category": "exhibit"},
    "search_seizure": {"data_category": "exhibit", "penalty_text_included": True},
    "documents_records": {"data_category": "document", "penalty_text_included": True},
    "expert_lab_exam": {"data_category": "exhibit", "penalty_text_included": True},
    "hearing_person": {"data_category": "statement", "penalty_text_included": True},
    "hearing_video": {"data_category": "statement", "penalty_text_included": True},
}


def ask(measure: str, offence: Json, asked: str = "XB", asking: str = "XA", **more: Any) -> Question:
    """A complete question; `more` replaces facts, or (instrument, on, own) parts of the question; None drops a fact."""
    instrument, on, own = more.pop("instrument", None), more.pop("on", DAY), more.pop("own", {})
    facts: JsonObject = {"purpose": "criminal_investigation", "handling": HANDLING, **FACTS.get(measure, {})}
    facts |= {"offence": offence, **more}
    kept: JsonObject = {key: value for key, value in facts.items() if value is not None}
    return Question(measure, asking, asked, instrument, on, kept, own)


def decide(question: Question, known: Tables | None = None, side: Side = "asking") -> Decision:
    return engine.decide(known or law(), question, side)


def result(decision: Decision, condition: str) -> Finding:
    """The worst finding on `condition`."""
    found = [f for f in decision.findings if f.condition == condition]
    return min(found, key=lambda f: ("fail", "unknown", "pass").index(f.result))
