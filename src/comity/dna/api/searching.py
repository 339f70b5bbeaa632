"""The laboratory's own searches and comparisons over HTTP: the command line's verbs."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import Assumptions
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class Side(StrictBody):
    """A profile of the node, or alleles that it need not hold."""

    profile: str = Field(default="", max_length=128)
    loci: dict[str, list[str]] = Field(default={}, max_length=128)
    specimen: str = Field(default="unnamed", min_length=1, max_length=128)

    def given(self) -> str | service.Sample:
        """The side as the service takes it."""
        if self.profile or not self.loci:
            return self.profile
        return service.sample_from(self.specimen, "", {name: [*alleles] for name, alleles in self.loci.items()})


class SearchOwn(Side):
    """What is searched for, and by which rules; the rules' own figures where none are given."""

    rules: str = Field(default="pruem-2008", max_length=40)
    least: int | None = None
    most_mismatches: int | None = None
    limit: int = 20


class CompareTwo(StrictBody):
    """Two sides, the rules, and the populations in which they are weighed (all held, where `weigh` and none named)."""

    one: Side
    two: Side
    rules: list[str] = Field(default=["pruem-2008"], min_length=1, max_length=20)
    weigh: bool = False
    populations: list[str] = Field(default=[], max_length=50)
    theta: float = 0.01
    least_count: int = 5


def search_routes(desk: Callable[[], Desk], matchers: Callable[[], Mapping[str, object]]) -> APIRouter:
    """The routes under ``/dna`` for examiners and officers; each search and comparison is an act, and logged.

    `matchers`: what answers searches at this node; that of DNA holds the profiles in memory.
    """
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    person = Depends(signed_in(desk))

    @router.post("/searches", summary="The node's own profiles that fit one, the best first")
    def search(issuer: Annotated[Issuer, person], body: SearchOwn) -> dict[str, Any]:
        sought = service.Sought(body.rules, body.least, body.most_mismatches, body.limit)
        with desk().acting("dna.search", issuer) as unit:
            return service.search_own(unit, issuer, body.given(), sought, service.held_by(matchers())).as_dict()

    @router.post("/comparisons", summary="Two profiles side by side, under one or several rules")
    def compare(issuer: Annotated[Issuer, person], body: CompareTwo) -> dict[str, Any]:
        asked = service.AsCompared(
            body.rules, body.weigh, body.populations, Assumptions(body.theta, body.least_count)
        )  # fmt: skip
        with desk().acting("dna.compare", issuer) as unit:
            return service.compare(unit, issuer, (body.one.given(), body.two.given()), asked).as_dict()

    return router
