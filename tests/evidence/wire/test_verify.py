"""The offline verifier against every single changed byte, added and removed files, re-signing and insiders."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import Tampered
from comity.evidence.model.package import AgencyKey, Authorisation, Manifest, Verification
from comity.evidence.wire import package
from comity.evidence.wire.bag import tag_files
from comity.evidence.wire.manifest import read_manifest, write_manifest
from comity.evidence.wire.verify import open_package, verify_package
from comity.kit.codec import dsse, jcs, zips
from tests.evidence.scene import CONTENT, ITEM, KEY_A, KEY_B, STRANGER, TRUST, Scene, scene, with_object

MADE = scene()
PACKAGE = MADE.build()
FILES = zips.read_stored_zip(PACKAGE)


def failing(verification: Verification) -> dict[str, str]:
    """The failed steps: name to the first file named."""
    assert verification.exit_code == 1
    return {check.name: check.file for check in reversed(verification.failed)}


def rebag(files: dict[str, bytes]) -> bytes:
    """The package of `files` with its tag files computed anew: what anybody without the agency's key can do."""
    rest = {name: data for name, data in files.items() if name not in package.TAG_FILES}
    try:
        manifest = read_manifest(files[package.MANIFEST], package.MANIFEST)
    except KeyError:
        return zips.write_stored_zip(files)
    return zips.write_stored_zip(
        rest | tag_files(manifest, {name: package.digest_of(data) for name, data in rest.items()})
    )


def resigned(manifest: Manifest, files: dict[str, bytes]) -> bytes:
    """The package with this manifest, signed by the agency's own key: what an insider can do."""
    listed = {name: files[name] for name in files if name in manifest.files}
    manifest = replace(manifest, files={name: package.digest_of(data) for name, data in listed.items()})
    body = write_manifest(manifest)
    return rebag({**files, package.MANIFEST: body, package.SIGNATURE: dsse.sign(package.PAYLOAD_TYPE, body, [KEY_B])})


def test_whole_and_authentic() -> None:
    verification = verify_package(PACKAGE, TRUST)
    assert verification.ok
    assert verification.exit_code == 0
    assert [check.name for check in verification.checks] == [
        "container", "rebuilt", "bag", "manifest", "files", "tags", "signature", "custody", "key-validity",
        "authorisation", "objects",
    ]  # fmt: skip
    assert verification.use == "information_only"
    assert verification.digest == hashlib.sha256(PACKAGE).hexdigest()


def test_without_a_directory_only_integrity_is_told() -> None:
    verification = verify_package(PACKAGE, None)
    assert verification.ok
    assert verification.exit_code == 2
    assert any("authenticity not checked" in check.detail for check in verification.checks)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert MADE.build() == PACKAGE


@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_no_changed_byte_passes(mask: int) -> None:
    names = set(FILES) | {"container"}
    for at in range(len(PACKAGE)):
        changed = bytearray(PACKAGE)
        changed[at] ^= mask
        verification = verify_package(bytes(changed), TRUST)
        assert verification.exit_code == 1, at
        assert {check.file for check in verification.failed} <= names, at


def test_a_changed_object_is_named_though_its_checksum_is_repaired() -> None:
    path = f"data/objects/{hashlib.sha256(CONTENT).hexdigest()}"
    verification = verify_package(rebag({**FILES, path: b"X" + CONTENT[1:]}), TRUST)
    assert failing(verification) == {"bag": path, "files": path, "objects": path} or failing(verification) == {
        "files": path,
        "objects": path,
    }


def test_a_changed_byte_in_an_object_is_named() -> None:
    at = PACKAGE.index(CONTENT)
    changed = PACKAGE[:at] + b"X" + PACKAGE[at + 1 :]
    assert failing(verify_package(changed, TRUST)) == {"container": f"data/objects/{MADE.item.container.sha256}"}


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_file_can_be_left_out(name: str) -> None:
    files = {other: data for other, data in FILES.items() if other != name}
    plain = verify_package(zips.write_stored_zip(files), TRUST)
    assert name in {check.file for check in plain.failed}
    mended = rebag(files)
    if name not in package.TAG_FILES:
        assert name in {check.file for check in verify_package(mended, TRUST).failed}


