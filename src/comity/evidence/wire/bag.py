"""BagIt (RFC 8493): a strict checker of any bag held in memory, and the writer of this protocol's own tag files.

The checker takes BagIt 0.93 to 1.0, follows no path out of the bag and fetches nothing: a bag with ``fetch.txt`` is
incomplete. A valid bag proves nothing against an insider, who recomputes the manifests; the package's signature does.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from comity.evidence.model.package import Digest, Manifest
from comity.kit.codec.parts import Part, part_of

Problem = tuple[str, str]
"""(file, what is wrong with it)."""

DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_BAGIT: Final = re.compile(
    rb"BagIt-Version: ([0-9]+)\.([0-9]+)\r?\nTag-File-Character-Encoding: ([A-Za-z0-9._-]+)(?:\r?\n)?"
)
_ALGORITHMS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_LINE: Final = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_OUTSIDE: Final = re.compile(r"^[/~\\]|^[A-Za-z]:|\\|%[A-Za-z]+%|(?:^|/)\.\.(?:/|$)")
_NAMED_CODECS: Final = {"utf-8": "utf-8", "utf-16": "utf-16", "iso-8859-1": "latin-1", "us-ascii": "ascii"}


def bag_problems(given: Mapping[str, bytes | Part]) -> list[Problem]:
    """What keeps `given` (name to contents) from being a complete and valid bag; empty when nothing does."""
    files = {name: part_of(data) for name, data in given.items()}
    declared = _BAGIT.fullmatch(files["bagit.txt"].whole() if "bagit.txt" in files else b"")
    if declared is None:
        return [("bagit.txt", "missing, or not the two lines of RFC 8493, 2.1.1")]
    codec = _NAMED_CODECS.get(declared[3].decode().lower())
    if codec is None:
        return [("bagit.txt", "names an unknown character encoding")]
    problems: list[Problem] = [("fetch.txt", "files to be fetched are never fetched")] if "fetch.txt" in files else []
    new = int(declared[1]) >= 1
    payload = {name for name in files if name.startswith("data/")}
    listings = {name: _listing(files[name].whole(), codec, new, name) for name in sorted(files) if _algorithm(name)}
    for name, (entries, wrong) in listings.items():
        problems += wrong
        problems += _entry_problems(files, name, entries)
    return problems + _coverage_problems(payload, {name: set(entries) for name, (entries, _) in listings.items()}, new)


def _algorithm(name: str) -> str:
    """The hash algorithm of a manifest's name; empty for other files."""
    match = re.fullmatch(r"(?:tag)?manifest-([a-z0-9]+)\.txt", name)
    return match[1] if match else ""


def _listing(data: bytes, codec: str, new: bool, name: str) -> tuple[dict[str, str], list[Problem]]:
    """The entries of one manifest, path to hash, and what is wrong with its lines."""
    try:
        text = data.decode(codec)
    except UnicodeError:
        return {}, [(name, f"not {codec} text")]
    entries: dict[str, str] = {}
    problems: list[Problem] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        path = _path(match[2], new) if match else ""
        if match is None or _OUTSIDE.search(path):
            problems.append((name, f"a line that is no hash and path inside the bag: {line[:80]!r}"))
        elif entries.setdefault(path, match[1].lower()) != match[1].lower():
            problems.append((path, f"listed twice with different hashes in {name}"))
    return entries, problems


def _path(text: str, new: bool) -> str:
    plain = text.rstrip(" \t").removeprefix("./")
    if not new:
        return plain
    return re.sub("%(0[Aa]|0[Dd]|25)", lambda match: chr(int(match[1], 16)), plain)


def _entry_problems(files: dict[str, Part], name: str, entries: dict[str, str]) -> list[Problem]:
    algorithm = _algorithm(name)
    if algorithm not in _ALGORITHMS:
        return [(name, f"unknown hash algorithm {algorithm}")]
    problems = []
    for path, expected in entries.items():
        if path.startswith("data/") == name.startswith("tag"):
            problems.append((path, f"does not belong into {name}"))
        elif path not in files:
            problems.append((path, f"listed in {name} and missing"))
        elif files[path].digest(algorithm) != expected:
            problems.append((path, f"its {algorithm} is not the one listed in {name}"))
    return problems


def _coverage_problems(payload: set[str], listed: dict[str, set[str]], new: bool) -> list[Problem]:
    manifests = {name: paths for name, paths in listed.items() if not name.startswith("tag")}
    if not manifests:
        return [("manifest", "no payload manifest")]
    # BagIt 1.0 wants every payload file in every manifest, older versions in at least one (RFC 8493, 2.1.3).
    covered = set.intersection(*manifests.values()) if new else set.union(*manifests.values())
    return [(path, "in the payload and listed in no manifest") for path in sorted(payload - covered)]


def tag_files(manifest: Manifest, covered: dict[str, Digest]) -> dict[str, bytes]:
    """The four tag files that are computed from the rest of the package.

    `covered`: digests of all other files, payload and tags. The same input gives the same bytes: no dates, no tool.
    """
    payload = {name: entry for name, entry in covered.items() if name.startswith("data/")}
    made = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": _info(manifest, payload),
        "manifest-sha256.txt": _lines({name: entry.sha256 for name, entry in payload.items()}),
    }
    tags = {name: entry.sha256 for name, entry in covered.items() if name not in payload}
    tags |= {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    return made | {"tagmanifest-sha256.txt": _lines(tags)}


def _info(manifest: Manifest, payload: dict[str, Digest]) -> bytes:
    size = sum(entry.size for entry in payload.values())
    return (
        f"Source-Organization: {manifest.releasing}\n"
        f"External-Identifier: {manifest.release}\n"
        f"External-Description: Evidence package for {manifest.recipient}, use: {manifest.use}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n"
    ).encode()


def _lines(hashes: dict[str, str]) -> bytes:
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()
