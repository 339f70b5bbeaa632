"""What must hold of any decision on any facts and any tables: deny overrides, unknown never allows, each for itself."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.base.model import Json, JsonObject
from comity.legal.model import Clause, Decision, Instrument, Question, Row, Side, Tables
from comity.legal.rules import barred, checking, engine, limits, persons
from tests.legal.law import FACTS, HANDLING, ask, law

STATES = st.sampled_from(["XA", "XB", "XC", "XD"])
SIDES: st.SearchStrategy[Side] = st.sampled_from(["asking", "asked"])
MEASURES = st.sampled_from([*FACTS, *sorted(barred.MEASURES)])
PLAIN: st.SearchStrategy[Json] = st.none() | st.booleans() | st.integers(-2, 200) | st.text(max_size=4)
JUNK: st.SearchStrategy[Json] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
)
CODES: st.SearchStrategy[Json] = st.sampled_from([
    "XA-CC-101", "XA-CC-214", "XA-CC-301", "XA-TC-12", "XA-CC-390", "XB-PL-1", "criminal_investigation", "prosecution",
    "missing_person", "dna", "dna_profile", "core_data", "exhibit", "confirmed_hit", "information", "evidence", "H0",
    "suspect", "informant", "fact", "personal_assessment", "passive", "active", "XC", "node", "contact_point",
    "2026-01-17", "SIS_object_38",
])  # fmt: skip
ORDINARY = frozenset({
    "offence", "purpose", "data_category", "modality", "match", "facts_of_offence", "handling", "use_as", "authority",
    "territory", "channel", "characters", "refusal_grounds", "penalty_text_included", "act_on", "actions",
})  # fmt: skip
KEYS = st.sampled_from(sorted(ORDINARY | persons.FACTS | limits.FACTS | barred.FACTS))
OWN = st.sampled_from([
    "accredited", "originator", "originator_consent", "neutrality_review", "minor_review", "protection_review",
    "recipient", "use_consent", "named_readers", "specific_authorisation",
])  # fmt: skip
SAID: tuple[Json, ...] = (True, False, "cleared", "refused", "XA", "XC")
RULINGS: st.SearchStrategy[Json] = st.sampled_from(SAID) | JUNK


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Complete questions with some facts replaced by, or completed with, anything at all."""
    measure = draw(MEASURES)
    facts: JsonObject = {"offence": "XA-CC-101", "purpose": "criminal_investigation", "handling": HANDLING}
    facts |= FACTS.get(measure, {}) | draw(st.dictionaries(KEYS, JUNK | CODES, max_size=4))
    own = draw(st.dictionaries(OWN, RULINGS, max_size=3))
    instrument = draw(st.none() | st.sampled_from(["TRAIN-REG", "TRAIN-MOU", "TRAIN-CONV"]))
    day = draw(st.dates(date(2009, 1, 1), date(2028, 1, 1)))
    return Question(measure, draw(STATES), draw(STATES), instrument, day, facts, own)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """The training tables with anything left out: parties, offences, findings, reviews, conditions, channels."""
    known = law()
    rows = {m: tuple((i, _row(draw, row)) for i, row in found) for m, found in known.rows.items()}
    drop = draw(st.sets(st.sampled_from(["participations", "declarations", "offences", "recipients"])))
    emptied: dict[str, Any] = {name: {} for name in drop}
    if "offences" in drop:
        emptied["offences_of"] = {}
    if draw(st.booleans()):
        emptied["joined"] = frozenset[str]()
    instruments = {code: _instrument(draw, i) for code, i in known.instruments.items()}
    placed = {m: tuple((instruments[i.code], row) for i, row in found) for m, found in rows.items()}
    return replace(known, rows=placed, instruments=instruments, **emptied)


def _row(draw: st.DrawFn, row: Row) -> Row:
    if draw(st.integers(0, 3)):
        return row
    kept = tuple(c for c in row.conditions if draw(st.booleans()))
    channels = row.channels if draw(st.booleans()) else (Clause("diplomatic", "9", True),)
    status = draw(st.sampled_from(["reviewed", "unreviewed"]))
    return replace(row, conditions=kept, channels=channels, status=status)


def _instrument(draw: st.DrawFn, instrument: Instrument) -> Instrument:
    if draw(st.integers(0, 3)):
        return instrument
    return replace(instrument, valid_from=None, in_force=draw(st.booleans()))


