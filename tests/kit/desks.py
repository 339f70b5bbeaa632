"""A desk for tests of the faces: a real database and vault; one person, "officer-1", whose passphrase is "right"."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk

attempts = sa.Table("kit_test_attempt", sa.MetaData(), sa.Column("person", sa.String(20)))


@dataclass(frozen=True)
class Person:
    """An `Issuer` whose assertions carry no signature: faces only pass them on."""

    actor: Actor

    def moment(self, now: datetime) -> datetime:
        return now

    def require(self, verb: str) -> None:
        pass

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        return Assertion("key", self.actor.person, "", act_hash, str(act["at"]), "")


def sign_in(database: Database, person: str, passphrase: str) -> Issuer:
    """Counts the attempt in a unit of its own, as the room `access` does."""
    with database.unit("access.sign-in") as unit:
        unit.connection.execute(attempts.insert().values(person=person))
    if (person, passphrase) != ("officer-1", "right"):
        raise NotAllowed("access.passphrase", "Person and passphrase do not belong together", todo="Try again.")
    return Person(Actor(database.node, person, "unit-1", frozenset({"officer"})))


def refused(unit: Unit, actor: Actor, verb: str, error: NotAllowed | Conflict) -> None:
    """Keeps the refusal beside the attempts."""
    unit.connection.execute(attempts.insert().values(person=f"{verb} refused"))


def desk_for(database: Database, home: Path) -> Desk:
    """A desk over `database`, with an empty table of attempts."""
    attempts.create(database.engine)
    return Desk(database.node, home, database, Vault(home / "vault"), sign_in, refused)


def counted(desk: Desk) -> list[str]:
    """The persons of all committed attempts to sign in."""
    with desk.database.read("test.attempts") as unit:
        return list(unit.connection.execute(sa.select(attempts.c.person)).scalars())
