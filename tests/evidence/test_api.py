"""The officer API of evidence over a real server: a hand-over, and who may not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from comity.evidence import api
from comity.evidence.service import verify
from comity.kit.database.unit import Database
from tests.evidence.service.agencies import REPORT, Agency, World, world
from tests.faces import desk_over, serving

Ask = Callable[..., httpx.Response]


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


def server(stack: ExitStack, agency: Agency, home: Path) -> Ask:
    desk = replace(desk_over(agency.database, home), vault=agency.vault)
    return stack.enter_context(serving(api.routes(lambda: desk)))


def test_a_hand_over_over_http(met: World, tmp_path: Path) -> None:
    with ExitStack() as stack:
        a, b = server(stack, met.a, tmp_path), server(stack, met.b, tmp_path)
        about = {"case": met.b.case, "kind": "laboratory_report", "source": "laboratory", "exhibit": "B-7"}
        sent = b("custodian-1", "POST", "/evidence/items", params=about, content=REPORT)
        assert sent.status_code == 201, sent.text
        item = sent.json()["item"]
        wanted = {"case": met.a.case, "wanted": "the report", "to": "XB"}
        seen = a("officer-1", "POST", "/evidence/requests/preview", json=wanted).json()
        assert (seen["recipients"], seen["seen"]["wanted"]) == (["XB"], "the report")
        assert a("officer-1", "GET", "/evidence", params={"case": met.a.case}).json()["requests"] == []
        request = a("officer-1", "POST", "/evidence/requests", json=wanted).json()["request"]
        met.post()
        assert [r["request"] for r in b("officer-1", "GET", "/evidence").json()["requests"]] == [request]
        offered = b("custodian-1", "POST", f"/evidence/requests/{request}/offer", json={"items": [item]})
        assert offered.status_code == 201, offered.text
        assert b("custodian-1", "POST", f"/evidence/{request}/release").status_code == 403
        assert b("approver-1", "POST", f"/evidence/{request}/release").json()["state"] == "offered"
        met.post()
        assert a("custodian-2", "POST", f"/evidence/{request}/acceptance").status_code == 404
        assert a("custodian-1", "POST", f"/evidence/{request}/acceptance").json()["state"] == "accepted"
        met.post()
        held = a("officer-1", "GET", f"/evidence/{item}").json()
        assert (held["what"], held["kind"], held["standing"]) == ("item", "laboratory_report", "held")
        assert a("officer-1", "GET", f"/evidence/{request}").json()["what"] == "request"
        package = a("officer-1", "GET", f"/evidence/{request}/package").content
        receipt = a("officer-1", "GET", f"/evidence/{request}/receipt").content
        assert verify(package, met.federation.publish(), None, [receipt]).exit_code == 0
        assert a("officer-1", "GET", "/evidence/nothing").status_code == 404


def test_refusals_over_http(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    asked = met.a.request()
    met.post()
    with ExitStack() as stack:
        a, b = server(stack, met.a, tmp_path), server(stack, met.b, tmp_path)
        refused = a("examiner-1", "POST", f"/evidence/{release.id}/refusal", json={"reason": "not needed"})
        assert refused.json()["state"] == "refused", refused.text
        said = {"ground": "ongoing_case", "reason": "it would harm our case"}
        told = b("approver-1", "POST", f"/evidence/requests/{asked.id}/refusal", json=said)
        assert told.json()["state"] == "refused", told.text
