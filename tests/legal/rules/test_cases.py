"""Worked cases: each quotes the words that it rests on, and says what must follow from them and why."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from comity.legal.model import Question, Tables
from comity.legal.rules import engine, tables
from comity.legal.service.shipped import shipped_instruments
from comity.legal.wire.dated import read_table
from tests.legal.law import CORVIA, HANDLING, dated, file, law, vocabulary

CASES = Path(__file__).parents[1] / "cases"
DAY = "2026-11-22"


@cache
def read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return read


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=f"{case['base']}: {case['case']}") for case in read(name)["cases"]]


@cache
def world() -> Tables:
    """All instruments, with fictional parties and a fictional reservation."""
    parties = [read_table((CASES / name).read_bytes(), name) for name in ("parties.csv", "declarations.csv")]
    return tables.build(shipped_instruments(), (*dated(), *parties), vocabulary(), "0" * 64)


def question(base: dict[str, Any], case: dict[str, Any]) -> Question:
    facts = {"purpose": "criminal_investigation", "handling": HANDLING} | base["facts"] | case.get("but", {})
    return Question(
        base["measure"], case.get("asking", "XA"), case.get("asked", base.get("asked", "XB")), base["instrument"],
        date.fromisoformat(case.get("day", DAY)), {k: v for k, v in facts.items() if v is not None},
        case.get("own", {}),
    )  # fmt: skip


def hold(known: Tables, base: dict[str, Any], case: dict[str, Any]) -> None:
    decision = engine.decide(known, question(base, case), "asking")
    reasons = {f.condition: f.article for f in decision.reasons}
    assert (decision.outcome, reasons) == (case["outcome"], case.get("because", {}))
    assert (decision.instrument, decision.article) == (base["instrument"], base["article"])
    if "requirements" in case:
        assert list(decision.requirements) == case["requirements"]


@pytest.mark.parametrize("case", cases("training.yaml"))
def test_the_training_instruments(case: dict[str, Any]) -> None:
    base = read("training.yaml")["bases"][case["base"]]
    text = file(f"instruments/{base['text']}").decode()
    assert case.get("quote", base["quote"]) in text
    hold(law(CORVIA) if case.get("declared") else law(), base, case)


@pytest.mark.parametrize("case", cases("read_at_the_source.yaml"))
def test_rows_read_at_the_source(case: dict[str, Any]) -> None:
    base = read("read_at_the_source.yaml")["bases"][case["base"]]
    instrument = world().instruments[base["instrument"]]
    (row,) = [r for r in instrument.rows if (r.measure, r.article) == (base["measure"], base["article"])]
    assert (row.confidence, row.status) == ("V", "reviewed") and row.source
    assert case.get("quote", base["quote"]) in " | ".join(row.words.values())
    hold(world(), base, case)


def test_there_are_enough_of_them() -> None:
    assert len(cases("training.yaml")) >= 100 and len(cases("read_at_the_source.yaml")) >= 50
