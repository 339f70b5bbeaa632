"""What an operator does about messages that do not arrive: look at them, try now, give one up. Codes alone are seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer, JsonObject
from comity.exchange.service.delivering import retry
from comity.exchange.service.station import OWED
from comity.exchange.store import sent
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

TENDERS: Final = frozenset({"operator", "security_admin"})
GIVEN_UP: Final = "exchange.given-up"
"""The code of a message's NON_DELIVERY where a person would not wait for its deadline."""
MOST_UNDELIVERED: Final = 50
_MOST_REASON: Final = 500


@dataclass(frozen=True)
class Undelivered:
    """A message that waits for a partner, or did not reach it."""

    n: int
    """Its number in the outbox; a list goes on below the last one shown."""
    message: str
    type: str
    state: str
    attempts: int
    sent: datetime
    deadline: datetime
    reason: str

    @property
    def waits(self) -> bool:
        """Whether it is still tried, so that it can be given up."""
        return self.state in sent.OPEN


def undelivered(unit: Unit, partner: str, before: int | None = None, most: int = MOST_UNDELIVERED) -> list[Undelivered]:
    """What waits for the partner, and what did not reach it or was refused, below number `before`; the newest first."""
    rows = sent.unsettled(unit, partner, before, most)
    return [
        Undelivered(row.n, row.message, row.type, row.state, row.attempts, row.at, row.deadline, row.reason)
        for row in rows
    ]


def retry_by(unit: Unit, issuer: Issuer, partner: str) -> int:
    """An operator has all that waits for the partner tried now; how many. NotFound for an unlisted partner."""
    acted = access.act(unit, issuer, "exchange.retry", {"partner": partner}, TENDERS)
    due = retry(unit, partner)
    log.append(unit, Record(
        type="exchange.retried", actor=acted.actor, subject={"partner": partner}, payload={"messages": due},
        peer=partner, auth_hash=acted.auth_hash,
    ))  # fmt: skip
    return due


def give_up(unit: Unit, issuer: Issuer, message: tuple[str, str], reason: str) -> None:
    """An operator gives up a message (its id, its recipient) that waits: its deadline is now, and it ends as every
    message does at its deadline, with this node's own signed NON_DELIVERY. A late receipt would still count.

    BadInput without a reason; Conflict for a message that does not wait for that partner.
    """
    if not reason.strip() or len(reason) > _MOST_REASON:
        raise BadInput("exchange.give-up-reason", f"A reason of 1 to {_MOST_REASON} characters is needed",
                       where="reason", todo="Say why it is no longer worth waiting.")  # fmt: skip
    id, partner = message
    subject: JsonObject = {"message": id, "partner": partner}
    acted = access.act(unit, issuer, "exchange.give-up", subject | {"reason": reason}, TENDERS)
    row = sent.outbox_row(unit, id, partner)
    if row is None or row.state not in sent.OPEN:
        raise Conflict("exchange.not-waiting", "This message does not wait for that partner", where=id[:80],
                       todo="Load the page of the partner again: it may have arrived.")  # fmt: skip
    sent.settle(unit, row.n, {"deadline": unit.now, "next_at": unit.now, "reason": GIVEN_UP})
    unit.signal(OWED, partner)
    log.append(unit, Record(
        type=GIVEN_UP, actor=acted.actor, subject=subject, payload={"reason": reason}, peer=partner,
        auth_hash=acted.auth_hash,
    ))  # fmt: skip