@pytest.mark.parametrize(
    "name",
    ["data/objects/" + "0" * 64, "data/readme.txt", "keys/XC.json", "sig/head.tsr", "meta/note.json", "fetch.txt"],
)
def test_no_file_can_be_added(name: str) -> None:
    for build in (zips.write_stored_zip, rebag):
        verification = verify_package(build({**FILES, name: b"{}"}), TRUST)
        assert verification.exit_code == 1
        assert name in {check.file for check in verification.failed}


@pytest.mark.parametrize("name", sorted(set(FILES) - set(package.TAG_FILES)))
def test_no_file_can_be_rewritten(name: str) -> None:
    data = bytearray(FILES[name])
    data[len(data) // 2] ^= 1
    verification = verify_package(
        rebag({**FILES, name: bytes(data)}) if name != package.MANIFEST else _raw(data), TRUST
    )
    assert name in {check.file for check in verification.failed}


def _raw(manifest: bytearray) -> bytes:
    return zips.write_stored_zip({**FILES, package.MANIFEST: bytes(manifest)})


def test_a_package_signed_anew_by_a_fresh_key_is_not_authentic() -> None:
    forged = scene(STRANGER).build()
    verification = verify_package(forged, TRUST)
    assert failing(verification)["signature"] in {"sig/manifest.dsse", "keys/XB.json"}
    assert "sig/manifest.dsse" in {check.file for check in verification.failed}
    assert "custody" in failing(verification)
    assert verify_package(forged, None).exit_code == 2


def test_only_the_manifest_signed_anew() -> None:
    manifest = replace(read_manifest(FILES[package.MANIFEST], ""), key=STRANGER.public.fingerprint)
    body = write_manifest(manifest)
    files = {**FILES, package.MANIFEST: body}
    files[package.SIGNATURE] = dsse.sign(package.PAYLOAD_TYPE, body, [STRANGER])
    assert failing(verify_package(rebag(files), TRUST))["signature"] == "sig/manifest.dsse"
    assert failing(verify_package(rebag(files), None))["signature"] == "sig/manifest.dsse"


def test_a_second_signature_is_not_tolerated() -> None:
    files = {**FILES}
    files[package.SIGNATURE] = dsse.sign(package.PAYLOAD_TYPE, FILES[package.MANIFEST], [KEY_B, STRANGER])
    assert failing(verify_package(rebag(files), TRUST))["signature"] == "sig/manifest.dsse"


def test_entries_in_another_order_or_bytes_around_the_zip() -> None:
    middle = PACKAGE.index(b"PK\x03\x04", 4)
    for changed in (PACKAGE[middle:] + PACKAGE[:middle], PACKAGE + b"\0", b"\0" + PACKAGE, PACKAGE[:-1], b""):
        assert failing(verify_package(changed, TRUST)) == {"container": "container"}


def test_a_key_that_did_not_count_at_the_time() -> None:
    for known in (
        AgencyKey("XB", KEY_B.public.raw, since="2026-03-03T00:00:00.000Z"),
        AgencyKey("XB", KEY_B.public.raw, until="2026-03-01T00:00:00.000Z"),
        AgencyKey("XB", KEY_B.public.raw, revoked=True),
    ):
        trust = replace(TRUST, keys=(known,))
        assert "key-validity" in failing(verify_package(PACKAGE, trust))
    elsewhere = replace(TRUST, keys=(AgencyKey("XC", KEY_B.public.raw),))
    assert "signature" in failing(verify_package(PACKAGE, elsewhere))


@pytest.mark.parametrize(
    "change",
    [
        lambda granted: replace(granted, recipient="XC"),
        lambda granted: replace(granted, items=("another",)),
        lambda granted: replace(granted, use="evidence"),
        lambda granted: replace(granted, purpose=""),
        lambda granted: replace(granted, expires="2026-03-02T09:59:59.999Z"),
        lambda granted: replace(granted, release="another"),
        lambda granted: replace(granted, decision={**granted.decision, "outcome": "refer"}),
        lambda granted: replace(granted, approvals=granted.approvals[:1]),
        lambda granted: replace(granted, approvals=granted.approvals[:1] * 2),
    ],
)
def test_an_insider_cannot_release_beyond_the_authorisation(change: Callable[[Authorisation], Authorisation]) -> None:
    made = replace(MADE, authorisation=change(MADE.authorisation))
    assert failing(verify_package(made.build(), TRUST))["authorisation"] == "meta/authorisation.json"


def test_an_insider_cannot_cut_or_swap_the_chain() -> None:
    for chain in (MADE.chain[:2], MADE.chain[:1] + MADE.chain[2:], MADE.chain[1:]):
        made = replace(MADE, chain=chain)
        assert failing(verify_package(made.build(), TRUST))["custody"] == "meta/custody.jsonl"


def test_an_insider_cannot_seal_other_bytes_under_the_listed_digest() -> None:
    with pytest.raises(Tampered) as caught:
        open_package(with_object(MADE, CONTENT + b"!").build())
    assert caught.value.where.startswith("data/objects/")


def test_an_insider_cannot_pin_another_head_seal_or_object_list() -> None:
    manifest = read_manifest(FILES[package.MANIFEST], "")
    head = replace(manifest.heads[0], seq=7)
    assert failing(verify_package(resigned(replace(manifest, heads=(head,)), FILES), TRUST)) == {
        "custody": "meta/custody.jsonl"
    }
    seal = replace(manifest.seal, root="00" * 32)
    assert failing(verify_package(resigned(replace(manifest, seal=seal), FILES), TRUST)) == {
        "objects": "meta/manifest.json"
    }
    stamped = replace(manifest, timestamped=True)
    assert "sig/head.tsr" in {c.file for c in verify_package(resigned(stamped, FILES), TRUST).failed}


def test_a_manifest_that_is_not_canonical_or_has_more_to_say() -> None:
    body = FILES[package.MANIFEST]
    for changed in (body + b"\n", body.replace(b'"v":1', b'"v":2'), body.replace(b'"v":1', b'"extra":1,"v":1')):
        verification = verify_package(_raw(bytearray(changed)), TRUST)
        assert failing(verification)["manifest"] == "meta/manifest.json"


def test_open_package_gives_the_parts() -> None:
    opened = open_package(PACKAGE)
    assert {name: b"".join(found.pieces()) for name, found in opened.objects.items()} == {
        MADE.item.container.sha256: CONTENT
    }
    assert opened.chains[ITEM] == MADE.chain
    assert opened.manifest.items == (MADE.item,)
    assert opened.authorisation == MADE.authorisation


def test_the_case_view_names_every_event_and_hash() -> None:
    view = jcs.parse_object(FILES[package.CASE_VIEW])
    graph = view["@graph"]
    assert isinstance(graph, list)
    kinds = [node["@type"] for node in graph if isinstance(node, dict)]
    assert kinds.count("case-investigation:InvestigativeAction") == 3
    assert MADE.item.container.sha256.encode() in FILES[package.CASE_VIEW]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PACKAGE) - 1), st.binary(max_size=40)), min_size=1, max_size=4))
def test_no_splice_passes(splices: list[tuple[int, bytes]]) -> None:
    changed = PACKAGE
    for at, data in splices:
        changed = changed[:at] + data + changed[at + len(data) :]
    if changed != PACKAGE:
        assert verify_package(changed, TRUST).exit_code == 1


def test_scenes_differ() -> None:
    other: Scene = scene(KEY_A)
    assert other.build() != PACKAGE
