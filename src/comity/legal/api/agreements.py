"""Agreements with partners at the officer API: written, handed over as signed letters, taken in, signed, ended.

Nothing is sent from here: a letter comes as text and is carried to the partner, whose node takes it in.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.legal import service
from comity.legal.model import Terms

Lettered = Annotated[str, Body(embed=True, description="A signed letter, as `letter` of the other node gave it.")]


class TermsBody(StrictBody):
    """What a version of an agreement says."""

    title: str = ""
    first: date = Field(alias="from")
    until: date | None = None
    table: str = Field(description="Its rows, YAML in the schema comity-instrument/1.")
    text: str = Field(description="Its full text, Markdown.")

    def terms(self) -> Terms:
        """The same as the room's noun."""
        return Terms(self.title, self.first, self.until, self.table.encode("utf-8"), self.text.encode("utf-8"))


class NewBody(TermsBody):
    """The first version, and with whom."""

    title: str = Field(min_length=1)
    partner: str = Field(alias="with")


class EndingBody(StrictBody):
    """The last day, and why it ends."""

    last: date = Field(alias="on")
    reason: str = ""


def agreement_routes(desk: Callable[[], Desk], find_key: service.FindKey) -> APIRouter:
    """The routes under ``/legal/agreements``; whoever signs in may read, lawyers do the rest."""
    router = APIRouter(prefix="/legal/agreements", tags=["agreements"], route_class=StrictRoute)
    person = Depends(signed_in(desk))
    _reading(router, desk, Depends(signed_in(desk, "legal.show")))
    _writing(router, desk, person)
    _changing(router, desk, person)
    _exchanging(router, desk, person, find_key)
    return router


def _reading(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.get("", summary="The agreements with partners, drafts too", dependencies=[person])
    def list_() -> list[dict[str, Any]]:
        with desk().database.read("legal.show") as unit:
            return [service.told_agreement(unit, agreement) for agreement in service.agreements(unit)]

    @router.get("/{agreement}", summary="One agreement: versions, signatures, text and table", dependencies=[person])
    def show(agreement: str) -> dict[str, Any]:
        with desk().database.read("legal.show") as unit:
            found = service.find_agreement(unit, agreement)
            head = found.head.version
            return service.told_agreement(unit, found) | {"text": head.text, "table": head.table}


def _writing(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.post("", status_code=201, summary="Write an agreement down, as a draft of this node")
    def new(issuer: Annotated[Issuer, person], body: NewBody) -> dict[str, Any]:
        with desk().acting("legal.agreement-new", issuer) as unit:
            made = service.new_agreement(unit, issuer, body.partner, body.terms())
            return service.told_agreement(unit, made)

    @router.post("/{agreement}/versions", status_code=201, summary="Answer the newest version with other terms")
    def revise(issuer: Annotated[Issuer, person], agreement: str, body: TermsBody) -> dict[str, Any]:
        with desk().acting("legal.agreement-revise", issuer) as unit:
            return service.told_agreement(unit, service.revise_agreement(unit, issuer, agreement, body.terms()))

    @router.post("/{agreement}/signature", summary="Sign the newest version for this party")
    def sign(issuer: Annotated[Issuer, person], agreement: str) -> dict[str, Any]:
        with desk().acting("legal.agreement-sign", issuer) as unit:
            return service.told_agreement(unit, service.sign_agreement(unit, issuer, agreement))


def _changing(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.post("/{agreement}/extension", summary="Write a version with a later last day")
    def extend(
        issuer: Annotated[Issuer, person], agreement: str, until: Annotated[date, Body(embed=True)]
    ) -> dict[str, Any]:
        with desk().acting("legal.agreement-extend", issuer) as unit:
            return service.told_agreement(unit, service.extend_agreement(unit, issuer, agreement, until))

    @router.post("/{agreement}/ending", summary="Write a version that ends it")
    def end(issuer: Annotated[Issuer, person], agreement: str, body: EndingBody) -> dict[str, Any]:
        with desk().acting("legal.agreement-end", issuer) as unit:
            ended = service.end_agreement(unit, issuer, agreement, body.last, body.reason)
            return service.told_agreement(unit, ended)


def _exchanging(router: APIRouter, desk: Callable[[], Desk], person: Any, find_key: service.FindKey) -> None:
    @router.post("/{agreement}/letter", summary="A letter for the partner, signed by the node")
    def propose(issuer: Annotated[Issuer, person], agreement: str) -> dict[str, Any]:
        with desk().acting("legal.agreement-propose", issuer) as unit:
            letter = service.propose_agreement(unit, issuer, agreement)
            told = service.told_agreement(unit, service.find_agreement(unit, agreement))
            return told | {"letter": letter.decode("ascii")}

    @router.post("/letters", summary="Take a partner's letter in")
    def receive(issuer: Annotated[Issuer, person], letter: Lettered) -> dict[str, Any]:
        with desk().acting("legal.agreement-receive", issuer) as unit:
            taken = service.receive_agreement(unit, issuer, letter.encode("utf-8"), find_key)
            return service.told_agreement(unit, taken)
