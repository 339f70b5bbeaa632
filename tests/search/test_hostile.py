"""A partner that says what honest software would not: REJECTED, and nothing here has changed."""

from typing import Any

from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.dna.wire import own
from comity.exchange.model import Handling
from tests.search.world import ACCOUNT, CORE, FACTS, PLANTED, SPECIMEN, Agency, World

RECORD = own.Question("pruem-2008", "stain", SPECIMEN.loci).as_json()
LEGAL: JsonObject = {"instrument": "TRAIN-REG", "facts": CORE}


def rejected(two: World, by: Agency, sender: Agency, message: str) -> str:
    """The code with which `by` rejected it; `by`'s queries are as before."""
    before = [(q, by.detail(q.id)) for q in by.queries()]
    two.post()
    assert [(q, by.detail(q.id)) for q in by.queries()] == before
    fate = sender.fate(message)
    assert fate.state == "rejected"
    assert "message.rejected" in by.logged()
    return fate.reason


def core_data(query: str, number: str) -> JsonObject:
    return {"v": 1, "query": query, "number": number, "data": {"name": "somebody"}, "legal": LEGAL}


def core_request(query: str, number: str, **changes: str) -> JsonObject:
    return {"v": 1, "query": query, "number": number, "account": ACCOUNT, "legal": LEGAL, **changes}


def candidate(number: str, **changes: Json) -> JsonObject:
    return {"number": number, "quality": 1, "near": False, "comparison": {}, "record": {}, **changes}


def test_core_data_that_nobody_asked_for(two: World) -> None:
    query = two.confirmed()
    body = core_data(query, two.a.first(query))
    message = two.b.forge(two.b.query(query), "search.core_data", body, "core_data")
    assert rejected(two, two.a, two.b, message) == "search.unasked"
    two.a.request(query)
    two.post()
    other = two.b.forge(two.b.query(query), "search.core_data", core_data(query, "XB-other"), "core_data")
    assert rejected(two, two.a, two.b, other) == "search.unasked"


def test_core_data_asked_for_before_confirmation(two: World) -> None:
    query = two.hit()
    message = two.a.forge(
        two.a.query(query), "search.core_request", core_request(query, two.a.first(query)), "core_data"
    )
    assert rejected(two, two.b, two.a, message) == "search.state"


def test_core_data_of_a_near_match_or_of_another_candidate(two: World) -> None:
    two.b.take_in(PLANTED.near.encode())
    query = two.hit()
    full, near = (c["number"] for c in two.a.detail(query)["candidates"])
    two.a.confirm(query, number=near)
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "candidate_hit"
    two.a.confirm(query, number=full)
    two.post()
    message = two.a.forge(two.a.query(query), "search.core_request", core_request(query, near), "core_data")
    assert rejected(two, two.b, two.a, message) == "search.near-match"
    unknown = two.a.forge(two.a.query(query), "search.core_request", core_request(query, "XB-0"), "core_data")
    assert rejected(two, two.b, two.a, unknown) == "search.no-candidate"


def test_core_data_of_a_candidate_that_was_not_confirmed(two: World) -> None:
    two.b.take_in(PLANTED.source.replace("PLANTED-SOURCE", "TWIN").encode())
    query = two.hit()
    one, other = (c["number"] for c in two.a.detail(query)["candidates"])
    two.a.confirm(query, "no_match", number=one)
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "candidate_hit"
    two.a.confirm(query, number=other)
    two.post()
    message = two.a.forge(two.a.query(query), "search.core_request", core_request(query, one), "core_data")
    assert rejected(two, two.b, two.a, message) == "search.unconfirmed"
    two.a.request(query, other)
    two.post()
    assert two.b.where(query)[0] == "awaiting_judge"


def test_a_partner_that_speaks_of_anothers_query(three: World) -> None:
    hit = three.hit()
    asked = three.a.query(hit)
    near = three.c.query(three.near())
    number = three.a.first(hit)
    bodies: dict[str, JsonObject] = {
        "search.answer": {"v": 1, "query": hit, "status": "no_hit", "candidates": [], "legal": {}},
        "search.confirmation": {"v": 1, "query": hit, "answer_to": asked.message, "number": number, "verdict": "match"},
        "search.status": {"v": 1, "query": hit, "state": "authorised"},
    }
    for kind, body in bodies.items():
        for conversation in (asked.conversation, near.conversation):
            message = three.c.forge(near, kind, body, conversation=conversation)
            assert rejected(three, three.a, three.c, message) == "search.not-yours"


