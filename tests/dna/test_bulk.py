"""Runs in bulk: what they find, where they stand, and a process that is killed in the middle."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from comity.app.demo import population
from comity.dna import cli, rules, service
from comity.dna.kernel.bulk import whole
from comity.dna.model import Alleles
from comity.dna.service import bulk
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.clock import FixedClock
from tests.dna.laboratory import people, take_in
from tests.dna.profiles import PRUEM
from tests.faces import Line, desk_over
from tests.schema import build_schema

ROOT = Path(__file__).resolve().parents[2]
Held = dict[str, Mapping[str, Alleles]]
MADE: Held = {s.specimen: s.loci for s in service.read_file(population.generate(7, 50).encode())[0]}
OFF: Held = {f"OFF-{n}": population.one_allele_off(loci) for n, loci in enumerate([*MADE.values()][:25])}
HELD = MADE | OFF


@pytest.fixture(autouse=True)
def several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LEAST_BLOCK", 20)
    monkeypatch.setattr(whole, "FEW", 0)


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group, with an examiner, an auditor and profiles of which half are others with one allele changed."""
    examiner, _ = people(database)
    take_in(database, examiner, table(HELD))
    desk = desk_over(database, tmp_path)
    return Line("dna", cli.commands(lambda: desk), capsys)


def table(specimens: Held) -> bytes:
    """A wide table."""
    loci = sorted({locus for held in specimens.values() for locus in held})
    rows = [
        [name, "Forensic, unknown", *("/".join(held.get(locus, ())) for locus in loci)]
        for name, held in specimens.items()
    ]
    quoted = [",".join(f'"{cell}"' for cell in row) for row in [["specimen", "category", *loci], *rows]]
    return "\n".join([*quoted, ""]).encode()


def expected(asking: Held, held: Held) -> set[tuple[str, str]]:
    """Pairs that the plain rules accept, the one that came later first."""
    pairs = (
        combinations(reversed([*held.items()]), 2)
        if asking is held
        else [(a, b) for a in asking.items() for b in held.items()]
    )
    return {(one, two) for (one, ours), (two, theirs) in pairs
            if rules.compare(ours, theirs, PRUEM).quality and not rules.shortfall(ours, "stain", PRUEM)
            and not rules.shortfall(theirs, "stain", PRUEM)}  # fmt: skip


def met(report: Path) -> list[tuple[str, str]]:
    """The pairs of a report."""
    return [(hit["specimen"], hit["meets"]) for hit in map(json.loads, report.read_text().splitlines())]


def test_all_are_compared_with_all(dna: Line, tmp_path: Path, database: Database) -> None:
    report = tmp_path / "hits.jsonl"
    found = dna.ask("dna", "bulk", "--report", str(report), "--as", "examiner-1")
    assert sorted(met(report)) == sorted(expected(HELD, HELD)) and len(met(report)) >= 20
    assert (found["profiles"], found["hits"]) == (75, len(met(report)))
    assert not report.with_name("hits.jsonl.position").exists()
    hit = json.loads(report.read_text().splitlines()[0])
    assert hit["near"] and list(hit["differing"].values()) == ["mismatch"] and hit["rule_set"] == "pruem-2008"
    with database.read("test") as unit:
        types = [entry.type for entry in log.entries(unit, 0, 50) if entry.type.startswith("dna.bulk")]
    assert types == ["dna.bulk-begun", "dna.bulk-done"]
    assert dna.fails("dna", "bulk", "--report", str(report), "--as", "examiner-1") == (4, "dna.bulk-report")


def test_what_came_since_is_compared_with_all(dna: Line, tmp_path: Path) -> None:
    report, since = tmp_path / "hits.csv", list(HELD)[59]
    found = dna.ask("dna", "bulk", "--since", since, "--report", str(report), "--as", "examiner-1")
    newer = {pair for pair in expected(HELD, HELD) if pair[0] in [*HELD][60:]}
    heading, *rows = report.read_text().splitlines()
    assert heading.startswith("specimen,profile,category,meets,")
    assert (found["profiles"], len(rows)) == (15, len(newer))
    last = tmp_path / "none.jsonl"
    again = dna.ask("dna", "bulk", "--since", found["last"], "--report", str(last), "--as", "examiner-1")
    assert (again["profiles"], again["hits"], last.read_bytes()) == (0, 0, b"")


