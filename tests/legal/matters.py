"""People who take steps in matters, each step an act of its own."""

from typing import Any

from comity.access import service as access
from comity.access.model import Acted
from comity.base.codes import ROLES
from comity.base.model import Issuer, JsonObject
from comity.kit.database.unit import Database, Unit
from comity.legal import service
from comity.legal.model import Move, NewProceeding, Proceeding, Watch
from comity.log import service as log
from comity.log.model import Entry
from tests.people import enrol

ANYBODY = ROLES


class Office:
    """A node with some people; `step("judge-1", id, "arrested", reason="...")` is one signed step."""

    def __init__(self, database: Database, *people: str) -> None:
        self.database = database
        with database.unit("test.people") as unit:
            self.people = {name: enrol(unit, name, name.partition("-")[0]) for name in people}

    def act(self, unit: Unit, person: str, verb: str, subject: JsonObject) -> Acted:
        return access.act(unit, self.people[person], verb, subject, ANYBODY)

    def open(self, person: str, machine: str, **fields: Any) -> str:
        new = NewProceeding(**{"machine": machine, "subject": "test:1", **fields})
        with self.database.unit("test.open") as unit:
            by = self.act(unit, person, "test.open", {}) if person else None
            return service.open_proceeding(unit, new, by).id

    def step(self, person: str, id: str, event: str, **move: Any) -> Proceeding:
        """By that person, or by the node itself where none is named."""
        with self.database.unit("test.step") as unit:
            by = self.act(unit, person, "legal.step", service.step_subject(id, event)) if person else None
            return service.take_step(unit, id, Move(event, **move), by)

    def escalate(self) -> int:
        with self.database.unit("test.escalate") as unit:
            return service.escalate(unit)

    def clock(self, id: str, name: str) -> Watch:
        with self.database.read("test.clock") as unit:
            return next(c for c in service.clocks_of(unit, f"proceeding:{id}") if c.clock == name)

    def find(self, id: str) -> Proceeding:
        with self.database.read("test.find") as unit:
            return service.proceeding(unit, id)

    def entries(self, *types: str) -> list[Entry]:
        with self.database.read("test.log") as unit:
            return [entry for entry in log.entries(unit, limit=10_000) if entry.type in types]

    def issuer(self, person: str) -> Issuer:
        return self.people[person]
