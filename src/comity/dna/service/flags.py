"""What an examiner has to look at, and what was found: contamination or not, one person or twins."""

from dataclasses import replace
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, store
from comity.dna.model import FINDINGS, Finding, Flag, Profile, Specimen
from comity.dna.service.elimination import check_reason
from comity.dna.service.importing import CHANGED
from comity.dna.service.looking import require_viewer
from comity.dna.service.storing import Storing, bound_to
from comity.dna.store.screening import HeldBack
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.decide-flag"
DECIDERS: Final = frozenset({"examiner"})


def flags(unit: Unit, issuer: Issuer, *, decided: bool = False) -> list[Flag]:
    """The flags that wait for an examiner, or all of them; no allele and no name. For one of `VIEWERS`."""
    require_viewer(issuer)
    return store.screening.flags(unit) if decided else store.screening.flags(unit, finding="")


def flags_of(unit: Unit, profile: Profile) -> list[Flag]:
    """The flags about a profile, on either side of a double."""
    about = store.screening.flags(unit, profile=profile.id) + store.screening.flags(unit, other=profile.id)
    return about + store.screening.flags(unit, result=profile.id)


def decide_flag(unit: Unit, issuer: Issuer, id: str, finding: str, reason: str) -> Flag:
    """What an examiner found about a flag: an act, logged with the reason. A cleared stain comes in as a profile.

    Of contamination, another examiner decides than who imported the stain (NotAllowed otherwise). Conflict where it is
    decided already: what was found is never overwritten.
    """
    check_reason(reason)
    found = _open(unit, id)
    if finding not in FINDINGS[found.kind]:
        raise BadInput("dna.finding", f"{finding[:20]!r} is no finding about {found.kind}",
                       todo=f"Use {' or '.join(FINDINGS[found.kind])}.")  # fmt: skip
    subject: JsonObject = {"flag": found.id, "finding": finding, "reason": reason}
    acted = access.act(unit, issuer, VERB, subject, DECIDERS)
    if found.kind == "contamination" and acted.actor.person == found.by:
        raise NotAllowed("dna.flag-own", "Who imported a stain does not say whether it is contamination",
                         where=found.specimen, todo="Ask another examiner.")  # fmt: skip
    result = _come_in(unit, found) if finding == "cleared" else ""
    said: Finding = next(one for one in FINDINGS[found.kind] if one == finding)
    made = replace(
        found, finding=said, person=acted.actor.person, reason=reason, decided_at=unit.now, result=result
    )  # fmt: skip
    store.screening.decide(unit, made)
    payload: JsonObject = {"specimen": made.specimen, "other": made.other, "result": result or None}
    log.append(unit, Record("dna.flag-decided", acted.actor, subject, payload, auth_hash=acted.auth_hash))
    return made


def _open(unit: Unit, id: str) -> Flag:
    found = store.screening.flags(unit, id=id)
    if not found:
        raise NotFound("dna.flag", f"No flag {id[:40]!r} is held here", todo="See `comity dna flags list`.")
    if found[0].finding:
        raise Conflict("dna.flag-decided", f"The flag was decided by {found[0].person}: {found[0].finding}",
                       todo="Nothing needs to be done; what was found stands.")  # fmt: skip
    return found[0]


def _come_in(unit: Unit, flag: Flag) -> str:
    """A cleared specimen as a profile, in the place of whatever stands for it meanwhile; its id."""
    held, storing = store.screening.held_back(unit, flag.id), Storing(unit)
    if held is None:
        raise Conflict("dna.flag-empty", "Nothing is held back under this flag", todo="Import the specimen again.")
    before = store.of_specimen(unit, flag.specimen)
    store.retire(unit, [before.id] if before else [])
    version = store.versions(unit, [flag.specimen]).get(flag.specimen, 0) + 1
    one = _specimen(flag, held, storing)
    made = storing.many([(one, version)], kernel.genotypes_of([one.loci]))
    store.add(unit, made, held.source)
    store.count_change(unit, 1 if before else 0)
    unit.scratch[CHANGED] = True
    return made[0].profile.id


def _specimen(flag: Flag, held: HeldBack, storing: Storing) -> Specimen:
    core = storing.opened(held.identity, bound_to(flag.id))
    return Specimen(0, flag.specimen, flag.category, held.kit, held.loci, core)
