"""The laboratory corrects an allele, an officer takes a question back: every recipient is told and acknowledges it."""

from collections.abc import Callable

import pytest

from comity.app.demo import population
from comity.dna import service as dna
from tests.journeys.federation import Federation
from tests.journeys.nodes import LiveNode
from tests.journeys.pictures import check_sound
from tests.journeys.story import look, query, rest
from tests.journeys.test_search_abroad import answered, ask, fails

pytestmark = pytest.mark.journey
Start = Callable[..., Federation]


def corrected(node: LiveNode) -> str:
    """XA's laboratory types the stain anew: the allele is the one that XC holds. The new profile."""
    specimens, _ = dna.read_file(dna.shipped_file("stain-2800m.xml"), "cmf")
    near = (
        population.derivatives(specimens[0]).near.replace("PLANTED-NEAR", "STAIN-2").replace(",Reference,", ",Stain,")
    )
    return str(node.post("examiner-1", "/dna/imports?name=stain-2.csv", near.encode())["profiles"][0])


def test_a_near_match_searches_again_after_the_correction(federation: Start) -> None:
    world = federation("XA", "XC")
    a, c = world["XA"], world["XC"]
    (sent,) = ask(world, "homicide", "XC")
    id = sent["query"]
    answered(world, id, "near_match")
    rest(world)
    a.post("officer-1", f"/searches/{id}/correction", {"profile": corrected(a)})
    found = answered(world, id, "hit")
    assert [candidate["near"] for candidate in found["candidates"]] == [False]
    rest(world)
    assert query(c, id).status == "hit"
    with a.eyes.database.read("test") as unit:
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM search_superseded").scalar() == 1, (
            "it stays, marked"
        )
    check_sound(world)


def test_a_withdrawn_question_is_forgotten_by_the_partner(federation: Start) -> None:
    world = federation("XA", "XB")
    a, b = world["XA"], world["XB"]
    (sent,) = ask(world, "homicide", "XB")
    id = sent["query"]
    answered(world, id, "hit")
    rest(world)
    a.post("officer-1", f"/searches/{id}/withdrawal", {"reason": "the case is closed"})
    rest(world)
    assert query(a, id).state == query(b, id).state == "withdrawn"
    count = "SELECT count(*) FROM search_candidate"
    assert look(b, lambda unit: unit.connection.exec_driver_sql(count).scalar()) == 0
    state = "SELECT state FROM exchange_outbox WHERE type = 'search.withdrawal'"
    assert look(a, lambda unit: unit.connection.exec_driver_sql(state).scalar()) == "handled", "acknowledged"
    assert fails(a, "officer-1", f"/searches/{id}/withdrawal", {"reason": "once more"}).status == 409
    check_sound(world)