def test_a_file_is_compared_with_all(dna: Line, tmp_path: Path) -> None:
    asking = {f"Q-{n}": loci for n, loci in enumerate([*MADE.values()][20:45])}
    file, report = tmp_path / "asked.csv", tmp_path / "hits.jsonl"
    file.write_bytes(table(asking))
    found = dna.ask("dna", "bulk", str(file), "--report", str(report), "--as", "examiner-1")
    assert sorted(met(report)) == sorted(expected(asking, HELD))
    assert (found["profiles"], found["hits"]) == (25, len(met(report)))
    code, out, _ = dna.run("dna", "bulk", str(file), "--report", str(tmp_path / "b.csv"), "--as", "examiner-1")
    assert code == 0 and "25 profiles compared" in out and "begin the next run with --since" in out


def test_what_cannot_be_run_is_refused(dna: Line, tmp_path: Path) -> None:
    file, report = tmp_path / "asked.csv", str(tmp_path / "hits.jsonl")
    file.write_text("specimen,category,VWA\nA,Ref,x\n", encoding="utf-8")
    assert dna.fails("dna", "bulk", str(file), "--report", report, "--as", "examiner-1") == (2, "dna.bulk-file")
    both = "dna", "bulk", str(file), "--since", "OFF-1", "--report", report, "--as", "examiner-1"
    assert dna.fails(*both) == (2, "dna.bulk-words")
    assert dna.fails("dna", "bulk", "--as", "examiner-1") == (2, "dna.bulk-words")
    to = "dna", "bulk", "--to", "XB", "--as", "examiner-1"
    assert dna.fails(*to) == dna.fails(*to, "--case", "C-1", "--report", report) == (2, "dna.bulk-partners")
    assert dna.fails("dna", "bulk", "--report", report, "--as", "auditor-1") == (3, "access.role")
    assert dna.fails("dna", "bulk", "--resume", "--report", report, "--as", "examiner-1") == (2, "dna.bulk-resume")
    assert not Path(report).exists()


def test_a_killed_run_goes_on_without_loss_or_repetition(tmp_path: Path) -> None:
    keys = KeyRing.create(tmp_path / "keys", "XB", FixedClock())
    url = f"sqlite:///{tmp_path / 'node.sqlite'}"
    build_schema(url)
    database = Database(url, node="XB", keys=keys, clock=FixedClock())
    examiner, _ = people(database)
    take_in(database, examiner, table(HELD))
    database.dispose()
    report = tmp_path / "hits.jsonl"

    def run(kill: int, *words: str) -> int:
        command = ["dna", "bulk", "--report", str(report), "--as", "examiner-1", "--json", *words]
        whole_command = [sys.executable, "-m", "tests.dna.bulk_run", str(tmp_path), str(kill), *command]
        return subprocess.run(whole_command, cwd=ROOT, check=False, capture_output=True).returncode

    assert run(4) == -signal.SIGKILL
    begun = json.loads(report.with_name("hits.jsonl.position").read_text())
    assert (begun["done"], begun["run"]["profiles"]) == (40, 75)
    assert report.stat().st_size > begun["size"]
    assert run(1, "--resume") == -signal.SIGKILL
    assert run(0, "--resume") == 0
    assert sorted(met(report)) == sorted(expected(HELD, HELD))


def test_a_report_that_was_cut_or_begun_otherwise_is_refused(
    dna: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, file = tmp_path / "hits.jsonl", tmp_path / "asked.csv"
    file.write_bytes(table(MADE))
    words = "dna", "bulk", "--resume", "--report", str(report), "--as", "examiner-1"
    with monkeypatch.context() as stopped:
        stopped.setattr(service.Report, "finish", _nothing)
        dna.ask("dna", "bulk", "--report", str(report), "--as", "examiner-1")
    assert dna.fails(*words[:2], str(file), *words[2:]) == (2, "dna.bulk-other")
    assert dna.fails(*words[:-1], "auditor-1") == (3, "access.role")
    report.write_bytes(report.read_bytes()[:-1])
    assert dna.fails(*words) == (2, "dna.bulk-resume")


def _nothing(_report: Any) -> None:
    """A run that was stopped at its very end."""
