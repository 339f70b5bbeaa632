"""The key-encryption key (KEK): the root of the node's own data keys, and what wraps random keys such as a case's.

It lies in `kek.hex`; or, sealed by an AES-256 key that cannot leave the node's token, in `kek.sealed`: then the token
opens it at each start, and wraps and unwraps every other key itself. Sealed keys and wrapped keys are bound to the node
and to their ids.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from comity.base.errors import BadInput, Misconfigured, Tampered
from comity.base.model import DataKey
from comity.kit.crypto.durable import write_new
from comity.kit.crypto.slots import destroy, read_key
from comity.kit.crypto.symmetric import KEY_BYTES, decrypt, derive, encrypt, random_bytes
from comity.kit.crypto.tokenkeys import ID_BYTES, TokenCipher, make_cipher
from comity.kit.crypto.tokens import Token

OPEN: Final = "kek.hex"
SEALED: Final = "kek.sealed"
_IN_TOKEN: Final = b"comity-token-1|"
"""Before a key that was wrapped in the token."""


@dataclass(frozen=True)
class Kek:
    """The KEK of `node`, as its files in `folder` have it; `cipher` is the token's key, where one seals it."""

    folder: Path
    node: str
    secret: bytes = field(repr=False)
    cipher: TokenCipher | None = None

    @classmethod
    def create(cls, folder: Path, node: str, token: Token | None) -> None:
        """A fresh KEK's file, sealed in the token where there is one."""
        secret = random_bytes(KEY_BYTES)
        if token is None:
            write_new(folder / OPEN, secret.hex().encode() + b"\n")
        else:
            cls(folder, node, secret).seal(token)

    @classmethod
    def load(cls, folder: Path, node: str, token: Token | None) -> "Kek":
        """The KEK in `folder`; BadInput for a damaged file, Tampered for one that the token does not open."""
        cipher = None
        if (folder / SEALED).exists():
            sealed = _hex(folder / SEALED)
            cipher = TokenCipher(sealed[:ID_BYTES], require_token(token))
            secret = cipher.decrypt(sealed[ID_BYTES:], _bound(node))
        else:
            secret = _hex(folder / OPEN)
        if len(secret) != KEY_BYTES:
            raise _damaged(folder / OPEN)
        return cls(folder, node, secret, cipher)

    def data_key(self, name: str) -> DataKey:
        """The node's own key for one purpose: the same at every call."""
        return DataKey(name, _derived(self.secret, f"comity data key {name}"))

    def wrap(self, key: DataKey) -> bytes:
        """`key` encrypted in the token, or under the KEK where there is none, and bound to its id."""
        if self.cipher is None:
            return encrypt(self._wrapping(), key.secret, key.id.encode())
        return _IN_TOKEN + self.cipher.encrypt(key.secret, key.id.encode())

    def unwrap(self, key_id: str, blob: bytes) -> DataKey:
        """The key that `wrap` stored as `key_id`, wherever it was wrapped; Tampered where they do not fit."""
        if not blob.startswith(_IN_TOKEN):
            return DataKey(key_id, decrypt(self._wrapping(), blob, key_id.encode()))
        if self.cipher is None:
            raise _no_token()
        return DataKey(key_id, self.cipher.decrypt(blob.removeprefix(_IN_TOKEN), key_id.encode()))

    def seal(self, token: Token | None) -> None:
        """Write the sealed file beside the open one, under a fresh key in the token; one that is there stays."""
        if self.cipher is None:
            cipher = make_cipher(require_token(token), f"comity {self.node} kek")
            sealed = cipher.id + cipher.encrypt(self.secret, _bound(self.node))
            write_new(self.folder / SEALED, sealed.hex().encode() + b"\n")

    @property
    def is_open(self) -> bool:
        """Whether the KEK lies in a file that needs no token."""
        return (self.folder / OPEN).exists()

    def destroy_open(self, token: Token | None) -> None:
        """Destroy the open file, once the sealed one has proven that it holds the same; Tampered where it does not."""
        sealed = Kek.load(self.folder, self.node, token)
        if sealed.cipher is None or (self.is_open and _hex(self.folder / OPEN) != sealed.secret):
            raise Tampered("keys.kek-differs", "The sealed key-encryption key is not the open one",
                           where=str(self.folder), todo="Restore the key folder from its own backup.")  # fmt: skip
        destroy(self.folder / OPEN)

    def _wrapping(self) -> bytes:
        return _derived(self.secret, "comity key wrapping")


def require_token(token: Token | None) -> Token:
    """The node's token; Misconfigured where its settings name none, though its keys do."""
    if token is None:
        raise _no_token()
    return token


@lru_cache(maxsize=64)
def _derived(secret: bytes, label: str) -> bytes:
    """A node derives the same few keys for every message; they live as long as the KEK itself."""
    return derive(secret, label)


def _hex(path: Path) -> bytes:
    try:
        return bytes.fromhex(read_key(path).decode())
    except ValueError as error:
        raise _damaged(path) from error


def _bound(node: str) -> bytes:
    return f"comity kek of {node}".encode()


def _damaged(path: Path) -> BadInput:
    return BadInput("crypto.kek", "Not a key-encryption key", where=str(path),
                    todo="Give the file that Comity wrote for this key.")  # fmt: skip


def _no_token() -> Misconfigured:
    return Misconfigured("keys.token-unnamed", "Keys of this node are in a token, and its settings name none",
                         todo="Write `token_module` and `token_label` into comity.toml.")  # fmt: skip
