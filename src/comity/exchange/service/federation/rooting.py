"""The next root: proposed, signed by its holders one after another as a file, taken up when both thresholds are met."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tuf.api.metadata import Root

from comity.base.errors import BadInput, Conflict
from comity.exchange.service.federation.metadata import (
    ROOT_DAYS,
    add_signatures,
    house_key,
    read,
    root_file,
    to_bytes,
    tuf_key,
    until,
)
from comity.exchange.service.federation.office import ROOT, Office
from comity.exchange.service.federation.reading import roots
from comity.exchange.service.federation.verifying import check_root
from comity.kit.crypto.signing import SigningKey, VerifyKey


@dataclass(frozen=True)
class Change:
    """What the next root changes: holders to add, fingerprints of those to remove, how many must sign from then on."""

    add: tuple[VerifyKey, ...] = ()
    remove: tuple[str, ...] = ()
    threshold: int | None = None
    renew: Mapping[str, VerifyKey] = field(default_factory=dict)
    """Other keys of the office itself, by role: targets, snapshot or timestamp."""
    days: int = ROOT_DAYS


@dataclass(frozen=True)
class Standing:
    """How far a proposed root is: who has signed, and how many signatures the old and the new holders still owe."""

    version: int
    threshold: int
    holders: tuple[str, ...]
    signed: tuple[str, ...]
    missing_old: int
    missing_new: int

    @property
    def complete(self) -> bool:
        """Whether it can be taken up."""
        return not self.missing_old and not self.missing_new


def propose(office: Office, change: Change, now: datetime) -> bytes:
    """The next root's metadata, signed by the office's own root key where that is at hand."""
    body = read(office.root, Root).signed
    held = dict.fromkeys([*body.roles[ROOT].keyids, *(key.fingerprint for key in change.add)])
    unknown = sorted(set(change.remove) - set(held))
    if unknown:
        raise BadInput(
            "exchange.root-holder", f"No root key {unknown[0]}", todo="See `comity federation show --dir DIR`."
        )
    kept = [keyid for keyid in held if keyid not in change.remove]
    threshold = change.threshold or min(body.roles[ROOT].threshold, len(kept))
    if not 1 <= threshold <= len(kept):
        raise BadInput("exchange.threshold", f"{len(kept)} holders cannot give {threshold} signatures",
                       todo="Choose a threshold from 1 to the number of holders.")  # fmt: skip
    body.keys |= {key.fingerprint: tuf_key(key) for key in (*change.add, *change.renew.values())}
    body.roles[ROOT].keyids, body.roles[ROOT].threshold = kept, threshold
    for role, key in change.renew.items():
        body.roles[role].keyids = [key.fingerprint]
    used = {keyid for role in body.roles.values() for keyid in role.keyids}
    body.keys = {keyid: key for keyid, key in body.keys.items() if keyid in used}
    body.version, body.expires = body.version + 1, until(now, change.days)
    made = read(office.root, Root)
    made.signed = body
    made.signatures.clear()
    add_signatures(made, [office.keys[ROOT]] if ROOT in office.keys else [])
    return to_bytes(made)


def countersign(proposed: bytes, key: SigningKey) -> bytes:
    """The proposed root with one more signature. It needs no office: a holder does it where its key is kept."""
    made = read(proposed, Root)
    for known in made.signed.keys.values():
        house_key(known)
    add_signatures(made, [key])
    return to_bytes(made)


def signers(proposed: bytes) -> tuple[str, ...]:
    """The fingerprints of all who have signed the proposed root."""
    return tuple(sorted(read(proposed, Root).signatures))


def standing(office: Office, proposed: bytes) -> Standing:
    """How far the proposed root is; Conflict when it does not follow the present one."""
    present, made = read(office.root, Root).signed, read(proposed, Root)
    if made.signed.version != present.version + 1:
        raise Conflict("exchange.directory-old", f"Root {made.signed.version} does not follow root {present.version}",
                       todo="Propose it again over the present root.")  # fmt: skip
    found = made.signed.get_root_verification_result(present, made.signed_bytes, made.signatures)
    role = made.signed.roles[ROOT]
    return Standing(
        made.signed.version, role.threshold, tuple(role.keyids), tuple(sorted(found.signed)),
        found.first.missing, found.second.missing,
    )  # fmt: skip


def install(office: Office, proposed: bytes, now: datetime, coming: Mapping[str, SigningKey] | None = None) -> None:
    """Take the proposed root up; ComityError until both thresholds are met. Everybody's next edition carries it.

    `coming`: the office's own keys that the root renews, by role; what the former ones signed is signed anew.
    """
    check_root(roots(office.files), proposed)
    office.files[root_file(read(proposed, Root).signed.version)] = proposed
    office.keys = {**office.keys, **(coming or {})}
    office.refresh(now)


def holders(root: bytes) -> tuple[tuple[str, ...], int]:
    """The fingerprints of a root's holders, and how many of them must sign."""
    role = read(root, Root).signed.roles[ROOT]
    return tuple(role.keyids), role.threshold
