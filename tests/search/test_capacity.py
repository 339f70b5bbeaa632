"""Daily quotas and threats to life: what is put off goes on by itself, and who acts alone is reviewed."""

from typing import Any

import pytest

from comity.access import service as access
from comity.base.codes import ROLES
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import JsonObject
from comity.legal import service as legal
from comity.legal.model import Move, Quota
from comity.search import service, store
from comity.search.model import Query
from tests.search.world import Agency, World

DAY = 24 * 3600
OUT = Quota("outgoing", "partner", "XB", "hit_no_hit", 1, "queue")
IN = Quota("incoming", "partner", "XA", "hit_no_hit", 1, "queue")


def declare(agency: Agency, quota: Quota) -> None:
    with agency.database.unit("test.quota") as unit:
        acted = access.act(unit, agency.people["approver-1"], "legal.quota", legal.quota_subject(quota), ROLES)
        legal.set_quota(unit, acted, quota)


def resume(agency: Agency) -> int:
    with agency.database.unit("test.resume") as unit:
        return service.resume(unit, agency.matchers)


def reason(agency: Agency, query: str) -> Any:
    return agency.query(query).reason


def steps(agency: Agency, subject: str) -> list[tuple[str, str]]:
    with agency.database.read("test.matters") as unit:
        return sorted((p.machine, p.state) for p in legal.proceedings(unit, subject=f"search:{subject}"))


def review(agency: Agency, query: str, person: str, event: str = "confirm") -> None:
    with agency.desk.acting("legal.step", agency.people[person]) as unit:
        for found in legal.proceedings(unit, subject=f"search:{query}", ended=False):
            steps = {"emergency_review": event, "written_confirmation": "written", "deferred_approval": "approve"}
            step = steps[found.machine]
            subject: JsonObject = legal.step_subject(found.id, step)
            acted = access.act(unit, agency.people[person], "legal.step", subject, ROLES)
            legal.take_step(unit, found.id, Move(step, "a life was in danger"), acted)


def test_beyond_our_own_quota_a_question_waits_for_the_next_day(two: World) -> None:
    declare(two.a, OUT)
    first, second = two.a.ask("XB")[0].id, two.a.ask("XB")[0].id
    two.post()
    assert two.a.where(first)[1] == "hit" and two.a.where(second) == ("waiting", "unavailable")
    assert reason(two.a, second)["findings"][0]["condition"] == "quota" and len(two.b.queries()) == 1
    assert resume(two.a) == 0
    two.clock.advance(DAY)
    assert (resume(two.a), resume(two.a)) == (1, 0)
    two.post()
    assert two.a.where(second)[1] == "hit"


def test_what_is_put_off_again_and_again_expires(two: World) -> None:
    declare(two.a, Quota("outgoing", "partner", "XB", "*", 0, "queue"))
    query = two.a.ask("XB")[0].id
    two.clock.advance(DAY)
    assert resume(two.a) == 0 and two.a.where(query)[0] == "waiting"
    two.clock.advance(6 * DAY)
    with two.a.database.unit("test.expire") as unit:
        assert service.expire(unit) == 1
    assert two.a.where(query)[0] == "expired"


def test_a_quota_that_refuses_is_an_own_denial(two: World) -> None:
    declare(two.a, Quota("outgoing", "person", "officer-1", "*", 0, "refuse"))
    query = two.a.ask("XB")[0].id
    assert two.a.where(query) == ("refused", "refused")
    assert reason(two.a, query)["findings"][0]["condition"] == "quota" and reason(two.a, query)["outcome"] == "deny"


def test_a_partner_that_is_put_off_is_told_and_answered_later(two: World) -> None:
    declare(two.b, IN)
    first, second = two.a.ask("XB")[0].id, two.a.ask("XB")[0].id
    two.post()
    assert two.a.where(first)[1] == "hit"
    assert two.a.where(second) == two.b.where(second) == ("waiting", "unavailable")
    assert (reason(two.a, second)["by"], reason(two.a, second)["reason"]) == ("XB", "legal.quota")
    assert reason(two.a, second)["findings"] == reason(two.b, second)["findings"]
    (told,) = reason(two.a, second)["findings"]
    assert (told["condition"], told["values"]["partner"], told["values"]["per_day"]) == ("quota", "XA", 1)
    assert told["cure"].startswith("it goes on by itself from 20")
    two.clock.advance(DAY)
    assert (resume(two.a), resume(two.b)) == (0, 1)
    two.post()
    assert two.a.where(second) == two.b.where(second) == ("candidate_hit", "hit")


def test_a_partner_beyond_a_quota_that_refuses_gets_the_finding(two: World) -> None:
    declare(two.b, Quota("incoming", "partner", "*", "*", 0, "refuse"))
    query = two.a.ask("XB")[0].id
    two.post()
    assert two.a.where(query)[1] == two.b.where(query)[1] == "refused"
    assert reason(two.a, query)["findings"][0]["condition"] == "quota"


