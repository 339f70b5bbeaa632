"""A node with people, for tests of the faces: "operator-1" may import, "officer-1" may not; one passphrase for both."""

from pathlib import Path

from comity.access import service as access
from comity.access.model import NewPerson
from comity.kit.crypto.passphrase import Cost
from comity.kit.database.unit import Database
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk

PASSPHRASE = "correct horse battery staple"
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)


def desk_with_people(database: Database, home: Path) -> Desk:
    """The desk of a node whose first person has enrolled the others."""
    with database.unit("test.people") as unit:
        admin = NewPerson("admin-1", "security", frozenset({"security_admin"}), PASSPHRASE)
        access.add_person(unit, admin, None, CHEAP)
        by = access.sign_in(unit, "admin-1", PASSPHRASE)
        for person, role in (("operator-1", "operator"), ("officer-1", "officer")):
            access.add_person(unit, NewPerson(person, "desk", frozenset({role}), PASSPHRASE), by, CHEAP)
    return Desk(database.node, home, database, Vault(home / "vault"), access.sign_in, access.refused)
