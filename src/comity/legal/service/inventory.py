"""What this node decides by, in brief: for whoever runs it."""

from typing import Final

from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.service.signing import imported_tables
from comity.legal.service.tables import tables

NEEDED: Final = ("participations", "offences", "recipients")
"""The tables about the node's own state without which nothing can be allowed."""


def inventory(unit: Unit) -> JsonObject:
    """The set in use (0: only what the package ships) with who signed it, the hash of the rules, how many imported
    tables wait for a lawyer, and which tables about this state are lacking.

    Tampered when what is stored is not what a lawyer signed, as everywhere.
    """
    known, newest = tables(unit), store.find_set(unit)
    there = {
        "participations": unit.node in known.states, "offences": unit.node in known.offences_of,
        "recipients": any(by == unit.node for by, _ in known.recipients),
    }  # fmt: skip
    return {
        "set": newest.number if newest else 0, "signed_by": newest.by if newest else "",
        "rules_hash": known.rules_hash, "waiting": sum(not table.signed for table in imported_tables(unit)),
        "lacking": [kind for kind in NEEDED if not there[kind]],
    }  # fmt: skip
