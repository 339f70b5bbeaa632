"""Rule-set files: YAML with an id, a date, a source, and every unverified point written in as a doubt."""

from typing import Any

import yaml

from comity.base.errors import Misconfigured
from comity.dna.model import COLUMN, Quality, RuleSet


def read_rule_set(data: bytes, name: str) -> RuleSet:
    """The rule set of a file; Misconfigured, naming the file, where a field is missing or of another kind."""
    try:
        table: dict[str, Any] = yaml.safe_load(data)
        rules = RuleSet(
            id=str(table["id"]), title=str(table["title"]), dated=str(table["dated"]), source=str(table["source"]),
            loci=tuple(map(str, table["loci"])), minimum_full=int(table["minimum_full"]),
            standard_set=tuple(map(str, table["standard_set"])), minimum_standard=int(table["minimum_standard"]),
            grades={kind: Quality(int(g["quality"]), bool(g["near"])) for kind, g in table["grades"].items()},
            doubts=tuple(map(str, table["doubts"])),
        )  # fmt: skip
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _broken(name, f"{type(error).__name__}: {error}") from error
    if unknown := sorted({*rules.loci, *rules.standard_set} - set(COLUMN)):
        raise _broken(name, f"unknown loci {', '.join(unknown)}")
    if rules.minimum_full < 1 or not set(rules.grades) <= {"equal", "wildcard", "microvariant", "mismatch"}:
        raise _broken(name, "a count or a grade makes no sense")
    return rules


def _broken(name: str, why: str) -> Misconfigured:
    return Misconfigured("dna.rule-set", f"The rule set {name} cannot be read: {why}", todo="Restore the shipped file.")
