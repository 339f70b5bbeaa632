"""TUF metadata (specification 1.0) under the house's Ed25519 rule: made, signed, written and read as bytes.

A key's id is its fingerprint (SHA-256 of the raw key), the same name that every list of Comity uses for it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from securesystemslib.signer import Key, Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from comity.base.errors import BadInput
from comity.kit.crypto.signing import SigningKey, VerifyKey

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)

ROOT_DAYS: Final = 1825
LIST_DAYS: Final = 365
"""How long a root counts, and a list, an entry or a snapshot that nobody signs anew."""
REVOCATIONS: Final = "revocations"
_ED25519: Final = "ed25519"


def role_file(role: str) -> str:
    """The metadata file of a role other than root."""
    return f"metadata/{role}.json"


def root_file(version: int) -> str:
    """The metadata file of one root."""
    return f"metadata/{version}.root.json"


def target_path(role: str) -> str:
    """The one target path that a delegated role may sign."""
    return f"{REVOCATIONS}.json" if role == REVOCATIONS else f"members/{role}.json"


def target_file(role: str) -> str:
    """Where that target lies in the repository."""
    return f"targets/{target_path(role)}"


def until(now: datetime, days: float) -> datetime:
    """So many days on, in whole seconds: TUF knows no fractions."""
    return (now + timedelta(days=days)).replace(microsecond=0)


def tuf_key(public: VerifyKey) -> SSlibKey:
    """A public key as TUF metadata holds it."""
    return SSlibKey(public.fingerprint, _ED25519, _ED25519, {"public": public.raw.hex()})


def house_key(key: Key) -> VerifyKey:
    """A key of TUF metadata under the house's rule; BadInput for another algorithm, a small-order key, a false id."""
    try:
        value = key.keyval["public"]
        raw = bytes.fromhex(value) if isinstance(value, str) else b""
        made = VerifyKey.from_raw(raw)
    except (KeyError, ValueError, TypeError) as error:
        raise _bad_key("it has no raw public key in hex") from error
    except BadInput as error:
        raise _bad_key(error.what) from error
    if (key.keytype, key.scheme) != (_ED25519, _ED25519) or key.keyid != made.fingerprint:
        raise _bad_key("it is not Ed25519 under its own fingerprint")
    return made


def _bad_key(why: str) -> BadInput:
    return BadInput("exchange.federation-key", f"A key of the federation cannot be used: {why}",
                    todo="Have its holder make a fresh one.")  # fmt: skip


def check_keys(keys: Mapping[str, Key]) -> None:
    """Every key of a piece of metadata passes `house_key`."""
    for key in keys.values():
        house_key(key)


def sign(body: "S", keys: Iterable[SigningKey]) -> bytes:
    """The signed metadata file."""
    made: Metadata[S] = Metadata(body)
    add_signatures(made, keys)
    return to_bytes(made)


def add_signatures(made: "Metadata[S]", keys: Iterable[SigningKey]) -> None:
    """Signatures by these keys, beside those that are there."""
    signed = made.signed_bytes
    for key in keys:
        name = key.public.fingerprint
        made.signatures[name] = Signature(name, key.sign(signed).hex())


def to_bytes(made: "Metadata[S]") -> bytes:
    """As a file, for people to read too."""
    return made.to_bytes(JSONSerializer(compact=False)) + b"\n"


def read(data: bytes, kind: type[S]) -> "Metadata[S]":
    """Metadata of one kind, its signatures not verified; BadInput (``exchange.metadata``) for anything else."""
    try:
        found: Metadata[S] = Metadata.from_bytes(data)
    except RepositoryError as error:
        raise BadInput("exchange.metadata", "This is no metadata of a federation",
                       todo="Ask its sender for the file anew.") from error  # fmt: skip
    if not isinstance(found.signed, kind):
        raise BadInput("exchange.metadata", f"This is metadata of the kind {found.signed.type}, not {kind.type}",
                       todo="Ask its sender for the right file.")  # fmt: skip
    return found
