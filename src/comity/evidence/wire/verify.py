"""The offline verifier: what a court's expert runs, trusting neither node. Needs the package and nothing else running.

The steps, in this order; each leaves at least one `Check`, and a failed step names the file, or ``container``:

 1. ``container``      the ZIP parses under the strict reader: stored, sorted, no trick with names or lengths;
 2. ``rebuilt``        built again from what was read, it gives the same bytes;
 3. ``bag``            BagIt (RFC 8493): every payload file listed, every listed file present, every hash right;
 4. ``manifest``       canonical, of this version, listing exactly the files that belong into a package;
 5. ``files``          every listed file is there with its hash and size, and no other file is;
 6. ``tags``           the BagIt tag files are the ones that follow from the manifest;
 7. ``signature``      the manifest's DSSE signature holds: under the key that the directory lists for the releasing
                       agency, or, without a directory, under the key in the package (then authenticity is not checked);
 8. ``key-validity``   every signing key was valid at the moment of its act (directory only);
 9. ``custody``        chains: numbers, hashes, allowed order, signatures, and the heads that the manifest pins;
10. ``authorisation``  the release stays within scope, recipient, purpose, use and expiry of what two persons approved;
11. ``objects``        every container re-hashes to its item's digest, and the seal's Merkle root is theirs;
12. ``receipt``        one step for each receipt given: it fits this package and is signed by the receiver.

Steps 1 and 4 end the verification when they fail: nothing behind them could be understood.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from comity.base.errors import BadInput, Tampered
from comity.evidence import rules
from comity.evidence.model.package import Check, Link, Manifest, Package, Trust, Verification
from comity.evidence.wire import package as layout
from comity.evidence.wire import receipt as receipts_wire
from comity.evidence.wire.bag import Problem, bag_problems, tag_files
from comity.evidence.wire.custody import is_signed_by, read_lines
from comity.evidence.wire.manifest import object_path, read_authorisation, read_manifest
from comity.kit.codec import dsse, zips
from comity.kit.codec.parts import PIECE, Part, PartFile, part_of
from comity.kit.crypto.signing import VerifyKey

CONTAINER: Final = "container"
LIMITS: Final = zips.Limits(total=1 << 44)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
T = TypeVar("T")


@dataclass
class _Inquiry:
    """One verification under way: what was read so far and what was found."""

    data: Part
    trust: Trust | None
    digest: str
    checks: list[Check] = field(default_factory=list)
    files: dict[str, Part] = field(default_factory=dict)
    keys: dict[str, tuple[VerifyKey, ...]] = field(default_factory=dict)
    """The keys lying in the package, by agency."""

    def text(self, name: str) -> bytes:
        """A file of the package that is no container; empty where there is none."""
        return self.files[name].whole() if name in self.files else b""

    def note(self, name: str, problems: Sequence[Problem], good: str) -> bool:
        """One check for each problem, or one good one."""
        self.checks += [Check(name, False, file, detail) for file, detail in problems]
        if not problems:
            self.checks.append(Check(name, True, "", good))
        return not problems

    def attempt(self, name: str, file: str, read: Callable[[], T]) -> T | None:
        """What `read` gives, or a failed check when it refuses."""
        try:
            return read()
        except (BadInput, Tampered) as error:
            self.note(name, [(file, str(error.what))], "")
            return None


def verify_package(given: bytes | Part, trust: Trust | None, receipts: Sequence[bytes] = ()) -> Verification:
    """All steps over the package, which is read where it lies: containers of any size are never in memory.

    Without `trust` authenticity is not checked and the exit code is 2 at best.
    """
    data = part_of(given)
    inquiry = _Inquiry(data, trust, data.sha256)
    manifest = _read(inquiry)
    if manifest is not None:
        chains = _contents(inquiry, manifest)
        for number, envelope in enumerate(receipts, 1):
            _receipt(inquiry, manifest, chains, (f"receipt {number}", envelope))
    return Verification(
        checks=tuple(inquiry.checks),
        authenticated=trust is not None,
        digest=inquiry.digest,
        release=manifest.release if manifest else "",
        use=manifest.use if manifest else "",
    )


def open_package(given: bytes | Part) -> Package:
    """The parts of a package whose bytes agree with each other; Tampered, naming the file, when they do not."""
    data = part_of(given)
    verification = verify_package(data, None)
    failure = rules.first_failure(verification.checks)
    if failure:
        raise Tampered("evidence.package", f"The package is damaged: {failure.detail}", where=failure.file,
                       todo="Refuse it and ask the sender for another copy.")  # fmt: skip
    files = zips.read_stored_parts(data, limits=LIMITS)
    manifest = read_manifest(files[layout.MANIFEST].whole(), layout.MANIFEST)
    return Package(
        digest=verification.digest,
        manifest=manifest,
        authorisation=read_authorisation(files[layout.AUTHORISATION].whole(), layout.AUTHORISATION),
        chains=read_lines(files[layout.CUSTODY].whole(), layout.CUSTODY),
        objects={item.container.sha256: files[object_path(item.container.sha256)] for item in manifest.items},
    )


def _read(inquiry: _Inquiry) -> Manifest | None:
    """Steps 1 to 4."""
    culprit = _damaged_entry(inquiry.data) or CONTAINER
    files = inquiry.attempt("container", culprit, lambda: zips.read_stored_parts(inquiry.data, limits=LIMITS))
    if files is None:
        return None
    inquiry.files = files
    inquiry.note("container", [], f"{len(files)} files, stored, sorted, under plain names")
    inquiry.note("rebuilt", [], "the same bytes again")  # every header was built and compared while it was read
    inquiry.note("bag", bag_problems(files), "a complete and valid BagIt 1.0 bag")
    body = inquiry.text(layout.MANIFEST)
    if not body:
        inquiry.note("manifest", [(layout.MANIFEST, "missing")], "")
        return None
    manifest = inquiry.attempt("manifest", layout.MANIFEST, lambda: read_manifest(body, layout.MANIFEST))
    if manifest is not None:
        inquiry.note(
            "manifest",
            layout.listable(manifest),
            f"{_count(len(manifest.items), 'item')}, use: {manifest.use.replace('_', ' ')}",
        )
    return manifest


def _damaged_entry(data: Part) -> str:
    """The entry whose bytes fail their checksum, to name it in the refusal; empty when the ZIP itself is at fault.

    Only ever used to name: nothing is taken from this lenient reading.
    """
    try:
        with zipfile.ZipFile(io.BufferedReader(PartFile(data))) as archive:
            entries = archive.infolist()
            plain = all(entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1 for entry in entries)
            if not plain or sum(entry.file_size for entry in entries) > data.size:
                return ""
            return next((entry.filename for entry in entries if _is_damaged(archive, entry)), "")
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RuntimeError):
        return ""


def _is_damaged(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(entry) as contents:
            while contents.read(PIECE):
                pass
    except zipfile.BadZipFile as error:
        return str(error).startswith("Bad CRC-32") and _PLAIN_NAME.fullmatch(entry.filename) is not None
    return False


def _contents(inquiry: _Inquiry, manifest: Manifest) -> dict[str, tuple[Link, ...]]:
    """Steps 5 to 11; returns the chains, empty when they cannot be read."""
    inquiry.note("files", _file_problems(inquiry.files, manifest), "every listed file is there and no other")
    covered = {name: data for name, data in inquiry.files.items() if name not in layout.TAG_FILES}
    made = tag_files(manifest, {name: layout.digest_of(data) for name, data in covered.items()})
    wrong = [(name, "not what follows from the manifest") for name in made if inquiry.text(name) != made[name]]
    inquiry.note("tags", wrong, "the tag files follow from the manifest")
    _read_keys(inquiry)
    _signature(inquiry, manifest)
    chains = _custody(inquiry, manifest)
    _key_validity(inquiry, manifest, chains)
    _authorisation(inquiry, manifest)
    _objects(inquiry, manifest)
    return chains


def _file_problems(files: dict[str, Part], manifest: Manifest) -> list[Problem]:
    expected = layout.expected_files(manifest)
    problems = [(name, "missing") for name in sorted(expected - set(files))]
    problems += [(name, "not listed in the manifest") for name in sorted(set(files) - expected)]
    for name, entry in sorted(manifest.files.items()):
        if name in files and layout.digest_of(files[name]) != entry:
            problems.append((name, "changed: its hash or size is not the one in the manifest"))
    if manifest.timestamped:
        problems.append((layout.TIMESTAMP, "this version of Comity cannot check a time-stamp token"))
    return problems


def _read_keys(inquiry: _Inquiry) -> None:
    for name in sorted(inquiry.files):
        if name.startswith("keys/"):
            _read_key_file(inquiry, name)


def _read_key_file(inquiry: _Inquiry, name: str) -> None:
    read = inquiry.attempt("signature", name, lambda: layout.read_keys(inquiry.text(name), name))
    if read is None:
        return
    code, keys = read
    inquiry.keys[code] = keys
    strangers = [key for key in keys if inquiry.trust and not inquiry.trust.key(code, key.fingerprint)]
    if strangers:
        inquiry.note("signature", [(name, f"a key that the directory does not list for {code}")], "")


def _key(inquiry: _Inquiry, agency: str, fingerprint: str) -> VerifyKey | None:
    """The key to check a signature with: the directory's; the package's own only where no directory was given."""
    if inquiry.trust is not None:
        listed = inquiry.trust.key(agency, fingerprint)
        return VerifyKey.from_raw(listed.raw) if listed else None
    return next((key for key in inquiry.keys.get(agency, ()) if key.fingerprint == fingerprint), None)


def _source(inquiry: _Inquiry) -> str:
    return "the directory" if inquiry.trust else "the package itself"


def _signature(inquiry: _Inquiry, manifest: Manifest) -> None:
    """Step 7."""
    envelope = inquiry.text(layout.SIGNATURE)
    parts = inquiry.attempt("signature", layout.SIGNATURE, lambda: layout.signed_parts(envelope, layout.SIGNATURE))
    if parts is None:
        return
    kind, payload, keyids = parts
    key = _key(inquiry, manifest.releasing, manifest.key)
    problem = ""
    if kind != layout.PAYLOAD_TYPE or payload != inquiry.text(layout.MANIFEST):
        problem = "signs something else than this manifest"
    elif keyids != [manifest.key]:
        problem = "is not made by exactly the one key that the manifest names"
    elif key is None:
        problem = f"is made by a key that {_source(inquiry)} does not list for {manifest.releasing}"
    elif not _holds(envelope, key):
        problem = "does not hold"
    told = "authenticity not checked" if inquiry.trust is None else _pinned(inquiry.trust)
    good = f"signed by {manifest.releasing}, key {manifest.key[:16]} from {_source(inquiry)}; {told}"
    inquiry.note("signature", [(layout.SIGNATURE, f"the signature {problem}")] if problem else [], good)


def _pinned(trust: Trust) -> str:
    how = "as given" if trust.pinned else "not pinned: compare it with one you know"
    return f"federation {trust.federation}, directory version {trust.version}, root {trust.root[:16]} ({how})"


def _holds(envelope: bytes, key: VerifyKey) -> bool:
    try:
        dsse.verify(envelope, layout.PAYLOAD_TYPE, {key.fingerprint: key})
    except (Tampered, BadInput):
        return False
    return True


def _key_validity(inquiry: _Inquiry, manifest: Manifest, chains: dict[str, tuple[Link, ...]]) -> None:
    """Step 8."""
    if inquiry.trust is None:
        return
    acts = [(layout.SIGNATURE, manifest.releasing, manifest.key, manifest.released)]
    acts += [
        (layout.CUSTODY, link.event.agency, link.event.key, link.event.recorded)
        for chain in chains.values()
        for link in chain
    ]
    problems = []
    for file, agency, fingerprint, moment in acts:
        key = inquiry.trust.key(agency, fingerprint)
        if key and (problem := rules.key_problem(key, moment)):
            problems.append((file, problem))
    inquiry.note("key-validity", sorted(set(problems)), "every key was valid when it signed")


def _custody(inquiry: _Inquiry, manifest: Manifest) -> dict[str, tuple[Link, ...]]:
    """Step 9."""
    data = inquiry.text(layout.CUSTODY)
    chains = inquiry.attempt("custody", layout.CUSTODY, lambda: read_lines(data, layout.CUSTODY))
    if chains is None:
        return {}
    problems: list[str] = []
    if set(chains) != {item.id for item in manifest.items}:
        problems.append("there is not one chain for each item")
    for item in manifest.items:
        chain = chains.get(item.id, ())
        problems += [f"{item.id}: {text}" for text in rules.chain_problems(chain)]
        problems += [f"{item.id}: {text}" for text in _link_signature_problems(inquiry, chain)]
        problems += [f"{item.id}: {text}" for text in (rules.offer_problems(manifest, item, chain) if chain else [])]
    heads = tuple(rules.head_of(chains[item.id]) for item in manifest.items if item.id in chains)
    if heads != manifest.heads:
        problems.append("the chains do not end at the heads that the manifest pins")
    count = sum(len(chain) for chain in chains.values())
    inquiry.note("custody", [(layout.CUSTODY, text) for text in problems], f"{count} signed events, unbroken")
    return {} if problems else chains


def _link_signature_problems(inquiry: _Inquiry, chain: Sequence[Link]) -> list[str]:
    problems = []
    for link in chain:
        key = _key(inquiry, link.event.agency, link.event.key)
        if key is None:
            problems.append(f"event {link.event.seq}: {_source(inquiry)} lists no such key of {link.event.agency}")
        elif not is_signed_by(link.event, key):
            problems.append(f"event {link.event.seq}: the signature does not hold")
    return problems


def _authorisation(inquiry: _Inquiry, manifest: Manifest) -> None:
    """Step 10."""
    data = inquiry.text(layout.AUTHORISATION)
    authorisation = inquiry.attempt(
        "authorisation", layout.AUTHORISATION, lambda: read_authorisation(data, layout.AUTHORISATION)
    )
    if authorisation is None:
        return
    problems = rules.binding_problems(manifest, authorisation)
    if layout.digest_of(data).sha256 != manifest.authorisation:
        problems.append("it is not the one that the manifest names")
    good = f"{authorisation.purpose}, to {authorisation.recipient} only, until {authorisation.expires}"
    inquiry.note("authorisation", [(layout.AUTHORISATION, text) for text in problems], good)


def _objects(inquiry: _Inquiry, manifest: Manifest) -> None:
    """Step 11."""
    problems: list[Problem] = []
    for item in manifest.items:
        path = object_path(item.container.sha256)
        found = inquiry.files.get(path)
        if found is None or layout.digest_of(found) != item.container:
            problems.append((path, f"exhibit {item.exhibit} does not re-hash to its digest"))
    if rules.seal(item.container.sha256 for item in manifest.items) != manifest.seal:
        problems.append((layout.MANIFEST, "the seal is not the Merkle root of the items' containers"))
    size = sum(item.container.size for item in manifest.items)
    inquiry.note("objects", problems, f"{_count(len(manifest.items), 'container')} re-hashed, {_count(size, 'byte')}")


def _receipt(
    inquiry: _Inquiry, manifest: Manifest, chains: dict[str, tuple[Link, ...]], named: tuple[str, bytes]
) -> None:
    """Step 12, for one receipt."""
    name, envelope = named
    signed = inquiry.attempt("receipt", name, lambda: receipts_wire.read_receipt(envelope, name))
    if signed is None:
        return
    problems = receipt_problems(signed, inquiry.digest, manifest, chains)
    told = f"{signed.receipt.outcome} by {signed.receipt.receiver} at {signed.receipt.at}"
    if inquiry.trust is None:
        told += "; signatures not checked without a directory"
    else:
        trouble, countersigned = receipt_signatures(signed, inquiry.trust)
        problems += trouble
        told += ", countersigned by the sender" if countersigned else "; not countersigned by the sender yet"
    inquiry.note("receipt", [(name, text) for text in problems], told)


def receipt_problems(
    signed: receipts_wire.SignedReceipt, digest: str, manifest: Manifest, chains: dict[str, tuple[Link, ...]]
) -> list[str]:
    """Where a receipt's content does not fit the package."""
    return rules.receipt_problems(signed.receipt, digest, manifest, chains)


def receipt_signatures(signed: receipts_wire.SignedReceipt, trust: Trust) -> tuple[list[str], bool]:
    """What is wrong with a receipt's signatures under `trust`, and whether the sender has countersigned."""
    receipt = signed.receipt
    by = {code: [key for key in trust.keys if key.code == code] for code in (receipt.receiver, receipt.sender)}
    signer = {
        code: next((key for key in keys if receipts_wire.is_signed_by(signed, VerifyKey.from_raw(key.raw))), None)
        for code, keys in by.items()
    }
    receiver, sender = signer[receipt.receiver], signer[receipt.sender]
    problems = []
    if receiver is None:
        problems.append(f"it is not signed by a key that the directory lists for {receipt.receiver}")
    else:
        problems += [problem] if (problem := rules.key_problem(receiver, receipt.at)) else []
        own = VerifyKey.from_raw(receiver.raw)
        problems += ["its custody event is not signed by the receiver"] * any(
            not is_signed_by(link.event, own) for link in receipt.events
        )
    if len(signed.keyids) == 2 and sender is None:
        problems.append(f"its second signature is not one of {receipt.sender}")
    return problems, sender is not None


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
