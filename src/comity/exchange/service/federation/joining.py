"""Joining: the office's one file to the newcomer, the newcomer's one file back. Later the same file for every change.

The invitation carries the root, which the newcomer compares by another way. The file that comes back carries the entry
under the newcomer's own membership key, with signatures by the keys that the entry lists: nobody enrols keys that are
another's. (A key that only opens what is sealed cannot sign; whoever lists a false one harms itself alone.)
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.base.errors import BadInput, Conflict, Tampered
from comity.base.model import Json, JsonObject
from comity.exchange.model import Member
from comity.exchange.service.federation.metadata import LIST_DAYS, sign, until
from comity.exchange.service.federation.office import Office
from comity.exchange.service.federation.reading import METADATA_BYTES, fingerprint
from comity.exchange.service.federation.roles import check_role, role_over
from comity.exchange.service.members import read_entry
from comity.exchange.wire.fields import binary, identifier, node, text, thing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.certificates import is_signed_as, sign_as
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import VerifyKey

_INVITATION: Final = "comity-invitation"
_ENTRY: Final = "comity-entry"
_DOMAIN: Final = b"comity-entry-v1\0"
_W: Final = "entry-file"
_MOST: Final = 1 << 18


@dataclass(frozen=True)
class Invitation:
    """The office's word to a newcomer: its code, the federation's root, and an id that can be used once."""

    federation: str
    code: str
    id: str
    root: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """By what the newcomer compares the root with the office, on the telephone."""
        return fingerprint(self.root)


@dataclass(frozen=True)
class Request:
    """What a member hands in: its signed role, its entry, and the key that signs it. `invitation` is empty later."""

    federation: str
    member: Member
    invitation: str
    key: VerifyKey
    role: bytes = field(repr=False)
    entry: bytes = field(repr=False)


def invitation_file(made: Invitation) -> bytes:
    """The one file that goes to the newcomer. Nothing in it is secret."""
    return canonical({
        "v": 1, "kind": _INVITATION, "federation": made.federation, "code": made.code, "id": made.id,
        "root": made.root.decode(),
    })  # fmt: skip


def read_invitation(data: bytes) -> Invitation:
    """The invitation in a file; its root is to be compared before it is believed. BadInput for anything else."""
    source = _of_kind(data, _INVITATION, "invitation")
    root = text(source, "root", "invitation", METADATA_BYTES).encode()
    code = node(source.get("code"), "code", "invitation")
    return Invitation(text(source, "federation", "invitation", 128), code, identifier(source, "id", "invitation"), root)


def check_invitation(made: Invitation, me: str, root: str | None) -> None:
    """It is for this node, and its root is the one that the office told of; ComityError otherwise."""
    if made.code != me:
        raise Conflict("exchange.invitation-code", f"The invitation is for {made.code}, this node is {me}",
                       todo=f"Ask the office to invite {me}.")  # fmt: skip
    if root is None:
        raise BadInput("exchange.root-needed", "The office's root must be compared before it is trusted",
                       todo="Ask the office on the telephone, and add --root-key FINGERPRINT.")  # fmt: skip
    if root.lower() != made.fingerprint:
        raise Tampered("exchange.root", f"The invitation's root is {made.fingerprint}, not {root}",
                       todo="Tell the office: somebody may have changed the file on its way.")  # fmt: skip


def entry_file(keys: KeyRing, entry: JsonObject, joins: tuple[str, str], now: datetime) -> bytes:
    """The one file that goes to the office: this node's entry, signed. `joins`: the federation and an invitation.

    The role's version is the time in milliseconds, so that a later file is always a newer one.
    """
    data, key = canonical(entry), keys.membership()
    role = sign(role_over(keys.node, data, _milliseconds(now), until(now, LIST_DAYS)), [key])
    told: JsonObject = {
        "v": 1, "kind": _ENTRY, "federation": joins[0], "code": keys.node, "invitation": joins[1],
        "key": b64.encode(key.public.raw), "role": role.decode(), "entry": data.decode(),
    }  # fmt: skip
    signed = _DOMAIN + canonical(told)
    proofs: JsonObject = {
        "membership": b64.encode(key.sign(signed)), "signing": b64.encode(keys.signing.sign(signed)),
        "log": b64.encode(keys.log.sign(signed)), "witness": b64.encode(keys.witness.sign(signed)),
        "tls": b64.encode(sign_as(keys.tls_key, signed)),
    }  # fmt: skip
    return canonical({**told, "proofs": proofs})


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def read_entry_file(data: bytes) -> Request:
    """A member's file, everything in it verified but whether the office expects it. BadInput otherwise.

    1. The role is signed by the key in the file, over exactly the entry. 2. The entry's keys are acceptable and its
    own. 3. Each of them that can sign has signed the whole file.
    """
    source = _of_kind(data, _ENTRY, _W)
    code = node(source.get("code"), "code", _W)
    entry, role = (text(source, name, _W, _MOST).encode() for name in ("entry", "role"))
    key = VerifyKey.from_raw(binary(source, "key", _W, 32))
    check_role(code, role, entry, key)
    member = read_entry(code, entry)
    proofs = thing(source.get("proofs"), _W, "proofs")
    signed = _DOMAIN + canonical({name: value for name, value in source.items() if name != "proofs"})
    _check_proofs(member, key, {name: binary(proofs, name, _W, 128) for name in proofs}, signed)
    invited = identifier(source, "invitation", _W) if source.get("invitation") else ""
    return Request(text(source, "federation", _W, 128), member, invited, key, role, entry)


def _check_proofs(member: Member, key: VerifyKey, proofs: dict[str, bytes], signed: bytes) -> None:
    keys = {
        "membership": key, "signing": VerifyKey.from_raw(member.signing),
        "log": VerifyKey.from_raw(VerifierKey.parse(member.log).key.raw),
        **({"witness": VerifierKey.parse(member.witness, cosigns=True).key} if member.witness else {}),
    }  # fmt: skip
    lacking = [name for name, one in keys.items() if not one.verify(proofs.get(name, b""), signed)]
    if not is_signed_as(member.tls_certificate.encode(), proofs.get("tls", b""), signed):
        lacking.append("tls")
    if lacking:
        raise BadInput("exchange.possession", f"{member.code} does not show that it holds its own keys: {lacking[0]}",
                       todo="Take the file that this member's own node wrote, untouched.")  # fmt: skip


def admit(office: Office, made: Request, now: datetime) -> None:
    """Take a member's file into the repository; a key that does not sign for its code yet does from now on.

    Whether an invitation allows that new key is for the caller to have looked at. Conflict for another federation's.
    """
    if made.federation != office.federation:
        raise Conflict("exchange.federation", f"The file is for {made.federation}, this is {office.federation}",
                       todo="Hand it in at its own federation's office.")  # fmt: skip
    office.delegate(made.member.code, made.key, now)
    office.take(made.member.code, made.role, made.entry)


def _of_kind(data: bytes, kind: str, where: str) -> JsonObject:
    source = parse_object(data, limit=_MOST, where=where)
    told: Json = source.get("kind")
    if told != kind or source.get("v") != 1:
        raise BadInput("exchange.file-kind", f"This file is no {where.replace('-', ' ')}",
                       todo="Name the file that the other side wrote for you.")  # fmt: skip
    return source
