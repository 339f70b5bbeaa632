"""The package: a BagIt 1.0 bag in a deterministic stored ZIP, signed over its manifest (DSSE v1).

    bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt      computed from the rest
    data/objects/<sha256>                                                     the sealed containers' bytes
    meta/manifest.json  meta/authorisation.json  meta/custody.jsonl           canonical JSON (RFC 8785)
    meta/case.jsonld                                                          export view
    sig/manifest.dsse                                                         the releasing agency's signature
    keys/<code>.json                                                          the agencies' public keys, for convenience

The same content gives the same bytes, so a verifier builds the file again and compares: no byte is without meaning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from comity.base.errors import BadInput
from comity.base.model import Json
from comity.evidence.model.package import Authorisation, Digest, Link, Manifest
from comity.evidence.wire.bag import tag_files
from comity.evidence.wire.case_view import case_view
from comity.evidence.wire.custody import write_lines
from comity.evidence.wire.fields import Fields, refused
from comity.evidence.wire.manifest import object_path, objects_of, write_authorisation, write_manifest
from comity.kit.codec import b64, dsse, jcs, zips
from comity.kit.codec.parts import Part, part_of
from comity.kit.crypto.signing import Signer, VerifyKey

MANIFEST: Final = "meta/manifest.json"
CUSTODY: Final = "meta/custody.jsonl"
AUTHORISATION: Final = "meta/authorisation.json"
CASE_VIEW: Final = "meta/case.jsonld"
SIGNATURE: Final = "sig/manifest.dsse"
TIMESTAMP: Final = "sig/head.tsr"
TAG_FILES: Final = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
PAYLOAD_TYPE: Final = "application/vnd.comity.evidence-manifest.v1+json"


@dataclass(frozen=True)
class Contents:
    """What goes into a package. `manifest.files` is filled in by `build`; `keys`: agency code to raw Ed25519 keys."""

    manifest: Manifest
    authorisation: Authorisation
    chains: dict[str, tuple[Link, ...]]
    keys: dict[str, tuple[bytes, ...]]
    objects: Mapping[str, bytes | Part] = field(repr=False)
    """The containers by their SHA-256."""


def build(contents: Contents, key: Signer) -> bytes:
    """The package's bytes, signed with the releasing agency's `key`."""
    return b"".join(build_pieces(contents, key))


def build_pieces(contents: Contents, key: Signer) -> Iterator[bytes]:
    """The package piece by piece: its objects are read twice, and never in memory."""
    listed = _listed_files(contents)
    manifest = replace(contents.manifest, files={name: digest_of(data) for name, data in listed.items()})
    body = write_manifest(manifest)
    files = listed | {MANIFEST: body, SIGNATURE: dsse.sign(PAYLOAD_TYPE, body, [key])}
    return zips.stored_zip(files | tag_files(manifest, {name: digest_of(data) for name, data in files.items()}))


def _listed_files(contents: Contents) -> dict[str, bytes | Part]:
    """Every file that the manifest lists."""
    files: dict[str, bytes | Part] = {
        CUSTODY: write_lines(contents.chains),
        AUTHORISATION: write_authorisation(contents.authorisation),
        CASE_VIEW: case_view(contents.manifest, contents.chains),
    }
    files |= {key_path(code): write_keys(code, keys) for code, keys in contents.keys.items()}
    return files | {object_path(name): part_of(contents.objects[name]) for name in sorted(contents.objects)}


def digest_of(data: bytes | Part) -> Digest:
    """The SHA-256 and size of `data`."""
    found = part_of(data)
    return Digest(found.sha256, found.size)


def key_path(code: str) -> str:
    """Where the package keeps the public key of agency `code`."""
    return f"keys/{code}.json"


def write_keys(code: str, keys: tuple[bytes, ...]) -> bytes:
    """The key file of an agency: every key that signed for it in this package, in the order of their bytes."""
    listed: list[Json] = [b64.encode(raw) for raw in sorted(set(keys))]
    return jcs.canonical({"v": 1, "agency": code, "algorithm": "Ed25519", "keys": listed})


def read_keys(data: bytes, where: str) -> tuple[str, tuple[VerifyKey, ...]]:
    """The agency and keys of a key file; BadInput for anything but what `write_keys` makes."""
    fields = Fields(jcs.parse(data, where=where), where)
    fields.version()
    fields.one_of("algorithm", ("Ed25519",))
    code, raw = fields.code("agency"), tuple(b64.decode(key) for key in fields.texts("keys"))
    fields.end()
    if write_keys(code, raw) != data or key_path(code) != where or not raw:
        raise refused("the key file is not canonical, empty, or lies under another name", where)
    return code, tuple(VerifyKey.from_raw(key) for key in raw)


def expected_files(manifest: Manifest) -> set[str]:
    """The names of all files that a package with this manifest has, no more and no fewer."""
    fixed = {MANIFEST, SIGNATURE, *TAG_FILES}
    return fixed | set(manifest.files) | ({TIMESTAMP} if manifest.timestamped else set())


def listable(manifest: Manifest) -> list[tuple[str, str]]:
    """What is wrong with the list of files itself: (file, problem)."""
    needed = {CUSTODY, AUTHORISATION, CASE_VIEW, key_path(manifest.releasing)}
    objects = objects_of(manifest)
    problems = [(name, "not listed in the manifest") for name in sorted((needed | set(objects)) - set(manifest.files))]
    for name, entry in sorted(manifest.files.items()):
        is_key = name.startswith("keys/") and name.endswith(".json") and name.count("/") == 1
        if name not in needed and name not in objects and not is_key:
            problems.append((name, "has no place in a package of this version"))
        if name in objects and objects[name] != entry:
            problems.append((name, "the manifest lists two different digests for it"))
    return problems


def signed_parts(envelope: bytes, where: str) -> tuple[str, bytes, list[str]]:
    """Payload type, payload and key ids of a DSSE envelope, nothing verified; BadInput when it is not canonical."""
    value = jcs.parse(envelope, where=where)
    if jcs.canonical(value) != envelope:
        raise refused("the signature file is not canonical JSON", where)
    fields = Fields(value, where)
    kind, payload = fields.text("payloadType"), _payload(fields.take("payload"), where)
    keyids = [_keyid(entry, where) for entry in fields.array("signatures")]
    fields.end()
    return kind, payload, keyids


def _payload(value: Json, where: str) -> bytes:
    if not isinstance(value, str):
        raise refused("the payload is not a text", where)
    try:
        return b64.decode(value)
    except BadInput as error:
        raise refused("the payload is not base64", where) from error


def _keyid(value: Json, where: str) -> str:
    fields = Fields(value, f"{where}: signature")
    keyid = fields.text("keyid")
    b64.decode(fields.text("sig"))
    fields.end()
    return keyid
