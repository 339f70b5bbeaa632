"""The stage: three agencies, their people, their law, their databases, and the stain found in XA."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.app.demo import population
from comity.app.demo.federation import NODES, found
from comity.app.demo.told import Told
from comity.base.codes import TRAINING_STATES
from comity.base.errors import BadInput
from comity.dna import service as dna
from comity.dna.model import Specimen
from comity.kit.shell import read_file
from comity.legal import service as legal

SEED = {"XB": 20_261, "XC": 20_262}


@dataclass(frozen=True)
class Stain:
    """The crime stain: the file's bytes, its name, and the first specimen in it."""

    data: bytes
    name: str
    specimen: Specimen

    @classmethod
    def read(cls, path: Path | None) -> "Stain":
        """The given CODIS CMF file, or the shipped one; BadInput with what is wrong, and a count of loci if too few."""
        data = read_file(path) if path else dna.shipped_file("stain-2800m.xml")
        name = path.name if path else "stain-2800m.xml"
        specimens, refusals = dna.read_file(data, "cmf")
        if not specimens:
            why = "; ".join(r.reason for r in refusals) or "it holds no specimen"
            raise BadInput("demo.stain", f"The stain cannot be used: {why}", where=name, todo="Bring another file.")
        dna.require_searchable(specimens[0])
        return cls(data, name, specimens[0])


def prepare(told: Told, stain: Stain, plant: bool, profiles: int) -> None:
    """Found the federation, fill the databases, start the nodes, open the case and import the stain."""
    federation, transcript = told.federation, told.transcript
    told.planted = plant
    transcript.chapter("TRAINING: synthetic data only")
    transcript.chapter("The stage: three synthetic states on this machine")
    transcript.fact("\n".join(f"{code} {name}" for code, name in TRAINING_STATES.items()))
    transcript.step("all", "each agency makes its node, its keys and its people, and joins the federation")
    found(federation)
    transcript.fact(f"directory {federation.directory}, root key {federation.root_fingerprint[:16]}...")
    transcript.step("XC", "Corvia's lawyer imports Corvia's newer declaration; Arvenia has not imported it")
    declaration = federation.post / "declaration-xc-2026.csv"
    declaration.write_bytes(legal.shipped_file("training/declaration-xc-2026.csv"))
    federation.ask("XC", "legal", "import", str(declaration), by="lawyer-1")
    _fill_all(told, stain, profiles)
    transcript.step("all", "three node processes start, each with its own home, speaking mutual TLS")
    for node in NODES:
        federation.start(node)
    for node in NODES:
        federation.wait_ready(node)
        transcript.fact(f"{node} is ready at {federation.address(node)}")
    _open_case(told, stain)


def _weighing(told: Told, node: str) -> None:
    """Give a node's examiner the frequencies that the synthetic profiles were drawn from."""
    path = told.federation.post / f"{node}-frequencies.csv"
    path.write_bytes(dna.shipped_file("frequencies/europe.csv"))
    source = "the frequencies that the synthetic profiles were drawn from: for training, not for casework"
    argv = ("dna", "stats", "import", str(path), "--name", "training-europe", "--source", source)
    told.federation.ask(node, *argv, by="examiner-1")


def _fill_all(told: Told, stain: Stain, profiles: int) -> None:
    told.transcript.step("XB, XC", f"each laboratory imports {profiles:,} synthetic reference profiles of its own")
    nodes = ("XB", "XC")
    with ThreadPoolExecutor() as pool:
        counts = list(pool.map(lambda node: _fill(told, node, stain, profiles), nodes))
    planted = {"XB": "the stain's source", "XC": "a profile one allele off"}
    for node, count in zip(nodes, counts, strict=True):
        what = planted[node] if told.planted else "nothing"
        told.transcript.fact(f"{node} holds {count:,} profiles. Planted: {what}. Also the kit control 9947A.")


def _fill(told: Told, node: str, stain: Stain, profiles: int) -> int:
    """Import the node's own database, what is planted and the kit control; the number of profiles."""
    files = {"database": population.generate(SEED[node], profiles)}
    if told.planted:
        made = population.derivatives(stain.specimen)
        files["planted"] = made.source if node == "XB" else made.near
    files["control"] = dna.shipped_file("control-9947a.csv").decode()
    _weighing(told, node)
    total = 0
    for name, text in files.items():
        path = told.federation.post / f"{node}-{name}.csv"
        path.write_text(text, encoding="utf-8")
        report: Any = told.federation.ask(node, "dna", "import", str(path), by="examiner-1", seconds=600)
        told.expect(not report["refused"], f"{node} imports every profile of {name}")
        total += int(report["accepted"])
    return total


def _open_case(told: Told, stain: Stain) -> None:
    federation, transcript = told.federation, told.transcript
    transcript.chapter("1. A stain in Arvenia")
    transcript.step(
        "XA", "officer-1 opens a homicide case; examiner-1 imports the stain's profile from a CODIS CMF file"
    )
    told.case = open_case(told, "XA-2026-0117", "Homicide at the harbour", "XA-CC-101")
    _weighing(told, "XA")
    path = federation.post / stain.name
    path.write_bytes(stain.data)
    report = federation.ask("XA", "dna", "import", str(path), by="examiner-1")
    told.profile = report["profiles"][0]
    transcript.fact(
        f"case {told.case}, specimen {stain.specimen.specimen} with {len(stain.specimen.loci)} loci from {stain.name}"
    )


def open_case(told: Told, reference: str, title: str, offence: str) -> str:
    """Open a case at XA and admit the examiner; the case's id."""
    argv = ("case", "open", reference, "--title", title, "--offence", offence)
    case = str(told.federation.ask("XA", *argv, by="officer-1")["id"])
    told.federation.ask("XA", "case", "admit", "examiner-1", "--case", case, by="officer-1")
    return case
