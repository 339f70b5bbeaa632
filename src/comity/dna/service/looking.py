"""Look up profiles."""

from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, NotAllowed, NotFound
from comity.base.ids import is_uuid
from comity.base.model import Issuer, JsonObject
from comity.dna import rules, store
from comity.dna.model import Profile, Specimen, kind_of
from comity.dna.service.shipped import DEFAULT_RULE_SET, rule_set
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VIEWERS: Final = frozenset({"officer", "examiner"})
"""Roles that may look at profiles; whoever runs the node, or audits it, may not."""


def list_profiles(unit: Unit, issuer: Issuer, after: str = "", limit: int = 50) -> list[Profile]:
    """Active profiles in the order in which they came, without the persons; `after` is the last id of a page.

    NotAllowed without one of `VIEWERS`. Show no allele of a list: `view` does that, with an entry.
    """
    require_viewer(issuer)
    return store.page(unit, after, limit)


def require_viewer(issuer: Issuer) -> None:
    """NotAllowed without one of `VIEWERS`."""
    if not issuer.actor.roles & VIEWERS:
        raise NotAllowed(
            "dna.role", f"DNA profiles are shown to {' or '.join(sorted(VIEWERS))} only",
            todo="Ask somebody who holds that role.",
        )  # fmt: skip


def count_profiles(unit: Unit) -> int:
    """Number of profiles that a search looks through."""
    return store.count(unit)


def view(unit: Unit, issuer: Issuer, ref: str) -> Profile:
    """One profile with its alleles, for a person with one of `VIEWERS`: an act, logged as ``dna.viewed``."""
    found = find(unit, ref)
    subject: JsonObject = {"profile": found.id}
    acted = access.act(unit, issuer, "dna.view", subject, VIEWERS)
    log.append(unit, Record("dna.viewed", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return found


def find(unit: Unit, ref: str) -> Profile:
    """The profile with this id, or the active one of this specimen; NotFound otherwise, BadInput for no name at all."""
    if not ref.strip():
        raise BadInput("dna.no-id", "The profile id or specimen is missing", todo="Take it from `comity dna list`.")
    found = store.by_id(unit, ref) if is_uuid(ref) else store.of_specimen(unit, ref)
    if found is None:
        raise NotFound("dna.profile", f"No DNA profile {ref[:60]!r} is held here", todo="See `comity dna list`.")
    return found


def require_searchable(specimen: Specimen) -> None:
    """BadInput, with the count, when partners could not search this specimen under the default rule set."""
    rules.check_searchable(specimen.loci, kind_of(specimen.category), rule_set(DEFAULT_RULE_SET))
