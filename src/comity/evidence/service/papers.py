"""The custody record of an exhibit as a paper: what it is, who held it from when to when, and what proves each step."""

from typing import Any, Final

from comity.access import service as access
from comity.base.clock import parse_rfc3339
from comity.base.model import Issuer
from comity.base.papers import Draw, Fact, Grid, Paper, Said, Value, to_say
from comity.base.words import name
from comity.evidence.service import common
from comity.evidence.service.showing import EXPORTERS, item
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import SealedPaper

CUSTODY: Final = "evidence.custody"
_TITLE: Final = to_say("Custody record")
_EVENTS: Final = (
    to_say("No."), to_say("Recorded"), to_say("Event"), to_say("Agency"), to_say("Person"), to_say("Log entry"),
)  # fmt: skip
_HASHES: Final = (to_say("No."), to_say("Hash of the signed event"))
_REMARK: Final = to_say(
    "Each event is signed by the agency that acted and names the hash of the one before it. "
    "The package of the exhibit holds the events themselves, and is verified without this node: comity verify FILE."
)


def issue_custody(unit: Unit, issuer: Issuer, named: str, language: str, draw: Draw) -> tuple[SealedPaper, bytes]:
    """The act of issuing the item's custody record as a paper; logged with the file's hash."""
    made = _paper(unit, issuer, named)
    issued = log.issue(unit, made, language)
    file = draw(made, issued)
    subject = log.sealing(made, issued, file)
    acted = access.act(unit, issuer, "evidence.paper", subject, EXPORTERS)
    case = common.find_item(unit, named).item.case
    return log.seal_paper(unit, acted, subject, case, common.key_of(unit, case)), file


def _paper(unit: Unit, issuer: Issuer, named: str) -> Paper:
    found: Any = item(unit, issuer, named)
    facts: list[tuple[str, Value | None]] = [
        (to_say("Case"), found["reference"]),
        (to_say("Exhibit"), found["exhibit"]),
        (to_say("Kind"), name(found["kind"])),
        (to_say("SHA-256 of the exhibit"), found["container"]["sha256"]),
        (to_say("Size in bytes"), found["container"]["size"]),
        (to_say("Source"), found["source"]),
        (to_say("Taken in by"), found["origin"]),
        (to_say("Held by"), found["holder"]),
        (to_say("Standing"), name(found["standing"])),
    ]
    events = tuple(
        (event["seq"], parse_rfc3339(event["recorded"]), _event(event), event["agency"], event["person"] or "–",
         event["entry"] if event["entry"] is not None else "–")
        for event in found["events"]
    )  # fmt: skip
    hashes = tuple((event["seq"], event["hash"]) for event in found["events"])
    return Paper(
        CUSTODY, named, _TITLE, tuple(Fact(label, value) for label, value in facts if value not in (None, "")),
        (Grid(to_say("Custody"), _EVENTS, events), Grid(to_say("Hashes"), _HASHES, hashes)), (Said(_REMARK),),
    )  # fmt: skip


def _event(event: dict[str, Any]) -> str:
    to = f" → {event['to']}" if event["to"] else ""
    purpose = f" ({event['purpose']})" if event["purpose"] else ""
    return f"{name(event['type'])}{to}{purpose}"
