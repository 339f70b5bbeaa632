"""The rule sets of a node: those that ship, and the agency's own, each taken in by an act and never altered."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from comity.access import service as access
from comity.base.clock import rfc3339
from comity.base.errors import Conflict, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna.model import RuleSet
from comity.dna.service.importing import IMPORTERS
from comity.dna.service.shipped import known_rule_sets, rule_set
from comity.dna.store import rulesets as store
from comity.dna.wire.rulesets import read_rule_set
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.import-rules"


@dataclass(frozen=True)
class RuleSetHeld:
    """A rule set that this node compares by: its file, that file's hash, and since when it is here (empty: shipped)."""

    rules: RuleSet
    sha256: str
    file: bytes
    since: str = ""

    def as_dict(self) -> JsonObject:
        """The rule set as JSON, with where it came from."""
        own: JsonObject = {"shipped": not self.since, "sha256": self.sha256, "since": self.since or None}
        return self.rules.as_dict() | own


def rule_sets(unit: Unit) -> list[RuleSetHeld]:
    """Every rule set here: the shipped ones, then the agency's own, by id."""
    return [_shipped(id) for id in sorted(known_rule_sets())] + [_own(each) for each in store.rule_sets(unit)]


def rule_set_held(unit: Unit, id: str) -> RuleSetHeld:
    """The rule set of this id, shipped or own; NotFound otherwise."""
    if id in known_rule_sets():
        return _shipped(id)
    found = store.rule_sets(unit, id=id)
    if not found:
        raise NotFound("dna.rules", f"No rule set {id[:40]!r} is held here", todo="See `comity dna rules`.")
    return _own(found[0])


def _shipped(id: str) -> RuleSetHeld:
    data = known_rule_sets()[id].read_bytes()
    return RuleSetHeld(rule_set(id), symmetric.sha256(data).hex(), data)


def _own(kept: store.OwnRuleSet) -> RuleSetHeld:
    return RuleSetHeld(_read(kept.file, kept.id), kept.sha256, kept.file, rfc3339(kept.at))


_read = lru_cache(maxsize=64)(read_rule_set)


def import_rule_set(unit: Unit, issuer: Issuer, data: bytes, name: str) -> RuleSetHeld:
    """Take in a rule set of the agency's own: an act, logged with the hash of the file.

    BadInput where the file does not hold, Conflict where its id is taken. A rule set once here never changes, for hits
    were found by it: a newer one takes an id of its own.
    """
    rules = read_rule_set(data, name)
    if rules.id in known_rule_sets() or store.rule_sets(unit, id=rules.id):
        raise Conflict("dna.rules-held", f"A rule set {rules.id} is held here",
                       todo="Give the newer one an id of its own, such as one with its year.")  # fmt: skip
    made = store.OwnRuleSet(rules.id, symmetric.sha256(data).hex(), unit.now, data)
    subject: JsonObject = {"rule_set": rules.id, "sha256": made.sha256}
    acted = access.act(unit, issuer, VERB, subject, IMPORTERS)
    store.add_rule_set(unit, made)
    told: JsonObject = {"title": rules.title, "version": rules.version, "dated": rules.dated}
    log.append(unit, Record(VERB, acted.actor, subject, told, auth_hash=acted.auth_hash))
    return _own(made)
