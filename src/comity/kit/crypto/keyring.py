"""The node's own keys: signing, sealing, log signing, cosigning, the key-encryption key (KEK) and the TLS identity.

One purpose, one key. They lie as separate files (mode 0600) in one folder (mode 0700) that no backup of the data
holds. The KEK itself encrypts nothing: `data_key` derives the node's own keys from it, `wrap` protects random keys such
as a case's. Where the node has a PKCS #11 token, signing and log key may be in it, and the folder holds references; so
may a key that seals the KEK's file and wraps in its place: then nothing opens without the token.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from comity.base.clock import Clock
from comity.base.errors import BadInput, Conflict, Misconfigured
from comity.base.model import DataKey
from comity.kit.crypto import kek as keks
from comity.kit.crypto.certificates import common_name, make_certificate
from comity.kit.crypto.durable import sync, write_new
from comity.kit.crypto.kek import Kek, require_token
from comity.kit.crypto.sealing import KemKey
from comity.kit.crypto.signing import Signer, SigningKey, VerifyKey
from comity.kit.crypto.slots import Slot, read_key
from comity.kit.crypto.tokenkeys import Reference, make_signing, signer
from comity.kit.crypto.tokens import Token

KeyKind = Literal["signing", "kem"]
"""The keys that a node replaces from time to time, beside its certificate."""
KEY_KINDS: Final[tuple[KeyKind, ...]] = get_args(KeyKind)
FILE: Final = "file"
"""Where a key lies that is in no token."""
_SIGNING: Final = "signing.pem"
_KEM: Final = "kem.pem"
_LOG: Final = "log"
LOG: Final = f"{_LOG}.pem"
_WITNESS: Final = "witness.pem"
_TLS_CERTIFICATE: Final = "tls-certificate.pem"
_TLS_KEY: Final = "tls-key.pem"
_MEMBERSHIP: Final = "membership.pem"
_NEXT_CERTIFICATE: Final = "tls-next-certificate.pem"
_NEXT_KEY: Final = "tls-next-key.pem"
_FILES: Final = (_SIGNING, _KEM, LOG, _WITNESS, _TLS_CERTIFICATE, _TLS_KEY)


@dataclass(frozen=True)
class KeyRing:
    """All keys of node `node`; make it with `create` (once) or `load`."""

    node: str
    signing: Signer
    kem: KemKey
    log: Signer
    witness: SigningKey
    """Cosigns the checkpoints of partners' logs."""
    kek: Kek
    tls_certificate: Path
    tls_key: Path
    further_signing: tuple[bytes, ...] = ()
    """Raw public keys: the next, where one was made, and the past, while receipts under it may be on their way."""
    further_kem: tuple[KemKey, ...] = ()
    """Likewise: what was sealed to them is opened, too."""
    token: Token | None = field(default=None, repr=False, compare=False)
    """Where next signing keys are made, where the node has one."""

    @classmethod
    def create(cls, folder: Path, node: str, clock: Clock, token: Token | None = None) -> "KeyRing":
        """Fresh keys for `node`, written to `folder`; Conflict when any key file is there already.

        Signing key, log key and the KEK's seal are made in the token, where there is one.
        """
        if any((folder / name).exists() for name in (*_FILES, keks.OPEN, keks.SEALED)):
            raise Conflict("keys.exist", "This folder already holds a node's keys", where=str(folder),
                           todo="Choose an empty folder, or use the node that owns these keys.")  # fmt: skip
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        tls = make_certificate(node, clock())
        write_new(folder / _SIGNING, _fresh(token, f"comity {node} signing"))
        write_new(folder / _KEM, KemKey.generate().to_pem())
        write_new(folder / LOG, _fresh(token, f"comity {node} log"))
        write_new(folder / _WITNESS, SigningKey.generate().to_pem())
        Kek.create(folder, node, token)
        write_new(folder / _TLS_CERTIFICATE, tls.certificate)
        write_new(folder / _TLS_KEY, tls.key)
        return cls.load(folder, node, token)

    @classmethod
    def load(cls, folder: Path, node: str, token: Token | None = None) -> "KeyRing":
        """The keys of `node` in `folder`, and in `token` where files refer to it: those have proven themselves.

        Misconfigured when a file is missing, unreadable, open to other users of the machine, or another node's, or
        refers to a token that the settings do not name. Unavailable when the token is away.
        """
        _finish_switch(folder)
        slots = {kind: Slot(folder, kind) for kind in ("signing", "kem")}
        for slot in (*slots.values(), Slot(folder, _LOG)):
            slot.finish()
        further = {
            kind: [read_key(path) for path in (slot.next, slot.past) if path.exists()] for kind, slot in slots.items()
        }
        contents = {name: read_key(folder / name) for name in _FILES}
        try:
            ring = cls(
                node=node,
                signing=_signer(contents[_SIGNING], token),
                kem=KemKey.from_pem(contents[_KEM]),
                log=_signer(contents[LOG], token),
                witness=SigningKey.from_pem(contents[_WITNESS]),
                kek=Kek.load(folder, node, token),
                tls_certificate=folder / _TLS_CERTIFICATE,
                tls_key=folder / _TLS_KEY,
                further_signing=tuple(map(_public, further["signing"])),
                further_kem=tuple(map(KemKey.from_pem, further["kem"])),
                token=token,
            )
            owner = common_name(contents[_TLS_CERTIFICATE])
        except (BadInput, ValueError) as error:
            raise _damaged(folder) from error
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

    def place(self, path: Path) -> str:
        """Where the signing or log key of that file lies: ``file``, or the token."""
        return FILE if Reference.from_pem(read_key(path)) is None else self.place_of_token

    @property
    def place_of_token(self) -> str:
        """How people are told of the token."""
        return f"token {self.token.place.label}" if self.token is not None else FILE

    def reloaded(self) -> "KeyRing":
        """The same node's keys as their files are now."""
        return KeyRing.load(self.folder, self.node, self.token)

    def renew_key(self, kind: KeyKind) -> bytes:
        """Make the next key of that kind; its raw public key. One that is there already stays.

        A node with a token makes its next signing key there, wherever the present one lies.
        """
        slot = self.slot(kind)
        if not slot.next.exists():
            slot.require_drained()
            label = f"comity {self.node} signing"
            slot.prepare(_fresh(self.token, label) if kind == "signing" else KemKey.generate().to_pem())
        return self.public(kind, slot.next)

    def next_log(self) -> Signer:
        """The log key that will follow, made where there is none yet; `settle_log` once the log has signed under it."""
        slot = Slot(self.folder, _LOG)
        if not slot.next.exists():
            slot.prepare(_fresh(self.token, f"comity {self.node} log"))
        return _signer(read_key(slot.next), self.token)

    def settle_log(self, key: VerifyKey) -> None:
        """The log has signed under `key`: it is the present one from now on, and the one before is destroyed.

        Safe to do again after an interruption; nothing happens where it is the present one already.
        """
        slot = Slot(self.folder, _LOG)
        if slot.next.exists() and _public(read_key(slot.next)) == key.raw:
            slot.switch()
        if slot.past.exists():
            known = Reference.from_pem(read_key(slot.past))
            if known is not None:
                require_token(self.token).destroy(known.id)
            slot.destroy_past()

    def public(self, kind: KeyKind, path: Path) -> bytes:
        """The raw public key of the file at `path`."""
        pem = read_key(path)
        return _public(pem) if kind == "signing" else KemKey.from_pem(pem).public.raw

    def seal_kek(self) -> "KeyRing":
        """Seal the KEK's file in the token, beside the open one; the keys from now on, which wrap in the token."""
        self.kek.seal(self.token)
        return self.reloaded()

    def destroy_past(self, kind: KeyKind) -> None:
        """Destroy the past key of that kind, in the token too; what only it opens stays shut for good."""
        slot = self.slot(kind)
        known = Reference.from_pem(read_key(slot.past)) if kind == "signing" else None
        if known is not None:
            require_token(self.token).destroy(known.id)
        slot.destroy_past()

    @property
    def next_certificate(self) -> Path:
        """Where the certificate lies that will follow the present one; no such file until `renew`."""
        return self.tls_certificate.with_name(_NEXT_CERTIFICATE)

    def membership(self) -> SigningKey:
        """The key that signs this node's entry in its federation's directory; made when it is first asked for."""
        path = self.tls_key.with_name(_MEMBERSHIP)
        if not path.exists():
            write_new(path, SigningKey.generate().to_pem())
        try:
            return SigningKey.from_pem(read_key(path))
        except BadInput as error:
            raise _damaged(path.parent) from error

    def renew(self, clock: Clock) -> Path:
        """A next certificate over a fresh key, beside the present ones; one that is there already stays."""
        if not self.next_certificate.exists():
            made = make_certificate(self.node, clock())
            next_key = self.tls_key.with_name(_NEXT_KEY)
            next_key.unlink(missing_ok=True)  # of a renewal that was interrupted
            write_new(next_key, made.key)
            write_new(self.next_certificate, made.certificate)
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
        return self.kek.data_key(name)

    def wrap(self, key: DataKey) -> bytes:
        """`key` encrypted under the KEK and bound to its id, to be stored beside the data it protects."""
        return self.kek.wrap(key)

    def unwrap(self, key_id: str, blob: bytes) -> DataKey:
        """The key that `wrap` stored as `key_id`; Tampered when blob, id and KEK do not belong together."""
        return self.kek.unwrap(key_id, blob)


def _fresh(token: Token | None, label: str) -> bytes:
    """The file of a fresh signing key: the key itself, or the reference to it in the token."""
    return SigningKey.generate().to_pem() if token is None else make_signing(token, label).to_pem()


def _signer(pem: bytes, token: Token | None) -> Signer:
    known = Reference.from_pem(pem)
    return SigningKey.from_pem(pem) if known is None else signer(require_token(token), known)


def _public(pem: bytes) -> bytes:
    known = Reference.from_pem(pem)
    return (SigningKey.from_pem(pem) if known is None else known).public.raw


def _finish_switch(folder: Path) -> None:
    """A next certificate without its key belongs to the present key: the switch has moved that already."""
    if (folder / _NEXT_CERTIFICATE).exists() and not (folder / _NEXT_KEY).exists():
        (folder / _NEXT_CERTIFICATE).replace(folder / _TLS_CERTIFICATE)
        sync(folder)


def _damaged(folder: Path) -> Misconfigured:
    return Misconfigured("keys.damaged", "The node's keys are damaged", where=str(folder),
                         todo="Restore the key folder from its own backup.")  # fmt: skip
