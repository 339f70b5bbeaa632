"""What the pages of searches show: a question to two states of which one has a hit and one a near match, and more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlencode

from comity.app.wiring import Node
from comity.base.model import Actor, Issuer, JsonObject
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.dna import service as dna
from comity.kit.database.unit import Unit
from comity.search import service, store
from comity.search.model import Ask, Candidate, Query, Status
from comity.search.service import life

CASE: Final = "XA-2026-0117"
STAIN: Final = dna.shipped_file("stain-2800m.xml")
REF: Final = dna.read_file(STAIN)[0][0].specimen
ASKED: Final = urlencode({"case": CASE, "record": REF})


def queries(node: Node, visitor: Issuer) -> Mapping[str, str]:
    """Make them; by name, the address of the page of each."""
    matcher: Any = node.matchers["dna"]
    with node.database.unit("test.queries") as unit:
        case = cases.open_case(unit, visitor, NewCase(CASE, "A stranger's blood", "XA-CC-101")).id
        acted = dna.sign_import(unit, visitor, STAIN, "stain.xml")
        dna.import_file(unit, acted, STAIN, "stain.xml", dna.Options())
        asked = service.ask(unit, matcher, visitor, Ask(case, "dna", REF, ("XB", "XC"), "criminal_investigation"))
        hit, near = asked
        record = {"kind": "reference", "loci": matcher.prepare(unit, REF)["loci"]}
        _answered(unit, hit, "hit", "candidates", _candidate("XB-4711", 1, record))
        other: JsonObject = {"kind": "reference", "loci": record["loci"] | {"TH01": ["6", "7"]}}
        _answered(unit, near, "near_match", "near_match", _candidate("XC-12", 4, other))
    return {
        "query": f"/search/{hit.id}", "near": f"/search/{near.id}",
        "compared": f"/search/{hit.id}/candidates/{quote('XB-4711')}",
    }  # fmt: skip


def _candidate(number: str, quality: int, record: JsonObject) -> Candidate:
    comparison: JsonObject = {"rule_set": "pruem-2008", "compared": 17, "full": 17, "sex": "same", "loci": {}}
    return Candidate(number, quality, quality > 1, comparison, record)


def _answered(unit: Unit, query: Query, status: Status, event: str, candidate: Candidate) -> None:
    """As if the partner had answered."""
    deed = life.record(unit, "answered", query, {"status": status})
    deed = replace(deed, actor=Actor.system(unit.node))
    life.walk(unit, query, (event,), deed, (status, {}))
    store.replace_candidates(unit, query.id, [candidate], life.key_of(unit, query))
