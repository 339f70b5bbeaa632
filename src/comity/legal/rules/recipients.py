"""What this node has found about the state that receives: data protection (LED 35 to 39) and human rights.

The finding is this side's own: a dated row of its own table `recipients`, or what its lawyer states for this one case.
Nobody's finding at all is unknown, and refers. LED is Directive (EU) 2016/680, ECHR the European Convention on Human
Rights (articles 2 and 3, with protocols 6 and 13 on the death penalty).
"""

from datetime import date
from functools import lru_cache
from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import Finding, Tables
from comity.legal.rules.matter import Matter, failed, met, text, unsure
from comity.legal.rules.tables import holds

ARTICLES: Final = {
    "shared_regime": "LED 1(2)(b)", "adequacy": "LED 36", "safeguards": "LED 37", "derogation": "LED 38",
    "none": "LED 35",
}  # fmt: skip
"""The article on which each kind of finding rests."""

RIGHTS: Final = "ECHR 2, 3"
JUDGE: Final = "have this node's lawyer judge the recipient: import a table of recipients, or state it for the case"


def findings(m: Matter) -> tuple[Finding, ...]:
    """Whether data may go to the other state at all, and whether a person may come to harm by it."""
    own = m.question.own.get("recipient")
    if own is None:
        return _by_table(m.tables, m.here, m.partner, m.on)
    return _by_word(m.partner, own if isinstance(own, dict) else {})


@lru_cache(maxsize=4096)
def _by_table(tables: Tables, by: str, recipient: str, on: date) -> tuple[Finding, ...]:
    row = next((r for r in tables.recipients.get((by, recipient), ()) if holds(r, on)), None)
    if row is None:
        values: JsonObject = {"recipient": recipient, "by": by, "on": on.isoformat()}
        return (
            unsure("recipient", "LED 35-39", values, JUDGE), unsure("recipient_rights", RIGHTS, values, JUDGE)
        )  # fmt: skip
    said: JsonObject = {"recipient": recipient, "since": row.valid_from.isoformat(), "source": row.source}
    basis: JsonObject = {"basis": row.basis, "reason": row.reason}
    if row.basis == "derogation":
        cure = "a derogation is for one case: have the lawyer state it for this one, with its reason"
        protected = unsure("recipient", ARTICLES["derogation"], said | basis, cure)
    else:
        protected = _protection(said | basis)
    return (protected, _rights(said | {"death_penalty": row.death_penalty, "torture_risk": row.torture_risk}))


def _by_word(recipient: str, own: JsonObject) -> tuple[Finding, ...]:
    """What this side's lawyer stated for this case, instead of the table."""
    said: JsonObject = {"recipient": recipient, "stated": "for this case"}
    basis: JsonObject = {name: own.get(name) for name in ("basis", "reason")}
    rights: JsonObject = {name: own.get(name) for name in ("death_penalty", "torture_risk")}
    return (_protection(said | basis), _rights(said | rights))


def _protection(values: JsonObject) -> Finding:
    basis = text(values["basis"])
    if basis == "none":
        cure = "send nothing that is about a person, or state a derogation with its reason for this case"
        return failed("recipient", ARTICLES[basis], values, cure)
    if basis == "derogation" and not text(values["reason"]).strip():
        return unsure("recipient", ARTICLES[basis], values, "state the reason of the derogation")
    if basis in ARTICLES:
        return met("recipient", ARTICLES[basis], values)
    return unsure("recipient", "LED 35-39", values, f"state the basis of the transfer: one of {', '.join(ARTICLES)}")


def _rights(values: JsonObject) -> Finding:
    """Torture denies. The death penalty refers until the receiving state has given an assurance."""
    if values["torture_risk"] == "real":
        return failed("recipient_rights", RIGHTS, values, "nothing about a person may go there while the risk is real")
    if values["torture_risk"] != "none":
        return unsure("recipient_rights", RIGHTS, values, "state the risk of torture: none or real")
    if values["death_penalty"] in ("none", "assured"):
        return met("recipient_rights", RIGHTS, values)
    cure = "obtain an assurance that the death penalty is not imposed or not carried out"
    if values["death_penalty"] != "possible":
        cure = "state the death penalty: none, possible or assured"
    return unsure("recipient_rights", RIGHTS, values, cure)
