"""A stain is searched abroad: each state answers for itself, and no two answers are alike (checks 1, 2, 4 and 5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comity.app.tables import metadata
from tests.journeys.federation import Federation, joined, prepare
from tests.journeys.nodes import LiveNode, Refused
from tests.journeys.pictures import check_sound
from tests.journeys.story import ACCOUNT, MATCH, Story, candidate, custody, queries, query, rest

pytestmark = pytest.mark.journey
Start = Callable[..., Federation]


def ask(federation: Federation, case: str, *to: str) -> list[dict[str, Any]]:
    """XA's officer asks these states; the queries as they stand at once."""
    body = {"case": federation.scene.case[case], "profile": federation.scene.profile, "to": list(to)}
    found: list[dict[str, Any]] = federation["XA"].post("officer-1", "/searches", body)
    return found


def answered(federation: Federation, id: str, *status: str) -> dict[str, Any]:
    """The query as the officer sees it, once it has one of these answers."""
    node = federation["XA"]
    federation.bell.until(lambda: query(node, id).status in status, f"{id} is {status}")
    found: dict[str, Any] = node.get("officer-1", f"/searches/{id}")
    return found


def fails(node: LiveNode, person: str, path: str, body: Any = None) -> Refused:
    """The error that a person's POST gets."""
    with pytest.raises(Refused) as caught:
        node.post(person, path, body)
    return caught.value


def messages(node: LiveNode) -> int:
    with node.eyes.database.read("test") as unit:
        return int(unit.connection.scalar(sa.text("SELECT count(*) FROM exchange_message")) or 0)


def test_one_states_hit_is_anothers_near_match(federation: Start) -> None:
    world = federation("XA", "XB", "XC")
    a = world["XA"]
    preview = {"case": world.scene.case["homicide"], "profile": world.scene.profile, "to": ["XB", "XC"]}
    assert a.post("officer-1", "/searches/preview", preview)["recipients"] == ["XB", "XC"]
    hit, near = (q["query"] for q in ask(world, "homicide", "XB", "XC"))
    found = answered(world, hit, "hit")
    assert [c["near"] for c in found["candidates"]] == [False]
    assert "Synthetic" not in str(found), "an answer holds no name"
    found = answered(world, near, "near_match")
    assert [c["near"] for c in found["candidates"]] == [True]
    rest(world)
    assert query(world["XC"], near).state == query(a, near).state == "both_laboratories"
    asked = {"candidate": found["candidates"][0]["number"], "facts_of_offence": ACCOUNT}
    assert fails(a, "officer-1", f"/searches/{near}/core-data-request", asked).status == 409
    check_sound(world)


def test_own_law_denies_and_nothing_leaves(federation: Start) -> None:
    world = federation("XA", "XB")
    (denied,) = ask(world, "theft", "XB")
    assert (denied["status"], denied["reason"]["by"]) == ("refused", "XA")
    assert messages(world["XA"]) == 0
    assert queries(world["XB"]) == []


def test_the_partners_newer_law_refuses_with_article_date_and_cure(federation: Start) -> None:
    world = federation("XA", "XC")
    (allowed,) = ask(world, "tax", "XC")
    found = answered(world, allowed["query"], "refused")
    assert found["reason"]["by"] == "XC"
    (finding,) = found["reason"]["findings"]
    assert finding["article"]
    assert finding["cure"]
    assert "2026" in str(finding["values"])
    rest(world)
    check_sound(world)


def test_unavailable_is_not_no_hit_and_is_answered_later(federation: Start) -> None:
    world = federation("XA", "XC")
    world["XC"].stop()
    (sent,) = ask(world, "homicide", "XC")
    found = answered(world, sent["query"], "unavailable")
    assert found["reason"]["reason"] == "exchange.unreachable"
    assert found["reason"]["deadline"] == found["deadline"]
    world["XC"].start()
    answered(world, sent["query"], "near_match")
    rest(world)
    check_sound(world)


def test_a_name_takes_an_examiner_a_judge_and_an_approver(federation: Start) -> None:
    world = federation("XA", "XB")
    a, b = world["XA"], world["XB"]
    story = Story(world)
    story.ask()
    path, number = f"/searches/{story.query}", candidate(a, story.query)
    asked = {"candidate": number, "facts_of_offence": ACCOUNT}
    assert fails(a, "officer-1", f"{path}/core-data-request", asked).status == 409, "not confirmed"
    assert fails(a, "officer-1", f"{path}/verdicts", {"candidate": number, **MATCH}).status == 403, "no examiner"
    story.judge()
    assert fails(a, "examiner-1", f"{path}/verdicts", {"candidate": number, **MATCH}).status == 409, "judged before"
    a.post("officer-1", f"{path}/core-data-request", asked)
    story.both("awaiting_judge", "awaiting_judge")
    why = {"reason": "to identify the suspect"}
    assert fails(a, "officer-1", f"{path}/identity", why).status == 403, "closed before the judge's order"
    assert fails(b, "approver-1", f"{path}/release").status == 409, "no release without the judge"
    ruling = {"reference": "BJ 2026/41", "reason": "proportionate"}
    assert fails(b, "approver-1", f"{path}/authorisation", ruling).status == 403, "no judge"
    b.post("judge-1", f"{path}/authorisation", ruling)
    story.both("authorised", "authorised")
    assert fails(a, "officer-1", f"{path}/identity", why).status == 403, "closed before the release"
    b.post("approver-1", f"{path}/release")
    story.both("core_released", "core_released")
    assert "Synthetic person K" in str(a.post("officer-1", f"{path}/identity", why))
    clock = a.get("officer-1", path)["core_data"]["clock"]
    assert clock["judicial_from"]
    assert clock["judicial_to"]
    assert clock["state"] == "kept"
    rest(world)
    check_sound(world)


@contextmanager
def on(database_url: Callable[[str], str], folder: Path) -> Iterator[Federation]:
    """Two running nodes on databases of the fixture's engine, made there from nothing."""

    def empty(name: str) -> str:
        engine = sa.create_engine(database_url(name))
        metadata.drop_all(engine)
        engine.dispose()
        return engine.url.render_as_string(hide_password=False)

    with joined(prepare(folder, empty, ("XA", "XB")), ("XA", "XB")) as world:
        world.start()
        yield world


def test_the_main_job_on_each_database(database_url: Callable[[str], str], tmp_path: Path) -> None:
    with on(database_url, tmp_path) as world:
        story = Story(world)
        story.tell()
        rest(world)
        assert custody(world["XA"], story.request) == custody(world["XB"], story.request) == "XA"
        check_sound(world)
        for node in world.nodes.values():
            node.stop()