def question(world: World, **changes: Json) -> JsonObject:
    return {
        "v": 1, "query": uuid7(world.clock()), "question": uuid7(world.clock()), "modality": "dna", "record": RECORD,
        "legal": LEGAL, "deadline": "2026-03-09T09:30:00.000Z", "supersedes": None, **changes,
    }  # fmt: skip


def test_a_query_takes_no_known_id_and_corrects_nobody_elses(three: World) -> None:
    hit, near = three.a.query(three.hit()), three.a.query(three.near())
    new = {"conversation": uuid7(three.clock())}
    taken = three.a.forge(near, "search.query", question(three, query=near.id), **new)
    assert rejected(three, three.c, three.a, taken) == "search.known-query"
    stranger = three.b.forge(
        three.b.query(hit.id), "search.query", question(three, supersedes=near.id), to=("XC",), **new
    )
    assert rejected(three, three.c, three.b, stranger) == "search.not-yours"


def test_answers_that_are_none(two: World) -> None:
    query = two.hit()
    good: JsonObject = {"v": 1, "query": query, "status": "no_hit", "candidates": [], "legal": {}}
    broken: tuple[JsonObject, ...] = (
        {"status": "hit"}, {"status": "unavailable"}, {"v": 2}, {"query": "0"},
        {"candidates": [candidate("XB-1")]},
        {"status": "hit", "candidates": [candidate("XB-1"), candidate("XB-1")]},
        {"status": "hit", "candidates": [candidate("XB-1", quality=2**40)]},
        {"status": "hit", "candidates": [candidate("n" * 65)]},
        {"status": "hit", "candidates": [candidate("nul\0")]},
    )  # fmt: skip
    for changes in broken:
        message = two.b.forge(two.b.query(query), "search.answer", good | changes)
        assert rejected(two, two.a, two.b, message) == "search.body"
    second = two.b.forge(two.b.query(query), "search.answer", good)
    assert rejected(two, two.a, two.b, second) == "legal.transition"


def test_queries_that_are_none(two: World) -> None:
    good = two.a.query(two.hit())
    broken: tuple[JsonObject, ...] = (
        {"deadline": "9999-12-31T23:59:59-23:59"}, {"deadline": "2026-03-09"}, {"question": "1"}, {"record": []},
        {"legal": {"instrument": "\0", "facts": {}}}, {"legal": {"instrument": "TRAIN-REG"}},
        {"legal": {"instrument": "TRAIN-REG", "facts": {"x": "y" * 17_000}}},
    )  # fmt: skip
    for changes in broken:
        message = two.a.forge(good, "search.query", question(two, **changes), conversation=uuid7(two.clock()))
        assert rejected(two, two.b, two.a, message) == "search.body"


def test_an_unknown_instrument_is_referred_not_answered(two: World) -> None:
    good = two.a.query(two.hit())
    body = question(two, legal={"instrument": "NO-SUCH", "facts": CORE})
    two.a.forge(good, "search.query", body, conversation=uuid7(two.clock()), legal_basis="NO-SUCH:")
    two.post()
    assert two.b.where(str(body["query"]))[0] == "legal_review"


def test_a_correction_names_only_ones_own_open_near_match(two: World) -> None:
    query = two.hit()
    message = two.a.forge(two.a.query(query), "search.correction", question(two, query=query))
    assert rejected(two, two.b, two.a, message) == "search.state"


def test_words_of_a_judge_that_was_not_asked(two: World) -> None:
    query = two.confirmed()
    for state, code in (("authorised", "legal.transition"), ("awaiting_judge", "legal.transition"),
                        ("released", "search.status")):  # fmt: skip
        message = two.b.forge(two.b.query(query), "search.status", {"v": 1, "query": query, "state": state})
        assert rejected(two, two.a, two.b, message) == code


def test_a_name_that_overtakes_the_judges_word_is_kept(two: World) -> None:
    query = two.requested()
    body = core_data(query, two.a.first(query))
    two.b.forge(two.b.query(query), "search.core_data", body, "core_data")
    two.post()
    assert two.a.where(query)[0] == "core_released"


