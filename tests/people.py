"""Persons for tests, with keys that cost next to nothing to unseal."""

from datetime import date

from comity.access import service as access
from comity.access.model import NewPerson
from comity.base.model import Issuer
from comity.kit.crypto.passphrase import Cost
from comity.kit.database.unit import Unit

CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery"


def enrol(unit: Unit, person: str, *roles: str, of: str = "", until: date | None = None) -> Issuer:
    """`person` with `roles`, signed in; ``admin-1`` comes first. The unit `of` is, by default, the person's alone."""
    if not access.people(unit):
        access.add_person(unit, _new("admin-1", ("security_admin",), "security", None), None, CHEAP)
    admin = access.sign_in(unit, "admin-1", PASSPHRASE)
    if person != "admin-1":
        access.add_person(unit, _new(person, roles, of or f"unit-of-{person}", until), admin, CHEAP)
    return access.sign_in(unit, person, PASSPHRASE)


def _new(person: str, roles: tuple[str, ...], of: str, until: date | None) -> NewPerson:
    return NewPerson(person, of, frozenset(roles), PASSPHRASE, until)
