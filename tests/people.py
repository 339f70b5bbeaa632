"""Persons for tests, with keys that cost next to nothing to unseal."""

from datetime import date

from comity.access import service as access
from comity.access import store
from comity.access.model import NewPerson
from comity.access.service.acting import actor_of
from comity.base.model import Issuer
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.passphrase import Cost
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Unit

CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery"


def enrol(unit: Unit, person: str, *roles: str, of: str = "", until: date | None = None) -> Issuer:
    """`person` with `roles`, signed in; ``admin-1`` comes first. The unit `of` is, by default, the person's alone."""
    if not access.people(unit):
        access.add_person(unit, _new("admin-1", ("security_admin",), "security", None), None, CHEAP)
    admin = signed_in(unit, "admin-1")
    if person != "admin-1":
        access.add_person(unit, _new(person, roles, of or f"unit-of-{person}", until), admin, CHEAP)
    return signed_in(unit, person)


def signed_in(unit: Unit, person: str, passphrase: str = PASSPHRASE) -> Issuer:
    """`person` in a unit that is open already; outside of one, `access.service.enter` is the way in."""
    known = access.find_person(unit, person)
    sealed = store.lock_of(unit, known.key_id).sealed
    return access.KeyIssuer(actor_of(unit, known), SigningKey.from_pem(passphrases.unlock(sealed, passphrase)))


def _new(person: str, roles: tuple[str, ...], of: str, until: date | None) -> NewPerson:
    return NewPerson(person, of, frozenset(roles), PASSPHRASE, until)
