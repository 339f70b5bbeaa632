"""The operator's verbs: make a node, say how it stands, check it. Backups are in `backups`."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from comity.access import service as access
from comity.access.model import NewPerson
from comity.app import backups
from comity.app.migrations import upgrading
from comity.app.settings import Settings, save
from comity.app.wiring import SEALED_MARK, Node, create_node
from comity.base.clock import rfc3339, system_clock
from comity.base.errors import ComityError, Conflict
from comity.base.model import Json, JsonObject
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.log import service as log
from comity.search import service as search

LOW_DISK_BYTES: Final = 1 << 30

backup = backups.backup
restore = backups.restore


@dataclass(frozen=True)
class FirstPerson:
    """The node's first person, its security administrator."""

    id: str
    unit: str
    passphrase: str = field(repr=False)


def init(settings: Settings, first: FirstPerson) -> Node:
    """Make a node in an empty home: settings, keys, schema, first person. Conflict when there is one already."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if any(settings.home.iterdir()):
        raise Conflict(
            "node.home-used", "The home is not empty", where=str(settings.home), todo="Choose an empty folder."
        )
    settings.home.chmod(0o700)
    save(settings)
    KeyRing.create(settings.keys_folder, settings.code, system_clock)
    node = create_node(settings)
    migrate(node)
    admin = NewPerson(first.id, first.unit, frozenset({"security_admin"}), first.passphrase)
    with node.database.unit("node.init") as unit:
        access.add_person(unit, admin, None)
    return node


def migrate(node: Node) -> None:
    """Bring the node's database to this release's schema."""
    upgrading.upgrade(node.database.engine)


def check_schema(node: Node) -> None:
    """Misconfigured unless the database stands at this release."""
    with node.database.read("node.schema") as unit:
        upgrading.require_newest(unit.connection)


def write_member(node: Node, path: Path) -> Path:
    """Write the node's entry for the federation's directory: public keys, certificate, addresses."""
    settings = node.settings
    entry = exchange.member_entry(
        node.keys, name=settings.name, endpoint=settings.partner_endpoint, officer=settings.officer_address
    )
    path.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    return path


def status(node: Node) -> JsonObject:
    """How the node stands, without any personal data: log, partners, what waits."""
    with node.database.read("node.status") as unit:
        head = log.head(unit)
        waiting: dict[str, int] = {}
        for query in search.overview(unit):
            waiting[f"{query.side} {query.state}"] = waiting.get(f"{query.side} {query.state}", 0) + 1
        partners: list[Json] = [
            {
                "code": p.code, "name": p.name, "available": p.available, "reason": p.reason, "queued": p.queued,
                "waiting": p.waiting, "undelivered": p.undelivered, "head_size": p.head_size,
            }
            for p in _partners(unit)
        ]  # fmt: skip
        profiles = dna.count_profiles(unit)
        alarms = len(exchange.alarms(unit))
    queries: JsonObject = dict(sorted(waiting.items()))
    return {
        "code": node.settings.code, "name": node.settings.name, "training": node.settings.training,
        "read_only": node.database.sealed, "at": rfc3339(system_clock()),
        "log": {"origin": head.origin, "size": head.size},
        "profiles": profiles, "queries": queries, "partners": partners, "alarms": alarms,
    }  # fmt: skip


def _partners(unit: Any) -> list[Any]:
    try:
        return list(exchange.partners(unit))
    except ComityError:
        return []


def status_text(data: JsonObject) -> str:
    """`status` for people."""
    found: Any = data
    lines = [
        f"{found['code']} {found['name']}" + (" (TRAINING)" if found["training"] else ""),
        f"log {found['log']['size']} entries, {found['profiles']} DNA profiles, {found['alarms']} alarms",
    ]
    if found["read_only"]:
        lines.append("READ-ONLY: restored from a backup.")
    for partner in found["partners"]:
        state = "available" if partner["available"] else f"UNAVAILABLE ({partner['reason']})"
        lines.append(f"partner {partner['code']}: {state}, {partner['queued']} queued, {partner['waiting']} waiting")
    if not found["partners"]:
        lines.append("No partners yet: import the federation's directory with `comity directory import`.")
    lines += [f"queries {state}: {count}" for state, count in found["queries"].items()]
    return "\n".join(lines)


def doctor(node: Node) -> JsonObject:
    """Check what an operator would: each check with its result and what to do."""
    checks = [_check(name, probe, node) for name, probe in _PROBES]
    return {"ok": all(bool(c["ok"]) for c in checks), "checks": list[Json](checks)}


def _check(name: str, probe: Any, node: Node) -> JsonObject:
    try:
        return {"check": name, "ok": True, "detail": str(probe(node)), "todo": ""}
    except ComityError as error:
        return {"check": name, "ok": False, "detail": error.what, "todo": error.todo}


def _probe_schema(node: Node) -> str:
    check_schema(node)
    return f"at revision {upgrading.newest()}"


def _probe_writing(node: Node) -> str:
    with node.database.unit("node.doctor"):
        return "a write transaction can be opened"


def _probe_log(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        report = log.verify(unit)
    if not report.ok:
        raise ComityError("node.log", f"{len(report.findings)} findings, first {report.findings[0].row}",
                          todo="Stop the node and run `comity log verify`.")  # fmt: skip
    return f"{report.entries} entries recomputed"


def _probe_directory(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        found = exchange.directory(unit)
    return f"{found.federation} version {found.version}, {len(found.members)} members"


def _probe_disk(node: Node) -> str:
    free = shutil.disk_usage(node.settings.home).free
    if free < LOW_DISK_BYTES:
        raise ComityError(
            "node.disk", f"only {free // (1 << 20)} MiB free", todo="Make room before the node must stop."
        )
    return f"{free // (1 << 30)} GiB free"


def _probe_sealed(node: Node) -> str:
    if (node.settings.home / SEALED_MARK).exists():
        raise ComityError("node.sealed", "the node is read-only: restored from a backup",
                          todo="Use it to read and to prove; a new epoch is the way to write again.")  # fmt: skip
    return "not sealed"


_PROBES: Final = (
    ("schema", _probe_schema), ("sealed", _probe_sealed), ("writing", _probe_writing), ("log", _probe_log),
    ("directory", _probe_directory), ("disk", _probe_disk),
)  # fmt: skip


def doctor_text(data: JsonObject) -> str:
    """`doctor` for people."""
    found: Any = data
    rows = [
        f"{'ok  ' if c['ok'] else 'CARE'} {c['check']}: {c['detail']} {c['todo']}".rstrip() for c in found["checks"]
    ]
    return "\n".join(rows)
