"""The node's own keys: signing, sealing, log signing, cosigning, the key-encryption key (KEK) and the TLS identity.

One purpose, one key. They lie as separate files (mode 0600) in one folder (mode 0700) that no backup of the data
holds. The KEK itself encrypts nothing: `data_key` derives the node's own keys from it, `wrap` protects random keys such
as a case's.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, get_args

from comity.base.clock import Clock
from comity.base.errors import BadInput, Conflict, Misconfigured
from comity.base.model import DataKey
from comity.kit.crypto.certificates import common_name, make_certificate
from comity.kit.crypto.sealing import KemKey
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.slots import Slot, sync, write_key
from comity.kit.crypto.symmetric import KEY_BYTES, decrypt, derive, encrypt, random_bytes

KeyKind = Literal["signing", "kem"]
"""The keys that a node replaces from time to time, beside its certificate."""
KEY_KINDS: Final[tuple[KeyKind, ...]] = get_args(KeyKind)
_SIGNING: Final = "signing.pem"
_KEM: Final = "kem.pem"
_LOG: Final = "log.pem"
_WITNESS: Final = "witness.pem"
_KEK: Final = "kek.hex"
_TLS_CERTIFICATE: Final = "tls-certificate.pem"
_TLS_KEY: Final = "tls-key.pem"
_MEMBERSHIP: Final = "membership.pem"
_NEXT_CERTIFICATE: Final = "tls-next-certificate.pem"
_NEXT_KEY: Final = "tls-next-key.pem"
_FILES: Final = (_SIGNING, _KEM, _LOG, _WITNESS, _KEK, _TLS_CERTIFICATE, _TLS_KEY)


@dataclass(frozen=True)
class KeyRing:
    """All keys of node `node`; make it with `create` (once) or `load`."""

    node: str
    signing: SigningKey
    kem: KemKey
    log: SigningKey
    witness: SigningKey
    """Cosigns the checkpoints of partners' logs."""
    kek: bytes = field(repr=False)
    tls_certificate: Path
    tls_key: Path
    further_signing: tuple[SigningKey, ...] = ()
    """The next key, where one was made, and the past one, while receipts under it may be on their way."""
    further_kem: tuple[KemKey, ...] = ()
    """Likewise: what was sealed to them is opened, too."""

    @classmethod
    def create(cls, folder: Path, node: str, clock: Clock) -> "KeyRing":
        """Fresh keys for `node`, written to `folder`; Conflict when any key file is there already."""
        if any((folder / name).exists() for name in _FILES):
            raise Conflict("keys.exist", "This folder already holds a node's keys", where=str(folder),
                           todo="Choose an empty folder, or use the node that owns these keys.")  # fmt: skip
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        tls = make_certificate(node, clock())
        write_key(folder / _SIGNING, SigningKey.generate().to_pem())
        write_key(folder / _KEM, KemKey.generate().to_pem())
        write_key(folder / _LOG, SigningKey.generate().to_pem())
        write_key(folder / _WITNESS, SigningKey.generate().to_pem())
        write_key(folder / _KEK, random_bytes(KEY_BYTES).hex().encode() + b"\n")
        write_key(folder / _TLS_CERTIFICATE, tls.certificate)
        write_key(folder / _TLS_KEY, tls.key)
        sync(folder)
        return cls.load(folder, node)

    @classmethod
    def load(cls, folder: Path, node: str) -> "KeyRing":
        """The keys of `node` in `folder`.

        Misconfigured when a file is missing, unreadable, open to other users of the machine, or another node's.
        """
        _finish_switch(folder)
        slots = {kind: Slot(folder, kind) for kind in ("signing", "kem")}
        for slot in slots.values():
            slot.finish()
        further = {
            kind: [_read(path) for path in (slot.next, slot.past) if path.exists()] for kind, slot in slots.items()
        }
        contents = {name: _read(folder / name) for name in _FILES}
        try:
            kek = bytes.fromhex(contents[_KEK].decode())
            ring = cls(
                node=node,
                signing=SigningKey.from_pem(contents[_SIGNING]),
                kem=KemKey.from_pem(contents[_KEM]),
                log=SigningKey.from_pem(contents[_LOG]),
                witness=SigningKey.from_pem(contents[_WITNESS]),
                kek=kek,
                tls_certificate=folder / _TLS_CERTIFICATE,
                tls_key=folder / _TLS_KEY,
                further_signing=tuple(map(SigningKey.from_pem, further["signing"])),
                further_kem=tuple(map(KemKey.from_pem, further["kem"])),
            )
            owner = common_name(contents[_TLS_CERTIFICATE])
        except (BadInput, ValueError) as error:
            raise _damaged(folder) from error
        if len(kek) != KEY_BYTES:
            raise _damaged(folder)
        if owner != node:
            raise Misconfigured("keys.node", f"These keys belong to node {owner}, not {node}", where=str(folder),
                                todo="Point the node at its own key folder.")  # fmt: skip
        return ring

    @property
    def folder(self) -> Path:
        """Where the key files lie."""
        return self.tls_key.parent

    def slot(self, kind: KeyKind) -> Slot:
        """The files of one kind of key."""
        return Slot(self.folder, kind)

    def renew_key(self, kind: KeyKind) -> bytes:
        """Make the next key of that kind; its raw public key. One that is there already stays."""
        slot = self.slot(kind)
        slot.prepare(SigningKey.generate().to_pem() if kind == "signing" else KemKey.generate().to_pem())
        return self.public(kind, slot.next)

    def public(self, kind: KeyKind, path: Path) -> bytes:
        """The raw public key of the file at `path`."""
        pem = _read(path)
        return SigningKey.from_pem(pem).public.raw if kind == "signing" else KemKey.from_pem(pem).public.raw

    @property
    def next_certificate(self) -> Path:
        """Where the certificate lies that will follow the present one; no such file until `renew`."""
        return self.tls_certificate.with_name(_NEXT_CERTIFICATE)

    def membership(self) -> SigningKey:
        """The key that signs this node's entry in its federation's directory; made when it is first asked for."""
        path = self.tls_key.with_name(_MEMBERSHIP)
        if not path.exists():
            write_key(path, SigningKey.generate().to_pem())
            sync(path.parent)
        try:
            return SigningKey.from_pem(_read(path))
        except BadInput as error:
            raise _damaged(path.parent) from error

    def renew(self, clock: Clock) -> Path:
        """A next certificate over a fresh key, beside the present ones; one that is there already stays."""
        if not self.next_certificate.exists():
            made = make_certificate(self.node, clock())
            next_key = self.tls_key.with_name(_NEXT_KEY)
            next_key.unlink(missing_ok=True)  # of a renewal that was interrupted
            write_key(next_key, made.key)
            write_key(self.next_certificate, made.certificate)
            sync(next_key.parent)
        return self.next_certificate

    def switch(self) -> None:
        """The next certificate and key become the present ones, or, interrupted, will at the next `load`."""
        if not self.next_certificate.exists():
            raise Conflict("keys.no-next", "There is no next certificate", where=str(self.next_certificate),
                           todo="Make one with `comity keys renew`.")  # fmt: skip
        self.tls_key.with_name(_NEXT_KEY).replace(self.tls_key)
        _finish_switch(self.tls_key.parent)

    def data_key(self, name: str) -> DataKey:
        """The node's own key for one purpose, such as ``log-openings``: the same at every call."""
        return DataKey(name, _derived(self.kek, f"comity data key {name}"))

    def wrap(self, key: DataKey) -> bytes:
        """`key` encrypted under the KEK and bound to its id, to be stored beside the data it protects."""
        return encrypt(self._wrapping(), key.secret, key.id.encode())

    def unwrap(self, key_id: str, blob: bytes) -> DataKey:
        """The key that `wrap` stored as `key_id`; Tampered when blob, id and KEK do not belong together."""
        return DataKey(key_id, decrypt(self._wrapping(), blob, key_id.encode()))

    def _wrapping(self) -> bytes:
        return _derived(self.kek, "comity key wrapping")


@lru_cache(maxsize=64)
def _derived(kek: bytes, label: str) -> bytes:
    """A node derives the same few keys for every message; they live as long as the KEK itself."""
    return derive(kek, label)


def _finish_switch(folder: Path) -> None:
    """A next certificate without its key belongs to the present key: the switch has moved that already."""
    if (folder / _NEXT_CERTIFICATE).exists() and not (folder / _NEXT_KEY).exists():
        (folder / _NEXT_CERTIFICATE).replace(folder / _TLS_CERTIFICATE)
        sync(folder)


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise Misconfigured("keys.missing", "A key file of the node cannot be read", where=str(path),
                            todo="Restore the key folder, or set the node up first.") from error  # fmt: skip
    if mode & 0o077:
        raise Misconfigured("keys.open", "A key file is open to other users of this machine", where=str(path),
                            todo=f"Run: chmod 600 {path}")  # fmt: skip
    return data


def _damaged(folder: Path) -> Misconfigured:
    return Misconfigured("keys.damaged", "The node's keys are damaged", where=str(folder),
                         todo="Restore the key folder from its own backup.")  # fmt: skip
