"""The bodies of search messages: what is written reads back, and anything else is refused as BadInput."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical, parse_object
from comity.search import wire
from comity.search.model import Candidate

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ID = uuid7(NOW)

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), words)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)
things = st.dictionaries(words, values, max_size=4)
codes = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
ids = st.builds(uuid7, st.just(NOW))
moments = st.integers(0, 10**12).map(lambda millis: NOW + timedelta(milliseconds=millis))
labels = st.dictionaries(st.sampled_from(("article", "measure", "rules_hash", "decision")), words)
bases = st.builds(lambda more, code, facts: {**more, "instrument": code, "facts": facts}, labels, codes, things)
found = st.lists(
    st.builds(Candidate, codes, st.integers(0, 100), st.booleans(), things, things),
    unique_by=lambda c: c.number, max_size=5,
)  # fmt: skip
queries = st.builds(wire.QueryBody, ids, ids, codes, things, bases, moments, st.none() | ids)
answers = st.builds(wire.AnswerBody, ids, st.sampled_from(("hit", "near_match", "no_hit", "partial")), found, labels)
requests = st.builds(wire.CoreRequestBody, ids, codes, words.filter(str.strip), bases)

GOOD: dict[Any, JsonObject] = {
    wire.parse_query: wire.QueryBody(
        ID, ID, "dna", {"loci": {}}, {"instrument": "TRAIN-REG", "facts": {}}, NOW, ID
    ).as_json(),
    wire.parse_answer: wire.AnswerBody(ID, "hit", [Candidate("XB-1", 1, False, {}, {})], {}).as_json(),
    wire.parse_verdict: wire.VerdictBody(ID, ID, "XB-1", "match").as_json(),
    wire.parse_core_request: wire.CoreRequestBody(
        ID, "XB-1", "the facts", {"instrument": "TRAIN-REG", "facts": {}}
    ).as_json(),
    wire.parse_status: wire.StatusBody(ID, "queued", [
        {"condition": "quota", "result": "fail", "article": "", "values": {"per_day": 5}, "cure": "wait"}
    ]).as_json(),
    wire.parse_batch: wire.batch_json([wire.Part(uuid7(NOW), {"query": ID, "n": 1})]),
    wire.parse_core_data: {"v": 1, "query": ID, "number": "XB-1", "data": {}},
    wire.parse_refusal: {
        "query": ID,
        "decision": {"outcome": "deny", "findings": [
            {"condition": "x", "result": "fail", "article": "5", "values": {}, "cure": "wait"}
        ]},
    },
}  # fmt: skip


def travelled(body: JsonObject) -> JsonObject:
    return parse_object(canonical(body))


@given(queries)
def test_queries_read_back(body: wire.QueryBody) -> None:
    assert wire.parse_query(travelled(body.as_json())) == body


@given(answers)
def test_answers_read_back(body: wire.AnswerBody) -> None:
    assert wire.parse_answer(travelled(body.as_json())) == body


@given(requests)
def test_core_requests_read_back(body: wire.CoreRequestBody) -> None:
    assert wire.parse_core_request(travelled(body.as_json())) == body


@pytest.mark.parametrize("parse", GOOD, ids=lambda p: p.__name__)
def test_the_good_bodies_are_good(parse: Any) -> None:
    assert parse(GOOD[parse])


@pytest.mark.parametrize("parse", GOOD, ids=lambda p: p.__name__)
@given(things)
def test_nothing_but_bad_input_comes_of_hostile_bodies(parse: Any, body: JsonObject) -> None:
    with pytest.raises(BadInput):
        parse(body)


@pytest.mark.parametrize("parse", GOOD, ids=lambda p: p.__name__)
@given(st.data())
def test_a_good_body_with_one_field_exchanged_is_read_or_refused(parse: Any, data: st.DataObject) -> None:
    def exchanged(value: Json) -> Json:
        if isinstance(value, dict) and value and data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(value)))
            return {**value, name: exchanged(value[name])}
        if isinstance(value, list) and value and data.draw(st.booleans()):
            return [exchanged(value[0]), *value]
        new: Json = data.draw(values)
        return new

    body = exchanged(GOOD[parse])
    try:
        parse(body if isinstance(body, dict) else {})
    except BadInput as error:
        assert error.code == "search.body"


@pytest.mark.parametrize(
    ("parse", "changes"),
    [
        (wire.parse_query, {"v": 2}),
        (wire.parse_query, {"v": True}),
        (wire.parse_query, {"supersedes": "x"}),
        (wire.parse_query, {"query": ID.upper()}),
        (wire.parse_query, {"deadline": "0001-01-01T00:00:00+23:59"}),
        (wire.parse_query, {"modality": "d n a"}),
        (wire.parse_answer, {"status": "refused"}),
        (wire.parse_status, {"findings": {}}),
        (wire.parse_status, {"state": "queued", "findings": [{"condition": "quota"}]}),
        (wire.parse_status, {"state": "in a queue"}),
        (wire.parse_answer, {"candidates": [{}] * 201}),
        (wire.parse_answer, {"candidates": [None]}),
        (wire.parse_verdict, {"verdict": "maybe"}),
        (wire.parse_verdict, {"number": ""}),
        (wire.parse_verdict, {"answer_to": "1"}),
        (wire.parse_core_request, {"account": "   "}),
        (wire.parse_core_request, {"account": "x" * 20_001}),
        (wire.parse_core_data, {"data": []}),
        (wire.parse_refusal, {"decision": {"findings": [{"condition": "x"}]}}),
        (wire.parse_refusal, {"decision": {"findings": [{}] * 101}}),
        (wire.parse_refusal, {"decision": {"findings": [
            {"condition": "x", "result": "fine", "article": "5", "values": {}, "cure": ""}]}}),
    ],
)  # fmt: skip
def test_bodies_that_are_refused(parse: Any, changes: JsonObject) -> None:
    with pytest.raises(BadInput) as caught:
        parse(GOOD[parse] | changes)
    assert caught.value.code == "search.body"


def test_a_refusal_keeps_findings_and_codes_and_nothing_else() -> None:
    decision: Any = GOOD[wire.parse_refusal]["decision"]
    (finding,) = decision["findings"]
    more = {**decision, "surprise": "x", "article": "5", "by": "XC", "findings": [{**finding, "surprise": "x"}]}
    _, reason = wire.parse_refusal({"query": ID, "by": "XC", "decision": more})
    assert reason == {"outcome": "deny", "article": "5", "findings": [finding]}


LONG: Any = [
    {"instrument": 7}, {"article": "x" * 129}, {"findings": [{"article": "x" * 129}]},
    {"findings": [{"cure": "x" * 1001}]}, {"findings": [{"values": {"reason": "x" * 70_000}}]},
    {"findings": [{"values": {"reason": "x" * 3_000}}] * 30}, {"findings": [{"values": []}]},
]  # fmt: skip


@pytest.mark.parametrize("changes", LONG)
def test_a_refusal_is_no_longer_than_reasons_are(changes: Any) -> None:
    decision: Any = GOOD[wire.parse_refusal]["decision"]
    (finding,) = decision["findings"]
    findings: list[Any] = [{**finding, **change} for change in changes.get("findings", [{}])]
    with pytest.raises(BadInput, match="A search message cannot be used"):
        wire.parse_refusal({"query": ID, "decision": {**decision, **changes, "findings": findings}})


def test_a_basis_keeps_its_codes_and_nothing_else() -> None:
    told: JsonObject = {"instrument": "TRAIN-REG", "article": "5(1)", "surprise": "x" * 1_000_000, "facts": {}}
    answer = wire.parse_answer(GOOD[wire.parse_answer] | {"legal": told})
    assert answer.legal == {"instrument": "TRAIN-REG", "article": "5(1)"}
    asked = wire.parse_query(GOOD[wire.parse_query] | {"legal": told})
    assert asked.legal == {"instrument": "TRAIN-REG", "article": "5(1)", "facts": {}}
    with pytest.raises(BadInput):
        wire.parse_answer(GOOD[wire.parse_answer] | {"legal": {"article": "x" * 129}})
