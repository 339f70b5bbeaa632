"""A federation for people and for programs: what an office's folder says, and what a node has in force."""

from typing import Any

from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject
from comity.exchange import service
from comity.exchange.model import Directory, Member, QuorumStanding, Stamping
from comity.exchange.service.federation.folder import Folder
from comity.exchange.service.federation.rooting import holders
from comity.kit.shell import table, time_left


def directory_dict(found: Directory) -> JsonObject:
    """The directory as JSON."""
    return {
        "federation": found.federation, "version": found.version, "root": found.root, "issued": rfc3339(found.issued),
        "expires": rfc3339(found.expires), "members": [_member(m) for _, m in sorted(found.members.items())],
    }  # fmt: skip


def _member(m: Member) -> JsonObject:
    services: list[Json] = [*m.services]
    return {
        "code": m.code, "name": m.name, "endpoint": m.endpoint, "officer": m.officer, "services": services,
        "signing": service.fingerprint_of(m), "kem": m.kem_id, "certificate": m.certificate_fingerprint, "log": m.log,
        "revoked": m.revoked, "federation": m.federation,
    }  # fmt: skip


def directory_text(found: Directory, freshness: str = "") -> str:
    """The directory for people."""
    rows = [
        (
            m.code,
            m.name,
            m.endpoint,
            service.fingerprint_of(m)[:16],
            _standing(m),
        )
        for _, m in sorted(found.members.items())
    ]
    head = f"{found.federation}, version {found.version}, valid until {rfc3339(found.expires)}\nroot key {found.root}"
    told = f"\n{freshness}" if freshness else ""
    return head + told + "\n" + table(("CODE", "NAME", "ENDPOINT", "SIGNING KEY", "STATE"), rows, _NOBODY)


def _standing(m: Member) -> str:
    stands = "revoked" if m.revoked else f"member of {m.federation}" if m.federation else "member"
    return f"{stands}, reached through {m.relay}" if m.relay and not m.revoked else stands


def office_dict(made: Folder) -> JsonObject:
    """An office's folder as JSON: the directory it publishes, who holds the root, who is invited."""
    found = service.open_directory(made.office.bundle, None)
    held, threshold = holders(made.office.root)
    return {
        **directory_dict(found), "bundle": str(made.bundle), "holders": [*held], "threshold": threshold,
        "invited": [*sorted(made.invited.values())], "links": [one.federation for one in made.office.links],
        "keys": {code: key.fingerprint for code, key in sorted(made.office.member_keys().items())},
    }  # fmt: skip


def office_text(made: Folder) -> str:
    """An office's folder for people."""
    held, threshold = holders(made.office.root)
    lines = [directory_text(service.open_directory(made.office.bundle, None))]
    lines += [
        f"{code} signs its entry with the key {key.fingerprint}"
        for code, key in sorted(made.office.member_keys().items())
    ]
    lines.append(f"root: {threshold} of {len(held)} holders sign: {', '.join(one[:16] for one in held)}")
    lines += [f"linked: {one.federation}, by its root {one.root}" for one in made.office.links]
    lines += [f"invited: {', '.join(sorted(made.invited.values()))}"] if made.invited else []
    return "\n".join(lines)


_NOBODY = "It lists nobody yet: comity federation invite CODE --dir DIR"


def transfer_told(data: JsonObject) -> str:
    """One file on its way, as `Transfer.as_dict` gives it, for people."""
    found: Any = data
    whither = "to" if found["direction"] == "out" else "from"
    left = "" if found["seconds_left"] is None else time_left(1, 2, found["seconds_left"])
    waits = "waits for the receipt of its message" if found["state"] == "held" else found["reason"]
    more = "; ".join(filter(None, (left, waits)))
    how = f"{found['moved'] / 1e6:,.1f} of {found['size'] / 1e6:,.1f} MB"
    return f"file {whither} {found['partner']}: {how}" + (f", {more}" if more else "") + f", until {found['deadline']}"


def stamping_told(found: Stamping) -> str:
    """How time stamps stand, in a line."""
    if not found.authority:
        return "off, no authority is set (timestamp_url)"
    newest = f"the newest over {found.newest.size} entries" if found.newest else "none yet"
    newest += f" at {rfc3339(found.newest.stamped_at)}" if found.newest else ""
    if found.failures:
        tries = f"NO ANSWER THAT COUNTS in {found.failures} tries ({found.reason})"
        return f"{tries}; {newest}" + (f"; asked again at {rfc3339(found.next_at)}" if found.next_at else "")
    return newest if found.grown else f"{newest}; nothing is new"


def quorum_told(found: QuorumStanding | None) -> str:
    """How far witnesses vouch for the log, in a line."""
    if found is None:
        return "any one partner, no quorum is set (witness_policy)"
    if found.since is None:
        return f"the quorum vouches for all {found.covered} entries"
    waiting = f"for the first {found.covered} entries; the next waits since {rfc3339(found.since)}"
    return f"ALARM: the quorum vouches only {waiting}" if found.late else f"the quorum vouches {waiting}"
