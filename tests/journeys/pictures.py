"""What a node has in the end, in a form in which two tellings of one story can be compared: states, never ids or times.

The same for a telling without interruption and for one in which a node was killed, but for what the design lets a
retry add:

- a query that could not be delivered while its partner was down was `unavailable` meanwhile, and says so: two entries,
  two steps of its life;
- a person who was not answered opens the identity again, and every opening has its entry and its assertion;
- a person who was not answered does another act again, is told that it was done, and that refusal has its entry;
- checkpoints are as many as commits, heads of partners as many as proofs, cosignatures as many as starts and minutes:
  they must hold, not be equal in number;
- attempts at delivery, and a file of the vault whose row was never committed, which the sweep removes after a day.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from comity.app.tables import metadata
from comity.cases import service as cases
from comity.evidence.wire import custody
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.log import service as log
from tests.journeys.federation import Federation
from tests.journeys.nodes import LiveNode

RETRIES: Final = frozenset({"search.unavailable", "search.reached", "search.opened", "act.refused"})
"""Types of log entries of which a retry may add some."""
_OWN: Final = frozenset({
    "log_entry", "log_opening", "log_checkpoint", "log_head", "log_node", "exchange_head", "exchange_partner",
    "exchange_cosignature", "exchange_witnessed", "exchange_receipt", "access_assertion", "search_transition",
    "alembic_version",
})  # fmt: skip
"""Tables that are compared otherwise than by their number of rows."""
_STATES: Final = {
    "messages": "SELECT type, seq, supersedes IS NULL FROM exchange_message",
    "inbox": "SELECT sender, type, seq, state, code FROM exchange_inbox",
    "outbox": "SELECT recipient, what, type, state, reason FROM exchange_outbox",
    "receipts": "SELECT m.type, r.issuer, r.kind, r.code FROM exchange_receipt r "
    "JOIN exchange_message m ON m.id = r.message",
    "alarms": "SELECT kind, partner FROM exchange_alarm",
    "queries": "SELECT side, partner, state, status FROM search_query",
    "verdicts": "SELECT node, person, kind FROM search_verdict",
    "core": "SELECT sealed IS NOT NULL FROM search_core",
    "life": "SELECT before, event, after, person FROM search_transition WHERE event NOT IN ('unavailable', 'retry')",
    "requests": "SELECT side, partner, state FROM evidence_request",
    "releases": "SELECT recipient, state FROM evidence_release",
    "parcels": "SELECT sender, state, problem FROM evidence_parcel",
    "items": "SELECT origin, exhibit, standing FROM evidence_item",
    "approvals": "SELECT slot, person FROM access_approval",
}


def picture(node: LiveNode) -> dict[str, Any]:
    """Everything that must be the same, by name."""
    with node.eyes.database.read("test.picture") as unit:
        found: dict[str, Any] = {name: _rows(unit, query) for name, query in _STATES.items()}
        found["log"] = Counter(e.type for e in log.entries(unit) if e.type not in RETRIES)
        found["rows"] = {
            table.name: unit.connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
            if table.name not in _OWN
        }
        found["custody"] = _custody(unit)
    return found


def _rows(unit: Unit, query: str) -> list[tuple[str, ...]]:
    return sorted(tuple(str(cell) for cell in row) for row in unit.connection.execute(sa.text(query)))


def _custody(unit: Unit) -> list[list[tuple[str, str, str]]]:
    """Each item's chain: who did what, at which agency."""
    chains: dict[str, list[tuple[str, str, str]]] = {}
    for item, line in unit.connection.execute(sa.text("SELECT item, line FROM evidence_custody ORDER BY item, seq")):
        event = custody.parse_line(bytes(line), "custody").event
        chains.setdefault(item, []).append((event.type, event.agency, event.person))
    return sorted(chains.values())


def differences(found: dict[str, Any], told: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What one picture has and another has not, by name: more here, missing here."""
    return {
        name: (_more(found[name], told[name]), _more(told[name], found[name]))
        for name in told
        if found[name] != told[name]
    }


def _more(one: Any, other: Any) -> list[Any]:
    """What is in one and not, or not as often, in the other."""
    if isinstance(one, dict):
        return [item for item in one.items() if item not in other.items()]
    return list((Counter(map(str, one)) - Counter(map(str, other))).elements())


def check_sound(federation: Federation) -> None:
    """What must hold at each node however the story went: log, vault, conversations, and the partners' logs."""
    for node in federation.nodes.values():
        with node.eyes.database.read("test.sound") as unit:
            report = log.verify(unit)
            assert report.ok, (node.code, report.findings)
            assert exchange.gaps(unit) == []
            assert exchange.alarms(unit) == []
            _open_every_content(node, unit)
        for partner in exchange.verify_partners(node.eyes.station):
            assert partner.ok, (node.code, partner.detail)
            assert partner.size > 0


_CONTENTS: Final = (
    "SELECT case_id, container_sha256 FROM evidence_item "
    "UNION SELECT case_id, package_sha256 FROM evidence_release WHERE package_sha256 != '' "
    "UNION SELECT case_id, package_sha256 FROM evidence_parcel"
)


def _open_every_content(node: LiveNode, unit: Unit) -> None:
    """Each content that evidence names opens from the vault, whole; what else lies there is swept after a day."""
    contents = unit.connection.execute(sa.text(_CONTENTS)).all()
    for case, digest in contents:
        assert node.eyes.vault.get(unit, digest, cases.data_key(unit, case))


def sweep_strays(node: LiveNode) -> None:
    """Two days later a sweep leaves exactly one file for each row of the vault."""
    database = node.eyes.database
    with database.unit("test.sweep") as unit:
        unit.now += timedelta(days=2)
        node.eyes.vault.sweep(unit)
        rows = unit.connection.scalar(sa.text("SELECT count(*) FROM vault_blob"))
    assert len([path for path in node.settings.vault_folder.glob("*/*") if path.is_file()]) == rows
