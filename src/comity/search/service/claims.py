"""What a partner's message says of its own basis must be of one piece, and stay so through the whole exchange.

The law decides on the facts of the body; the header is what the exchange checked and logged. Were they allowed to
differ, a partner could state to the law what suits it and send something else.
"""

from comity.base.errors import Conflict
from comity.base.model import JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Handling, Received
from comity.search import rules
from comity.search.model import Query


def agree(received: Received, legal: JsonObject) -> None:
    """Conflict unless the header names the purpose, handling and basis that the body's own facts and basis name."""
    facts = legal["facts"] if isinstance(legal["facts"], dict) else {}
    purpose = facts.get("purpose")
    same("purpose", received.purpose, purpose if isinstance(purpose, str) else "")
    same("handling", received.handling.as_dict(), Handling.of(facts).as_dict())
    instrument, article = str(legal["instrument"]), str(legal.get("article") or "")
    named = exchange.basis_code(instrument, article)
    same("legal basis", received.legal_basis if article else received.legal_basis[: len(named)], named)


def unchanged(query: Query, legal: JsonObject) -> None:
    """Conflict unless the basis is the one on which this partner's query came, but for what core data adds to it."""
    asking = query.basis.get("asking")
    before: JsonObject = asking if isinstance(asking, dict) else {}
    same("instrument", legal["instrument"], before.get("instrument"))
    same("facts", rules.matter_of(legal["facts"]), rules.matter_of(before.get("facts")))


def same(what: str, stated: object, borne_out: object) -> None:
    """Conflict unless both are equal."""
    if stated != borne_out:
        raise Conflict(
            "search.contradiction", f"The message contradicts itself or its query: its {what} differs",
            todo="State the same in header and body, and throughout an exchange.",
        )  # fmt: skip
