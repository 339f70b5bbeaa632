"""The directory as bytes: a DSSE envelope (threshold 1) over the JCS form of the federation's members.

The payload names its root key, because DSSE carries only the key's fingerprint; who opens a directory compares that
fingerprint with the one it pinned or was told.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange.model import Directory, Member
from comity.exchange.rules import MESSAGE_BYTES, VERSION
from comity.exchange.wire.fields import bad, binary, listing, moment, node, number, text, thing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object

PAYLOAD_TYPE: Final = "application/vnd.comity.directory+json"
DIRECTORY_BYTES: Final = 4 * 1024 * 1024
_W: Final = "directory"


def member_dict(member: Member) -> JsonObject:
    """A member's entry as it stands in the directory and in the file that the member hands in."""
    return {
        "code": member.code, "name": member.name, "endpoint": member.endpoint, "officer": member.officer,
        "tls_certificate": member.tls_certificate, "signing": b64.encode(member.signing),
        "kem": {"kid": member.kem_id, "key": b64.encode(member.kem)}, "log": member.log,
        **({"witness": member.witness} if member.witness else {}),
        **({"tls_next": member.next_certificate} if member.next_certificate else {}),
        "services": list[Json](member.services), "limits": {"message_bytes": member.message_bytes},
        "versions": list[Json](member.versions), "revoked": member.revoked,
    }  # fmt: skip


def parse_member(source: JsonObject, fingerprints: Mapping[str, str]) -> Member:
    """One entry's fields; its keys are not yet checked. `fingerprints` gives a certificate's by its PEM text."""
    shown = text(source, "tls_certificate", _W, 16_384)
    coming = text(source, "tls_next", _W, 16_384) if "tls_next" in source else ""
    kem = thing(source.get("kem"), _W, "kem")
    limits = thing(source.get("limits"), _W, "limits")
    versions = [v for v in listing(source.get("versions"), _W, "versions", 2) if isinstance(v, int)]
    if len(versions) != 2 or not versions[0] <= VERSION <= versions[1]:
        raise bad(_W, f"{source.get('code')!r} does not speak version {VERSION}")
    services = [s for s in listing(source.get("services"), _W, "services") if isinstance(s, str)]
    return Member(
        code=node(source.get("code"), "code", _W), name=text(source, "name", _W), endpoint=_endpoint(source),
        officer=text(source, "officer", _W) if "officer" in source else "",
        tls_certificate=shown, signing=binary(source, "signing", _W, 32),
        kem=binary(kem, "key", _W, 4096), kem_id=text(kem, "kid", _W), log=text(source, "log", _W),
        witness=text(source, "witness", _W) if "witness" in source else "",
        services=tuple(services), message_bytes=min(number(limits, "message_bytes", _W, 1024), MESSAGE_BYTES),
        versions=(versions[0], versions[1]), revoked=source.get("revoked", False) is not False,
        certificate_fingerprint=fingerprints[shown], next_certificate=coming,
        next_fingerprint=fingerprints[coming] if coming else "",
    )  # fmt: skip


def _endpoint(source: JsonObject) -> str:
    endpoint = text(source, "endpoint", _W)
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port is not None and not parts.path
    except ValueError:
        usable = False
    if not usable:
        raise bad(_W, f"the endpoint {endpoint!r} is not of the form https://host:port")
    return endpoint


def payload_of(directory: Directory, root: bytes) -> bytes:
    """The bytes that the root key (raw, 32 bytes) signs."""
    members: list[Json] = [member_dict(directory.members[code]) for code in sorted(directory.members)]
    return canonical({
        "v": VERSION, "federation": directory.federation, "version": directory.version,
        "issued": rfc3339(directory.issued), "expires": rfc3339(directory.expires), "root": b64.encode(root),
        "members": members,
    })  # fmt: skip


def unsigned_payload(data: bytes) -> bytes:
    """The payload inside a DSSE envelope, not verified: only to learn which root key it claims."""
    try:
        return b64.decode(text(parse_object(data, limit=DIRECTORY_BYTES), "payload", _W, DIRECTORY_BYTES))
    except BadInput as error:
        raise bad(_W, "the file is no signed directory") from error


def root_of(payload: bytes) -> bytes:
    """The root key (raw) that the payload names."""
    return binary(_object(payload), "root", _W, 32)


def parse_directory(payload: bytes, root: str, fingerprints: Mapping[str, str]) -> Directory:
    """The directory in a verified payload. `fingerprints` gives a certificate's by its PEM text; codes are unique."""
    source = _object(payload)
    if source.get("v") != VERSION:
        raise bad(_W, f"the directory is of version {source.get('v')!r}")
    members: dict[str, Member] = {}
    for entry in member_entries(payload):
        member = parse_member(entry, fingerprints)
        if member.code in members:
            raise bad(_W, f"{member.code} is listed twice")
        members[member.code] = member
    return Directory(
        text(source, "federation", _W), number(source, "version", _W, 1), moment(source, "issued", _W),
        moment(source, "expires", _W), root, members,
    )  # fmt: skip


def member_entries(payload: bytes) -> list[JsonObject]:
    """The members of a payload as JSON."""
    return [thing(m, _W, "members") for m in listing(_object(payload).get("members"), _W, "members", 1000)]


def _object(payload: bytes) -> JsonObject:
    try:
        return parse_object(payload, limit=DIRECTORY_BYTES)
    except BadInput as error:
        raise bad(_W, error.what) from error
