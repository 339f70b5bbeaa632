"""The bag checker against the Library of Congress conformance bags, and hostile archives against the ZIP reader."""

from pathlib import Path

import pytest

from comity.base.errors import BadInput
from comity.evidence.wire.bag import bag_problems
from comity.evidence.wire.verify import verify_package
from comity.kit.codec import zips
from tests.evidence.scene import scene

VALID = [
    "ISO-8859-1-encoded-tag-files", "UTF-16-encoded-tag-files", "bag-in-a-bag", "bag-with-encoded-names",
    "bag-with-escapable-characters", "bag-with-leading-dot-slash-in-manifest", "bag-with-space", "basic-bag",
    "duplicate-metadata-entries", "minimal-bag", "uncommon-metadata-separators",
]  # fmt: skip
INVALID = [
    "invalid/baginfo-missing-encoding", "invalid/bom-in-bagit.txt", "invalid/corrupt-data-file",
    "invalid/corrupt-tag-file", "invalid/extra-file-in-bag", "invalid/invalid-version-number",
    "invalid/missing-baginfo", "invalid/missing-bagit.txt", "invalid/out-of-scope-file-paths-using-dot-notation",
    "invalid/out-of-scope-file-paths-using-dot-notation-for-fetch",
    "invalid/same-filename-listed-twice-with-different-hashes",
    "linux-only/out-of-scope-file-paths-using-absolute-path",
    "linux-only/out-of-scope-file-paths-using-absolute-path-for-fetch",
    "windows-only/out-of-scope-file-paths-using-absolute-path", "windows-only/out-of-scope-file-paths-using-shortcut",
    "windows-only/out-of-scope-file-paths-using-unc", "windows-only/out-of-scope-file-paths-using-unc-for-fetch",
]  # fmt: skip


def bag(data: Path, name: str) -> dict[str, bytes]:
    folder = data / "evidence" / "bagit" / "v0.97" / name
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files, name
    return files


@pytest.mark.parametrize("name", VALID)
def test_valid_bags(data: Path, name: str) -> None:
    assert bag_problems(bag(data, f"valid/{name}")) == []


@pytest.mark.parametrize("name", INVALID)
def test_invalid_bags(data: Path, name: str) -> None:
    assert bag_problems(bag(data, name))


def test_every_conformance_bag_is_tried(data: Path) -> None:
    root = data / "evidence" / "bagit" / "v0.97"
    assert {path.name for path in (root / "valid").iterdir() if path.is_dir()} == {*VALID, "holey-bag"}
    assert {f"invalid/{path.name}" for path in (root / "invalid").iterdir() if path.is_dir()} <= set(INVALID)


def test_a_bag_that_wants_to_fetch_is_incomplete(data: Path) -> None:
    problems = bag_problems(bag(data, "valid/holey-bag"))
    assert ("fetch.txt", "files to be fetched are never fetched") in problems


def test_our_own_package_is_a_bag() -> None:
    assert bag_problems(zips.read_stored_zip(scene().build())) == []


@pytest.mark.parametrize("name", ["absolute_paths", "mixed_paths", "syslog", "with_directory", "without_directory"])
def test_hostile_and_foreign_archives(data: Path, name: str) -> None:
    archive = (data / "evidence" / "archives" / "zip" / f"{name}.zip").read_bytes()
    with pytest.raises(BadInput):
        zips.read_stored_zip(archive)
    verification = verify_package(archive, None)
    assert verification.exit_code == 1
    assert verification.checks[0].file == "container"


def test_a_tar_is_no_package(data: Path) -> None:
    archive = (data / "evidence" / "archives" / "tar" / "absolute_paths.tar").read_bytes()
    assert verify_package(archive, None).checks[0].file == "container"


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (b"00  ../up\n", "manifest-sha256.txt"),
        (b"00  /etc/passwd\n", "manifest-sha256.txt"),
        (b"00  data/../../up\n", "manifest-sha256.txt"),
        (b"00  ~/x\n", "manifest-sha256.txt"),
        (b"not a line\n", "manifest-sha256.txt"),
        (b"\xff\xfe\n", "manifest-sha256.txt"),
        (b"00  data/gone\n", "data/gone"),
        (b"00  bagit.txt\n", "bagit.txt"),
    ],
)
def test_lines_that_lead_out_of_the_bag(line: bytes, file: str) -> None:
    declared = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    found = bag_problems({"bagit.txt": declared, "manifest-sha256.txt": line})
    assert file in {name for name, _ in found}
