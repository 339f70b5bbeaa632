"""What the package ships: files, and the rule sets of which every node has the same."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from comity.base.errors import BadInput, Misconfigured, NotFound
from comity.dna.model import RuleSet
from comity.dna.wire.rulesets import read_rule_set

DEFAULT_RULE_SET: Final = "pruem-2008"


@cache
def rule_set(id: str) -> RuleSet:
    """A shipped rule set; BadInput for an id that this release does not know."""
    known = known_rule_sets()
    if id not in known:
        raise BadInput(
            "dna.rule-set-unknown", f"The rule set {id[:40]!r} is not known here",
            todo=f"Use one of {', '.join(sorted(known))}.",
        )  # fmt: skip
    try:
        return read_rule_set(known[id].read_bytes(), known[id].name)
    except BadInput as error:
        raise Misconfigured("dna.rule-set-shipped", f"A shipped rule set is damaged: {error.what}", where=error.where,
                            todo="Install the package again.") from error  # fmt: skip


def rule_set_for_partners(id: str) -> RuleSet:
    """A shipped rule set by which partners may ask; BadInput for any other."""
    found = rule_set(id)
    if not found.partners:
        raise BadInput("dna.rule-set-own", f"The rule set {id} is for an agency's own searches, not for partners",
                       todo=f"Ask by {DEFAULT_RULE_SET}.")  # fmt: skip
    return found


@cache
def known_rule_sets() -> dict[str, Traversable]:
    """The files of the shipped rule sets by their ids."""
    return {file.name.removesuffix(".yaml"): file for file in (_data() / "rulesets").iterdir()}


def shipped_file(name: str) -> bytes:
    """A shipped profile file or table: ``stain-2800m.xml``, ``control-9947a.csv``, ``frequencies/europe.csv``."""
    file = _data()
    for part in name.split("/"):
        file = {entry.name: entry for entry in file.iterdir()}.get(part) or _no_file(name)
    return file.read_bytes()


def _no_file(name: str) -> Traversable:
    raise NotFound("dna.shipped-file", f"no shipped file {name!r}", todo="See the folder of the room's data.")


@cache
def _data() -> Traversable:
    return resources.files("comity.dna") / "data"
