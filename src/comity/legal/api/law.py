"""The law at the officer API: the tables in use, a question tried out, a decision read again; import, review, sign."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query

from comity.base.model import MOST_NUMBER, Issuer, JsonObject
from comity.kit.web.bodies import StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.legal import service

SetNumber = Annotated[int | None, Query(ge=1, le=MOST_NUMBER)]


def routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/legal``; who signs in may read, lawyers and operators import, lawyers review and sign.

    A decision's facts and own judgements are for officers, lawyers and auditors.
    """
    router = APIRouter(prefix="/legal", tags=["legal"], route_class=StrictRoute)
    person, reader = Depends(signed_in(desk)), Depends(signed_in(desk, "legal.show"))
    _reading(router, desk, reader)
    _deciding(router, desk, reader)
    _basing(router, desk)
    _taking_in(router, desk, person)
    _answering_for(router, desk, person)
    return router


def _reading(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.get("", summary="Instruments, imported tables and the hash of the rules", dependencies=[person])
    def overview() -> dict[str, Any]:
        with desk().database.read("legal.show") as unit:
            known = service.tables(unit)
            imported = [{"name": t.name, "kind": t.kind, "digest": t.digest} for t in service.imported_tables(unit)]
        instruments = [{"code": i.code, "title": i.title} for i in known.instruments.values()]
        return {"rules_hash": known.rules_hash, "instruments": instruments, "imported": imported}

    @router.get("/instruments/{code}", summary="One instrument with its rows and their sources", dependencies=[person])
    def instrument(code: str) -> dict[str, Any]:
        with desk().database.read("legal.show") as unit:
            return service.told_instrument(unit, code)

    @router.get("/vocabulary", summary="The closed lists of codes", dependencies=[person])
    def vocabulary() -> dict[str, Any]:
        return {name: list(scheme.codes) for name, scheme in service.vocabulary().schemes.items()}

    @router.get("/forms", summary="Official forms with their mandatory blocks", dependencies=[person])
    def forms() -> list[dict[str, Any]]:
        return [
            {"code": f.code, "instrument": f.instrument, "basis": f.basis, "confidence": f.confidence,
             "blocks": dict(f.blocks), "annexes": dict(f.annexes), "languages": f.languages}
            for f in service.forms()
        ]  # fmt: skip


def _deciding(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.post(
        "/decide",
        summary="Try a question out; nothing is kept",
        dependencies=[Depends(signed_in(desk, "legal.decide"))],
    )
    def decide(question: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        with desk().database.read("legal.decide") as unit:
            return service.consider(unit, service.question_from(unit, question)).as_dict()

    @router.get("/decisions/{decision_id}", summary="A decision of this node, with its findings")
    def decision(issuer: Annotated[Issuer, person], decision_id: str) -> dict[str, Any]:
        with desk().database.read("legal.show") as unit:
            found = service.find_decision(unit, decision_id)
        return found.as_dict() if issuer.actor.roles & service.READERS else found.outline()


def _basing(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk, "legal.bases"))

    @router.get("/bases", summary="What an act could rest on, the best first", dependencies=[person])
    def bases(
        to: str, measure: str, offence: str = "", on: str = "", asking: Annotated[str, Query(alias="from")] = ""
    ) -> dict[str, Any]:
        given = {"asking": asking, "asked": to, "measure": measure, "on": on}
        facts: JsonObject = {"offence": offence} if offence else {}
        question: JsonObject = {name: said for name, said in given.items() if said}
        with desk().database.read("legal.bases") as unit:
            return service.listed_bases(unit, service.question_from(unit, question | {"facts": facts}))

    @router.post("/bases", summary="The same, for a question with facts", dependencies=[person])
    def bases_of(question: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        with desk().database.read("legal.bases") as unit:
            return service.listed_bases(unit, service.question_from(unit, question))

    @router.get("/offences", summary="The offences of the tables, with their classes", dependencies=[person])
    def offences(state: str = "", code: str = "") -> list[dict[str, Any]]:
        with desk().database.read("legal.offences") as unit:
            return [service.listed_offence(unit, o) for o in service.offences(unit, state, code)]


def _taking_in(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.post("/tables", summary="Import a dated CSV table", status_code=201)
    def import_table(
        issuer: Annotated[Issuer, person], name: Annotated[str, Body()], text: Annotated[str, Body()]
    ) -> dict[str, Any]:
        data = text.encode("utf-8")
        with desk().acting("legal.import", issuer) as unit:
            made = service.import_table(unit, issuer, data, name)
            return {
                "id": made.id, "kind": made.kind, "rows": made.rows, "signed": made.signed,
                "rules_hash": service.rules_hash(unit),
            }  # fmt: skip


def _answering_for(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    reader = Depends(signed_in(desk, "legal.show"))

    @router.post("/reviews", summary="Mark rows of an instrument reviewed as they stand", status_code=201)
    def review(
        issuer: Annotated[Issuer, person], instrument: Annotated[str, Body()], note: Annotated[str, Body()],
        row: Annotated[str, Body()] = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        with desk().acting("legal.review", issuer) as unit:
            return [made.as_dict() for made in service.review(unit, issuer, instrument, row, note)]

    @router.get("/sets", summary="The sets that lawyers signed, oldest first", dependencies=[reader])
    def sets() -> list[dict[str, Any]]:
        with desk().database.read("legal.sets") as unit:
            return [signed.as_dict() for signed in service.signed_sets(unit)]

    @router.post("/sets", summary="Sign the agency's set as it stands", status_code=201)
    def sign(issuer: Annotated[Issuer, person]) -> dict[str, Any]:
        with desk().acting("legal.sign", issuer) as unit:
            return service.sign_set(unit, issuer).as_dict()

    @router.get("/changes", summary="What differs between two sets, or what waits", dependencies=[reader])
    def changes(old: SetNumber = None, new: SetNumber = None) -> list[dict[str, Any]]:
        with desk().database.read("legal.diff") as unit:
            return [change.as_dict() for change in service.diff_sets(unit, old, new)]
