"""The demo as its user runs it: one command, three node processes, a JSON result, a package that verifies offline."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from comity.kit.codec.zips import Limits, read_stored_zip, write_stored_zip

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = REPOSITORY / "src" / "comity" / "app" / "demo" / "demo.schema.json"
LIMITS = Limits()
pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Shown:
    """A finished demo: exit code, transcript, result."""

    code: int
    text: str
    result: dict[str, Any]

    def verify(self, package: Path, *more: str) -> tuple[int, dict[str, Any]]:
        """`comity verify` on a package file, with the demo's directory and root key."""
        trust = ("--directory", self.result["directory"], "--root-key", self.result["root_key"])
        done = _comity("verify", str(package), *trust, *more, "--json")
        return done.returncode, json.loads(done.stdout or done.stderr)


def _comity(*argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "comity", *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def _demo(folder: Path, *more: str) -> Shown:
    out = folder / "demo.json"
    done = _comity("demo", "--once", "--json", str(out), "--folder", str(folder / "demo"), "--profiles", "400", *more)
    result = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    return Shown(done.returncode, done.stdout + done.stderr, result)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return _demo(tmp_path_factory.mktemp("demo"))


def test_every_step_holds(shown: Shown) -> None:
    assert shown.code == 0, shown.text[-3000:]
    assert shown.result["ok"] and not shown.result["broken"]


def test_the_result_meets_its_schema(shown: Shown) -> None:
    jsonschema.validate(shown.result, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_no_two_answers_are_merged(shown: Shown) -> None:
    told = shown.result
    assert (told["answers"]["XB"]["status"], told["answers"]["XC"]["status"]) == ("hit", "near_match")
    assert (told["refused"]["node"], told["refused"]["status"]) == ("XC", "refused")
    assert told["refused"]["findings"][0]["values"]["declared"] == "2026-09-01"
    assert told["refused"]["findings"][0]["cure"]
    assert (told["unavailable"]["status"], told["unavailable"]["answered"]) == ("unavailable", "near_match")


def test_xas_own_deny_is_among_the_decisions(shown: Shown) -> None:
    denied = [p for p in shown.result["permits"] if p["node"] == "XA" and p["outcome"] == "deny"]
    assert any(f["condition"] == "offence_scope" and f["result"] == "fail" for p in denied for f in p["findings"])


def test_custody_moved_and_every_log_holds(shown: Shown) -> None:
    assert shown.result["handover"]["custody_moved"]
    assert {node: log["ok"] for node, log in shown.result["logs"].items()} == {"XA": True, "XB": True, "XC": True}


def test_nothing_is_left_running(shown: Shown) -> None:
    folder = str(Path(shown.result["directory"]).parents[1])
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if folder in line and " run" in line]


def test_the_package_verifies_with_its_receipt(shown: Shown) -> None:
    code, found = shown.verify(Path(shown.result["package"]), "--receipt", shown.result["handover"]["receipt"])
    assert code == 0 and found["ok"]


def test_without_a_directory_authenticity_is_not_claimed(shown: Shown) -> None:
    done = _comity("verify", shown.result["package"])
    assert done.returncode == 2
    assert "authenticity not checked" in done.stdout


@pytest.mark.parametrize("place", [0.1, 0.5, 0.97])
def test_one_changed_byte_is_found(shown: Shown, tmp_path: Path, place: float) -> None:
    data = bytearray(Path(shown.result["package"]).read_bytes())
    data[int(len(data) * place)] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    code, found = shown.verify(changed)
    failed = [check for check in found["checks"] if not check["ok"]]
    assert code == 1 and failed and all(check.get("file") for check in failed)


def test_an_added_file_is_found(shown: Shown, tmp_path: Path) -> None:
    files = dict(read_stored_zip(Path(shown.result["package"]).read_bytes(), limits=LIMITS))
    added = tmp_path / "added.zip"
    added.write_bytes(write_stored_zip({**files, "data/objects/extra": b"slipped in"}))
    assert shown.verify(added)[0] == 1


def _refused(stain: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return _comity("demo", "--once", "--stain", str(stain), "--folder", str(tmp_path / "demo"))


def test_a_stain_with_too_few_loci_is_refused_with_the_count(tmp_path: Path) -> None:
    stain = tmp_path / "short.xml"
    stain.write_text(_stain(["D16S539", "D18S51"]), encoding="utf-8")
    done = _refused(stain, tmp_path)
    assert done.returncode == 2 and "2 fully designated loci" in done.stderr


@pytest.mark.parametrize("content", [b"", b"not XML", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_broken_stain_is_refused_before_anything_starts(tmp_path: Path, content: bytes) -> None:
    stain = tmp_path / "broken.xml"
    stain.write_bytes(content)
    done = _refused(stain, tmp_path)
    assert done.returncode == 2 and "Error:" in done.stderr
    assert not (tmp_path / "demo" / "xa").exists()


def test_an_honest_search_may_end_in_no_hit(tmp_path: Path) -> None:
    shown = _demo(tmp_path, "--no-plant")
    assert shown.code == 0, shown.text[-3000:]
    assert shown.result["answers"]["XB"]["status"] == "no_hit"
    assert shown.result["package"] is None


def _stain(loci: Sequence[str]) -> str:
    typed = "".join(
        f"<LOCUS><LOCUSNAME>{name}</LOCUSNAME><ALLELE><ALLELEVALUE>10</ALLELEVALUE></ALLELE>"
        "<ALLELE><ALLELEVALUE>11</ALLELEVALUE></ALLELE></LOCUS>"
        for name in loci
    )
    return (
        '<CODISImportFile xmlns="urn:CODISImportFile-schema"><HEADERVERSION>3.2</HEADERVERSION>'
        '<SPECIMEN CASEID="1"><SPECIMENID>S1</SPECIMENID><SPECIMENCATEGORY>Forensic, Unknown</SPECIMENCATEGORY>'
        f"{typed}</SPECIMEN></CODISImportFile>"
    )
