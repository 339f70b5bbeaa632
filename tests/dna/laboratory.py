"""A node's laboratory for the tests: an examiner who may import, and permits as the law gives them."""

from datetime import date

from comity.base.model import Issuer, JsonObject
from comity.dna import service
from comity.dna.model import ImportReport
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database, Unit
from comity.legal import service as legal
from comity.legal.model import Question
from comity.search.model import Mandate
from tests.people import enrol

FACTS: JsonObject = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip
CORE: JsonObject = {**FACTS, "data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
JUDGE = "ab" * 32


def people(database: Database) -> tuple[Issuer, Issuer]:
    """An examiner and an auditor, signed in."""
    with database.unit("test.people") as unit:
        return enrol(unit, "examiner-1", "examiner"), enrol(unit, "auditor-1", "auditor")


def take_in(
    database: Database, examiner: Issuer, data: bytes, name: str = "profiles.csv", *, corrected: bool = False
) -> ImportReport:
    """Import a file in a unit of its own."""
    with database.unit("dna.import") as unit:
        acted = service.sign_import(unit, examiner, data, name)
        return service.import_file(unit, acted, data, name, service.Options(corrected=corrected))


def mandate(unit: Unit, about: JsonObject | str) -> Mandate:
    """This node's mandate to answer XA: to search the record `about`, or to open the person behind that number.

    With the judge's part where the law asks for one.
    """
    measure, facts = ("hit_no_hit", FACTS) if isinstance(about, dict) else ("core_data", CORE)
    subject: JsonObject = {"record_sha256": _hash(about)} if isinstance(about, dict) else {"number": about}
    act: JsonObject = {"v": 1, "verb": "test.answer", "subject": subject}
    decision = legal.decide(unit, Question(measure, "XA", unit.node, "TRAIN-REG", date(2026, 3, 2), facts))
    permit = legal.permit(unit, decision, _hash(act), ("XA",), dict.fromkeys(decision.requirements, JUDGE))
    return Mandate(act, "XA", permit)


def _hash(thing: JsonObject) -> str:
    return sha256(canonical(thing)).hex()
