"""The federation's office: it says who signs for which state, who is revoked, and which edition is the newest.

It holds the repository's files and those keys that are at hand. Root and targets keys belong offline: they are needed
when a state joins, never to refresh. What it makes is verified as a member would before it is handed out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, Misconfigured, NotFound
from comity.exchange.model import Link, Terms, Verified
from comity.exchange.service.federation.metadata import (
    LIST_DAYS,
    REVOCATIONS,
    S,
    house_key,
    read,
    role_file,
    sign,
    target_file,
    tuf_key,
    until,
)
from comity.exchange.service.federation.reading import fingerprint, roots
from comity.exchange.service.federation.roles import check_role, delegation, role_over
from comity.exchange.service.federation.verifying import verify
from comity.exchange.service.members import check_forward
from comity.exchange.wire import directory as wire
from comity.kit.crypto.signing import SigningKey, VerifyKey

ROOT: Final = "root"
TARGETS: Final = "targets"
SNAPSHOT: Final = "snapshot"
TIMESTAMP: Final = "timestamp"
OFFICE_KEYS: Final = (TARGETS, SNAPSHOT, TIMESTAMP, REVOCATIONS)
_RENEW: Final = timedelta(days=90)
"""What ends within this time is signed anew when the office publishes."""


@dataclass
class Office:
    """A federation's repository (files by name, as in a bundle) and the keys at hand, by role."""

    files: dict[str, bytes]
    keys: Mapping[str, SigningKey] = field(repr=False)
    listed: int = LIST_DAYS

    @property
    def federation(self) -> str:
        """The federation's name."""
        return self.terms().federation

    @property
    def fingerprint(self) -> str:
        """By what people compare the root: of the newest one."""
        return fingerprint(roots(self.files)[-1])

    @property
    def root(self) -> bytes:
        """The newest root's metadata."""
        return roots(self.files)[-1]

    @property
    def bundle(self) -> bytes:
        """The whole repository as one file."""
        return wire.pack(self.files)

    def view(self) -> Verified:
        """What the repository says."""
        return verify(self.files, None)

    def member_keys(self) -> dict[str, VerifyKey]:
        """By which key each member signs its own entry."""
        found = self.targets().delegations
        if found is None or found.roles is None:
            return {}
        named = {name: role.keyids[0] for name, role in found.roles.items() if name != REVOCATIONS}
        return {name: house_key(found.keys[keyid]) for name, keyid in named.items()}

    def delegate(self, code: str, key: VerifyKey, now: datetime) -> None:
        """From now on `key` alone signs the entry of `code`, no key used before. Needs the targets key."""
        targets = self.targets()
        if self.member_keys().get(code) == key:
            return
        named = tuf_key(key)
        if targets.delegations is None or targets.delegations.roles is None:
            raise BadInput(
                "exchange.directory", "The repository delegates nothing", todo="Restore the office's folder."
            )
        targets.delegations.roles[code] = delegation(code, named.keyid)
        used = {keyid for role in targets.delegations.roles.values() for keyid in role.keyids}
        known = {**targets.delegations.keys, named.keyid: named}
        targets.delegations.keys = {keyid: known[keyid] for keyid in sorted(used)}
        targets.version, targets.expires = targets.version + 1, until(now, self.listed)
        self.put(TARGETS, targets)

    def take(self, code: str, role: bytes, entry: bytes) -> None:
        """A member's signed role and the entry that it signs take the place of the former ones.

        NotFound for a code to which nothing is delegated, Conflict for an older one, or where the member's log would go
        back to an earlier epoch; Tampered where another key signed.
        """
        name = role_file(code)
        key = self.member_keys().get(code)
        if key is None:
            raise NotFound("exchange.not-invited", f"{code} is no member of this federation",
                           todo=f"Invite it first: comity federation invite {code} --dir DIR")  # fmt: skip
        told = check_role(code, role, entry, key)
        before = read(self.files[name], Targets).signed.version if name in self.files else 0
        if told.version < before or (told.version == before and self.files[name] != role):
            raise Conflict("exchange.entry-old", f"The entry of {code} is not newer than the one that is listed",
                           todo="Take the newest file that its node wrote.")  # fmt: skip
        known = self.files.get(target_file(code))
        if known is not None:
            check_forward(code, *(str(wire.parse_entry(data).get("log")) for data in (known, entry)))
        self.files[name], self.files[target_file(code)] = role, entry

    def revoke(self, codes: Collection[str], now: datetime) -> None:
        """Exactly `codes` are revoked from now on. Needs the revocations key."""
        unknown = sorted(set(codes) - set(self.member_keys()))
        if unknown:
            raise NotFound("exchange.unlisted", f"{', '.join(unknown)} is not in the federation's directory",
                           todo="See `comity federation show --dir DIR`.")  # fmt: skip
        version = read(self.files[role_file(REVOCATIONS)], Targets).signed.version
        self.list_revoked(codes, version + 1, now)

    @property
    def links(self) -> tuple[Link, ...]:
        """The other federations to which the office delegates."""
        return self.terms().links

    def refresh(self, now: datetime) -> Verified:
        """Sign that the repository as it stands is the newest; what members will read. Needs the online keys only."""
        now = now.replace(microsecond=0)
        self._sign_anew(now)
        self._renew(now)
        self._snapshot(now)
        version = 1
        if role_file(TIMESTAMP) in self.files:
            version = read(self.files[role_file(TIMESTAMP)], Timestamp).signed.version + 1
        spans = self.terms().freshness
        longest = max(spans.membership_hard, spans.revocations_hard)
        made = Timestamp(
            version, expires=until(now, longest / timedelta(days=1)), snapshot_meta=self._meta(SNAPSHOT, Snapshot),
            unrecognized_fields={"issued": rfc3339(now)},
        )  # fmt: skip
        self.put(TIMESTAMP, made)
        return verify(self.files, None, now)

    def _sign_anew(self, now: datetime) -> None:
        """After a new root: targets and snapshot under the keys that it names for them, where those are others."""
        roles = read(self.root, Root).signed.roles
        if not set(read(self.files[role_file(TARGETS)], Targets).signatures) & set(roles[TARGETS].keyids):
            targets = self.targets()
            targets.version, targets.expires = targets.version + 1, until(now, self.listed)
            self.put(TARGETS, targets)
        if role_file(SNAPSHOT) not in self.files:
            return  # a federation that is being founded
        made = read(self.files[role_file(SNAPSHOT)], Snapshot)
        if not set(made.signatures) & set(roles[SNAPSHOT].keyids):
            made.signed.version, made.signed.expires = made.signed.version + 1, until(now, self.listed)
            self.put(SNAPSHOT, made.signed)

    def _renew(self, now: datetime) -> None:
        """The office's own roles are signed anew before they end, where their keys are at hand."""
        for role in (TARGETS, REVOCATIONS):
            body = read(self.files[role_file(role)], Targets).signed
            if role in self.keys and body.expires - now < min(_RENEW, timedelta(days=self.listed / 4)):
                body.version, body.expires = body.version + 1, until(now, self.listed)
                self.put(role, body)

    def _snapshot(self, now: datetime) -> None:
        """A new snapshot where anything but the timestamp has changed, or the present one ends soon.

        What is gone stays named with its last version, as TUF demands: nobody can hide that it was there.
        """
        known = read(self.files[role_file(SNAPSHOT)], Snapshot).signed if role_file(SNAPSHOT) in self.files else None
        names = [TARGETS, REVOCATIONS, *(code for code in self.member_keys() if role_file(code) in self.files)]
        meta = {**(known.meta if known else {}), **{f"{name}.json": self._meta(name, Targets) for name in names}}
        if known is None or known.meta != meta or known.expires - now < min(_RENEW, timedelta(days=self.listed / 4)):
            version = known.version + 1 if known else 1
            self.put(SNAPSHOT, Snapshot(version, expires=until(now, self.listed), meta=meta))

    def _meta(self, role: str, kind: type[S]) -> MetaFile:
        data = self.files[role_file(role)]
        return MetaFile.from_data(read(data, kind).signed.version, data, ["sha256"])

    def list_revoked(self, codes: Collection[str], version: int, now: datetime) -> None:
        """Exactly `codes` are revoked, by this version of the list."""
        data = wire.revocations_file(codes)
        self.files[target_file(REVOCATIONS)] = data
        self.put(REVOCATIONS, role_over(REVOCATIONS, data, version, until(now, self.listed)))

    def terms(self) -> Terms:
        """The federation's terms: its name, how fresh its word must be, its links."""
        return wire.parse_terms(self.targets().unrecognized_fields.get("comity"))

    def targets(self) -> Targets:
        """To whom the office delegates, and its terms."""
        return read(self.files[role_file(TARGETS)], Targets).signed

    def put(self, role: str, body: S) -> None:
        """Sign a role of the office's own and put it into the repository; Misconfigured without its key."""
        if role not in self.keys:
            raise Misconfigured("exchange.office-key", f"The office's {role} key is not at hand",
                                todo="Do this where that key is kept, or bring it into the folder `keys`.")  # fmt: skip
        self.files[role_file(role)] = sign(body, [self.keys[role]])
