"""How a node stands, without any personal data: its log, its partners, what waits; for a command and for a page."""

from typing import Any

from comity.app.homes import sealed_because
from comity.app.migrations import revisions
from comity.app.wiring import Node
from comity.base.clock import rfc3339
from comity.base.errors import Misconfigured, Tampered
from comity.base.model import Json, JsonObject
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.exchange.cli.told import quorum_told, stamping_told, transfer_told
from comity.exchange.model import PartnerStatus
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.log import service as log
from comity.log.model import Head
from comity.search import service as search

NO_PARTNERS = "No partners yet: join a federation with `comity federation join`."


def check_schema(node: Node) -> None:
    """Misconfigured unless the database stands at this release."""
    with node.database.read("node.schema") as unit:
        revisions.require_newest(unit.connection)


def status(node: Node) -> JsonObject:
    """The node's standing in one snapshot."""
    with node.database.read("node.status") as unit:
        head = log.head(unit)
        return {
            "code": node.settings.code, "name": node.settings.name, "training": node.settings.training,
            "read_only": node.database.sealed, "read_only_because": sealed_because(node.settings.home),
            "at": rfc3339(unit.now),
            "log": _log(unit, head), "profiles": dna.count_profiles(unit),
            "queries": {f"{side} {state}": count for (side, state), count in search.standing(unit).items()},
            "directory": _directory(unit), "partners": _partners(unit),
            "files": [one.as_dict(unit.now) for one in exchange.transfers(unit)],
            "alarms": len(exchange.alarms(unit)), "law": law(unit),
            "timestamps": _timestamps(unit, node), "witnesses": witnesses(unit, node),
        }  # fmt: skip


def _log(unit: Unit, head: Head) -> JsonObject:
    """The log's name and size; which epoch the directory lists for it, where that is another one."""
    try:
        me = exchange.directory(unit).members.get(unit.node)
    except Misconfigured:
        me = None
    present = log.epoch_of(head.origin, unit.node)
    listed = log.epoch_of(me.log.partition("+")[0], unit.node) if me is not None else present
    return {"origin": head.origin, "size": head.size, "epoch": present, "epoch_listed": listed}


def _timestamps(unit: Unit, node: Node) -> JsonObject:
    """How time stamps stand, and in words."""
    found = exchange.stamping(unit, node.station.authority)
    return {**found.as_dict(), "told": stamping_told(found)}


def witnesses(unit: Unit, node: Node) -> JsonObject:
    """Whether the quorum of the node's witness policy vouches for its log, and in words."""
    try:
        found = exchange.quorum(unit, node.station.witness_policy, node.station.witness_patience)
    except Misconfigured as error:
        return {"fault": error.what, "told": error.what}
    return {**(found.as_dict() if found else {}), "fault": "", "told": quorum_told(found)}


def law(unit: Unit) -> JsonObject:
    """What the node decides by, and in words; where that is not what a lawyer signed, nothing is decided (`fault`)."""
    try:
        found: Any = legal.inventory(unit)
    except Tampered as error:
        fault = f"{error.what} ({error.where})"
        return {"fault": fault, "told": f"CHANGED, nothing is decided: {fault}"}
    told = f"signed set {found['set']}" if found["set"] else "as shipped"
    told += f"; {found['waiting']} imported tables wait for a lawyer" if found["waiting"] else ""
    told += f"; NOTHING CAN BE ALLOWED without {', '.join(found['lacking'])}" if found["lacking"] else ""
    return {**found, "fault": "", "told": told}


def _directory(unit: Unit) -> str:
    """How fresh the federation's directory is, in words; empty before the first."""
    try:
        return exchange.freshness(unit)
    except Misconfigured:
        return ""


def _partners(unit: Unit) -> list[Json]:
    try:
        return [_partner(one) for one in exchange.partners(unit)]
    except Misconfigured:  # no directory yet: a new node
        return []


def _partner(one: PartnerStatus) -> JsonObject:
    return {
        "code": one.code, "name": one.name, "available": one.available and not one.barred,
        "reason": one.barred or one.reason,
        "queued": one.queued, "waiting": one.waiting,
        "undelivered": one.undelivered, "gaps": one.gaps, "items_due": one.items_due,
        "head_size": one.head_size, "cosigned_size": one.cosigned_size,
        "frozen": rfc3339(one.frozen) if one.frozen else None, "frozen_why": one.frozen_why, "epoch": one.epoch,
    }  # fmt: skip


def status_text(data: JsonObject) -> str:
    """`status` for people."""
    found: Any = data
    lines = [
        f"{found['code']} {found['name']}" + (" (TRAINING: synthetic data only)" if found["training"] else ""),
        f"log {found['log']['size']} entries, {found['profiles']} DNA profiles, {found['alarms']} alarms",
    ]
    if found["read_only"]:
        lines.append(f"READ-ONLY: {found['read_only_because']}; it reads and proves, and writes nothing.")
    if found["log"]["epoch"] != found["log"]["epoch_listed"]:
        lines.append(
            f"THE LOG IS IN EPOCH {found['log']['epoch']}, the directory lists {found['log']['epoch_listed']}: hand the"
            " entry to the federation's office; until it is published, partners put off what this node sends."
        )
    lines.append(f"law: {found['law']['told']}")
    lines.append(f"time stamps: {found['timestamps']['told']}")
    lines.append(f"witnesses: {found['witnesses']['told']}")
    if found["directory"]:
        lines.append(f"directory: {found['directory']}")
    for partner in found["partners"]:
        state = "available" if partner["available"] else f"UNAVAILABLE ({partner['reason']})"
        if partner["available"] and partner["reason"]:
            state += f", but messages wait ({partner['reason']})"
        counts = f"{partner['queued']} queued, {partner['waiting']} waiting, {partner['undelivered']} undelivered"
        if partner["frozen"]:
            state = f"FROZEN since {partner['frozen']}: {partner['frozen_why']}; see `comity partners --help`"
        counts += f", {partner['gaps']} conversations with gaps" if partner["gaps"] else ""
        counts += f", {partner['items_due']} announced items that have not come" if partner["items_due"] else ""
        lines.append(f"partner {partner['code']}: {state}, {counts}")
    lines += [transfer_told(one) for one in found["files"]]
    lines += [f"queries {state}: {count}" for state, count in found["queries"].items()]
    return "\n".join(lines if found["partners"] else [*lines, NO_PARTNERS])
