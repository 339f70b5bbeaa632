"""Populations, weights, relatives and contributors over HTTP: the command line's verbs."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field

from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import RELATIONS, Assumptions, Formula, KinSearch, MixtureModel, MixtureSearch, Mutation
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class PopulationQuery(StrictBody):
    """What is said about a table of frequencies whose bytes are the body."""

    name: str = Field(min_length=1, max_length=64)
    source: str = Field(min_length=1, max_length=500)


class Weigh(StrictBody):
    """A profile to weigh in several populations (all, where none is named)."""

    profile: str = Field(max_length=128)
    populations: list[str] = Field(default=[], max_length=50)
    theta: float = 0.01
    least_count: int = 5
    formula: Formula = "nrc-4.10"


class FindRelatives(StrictBody):
    """A profile whose relatives are sought; or, `against` one, weighed locus by locus."""

    profile: str = Field(max_length=128)
    against: str = Field(default="", max_length=128)
    relations: list[str] = Field(default=[*RELATIONS], min_length=1, max_length=20)
    population: str = Field(default="", max_length=64)
    theta: float = 0.01
    least_count: int = 5
    mutation_model: Literal["stepwise", "equal", "proportional"] = "stepwise"
    mutation_rate: float = 0.002
    mutation_rates: dict[str, float] = Field(default={}, max_length=100)
    limit: int = 20

    def asked(self) -> KinSearch:
        """The search as the service takes it."""
        mutation = Mutation(self.mutation_model, self.mutation_rate, self.mutation_rates)
        assumptions = Assumptions(self.theta, self.least_count)
        return KinSearch(self.population, tuple(self.relations), assumptions, mutation, self.limit)


class FindContributors(StrictBody):
    """A trace as the text of its table, and how it is modelled."""

    trace: str = Field(max_length=1 << 20)
    name: str = Field(default="trace", max_length=200)
    samples: list[str] = Field(default=[], max_length=20)
    contributors: int
    known: list[str] = Field(default=[], max_length=3)
    population: str = Field(default="", max_length=64)
    drop_out: float | None = None
    drop_in: float = 0.05
    theta: float = 0.01
    least_count: int = 5
    limit: int = 20

    def asked(self) -> MixtureSearch:
        """The search as the service takes it."""
        model = MixtureModel(self.contributors, self.drop_out, self.drop_in, self.theta, self.least_count)
        return MixtureSearch(model, self.population, tuple(dict.fromkeys(self.known)), self.limit)


def statistics_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/dna`` for examiners and officers; each weighing and each search is an act, and logged."""
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    _database(router, desk)
    _populations(router, desk)
    _searches(router, desk)
    return router


def _database(router: APIRouter, desk: Callable[[], Desk]) -> None:
    reader = Annotated[Issuer, Depends(signed_in(desk, "dna.list"))]

    @router.get("/summary", summary="What the database held when it was last counted, and whether it still does")
    def summary(issuer: reader) -> dict[str, Any]:
        with desk().reading("dna.summary", issuer) as unit:
            found, current = service.summary(unit, issuer)
        return {"summary": found.as_dict() if found else None, "current": current}

    @router.post("/summary", summary="Count the database's profiles anew")
    def summarise(issuer: reader) -> dict[str, Any]:
        with desk().database.unit("dna.summary") as unit:
            return {"summary": service.summarise(unit, issuer).as_dict(), "current": True}


def _populations(router: APIRouter, desk: Callable[[], Desk]) -> None:
    reader = Depends(signed_in(desk, "dna.list"))

    @router.get("/populations", summary="Populations whose allele frequencies are held", dependencies=[reader])
    def list_populations() -> dict[str, Any]:
        with desk().database.read("dna.populations") as unit:
            return {"populations": [each.outline() for each in service.populations(unit)]}

    @router.get("/populations/{name}", summary="One population's frequencies as published", dependencies=[reader])
    def show_population(name: str) -> dict[str, Any]:
        with desk().database.read("dna.populations") as unit:
            return service.population(unit, name).as_dict()

    @router.post(
        "/populations", summary="Take in a table of frequencies, sent as application/octet-stream", status_code=201
    )
    def import_population(
        issuer: Annotated[Issuer, Depends(signed_in(desk))],
        data: Annotated[bytes, Body(media_type="application/octet-stream")],
        about: Annotated[PopulationQuery, Query()],
    ) -> dict[str, Any]:
        with desk().acting("dna.import-population", issuer) as unit:
            return service.import_population(unit, issuer, data, about.name, about.source).outline()


def _searches(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.post("/weights", summary="What a profile found twice weighs, in several populations side by side")
    def weigh(issuer: Annotated[Issuer, person], body: Weigh) -> dict[str, Any]:
        assumptions = Assumptions(body.theta, body.least_count, body.formula)
        with desk().acting("dna.weigh", issuer) as unit:
            profile, weights = service.weigh(unit, issuer, body.profile, body.populations, assumptions)
        return service.weights_as_json(profile, weights)

    @router.post("/relatives", summary="The node's profiles as relatives of one, the best first")
    def relatives(issuer: Annotated[Issuer, person], body: FindRelatives) -> dict[str, Any]:
        with desk().acting("dna.kinship", issuer) as unit:
            if body.against:
                return service.as_relatives(unit, issuer, body.profile, body.against, body.asked()).as_dict()
            return service.relatives(unit, issuer, body.profile, body.asked()).as_dict()

    @router.post("/contributors", summary="The node's profiles as contributors to a mixed trace, the best first")
    def contributors(issuer: Annotated[Issuer, person], body: FindContributors) -> dict[str, Any]:
        trace = service.read_trace(body.trace.encode(errors="surrogatepass"), body.name, body.samples)
        with desk().acting("dna.mixture", issuer) as unit:
            return service.contributors(unit, issuer, trace, body.asked()).as_dict()
