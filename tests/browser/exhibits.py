"""What the pages of evidence show: an exhibit of the visitor's case, a request to a partner, one from a partner."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from comity.app.wiring import Node
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.evidence import service, store
from comity.evidence.model.flow import Ask, EvidenceRequest
from comity.evidence.model.package import Acquisition, Details
from comity.evidence.service import common

WANTED = "The laboratory's report on the match, and the swab"


def exhibits(node: Node, visitor: Issuer) -> Mapping[str, str]:
    """Make them; by name, the address of the page of each."""
    with node.database.unit("test.exhibits") as unit:
        case = cases.open_case(unit, visitor, NewCase("XA-2026/17", "A harbour at night", "XA-CC-101"))
        details = Details("photograph", "camera 3 at the quay", Acquisition("upload", operator="visitor-1"), "B-7")
        item = service.take_in(unit, node.vault, visitor, (case.id, [b"a picture"]), details).item.id
        ask = Ask(case.id, "XB", WANTED, "laboratory_report")
        ours = service.request(unit, visitor, ask).id
        made = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        theirs = EvidenceRequest(
            id=uuid7(made), side="asked", partner="XB", case="", about="", wanted=WANTED, category="exhibit",
            purpose="criminal_investigation", conversation=uuid7(made), message=uuid7(made), state="open", reason={},
            basis={"instrument": "TRAIN-MOU", "article": "9"}, at=made,
        )  # fmt: skip
        store.insert_request(unit, theirs, common.key_of(unit, ""))
    return {
        "item": f"/evidence/{item}",
        "request": f"/evidence/requests/{ours}",
        "asked": f"/evidence/requests/{theirs.id}",
    }


def named(addresses: Mapping[str, str]) -> APIRouter:
    """``/to/NAME`` leads to those pages, whose addresses nobody knows beforehand."""
    router = APIRouter()

    @router.get("/to/{name}")
    def to(name: str) -> RedirectResponse:
        return RedirectResponse(addresses[name])

    return router
