"""The officer API of searches: the verbs of `comity search` over HTTP, one route a verb."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Query as QueryParameter
from pydantic import Field

from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.search import service
from comity.search.model import Ask, HitKind, Matcher, NoteKind, VerdictKind


class AskBody(StrictBody):
    """A question to several states."""

    case: str
    profile: str
    further: list[str] = Field(
        default_factory=list, max_length=1000,
        description="More records of the same case: as many questions, one act; to each partner they travel together.",
    )  # fmt: skip
    to: list[str] = Field(min_length=1)
    purpose: str = "criminal_investigation"
    instrument: str | None = None
    urgency: str = "normal"
    modality: str = "dna"
    facts: dict[str, Any] = Field(default_factory=dict)
    emergency: bool = Field(
        default=False, description="Threat to life: at once, beyond quotas; another person reviews it within 24 hours."
    )
    oral: bool = Field(
        default=False, description="With `emergency`: the basis was given orally, and is confirmed in writing."
    )

    reason: str = Field(default="", max_length=2000, description="With `emergency`: why, for whoever reviews it.")
    accept_chance_hits: bool = Field(
        default=False, description="Ask although more hits than the bound are expected by chance (see the preview)."
    )

    def ask(self) -> Ask:
        """The question as the room's noun."""
        return Ask(
            self.case, self.modality, self.profile, tuple(self.to), self.purpose, self.instrument, self.urgency,
            self.facts, self.emergency, self.oral, tuple(self.further), self.reason,
            accepted=self.accept_chance_hits,
        )  # fmt: skip


class VerdictBody(StrictBody):
    """An examiner's verdict on one candidate."""

    candidate: str
    verdict: VerdictKind
    reason: str = Field(min_length=1)


class RequestBody(StrictBody):
    """A request for core data of one confirmed candidate."""

    candidate: str
    facts_of_offence: str = Field(min_length=1)


class RulingBody(StrictBody):
    """A judge's word on a release."""

    granted: bool = True
    reference: str
    reason: str = ""


class RefusalBody(StrictBody):
    """A ground of refusal and the reason in words."""

    ground: str
    reason: str = Field(min_length=1)


class ReasonBody(StrictBody):
    """Why."""

    reason: str = Field(min_length=1)


class OutcomeBody(StrictBody):
    """What became of a confirmed hit, and why one says so."""

    outcome: HitKind
    reason: str = Field(min_length=1)


class NoteBody(StrictBody):
    """What a laboratory found about a near match; the other laboratory reads the words."""

    finding: NoteKind
    words: str = Field(min_length=1, max_length=2000)


class Span(StrictBody):
    """From the beginning of a day to the end of another, UTC."""

    since: date
    until: date


class CorrectionBody(StrictBody):
    """The corrected record."""

    profile: str


class AnswerBody(StrictBody):
    """Facts that were unknown when the law referred the query; or a refusal, and then no facts are needed."""

    facts: dict[str, Any] = Field(default_factory=dict)
    refusal: RefusalBody | None = None


def routes(desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Any]]]) -> APIRouter:
    """All routes under /searches."""
    router = APIRouter(prefix="/searches", tags=["search"], route_class=StrictRoute)
    person = Annotated[Issuer, Depends(signed_in(desk))]
    _counting(router, desk, person)
    _asking(router, desk, matchers, person)
    _judging(router, desk, person)
    _releasing(router, desk, matchers, person)
    return router


