"""People over HTTP."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field, SecretStr

from comity.access import service
from comity.access.model import NewPerson
from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class PersonToAdd(StrictBody):
    """A person to be added; a signing key is made and sealed under the passphrase."""

    id: str = Field(examples=["officer-1"])
    unit: str = Field(examples=["homicide"])
    roles: list[str] = Field(examples=[["officer"]])
    passphrase: SecretStr | None = Field(default=None, description="Needed for a person; a system has none.")
    qualified_until: date | None = None
    system: bool = Field(default=False, description="A program of the agency, which acts by access tokens alone.")


class Qualification(StrictBody):
    """Until when, inclusive, an examiner may confirm hits."""

    until: date


def routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/people``; everyone who signs in may read, security administrators may change."""
    router = APIRouter(prefix="/people", tags=["people"], route_class=StrictRoute)
    person = Depends(signed_in(desk))

    @router.get("", summary="The people of this node", dependencies=[Depends(signed_in(desk, "person.list"))])
    def list_people() -> dict[str, Any]:
        with desk().database.read("person.list") as unit:
            return {"people": [found.as_dict() for found in service.people(unit)]}

    @router.post("", summary="Add a person", status_code=201)
    def add(issuer: Annotated[Issuer, person], asked: PersonToAdd) -> dict[str, Any]:
        given = asked.passphrase.get_secret_value() if asked.passphrase else ""
        passphrase = service.no_passphrase() if asked.system else given
        new = NewPerson(
            asked.id, asked.unit, frozenset(asked.roles), passphrase, asked.qualified_until, system=asked.system
        )
        with desk().acting("person.add", issuer) as unit:
            return service.add_person(unit, new, issuer).as_dict()

    @router.post("/{id}/qualify", summary="Renew or end an examiner's qualification")
    def qualify(issuer: Annotated[Issuer, person], id: str, asked: Qualification) -> dict[str, Any]:
        with desk().acting("person.qualify", issuer) as unit:
            return service.qualify(unit, id, asked.until, issuer).as_dict()

    @router.post("/{id}/deactivate", summary="Let a person act no more")
    def deactivate(issuer: Annotated[Issuer, person], id: str) -> dict[str, Any]:
        with desk().acting("person.deactivate", issuer) as unit:
            return service.deactivate(unit, id, issuer).as_dict()

    return router
