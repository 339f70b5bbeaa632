"""The officer API of searches, on real servers: the command line's verbs over HTTP."""

from collections.abc import Callable
from typing import Any

import httpx

from comity.base.clock import parse_rfc3339
from comity.legal import service as legal
from comity.search import api, rules
from tests.faces import serving
from tests.search.world import REF, Agency, World

Asking = Callable[..., httpx.Response]


def routes(agency: Agency) -> Any:
    return api.routes(lambda: agency.desk, lambda: agency.matchers)


def done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def failed(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def question(two: World, **changes: Any) -> dict[str, Any]:
    return {"case": two.a.case, "profile": REF, "to": ["XB"], **changes}


def test_from_question_to_name_over_http(two: World) -> None:
    with serving(routes(two.a)) as xa, serving(routes(two.b)) as xb:
        preview = done(xa("officer-1", "POST", "/searches/preview", json=question(two)))
        assert preview["recipients"] == ["XB"] and two.a.queries() == []
        (query,) = done(xa("officer-1", "POST", "/searches", json=question(two)))
        path = f"/searches/{query['query']}"
        two.post()
        number = done(xa("officer-1", "GET", path))["candidates"][0]["number"]
        verdict = {"candidate": number, "verdict": "match", "reason": "all loci agree"}
        assert done(xa("examiner-1", "POST", f"{path}/verdicts", json=verdict))["state"] == "confirmed"
        two.post()
        account = {"candidate": number, "facts_of_offence": "blood on the sleeve"}
        seen = done(xa("officer-1", "POST", f"{path}/core-data-request/preview", json=account))
        assert (seen["recipients"], seen["seen"]["account"]) == (["XB"], account["facts_of_offence"])
        done(xa("officer-1", "POST", f"{path}/core-data-request", json=account))
        two.post()
        why = {"reason": "to identify the suspect"}
        assert failed(xa("officer-1", "POST", f"{path}/identity", json=why)) == (403, "search.not-released")
        done(xb("judge-1", "POST", f"{path}/authorisation", json={"reference": "BJ 2026/41"}))
        done(xb("approver-1", "POST", f"{path}/release"))
        two.post()
        assert done(xa("officer-1", "POST", f"{path}/identity", json=why))["name"] == "Synthetic person K"
        assert "5(1)" in done(xa("officer-1", "GET", f"{path}/explanation"))["text"]
        assert "quality 1" in done(xa("officer-1", "GET", f"{path}/explanation", params={"candidate": number}))["text"]
        listed = done(xa("officer-1", "GET", "/searches", params={"side": "asking", "case": two.a.case}))
        assert [q["query"] for q in listed] == [query["query"]]
        assert done(xa("officer-2", "GET", "/searches")) == []


def test_refusals_reviews_and_withdrawals_over_http(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    with serving(routes(two.a)) as xa, serving(routes(two.b)) as xb:
        (query,) = done(xa("officer-1", "POST", "/searches", json=question(two, case=sedition)))
        path, cleared = f"/searches/{query['query']}", {"facts": {"neutrality_review": "cleared"}}
        for face in (xa, xb):
            assert done(face("lawyer-1", "POST", f"{path}/answer", json=cleared))["decision"] == "allow"
            two.post()
        refusal = {"ground": "prejudice_ongoing_case", "reason": "a case of ours"}
        assert failed(xb("approver-1", "POST", f"{path}/refusal", json=refusal)) == (409, "search.no-request")
        done(xa("officer-1", "POST", f"{path}/withdrawal", json={"reason": "found"}))
        assert done(xa("officer-1", "GET", path))["state"] == "withdrawn"
        assert done(xa("officer-1", "POST", f"{path}/correction", json={"profile": REF}))["supersedes"]


def test_a_lawyers_refusal_over_http(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    with serving(routes(two.a)) as xa:
        path = f"/searches/{query}/answer"
        assert failed(xa("lawyer-1", "POST", path, json={"refusal": {"ground": "No!", "reason": "x"}})) == (
            400, "search.ground",
        )  # fmt: skip
        refusal = {"refusal": {"ground": "political_offence", "reason": "the matter is political"}}
        assert done(xa("lawyer-1", "POST", path, json=refusal))["decision"] == "deny"
    assert two.a.where(query) == ("refused", "refused")


def test_near_matches_over_http(corvia: World) -> None:
    query = corvia.near()
    with serving(routes(corvia.a)) as xa:
        path = f"/searches/{query}"
        said = {"finding": "asks", "words": "Please look at TH01."}
        assert done(xa("examiner-1", "POST", f"{path}/notes", json=said))["finding"] == "asks"
        assert done(xa("examiner-1", "POST", f"{path}/explained", json={"reason": "a relative"}))["state"] == (
            "closed_near_match"
        )


def test_bad_input_over_http(two: World) -> None:
    query = two.hit()
    path, nobody = f"/searches/{query}", "/searches/019cad00-0000-7000-8000-000000000001"
    with serving(routes(two.a)) as ask:
        for person, method, where, body, expected in (
            ("officer-1", "GET", nobody, None, (404, "search.unknown-query")),
            ("officer-1", "GET", f"{nobody}/explanation", None, (404, "search.unknown-query")),
            ("approver-1", "POST", f"{nobody}/release", None, (404, "search.unknown-query")),
            ("officer-2", "GET", path, None, (404, "search.unknown-query")),
            ("officer-2", "GET", f"{path}/explanation", None, (404, "search.unknown-query")),
            ("nobody-1", "GET", path, None, (403, "access.passphrase")),
            ("officer-1", "POST", "/searches", question(two, modality="iris"), (400, "search.modality")),
            ("officer-1", "POST", "/searches/preview", question(two, modality="iris"), (400, "search.modality")),
            ("officer-1", "POST", "/searches", question(two, urgency="now"), (400, "search.urgency")),
            ("officer-1", "POST", "/searches", question(two, to=["XA"]), (400, "search.recipients")),
            ("officer-1", "POST", "/searches", question(two, facts={"x": 1.5}), (400, "codec.json")),
            ("officer-1", "POST", f"{path}/withdrawal", {"reason": " "}, (400, "search.reason")),
        ):
            told = failed(ask(person, method, where, json=body))
            assert told == expected, (where, body)
        for where, body in (
            ("/searches", question(two, to=[])), ("/searches", {}), (f"{path}/verdicts", {"candidate": "x"}),
            (f"{path}/withdrawal", {"reason": ""}), (f"{path}/answer", {"facts": "none"}),
        ):  # fmt: skip
            assert ask("officer-1", "POST", where, json=body).status_code in (400, 422)
        assert ask("officer-1", "GET", "/searches", params={"side": "both"}).status_code == 400
    assert two.a.where(query)[0] == "candidate_hit"


def test_a_threat_to_life_over_http(two: World) -> None:
    with serving(routes(two.a)) as xa:
        for path in ("/searches", "/searches/preview"):
            assert failed(xa("officer-1", "POST", path, json=question(two, oral=True))) == (400, "search.oral")
        seen = done(xa("officer-1", "POST", "/searches/preview", json=question(two, emergency=True)))["seen"]
        assert (seen["urgency"], seen["facts"]["emergency"]) == ("immediate", "threat_to_life")
        (query,) = done(xa("officer-1", "POST", "/searches", json=question(two, emergency=True, oral=True)))
    with two.a.database.read("test.matters") as unit:
        opened = legal.proceedings(unit, subject=f"search:{query['query']}")
    assert {matter.machine for matter in opened} == {"emergency_review", "written_confirmation"}
    assert parse_rfc3339(query["deadline"]) - parse_rfc3339(query["asked_at"]) == rules.DEADLINES["immediate"]