def _asking(
    router: APIRouter, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Any]]], person: Any
) -> None:
    reader = Annotated[Issuer, Depends(signed_in(desk, "search.list"))]

    @router.post("/preview", summary="What would leave, to whom, and what the law says")
    def preview(body: AskBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.preview", issuer) as unit:
            matcher = service.matcher_of(matchers(), body.modality)
            return service.told_previews(service.previews(unit, matcher, issuer, body.ask()))

    @router.post("", status_code=201, summary="Ask other states")
    def ask(body: AskBody, issuer: person) -> list[dict[str, Any]]:
        with desk().acting("search.ask", issuer) as unit:
            matcher = service.matcher_of(matchers(), body.modality)
            return [service.summary(q) for q in service.ask(unit, matcher, issuer, body.ask())]

    @router.get("", summary="Queries, ours and our partners', oldest first: the latest 1,000, or those before one")
    def list_(
        issuer: reader, case: str | None = None, side: str | None = None, before: str = ""
    ) -> list[dict[str, Any]]:
        with desk().reading("search.list", issuer) as unit:
            return [service.summary(q) for q in service.listed(unit, issuer.actor, case=case, side=side, before=before)]

    @router.get("/{query}", summary="One query: answer, candidates, life, clocks")
    def show(query: str, issuer: person) -> dict[str, Any]:
        with desk().acting("search.show", issuer) as unit:
            return service.seen_by(unit, query, issuer.actor)

    @router.get("/{query}/explanation", summary="Why the law and the rule said so, in words")
    def explain(query: str, issuer: person, candidate: str | None = None) -> dict[str, Any]:
        with desk().acting("search.explain", issuer) as unit:
            return {"query": query, "text": service.explain(unit, matchers(), issuer.actor, query, candidate)}

    @router.post("/{query}/withdrawal", summary="Take a query back")
    def withdraw(query: str, body: ReasonBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.withdraw", issuer) as unit:
            return service.summary(service.withdraw(unit, issuer, query, body.reason))

    @router.post("/{query}/correction", summary="Send a corrected profile")
    def correct(query: str, body: CorrectionBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.correct", issuer) as unit:
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            return service.summary(service.correct(unit, matcher, issuer, query, body.profile))


def _counting(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    looking = Annotated[Issuer, Depends(signed_in(desk, "search.outcomes"))]
    counting = Annotated[Issuer, Depends(signed_in(desk, "search.statistics"))]

    @router.get("/outcomes", summary="Confirmed hits about which somebody should say what became of them")
    def due(issuer: looking) -> list[dict[str, Any]]:
        with desk().reading("search.outcomes", issuer) as unit:
            return [hit.as_dict() for hit in service.outcomes_due(unit, issuer.actor)]

    @router.get("/statistics", summary="Queries counted by partner and side: answers, times, outcomes of hits")
    def statistics(issuer: counting, span: Annotated[Span, QueryParameter()]) -> list[dict[str, Any]]:
        since, until = service.span(span.since, span.until)
        with desk().database.read("search.statistics") as unit:
            return [tally.as_dict() for tally in service.statistics(unit, since, until)]

    @router.get("/{query}/outcomes", summary="What was said of the hit of a query, oldest first")
    def outcomes(query: str, issuer: looking) -> list[dict[str, Any]]:
        with desk().reading("search.outcomes", issuer) as unit:
            return [said.as_dict() for said in service.outcomes_of(unit, query, issuer.actor)]

    @router.post("/{query}/outcomes", status_code=201, summary="Say what became of a confirmed hit")
    def outcome(query: str, body: OutcomeBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.outcome", issuer) as unit:
            return service.record_outcome(unit, issuer, query, body.outcome, body.reason).as_dict()


def _judging(router: APIRouter, desk: Callable[[], Desk], person: Any) -> None:
    @router.post("/{query}/verdicts", status_code=201, summary="A qualified examiner's blind verdict")
    def confirm(query: str, body: VerdictBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.confirm", issuer) as unit:
            judged = (body.candidate, body.verdict)
            return service.summary(service.confirm(unit, issuer, query, judged, body.reason))

    @router.post("/{query}/core-data-request/preview", summary="What asking who it is would send, and the law's word")
    def preview_request(query: str, body: RequestBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.preview-request", issuer) as unit:
            seen = service.preview_request(unit, issuer, query, body.candidate, body.facts_of_offence)
            return seen.as_dict()

    @router.post("/{query}/core-data-request", status_code=201, summary="Ask who the confirmed match is")
    def request(query: str, body: RequestBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.request", issuer) as unit:
            moved = service.request_core_data(unit, issuer, query, body.candidate, body.facts_of_offence)
            return service.summary(moved)

    @router.post("/{query}/identity", summary="Open released core data, for a stated reason")
    def open_(query: str, body: ReasonBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.open", issuer) as unit:
            return service.open_identity(unit, issuer, query, body.reason)

    @router.post(
        "/{query}/notes", status_code=201, summary="Tell the other laboratory what was found about a near match"
    )
    def note(query: str, body: NoteBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.note", issuer) as unit:
            return service.note(unit, issuer, query, body.finding, body.words).as_dict()

    @router.post("/{query}/explained", summary="Close a near match whose difference is explained")
    def explained(query: str, body: ReasonBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.explained", issuer) as unit:
            return service.summary(service.near_match_explained(unit, issuer, query, body.reason))


def _releasing(
    router: APIRouter, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Any]]], person: Any
) -> None:
    @router.post("/{query}/authorisation", summary="A judge grants or denies a release")
    def authorise(query: str, body: RulingBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.authorise", issuer) as unit:
            ruling = service.Ruling(body.granted, body.reference, body.reason)
            return service.summary(service.authorise(unit, issuer, query, ruling))

    @router.post("/{query}/release", summary="An approver releases core data")
    def release(query: str, issuer: person) -> dict[str, Any]:
        with desk().acting("search.release", issuer) as unit:
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            return service.summary(service.release(unit, matcher, issuer, query))

    @router.post("/{query}/release-alone", summary="Threat to life: an officer releases, the approval is deferred")
    def release_alone(query: str, body: ReasonBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.release-alone", issuer) as unit:
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            return service.summary(service.release_alone(unit, matcher, issuer, query, body.reason))

    @router.post("/{query}/refusal", summary="Refuse core data, with ground and reason")
    def refuse(query: str, body: RefusalBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.refuse", issuer) as unit:
            return service.summary(service.refuse(unit, issuer, query, body.ground, body.reason))

    @router.post("/{query}/answer", summary="Answer a query that the law referred to a lawyer")
    def answer(query: str, body: AnswerBody, issuer: person) -> dict[str, Any]:
        with desk().acting("search.answer", issuer) as unit:
            if body.refusal is not None:
                told = body.refusal
                return service.turn_down(unit, issuer, query, told.ground, told.reason).as_dict()
            return service.review(unit, matchers(), issuer, query, body.facts).as_dict()
