"""A node's laboratory for the tests: an examiner who may import, and permits as the law gives them."""

from datetime import date
from pathlib import Path

from comity.access import service as access
from comity.access.model import NewPerson
from comity.base.model import Issuer, JsonObject
from comity.dna import service
from comity.dna.model import ImportReport
from comity.kit.crypto.passphrase import Cost
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.legal import service as legal
from comity.legal.model import Permit, Question

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
FACTS: JsonObject = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip
CORE: JsonObject = {**FACTS, "data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
ACT = "ab" * 32
PASSPHRASE = "a long enough phrase"


def people(database: Database) -> tuple[Issuer, Issuer]:
    """An examiner and an auditor, signed in."""
    with database.unit("test.people") as unit:
        access.add_person(
            unit, NewPerson("admin-1", "security", frozenset({"security_admin"}), PASSPHRASE), None, CHEAP
        )
        admin = access.sign_in(unit, "admin-1", PASSPHRASE)
        for name, role in (("examiner-1", "examiner"), ("auditor-1", "auditor")):
            access.add_person(unit, NewPerson(name, "laboratory", frozenset({role}), PASSPHRASE), admin, CHEAP)
        return access.sign_in(unit, "examiner-1", PASSPHRASE), access.sign_in(unit, "auditor-1", PASSPHRASE)


def take_in(
    database: Database, examiner: Issuer, data: bytes, name: str = "profiles.csv", *, corrected: bool = False
) -> ImportReport:
    """Import a file in a unit of its own."""
    with database.unit("dna.import") as unit:
        acted = service.sign_import(unit, examiner, data, name)
        return service.import_file(unit, acted, data, name, service.Options(corrected=corrected))


def permit(unit: Unit, measure: str = "hit_no_hit") -> Permit:
    """This node's permit to answer XA, with the judge's part where the law asks for one."""
    facts = CORE if measure == "core_data" else FACTS
    decision = legal.decide(unit, Question(measure, "XA", unit.node, "TRAIN-REG", date(2026, 3, 2), facts))
    return legal.permit(unit, decision, ACT, ("XA",), dict.fromkeys(decision.requirements, ACT))


def desk_for(database: Database, home: Path) -> Desk:
    """A desk over the database, with the real sign-in."""
    return Desk(database.node, home, database, Vault(home / "vault"), access.sign_in, access.refused)
