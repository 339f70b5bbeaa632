"""An instrument's table is refused at load with file, row and reason; codes must be quoted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.legal.wire.instruments import read_instrument
from comity.legal.wire.lifecycles import read_lifecycle
from tests.legal.law import DATA, file, instruments

REG = file("instruments/TRAIN-REG.yaml").decode()

CHANGES = {
    "no article": ('    article: "5(1)"\n', "", "row 1", "article is missing"),
    "no source": ('    source: "TRAIN-REG.md, articles 4, 5, 10 and 12"\n', "", "row 1", "source is missing"),
    "empty source": ('source: "TRAIN-REG.md, articles 4, 5, 10 and 12"', 'source: " "', "row 1", "must not be empty"),
    "an unquoted code": ('one_of: ["dna"]', "one_of: [NO, DK]", "row 1 condition 1", "quoted codes"),
    "an unquoted date": ('from: "2020-01-01"', "from: 2020-01-01", "TRAIN-REG.yaml", "quoted text"),
    "no date": ('from: "2020-01-01"', 'from: "soon"', "TRAIN-REG.yaml", "not a date"),
    "a compact date": ('from: "2020-01-01"', 'from: "20200101"', "TRAIN-REG.yaml", "not a date"),
    "until before from": ("until: null", 'until: "2019-01-01"', "TRAIN-REG.yaml", "before from"),
    "unknown status": ('status: "reviewed"', 'status: "fine"', "row 1", "status: unknown code"),
    "unknown confidence": ('confidence: "V"', 'confidence: "sure"', "row 1", "confidence: unknown code"),
    "unknown condition": ('kind: "modality"', 'kind: "mood"', "row 1 condition 1", "kind: unknown code"),
    "misspelt parameter": ('one_of: ["dna"]', 'oneof: ["dna"]', "row 1 condition 1", "one_of, oneof|oneof, one_of"),
    "misspelt field": ("    use_limits:", "    uselimits:", "row 1", "use_limits is missing"),
    "an extra field": (
        '    status: "reviewed"\n', '    status: "reviewed"\n    note: "x"\n', "row 1", "unknown field: note"),
    "a field twice": ('code: "TRAIN-REG"', 'code: "TRAIN-REG"\ncode: "X"', "TRAIN-REG.yaml", "given twice"),
    "months in words": ("months: 12", 'months: "twelve"', "row 1 condition 4", "whole number"),
    "months as truth": ("months: 12", "months: yes", "row 1 condition 4", "whole number"),
    "another schema": ("comity-instrument/1", "comity-instrument/9", "TRAIN-REG.yaml", "schema: unknown code"),
    "an alias": ('code: "TRAIN-REG"', 'code: &c "TRAIN-REG"\nx: *c', "TRAIN-REG.yaml", "aliases"),
    "rows no list": ("rows:\n", "rows: 5\nmore:\n", "TRAIN-REG.yaml", "must be a list"),
    "a clock without a start": (
        'start: ["match_confirmed", "facts_received"]', "start: []", "row 3 deadline 1", "starts"),
    "truth in words": ("working_days: false", 'working_days: "no"', "row 3 deadline 1", "true or false"),
    "a stated number": ("equals: true", "equals: 5", "row 3 condition 2", "true or false"),
    "in force from, and not in force": (
        'from: "2020-01-01"', 'from: "2020-01-01"\nin_force: false', "TRAIN-REG.yaml", "no first day"),
    "words on another subject": (
        '    status: "reviewed"\n', '    status: "reviewed"\n    words: {mood: "x"}\n', "row 1 words", "unknown field"),
    "no YAML": ("rows:\n", "rows: [\n", "TRAIN-REG.yaml", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_refused_with_file_row_and_reason(name: str) -> None:
    old, new, where, reason = CHANGES[name]
    assert old in REG
    with pytest.raises(BadInput) as caught:
        read_instrument(REG.replace(old, new, 1).encode(), "TRAIN-REG.yaml")
    assert where in caught.value.where
    assert re.search(reason, caught.value.what)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"5", b"\xff\xfe", b"a: " + b"x" * 5_000_000, b"rows: []", b"{" * 5000, b"- " * 90_000]
)
def test_not_a_table(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_instrument(data, "x.yaml")


@given(st.binary(max_size=60) | st.text(alphabet="{}[]:-&*!'\" \nab5", max_size=60).map(str.encode))
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    for read in (read_instrument, read_lifecycle):
        with pytest.raises(BadInput):
            read(data, "x.yaml")


def test_no_rows() -> None:
    head = REG[: REG.index("rows:")]
    with pytest.raises(BadInput, match="without rows"):
        read_instrument(f"{head}rows: []\n".encode(), "x.yaml")


def test_every_row_rests_on_the_text_that_is_shipped() -> None:
    """Each article that a table names is a numbered paragraph of the full text beside it."""
    for instrument in instruments():
        text = (DATA / "instruments" / instrument.text).read_text(encoding="utf-8")
        parts = dict(re.findall(r"^## (?:Article|Paragraph) (\d+)\.[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S))
        named = {a for a in instrument.articles.values() if a}
        for row in instrument.rows:
            named |= {row.article} | {c.article for c in row.conditions} | {d.article for d in row.deadlines}
            clauses = (*row.use_limits, *row.refusal_grounds, *row.channels, *row.requirements)
            named |= {clause.article for clause in clauses}
        for article in named:
            number, _, paragraph = article.rstrip(")").partition("(")
            assert number in parts, (instrument.code, article)
            assert not paragraph or re.search(rf"^{paragraph}\. ", parts[number], re.M), (instrument.code, article)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('event: "allow"', 'event: "deny"', "leaves basis_check twice"),
        ("human: false", "human: 0", "true or false"),
        ('start: "draft"', "start: 1", "quoted text"),
        ('name: "query"', 'name: "query"\nnote: "x"', "unknown field"),
    ],
)
def test_a_broken_life_cycle(old: str, new: str, reason: str) -> None:
    text = file("lifecycles/query.yaml").decode()
    with pytest.raises(BadInput, match=reason):
        read_lifecycle(text.replace(old, new, 1).encode(), "query.yaml")