def test_a_verdict_on_nothing(two: World) -> None:
    query = two.hit()
    asked = two.a.query(query).message
    body: JsonObject = {"v": 1, "query": query, "answer_to": asked, "number": "XB-0", "verdict": "match"}
    message = two.a.forge(two.a.query(query), "search.confirmation", body)
    assert rejected(two, two.b, two.a, message) == "search.no-candidate"
    body |= {"verdict": "perhaps"}
    message = two.a.forge(two.a.query(query), "search.confirmation", body)
    assert rejected(two, two.b, two.a, message) == "search.body"


def test_a_partner_that_states_other_facts_than_it_sends(two: World) -> None:
    good = two.a.query(two.hit())
    facts = {**FACTS, "purpose": "prosecution"}
    for body, header in (
        ({}, {"purpose": "border_check"}), ({}, {"legal_basis": "TRAIN-MOU:2(1)"}),
        ({}, {"handling": Handling("H3", "RED")}), ({"legal": {**LEGAL, "facts": facts}}, {}),
        ({"legal": {**LEGAL, "instrument": "TRAIN-MOU"}}, {}), ({"legal": {**LEGAL, "article": "9(9)"}}, {}),
    ):  # fmt: skip
        new = question(two, **body)
        message = two.a.forge(good, "search.query", new, conversation=uuid7(two.clock()), **header)
        assert rejected(two, two.b, two.a, message) == "search.contradiction", (body, header)


def test_the_record_says_what_is_searched_and_no_fact_does(two: World) -> None:
    good = two.a.query(two.hit())
    other = {**FACTS, "modality": "fingerprint", "data_category": "fingerprints"}
    body = question(two, legal={"instrument": "TRAIN-REG", "facts": other})
    two.a.forge(good, "search.query", body, conversation=uuid7(two.clock()))
    two.post()
    found = two.b.query(str(body["query"]))
    assert found.status == "hit"
    stated: Any = found.basis["facts"]
    assert (stated["modality"], stated["data_category"]) == ("dna", "dna_profile")


def test_a_correction_keeps_to_the_querys_basis_and_can_be_searched(corvia: World) -> None:
    query = corvia.near()
    changed = {"instrument": "TRAIN-REG", "facts": {**FACTS, "purpose": "prosecution"}}
    for body, header, code in (
        ({}, {"purpose": "prosecution"}, "search.contradiction"),
        ({"legal": changed}, {"purpose": "prosecution"}, "search.contradiction"),
        ({"modality": "face"}, {}, "search.contradiction"), ({"record": {"rubbish": "x"}}, {}, "dna.json"),
    ):  # fmt: skip
        new = question(corvia, query=query, **body)
        message = corvia.a.forge(corvia.a.query(query), "search.correction", new, **header)
        assert rejected(corvia, corvia.c, corvia.a, message) == code, (body, header)


def test_core_data_are_asked_for_on_the_querys_basis(two: World) -> None:
    query = two.confirmed()
    good = core_request(query, two.a.first(query))
    changed: JsonObject = {"instrument": "TRAIN-REG", "facts": {**CORE, "purpose": "prosecution"}}
    for body, header in (
        (good, {"purpose": "prosecution"}), (good | {"legal": changed}, {"purpose": "prosecution"}),
        (good, {"handling": Handling("H0")}), (good, {"legal_basis": "TRAIN-MOU:2(1)"}),
    ):  # fmt: skip
        message = two.a.forge(two.a.query(query), "search.core_request", body, "core_data", **header)
        assert rejected(two, two.b, two.a, message) == "search.contradiction", header


def test_a_record_that_cannot_be_searched_is_rejected_before_a_lawyer_sees_it(two: World) -> None:
    good = two.a.query(two.hit())
    red: JsonObject = {**FACTS, "handling": {"code": "H2", "tlp": "RED"}}
    few: JsonObject = {"VWA": ["14", "20"]}
    broken: tuple[tuple[JsonObject, str], ...] = (
        ({"rubbish": "x"}, "dna.json"), ({**RECORD, "loci": few}, "dna.too-few-loci"),
        ({**RECORD, "rule_set": "mine"}, "dna.rule-set-unknown"),
    )  # fmt: skip
    for record, code in broken:
        body = question(two, record=record, legal={"instrument": "TRAIN-REG", "facts": red})
        new: dict[str, Any] = {"conversation": uuid7(two.clock()), "handling": Handling("H2", "RED")}
        message = two.a.forge(good, "search.query", body, **new)
        assert rejected(two, two.b, two.a, message) == code
        assert str(body["query"]) not in {q.id for q in two.b.queries()}
