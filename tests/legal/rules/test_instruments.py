"""Every row of every instrument: a question reaches it; unless somebody read it, it refers; if machines can try it, it
can allow."""

from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.model import Json, JsonObject
from comity.legal.model import Instrument, Question, Row, Tables
from comity.legal.rules import engine, tables
from comity.legal.service.shipped import shipped_instruments
from comity.legal.wire.dated import read_table
from tests.legal.law import HANDLING, dated, vocabulary

DAY = date(2026, 11, 22)
ROWS = [(i, row) for i in shipped_instruments() for row in i.rows]
UNREAD = [(i, row) for i, row in ROWS if row.status == "unreviewed"]


@cache
def world() -> Tables:
    """Both training states are party to every instrument that is in force."""
    lines = [
        f"{i.code},{state},{max(i.valid_from or date(2000, 1, 1), date(2000, 1, 1))},,all,fictional"
        for i in shipped_instruments() if i.in_force and not i.code.startswith("TRAIN-") for state in ("XA", "XB")
    ]  # fmt: skip
    parties = read_table("\n".join(("instrument,state,from,until,territory,source", *lines)).encode(), "parties.csv")
    return tables.build(shipped_instruments(), (*dated(), parties), vocabulary(), "0" * 64)


def question(i: Instrument, row: Row, **facts: Any) -> Question:
    base: JsonObject = {"offence": "XA-CC-101", "purpose": "criminal_investigation", "handling": HANDLING}
    base |= {"article": row.article, "territory": {"XB": "XB-MAIN"}}
    return Question(row.measure, "XA", "XB", i.code, DAY, base | facts)


def satisfying(row: Row) -> JsonObject:
    """Facts that meet what the row asks for."""
    facts: JsonObject = {"sought_for": "prosecution", "channel": row.channels[0].code if row.channels else "node"}
    for condition in row.conditions:
        values = condition.values
        one_of = values.get("one_of")
        wanted: Json = one_of[0] if isinstance(one_of, list) and one_of else values.get("equals")
        if condition.kind == "stated":
            facts[str(values["fact"])] = wanted
        elif condition.kind in ("modality", "purpose", "data_category", "authority", "data_subject"):
            facts[condition.kind] = wanted
    return facts


@pytest.mark.parametrize(("i", "row"), ROWS, ids=lambda x: getattr(x, "code", None) or getattr(x, "article", ""))
def test_a_question_reaches_the_row(i: Instrument, row: Row) -> None:
    decision = engine.decide(world(), question(i, row, **satisfying(row)), "asking")
    assert (decision.instrument, decision.article, decision.measure) == (i.code, row.article, row.measure)
    by_machine = row.status == "reviewed" and row.channels and all(c.kind != "text" for c in row.conditions)
    assert decision.outcome == ("allow" if by_machine else "refer")


def facts() -> st.SearchStrategy[dict[str, Any]]:
    codes = st.sampled_from([
        "XA-CC-101", "XA-CC-214", "XA-TC-12", "XA-CC-999", "node", "central_authority", "judge", "political_offence",
        "no_dual_criminality", "evidence", "prosecution", "missing_person",
    ])  # fmt: skip
    value = st.none() | st.booleans() | codes | st.lists(codes, max_size=2)
    names = st.sampled_from([
        "offence", "purpose", "channel", "data_category", "refusal_grounds", "modality", "use_as", "sought_for",
        "penalty_text_included", "match", "data_subject", "characters",
    ])  # fmt: skip
    return st.dictionaries(names, value, max_size=6)


@given(st.sampled_from(UNREAD), facts())
def test_what_nobody_has_read_only_refers(known: tuple[Instrument, Row], stated: dict[str, Any]) -> None:
    decision = engine.decide(world(), question(*known, **stated), "asked")
    assert decision.outcome == "refer"


@given(st.sampled_from(ROWS), facts())
def test_what_is_left_unsaid_never_allows(known: tuple[Instrument, Row], stated: dict[str, Any]) -> None:
    i, row = known
    full = question(i, row, **satisfying(row) | stated)
    fewer = {k: v for k, v in full.facts.items() if k not in ("handling",)}
    assert engine.decide(world(), Question(row.measure, "XA", "XB", i.code, DAY, fewer), "asking").outcome != "allow"


def test_only_rows_read_at_the_source_ship_reviewed() -> None:
    wrong = [(i.code, r.article) for i, r in ROWS if r.status == "reviewed" and r.confidence != "V"]
    assert wrong == [] and len({i.code for i, _ in ROWS}) == 32 and len(ROWS) == 245
    assert {i.code for i, _ in ROWS if not i.in_force} == {"UNCC2024", "CETS224"}


@pytest.mark.parametrize("code", ["UNCC2024", "CETS224"])
def test_what_was_not_in_force_refers_and_says_so(code: str) -> None:
    i = world().instruments[code]
    decision = engine.decide(world(), question(i, i.rows[0]), "asking")
    (finding,) = [f for f in decision.findings if f.condition == "in_force"]
    assert (decision.outcome, finding.result) == ("refer", "unknown") and "was not in force" in finding.cure


def test_an_instrument_of_which_no_parties_are_known_is_not_the_basis_unasked() -> None:
    shipped = tables.build(shipped_instruments(), dated(), vocabulary(), "")
    ask = Question("hit_no_hit", "XA", "XB", None, DAY, {"offence": "XA-CC-214"})
    assert engine.decide(shipped, ask, "asking").instrument.startswith("TRAIN-")
    named = engine.decide(shipped, Question("surrender", "XA", "XB", None, DAY, {"offence": "XA-CC-101"}), "asking")
    assert named.outcome == "refer" and any("who is party" in f.cure for f in named.reasons)
