"""The roles beneath the office: a member's over its entry, and that of the revocations; each signs one file."""

from datetime import datetime

from tuf.api.metadata import DelegatedRole, TargetFile, Targets

from comity.base.errors import BadInput
from comity.exchange.service.federation.metadata import read, target_path
from comity.kit.crypto.signing import VerifyKey


def delegation(name: str, keyid: str) -> DelegatedRole:
    """To one key, for one role's one file."""
    return DelegatedRole(name, [keyid], 1, terminating=True, paths=[target_path(name)])


def role_over(name: str, data: bytes, version: int, expires: datetime) -> Targets:
    """The role of a member, or of the revocations, over its one file."""
    path = target_path(name)
    return Targets(version, expires=expires, targets={path: TargetFile.from_data(path, data, ["sha256"])})


def check_role(code: str, role: bytes, entry: bytes, key: VerifyKey) -> Targets:
    """The role is signed by `key`, over exactly this entry, at this code's path; else ComityError."""
    found = read(role, Targets)
    signature = found.signatures.get(key.fingerprint)
    held = signature is not None and _verifies(key, signature.signature, found.signed_bytes)
    path = target_path(code)
    listed = found.signed.targets.get(path)
    fits = set(found.signed.targets) == {path} and found.signed.delegations is None
    if not held or listed is None or not fits or listed != TargetFile.from_data(path, entry, ["sha256"]):
        raise BadInput("exchange.entry-signature", f"The entry of {code} is not signed by its own key",
                       todo="Take the file that its own node wrote; invite it anew where its key is lost.")  # fmt: skip
    return found.signed


def _verifies(key: VerifyKey, signature: str, data: bytes) -> bool:
    try:
        return key.verify(bytes.fromhex(signature), data)
    except ValueError:
        return False
