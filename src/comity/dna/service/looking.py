"""Look up profiles, rule sets and shipped files."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from comity.base.errors import BadInput, NotFound
from comity.base.ids import is_uuid
from comity.dna import rules, store
from comity.dna.model import Profile, RuleSet, Specimen, kind_of
from comity.dna.wire.rulesets import read_rule_set
from comity.kit.database.unit import Unit

DEFAULT_RULE_SET: Final = "pruem-2008"


def list_profiles(unit: Unit, after: str = "", limit: int = 50) -> list[Profile]:
    """Active profiles in the order in which they came, without the persons; `after` is the last id of a page."""
    return store.page(unit, after, limit)


def count_profiles(unit: Unit) -> int:
    """Number of profiles that a search looks through."""
    return store.count(unit)


def find(unit: Unit, ref: str) -> Profile:
    """The profile with this id, or the active one of this specimen; NotFound otherwise."""
    found = store.by_id(unit, ref) if is_uuid(ref) else store.held(unit, [ref]).get(ref)
    if found is None:
        raise NotFound("dna.profile", f"No DNA profile {ref[:60]!r} is held here", todo="See `comity dna list`.")
    return found


@cache
def rule_set(id: str) -> RuleSet:
    """A shipped rule set; BadInput for an id this node does not know."""
    known = {file.name.removesuffix(".yaml"): file for file in (_data() / "rulesets").iterdir()}
    if id not in known:
        raise BadInput(
            "dna.rule-set-unknown", f"The rule set {id[:40]!r} is not known here",
            todo=f"Use one of {', '.join(sorted(known))}.",
        )  # fmt: skip
    return read_rule_set(known[id].read_bytes(), known[id].name)


def require_searchable(specimen: Specimen) -> None:
    """BadInput, with the count, when partners could not search this specimen under the default rule set."""
    rules.check_searchable(specimen.loci, kind_of(specimen.category), rule_set(DEFAULT_RULE_SET))


def shipped_file(name: str) -> bytes:
    """A shipped profile file or table: ``stain-2800m.xml``, ``control-9947a.csv``, ``frequencies/europe.csv``."""
    file = _data()
    for part in name.split("/"):
        file = {entry.name: entry for entry in file.iterdir()}.get(part) or _no_file(name)
    return file.read_bytes()


def _no_file(name: str) -> Traversable:
    raise NotFound("dna.file", f"no shipped file {name!r}", todo="See the folder of the room's data.")


@cache
def _data() -> Traversable:
    return resources.files("comity.dna") / "data"
