"""What an operator would look at, one check after another; each says what it found and what to do about it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from comity.app.homes import sealed_because
from comity.app.migrations import revisions
from comity.app.settings import load
from comity.app.standing import check_schema
from comity.app.wiring import Node, create_node, find_key
from comity.base.clock import system_clock
from comity.base.errors import ComityError, Misconfigured
from comity.base.model import Json, JsonObject
from comity.exchange import service as exchange
from comity.exchange.cli.told import quorum_told, stamping_told
from comity.exchange.model import Member
from comity.kit.crypto.certificates import valid_until
from comity.kit.crypto.tokenkeys import TokenSigner
from comity.legal import service as legal
from comity.log import service as log

LOW_DISK_BYTES: Final = 1 << 30
SKEW_SECONDS: Final = 60
"""By how much this machine's clock may differ from a time-stamping authority's."""
LOW_CERTIFICATE: Final = timedelta(days=14)

Told = Callable[[int], None]


def examine(home: Path) -> JsonObject:
    """Every check of the node in `home`: ``{"ok", "checks": [{"check", "ok", "detail", "todo"}]}``.

    A node that cannot be opened is one failed check, not an error; of a database that another release left, nothing
    but that is said.
    """
    try:
        node = create_node(load(home))
    except ComityError as error:
        return {"ok": False, "checks": [_result("node", error)]}
    try:
        checks = list(_checked(node))
    finally:
        node.close()
    return {"ok": all(bool(c["ok"]) for c in checks), "checks": list[Json](checks)}


def _checked(node: Node) -> Iterator[JsonObject]:
    """One after another; what reads a database of another revision would only fail: that is told, and asked no more."""
    readable = True
    for name, probe in _PROBES:
        if readable or probe in _WITHOUT_DATABASE:
            yield (found := _check(name, probe, node))
            readable = readable and (probe is not _schema or bool(found["ok"]))


def _check(name: str, probe: Callable[[Node], str], node: Node) -> JsonObject:
    try:
        return {"check": name, "ok": True, "detail": probe(node), "todo": ""}
    except ComityError as error:
        return _result(name, error)


def _result(name: str, error: ComityError) -> JsonObject:
    where = f" ({error.where})" if error.where else ""
    return {"check": name, "ok": False, "detail": f"{error.what}{where}", "todo": error.todo}


# --- the checks ----------------------------------------------------------------------------------------------------


def _keys(node: Node) -> str:
    return f"all there, of node {node.keys.node}, readable by this user alone"


def _token(node: Node) -> str:
    token, keys = node.keys.token, node.keys
    if token is None:
        return "none: all keys are in files"
    token.use(lambda _: None)
    held = {"signing": keys.signing, "log": keys.log}
    inside = [name for name, key in held.items() if isinstance(key, TokenSigner)]
    if keys.kek.cipher is not None and keys.kek.is_open:
        raise _care("the move of the key-encryption key was interrupted", "Run `comity keys move` again.")
    inside += ["kek"] if keys.kek.cipher is not None else []
    return f"{token.place.label} answers; in it: {', '.join(inside) or 'no key of this node yet'}"


def _certificate(node: Node) -> str:
    until = valid_until(node.keys.tls_certificate.read_bytes())
    left = until - system_clock()
    if left < LOW_CERTIFICATE:
        step = "switch" if node.keys.next_certificate.exists() else "renew"
        raise _care(f"valid until {until.date()}", f"Run `comity keys {step} --help` and follow it in time.")
    return f"valid until {until.date()}"


def _schema(node: Node) -> str:
    check_schema(node)
    return f"at revision {revisions.NEWEST}"


def _writing(node: Node) -> str:
    if reason := sealed_because(node.settings.home):
        raise _care(f"the node is read-only: {reason}", "Use it to read and to prove.")
    with node.database.unit("node.doctor"):
        return "a write transaction can be opened"


def _log(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        report = log.verify(unit, find_key)
    if not report.ok:
        raise _care(f"{len(report.findings)} findings, first in {report.findings[0].row}",
                    "Stop the node and run `comity log verify`.")  # fmt: skip
    return f"{report.entries} entries recomputed"


def _clock(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        size = log.head(unit).size
        last = log.entry(unit, size - 1).at if size else unit.now
    if last > system_clock() + timedelta(seconds=1):
        raise _care(f"this machine's clock is behind the log's newest entry, {last}", "Set the clock by NTP.")
    return "not behind the log"


def _directory(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        found, fresh = exchange.directory(unit), exchange.freshness(unit)
    if found.expires < system_clock():
        raise _care(f"{found.federation} version {found.version} has expired", "Ask the office for the present one.")
    if fresh != "fresh":
        raise _care(fresh, "Run `comity federation mirror`; ask the office whether it publishes.")
    return f"{found.federation} version {found.version}, {len(found.members)} members"


def _law(node: Node) -> str:
    if node.settings.is_relay:
        return "none: a relay decides nothing"
    with node.database.read("node.doctor") as unit:
        found: Any = legal.inventory(unit)
    if found["lacking"]:
        raise _care(f"nothing can be allowed without {', '.join(found['lacking'])} of {node.settings.code}",
                    "Import each: `comity legal import FILE --as LAWYER`; see docs/operate/law.md.")  # fmt: skip
    if found["waiting"]:
        raise _care(f"{found['waiting']} imported tables are not in use",
                    "Have a lawyer sign them: `comity legal sign --as LAWYER`.")  # fmt: skip
    return f"set {found['set']}" + (f" of {found['signed_by']}" if found["set"] else ": only what the package ships")


def _relay(node: Node) -> str:
    if node.settings.is_relay:
        return _keeping(node)
    via, me = node.settings.relay, _listed(node, node.settings.code)
    if me is not None and me.relay != via:
        told = f"behind {me.relay}" if me.relay else "open to connections"
        raise _care(f"the directory calls this node {told}, its settings do not",
                    "Write the entry anew (`comity federation join`) and hand it to the office.")  # fmt: skip
    if not via:
        return "none: partners connect to this node"
    relay = _listed(node, via)
    if relay is None or relay.revoked or "relay" not in relay.services:
        raise _care(f"{via} is no relay in the directory", "Name one that is listed in the setting `relay`.")
    return f"partners leave messages at {via}, from where this node fetches them"


def _keeping(node: Node) -> str:
    me = _listed(node, node.settings.code)
    if me is None or "relay" not in me.services:
        raise _care("the directory does not list this node as a relay",
                    "Hand its entry (`comity federation join`) to the office.")  # fmt: skip
    with node.database.read("node.doctor") as unit:
        served = [str(box["member"]) for box in exchange.boxes(unit)]
    return f"keeps messages for {', '.join(served) or 'nobody yet'}"


def _listed(node: Node, code: str) -> Member | None:
    try:
        with node.database.read("node.doctor") as unit:
            return exchange.directory(unit).members.get(code)
    except Misconfigured:  # no directory yet: another check says so
        return None


def _alarms(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        found = exchange.alarms(unit)
    if found:
        raise _care(f"{len(found)} alarms, the newest about {found[0].partner}: {found[0].kind}",
                    "Speak with that partner's operator; keep the log as it is.")  # fmt: skip
    return "none"


def _timestamps(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        found = exchange.stamping(unit, node.station.authority)
    told = stamping_told(found)
    if found.authority and found.failures:
        raise _care(told, "See that the authority can be reached; then `comity log timestamps --now`.")
    if found.newest and abs(found.newest.skew) > SKEW_SECONDS:
        raise _care(f"this machine's clock was {found.newest.skew:.0f} s ahead of {found.newest.authority}",
                    "Set the clock by NTP; then `comity log timestamps --now`.")  # fmt: skip
    return told


def _witnesses(node: Node) -> str:
    with node.database.read("node.doctor") as unit:
        found = exchange.quorum(unit, node.station.witness_policy, node.station.witness_patience)
    if found and found.late:
        raise _care(quorum_told(found), "See who is away: `comity log monitor`.")
    return quorum_told(found)


def _disk(node: Node) -> str:
    free = shutil.disk_usage(node.settings.home).free
    if free < LOW_DISK_BYTES:
        raise _care(f"only {free >> 20} MiB free", "Make room before the node must stop.")
    return f"{free >> 30} GiB free"


def _care(what: str, todo: str) -> Misconfigured:
    return Misconfigured("node.care", what, todo=todo)


_PROBES: Final = (
    ("keys", _keys), ("token", _token), ("certificate", _certificate), ("schema", _schema), ("writing", _writing),
    ("log", _log), ("clock", _clock), ("law", _law), ("directory", _directory), ("relay", _relay), ("alarms", _alarms),
    ("timestamps", _timestamps), ("witnesses", _witnesses), ("disk", _disk),
)  # fmt: skip


_WITHOUT_DATABASE: Final = (_keys, _token, _certificate, _disk)


def text(data: JsonObject) -> str:
    """`examine` for people."""
    found: Any = data
    lines = [f"{'ok  ' if c['ok'] else 'CARE'} {c['check']}: {c['detail']}" for c in found["checks"]]
    todo = [f"     {c['check']}: {c['todo']}" for c in found["checks"] if not c["ok"]]
    return "\n".join([*lines, *(["What to do:", *todo] if todo else [])])