def consistent(decision: Decision) -> bool:
    """Deny exactly where something fails; allow exactly where everything passes; a cure for whatever does not."""
    results = {f.result for f in decision.findings}
    expected = "deny" if "fail" in results else "refer" if "unknown" in results else "allow"
    return (
        bool(results) and decision.outcome == expected and all(f.cure for f in decision.findings if f.result != "pass")
    )


@given(tables(), questions(), SIDES)
def test_deny_overrides_and_unknown_never_allows(known: Tables, question: Question, side: Side) -> None:
    decision = engine.decide(known, question, side)
    assert consistent(decision)
    assert engine.decide(known, question, side) == decision


@given(tables(), questions(), SIDES)
def test_every_basis_is_decided_and_none_is_better_than_the_one_taken(
    known: Tables, question: Question, side: Side
) -> None:
    each = engine.decide_each(known, question, side)
    ranks = [("allow", "refer", "deny").index(d.outcome) for d in each]
    assert all(map(consistent, each)) and ranks == sorted(ranks)
    taken = engine.decide(known, question, side)
    assert taken.outcome != "allow" or each[0].outcome == "allow"
    if taken.instrument in known.joined:
        assert taken in each


@given(questions(), SIDES, st.sampled_from(["participations", "recipients", "offences_of"]))
def test_what_a_table_no_longer_says_never_allows_more(question: Question, side: Side, table: str) -> None:
    """Taking parties, findings on recipients or offences away never turns a no or a doubt into an allow."""
    emptied: dict[str, Any] = {table: {}}
    if engine.decide(law(), question, side).outcome != "allow":
        assert engine.decide(replace(law(), **emptied), question, side).outcome != "allow"


@given(SIDES, st.text(min_size=1, max_size=8).filter(lambda text: text not in engine_words()))
def test_a_code_that_no_list_knows_never_allows(side: Side, nonsense: str) -> None:
    """Whatever coded fact gets a value without meaning, the outcome is no allow."""
    for fact in (
        "purpose",
        "data_category",
        "modality",
        "channel",
        "data_subject",
        "statement_kind",
        "act_on",
        "use_as",
    ):
        asked = ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", **{fact: nonsense})
        assert engine.decide(law(), asked, side).outcome != "allow"


def engine_words() -> frozenset[str]:
    """Every code of every closed list."""
    return frozenset(code for scheme in law().vocabulary.schemes.values() for code in scheme.codes)


@given(questions(), st.dictionaries(OWN, RULINGS, max_size=3))
def test_each_side_decides_for_itself(question: Question, theirs: JsonObject) -> None:
    """A side's decision rests on its own tables and its own judgements: what the other holds changes nothing.

    The two sides differ only in what they find of each other and in whose the data are; the rest of the findings are
    the same for both, whatever either has judged.
    """
    here = engine.decide(law(), question, "asking")
    there = engine.decide(law(), replace(question, own=theirs), "asked")
    assert engine.decide(law(), question, "asking") == here
    if question.own == theirs and (here.instrument, here.article) == (there.instrument, there.article):
        same = [f for f in here.findings if f.condition not in ("recipient", "recipient_rights", "handling_code")]
        assert same == [
            f for f in there.findings if f.condition not in ("recipient", "recipient_rights", "handling_code")
        ]


@given(questions(), SIDES)
def test_no_partner_judges_for_us(question: Question, side: Side) -> None:
    """Judgements that come as facts are no judgements: they change nothing."""
    judged: JsonObject = {
        "neutrality_review": "cleared", "minor_review": "cleared", "protection_review": "cleared", "use_consent": True,
        "accredited": True, "named_readers": True, "specific_authorisation": "C 1", "originator_consent": True,
        "recipient": {"basis": "adequacy", "reason": "", "death_penalty": "none", "torture_risk": "none"},
    }  # fmt: skip
    plain = engine.decide(law(), question, side)
    assert engine.decide(law(), replace(question, facts=question.facts | judged), side).findings == plain.findings


def test_offences_are_grouped_as_the_engine_looks_them_up() -> None:
    rows = [o for found in law().offences.values() for o in found]
    assert law().offences_of == checking.grouped(rows, lambda o: o.state)