def test_a_quota_that_comes_to_refuse_ends_what_it_had_put_off(two: World) -> None:
    declare(two.a, OUT)
    declare(two.b, IN)
    two.a.ask("XB")
    ours = two.a.ask("XB")[0].id
    two.post()
    declare(two.a, Quota("outgoing", "partner", "XB", "hit_no_hit", 0, "refuse"))
    two.clock.advance(DAY)
    assert resume(two.a) == 1 and two.a.where(ours) == ("refused", "refused")
    two.post()
    assert len(two.b.queries()) == 1


def test_what_the_law_no_longer_allows_stays_where_it_is(two: World, caplog: pytest.LogCaptureFixture) -> None:
    declare(two.b, Quota("incoming", "partner", "XA", "*", 0, "queue"))
    query = two.a.ask("XB")[0].id
    two.post()
    with two.b.database.unit("test.facts") as unit:
        basis = service.find(unit, query).basis
        store.update_query(unit, query, basis=basis | {"facts": {}})
    two.clock.advance(DAY)
    assert resume(two.b) == 0 and "could not go on: The law says refer" in caplog.text


def test_a_threat_to_life_is_asked_by_one_and_reviewed_by_another(two: World) -> None:
    declare(two.a, Quota("outgoing", "partner", "*", "*", 0, "refuse"))
    declare(two.b, Quota("incoming", "partner", "*", "*", 0, "refuse"))
    query = two.a.ask("XB", emergency=True, oral=True, urgency="immediate")[0].id
    two.post()
    assert two.a.where(query)[1] == "hit"
    assert steps(two.a, query) == [("emergency_review", "unreviewed"), ("written_confirmation", "oral")]
    assert steps(two.b, query) == [("emergency_review", "unreviewed")]
    with two.a.database.read("test.due") as unit:
        due = {c.clock for c in legal.deadlines_of(unit, two.a.people["officer-2"].actor)}
    assert {"review", "confirm_in_writing"} <= due
    with pytest.raises(Conflict, match="not done yet"):
        two.a.confirm(query, "no_match")
    with pytest.raises(NotAllowed, match="confirm is not for officer"):
        review(two.a, query, "officer-1")
    two.clock.advance(25 * 3600)
    with two.a.database.unit("test.escalate") as unit:
        assert legal.escalate(unit) == 4
    review(two.a, query, "approver-1")
    assert steps(two.a, query) == [("emergency_review", "justified"), ("written_confirmation", "confirmed")]
    two.a.confirm(query, "no_match")
    assert two.a.where(query)[0] == "closed_no_hit"


def test_an_emergency_may_be_taken_back_and_its_review_stays(two: World) -> None:
    query = two.a.ask("XB", emergency=True)[0].id
    two.a.does("officer-1", service.withdraw, query, "the child is found")
    assert two.a.where(query)[0] == "withdrawn" and steps(two.a, query) == [("emergency_review", "unreviewed")]


def test_only_an_emergency_rests_on_an_oral_basis(two: World) -> None:
    with pytest.raises(BadInput, match="oral"):
        two.a.ask("XB", oral=True)


def test_an_officer_releases_alone_and_the_approval_is_deferred(two: World) -> None:
    (asked,) = two.a.ask("XB", emergency=True)
    two.post()
    review(two.a, asked.id, "approver-1")
    two.a.confirm(asked.id)
    two.post()
    two.a.request(asked.id)
    two.post()
    with pytest.raises(Conflict, match="awaiting_judge"):
        alone(two.b, asked.id)
    two.b.does("judge-1", service.authorise, asked.id, service.Ruling(True, "BJ 2026/41", "a child's life"))
    two.post()
    with pytest.raises(BadInput):
        alone(two.b, asked.id, reason=" ")
    for person in ("approver-1", "examiner-1"):
        with pytest.raises(NotAllowed):
            alone(two.b, asked.id, person)
    assert alone(two.b, asked.id).state == "core_released"
    two.post()
    assert "Synthetic person K" in str(two.a.open(asked.id))
    assert ("deferred_approval", "deferred") in steps(two.b, asked.id)
    with two.b.database.read("test.due") as unit:
        due = {c.clock for c in legal.deadlines_of(unit, two.b.people["officer-2"].actor)}
    assert {"review", "second_approval"} <= due
    with pytest.raises(NotAllowed):
        review(two.b, asked.id, "officer-1")
    review(two.b, asked.id, "approver-1")
    assert ("deferred_approval", "approved") in steps(two.b, asked.id)


def test_without_a_threat_to_life_nobody_releases_alone(two: World) -> None:
    query = two.authorised()
    with pytest.raises(NotAllowed, match="no threat to life") as caught:
        alone(two.b, query)
    assert caught.value.code == "search.no-emergency"
    assert two.b.where(query)[0] == "authorised"


def alone(agency: Agency, query: str, person: str = "officer-1", reason: str = "the approver is not reached") -> Query:
    issuer = agency.people[person]
    with agency.desk.acting("search.release-alone", issuer) as unit:
        return service.release_alone(unit, agency.matchers["dna"], issuer, query, reason)
