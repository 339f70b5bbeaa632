"""`comity dna kinship` and `comity dna mixture` on real databases: simulated families, and a published mixture."""

import csv
from pathlib import Path
from statistics import fmean

import pytest

from comity.dna import cli, rules, service
from comity.dna.model import RELATIONS, Assumptions, KinSearch, Mutation, Population
from comity.dna.wire.frequencies import read_frequencies
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.families import TABLE, Person, Simulated, as_table, simulated
from tests.dna.laboratory import people, take_in
from tests.dna.populations import named
from tests.faces import Line, desk_over

SEED = 20261122
EXAMPLES = Path("dna") / "examples"


@pytest.fixture
def dna(database: Database, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group on a node with a family of synthetic people among 150 strangers, and the European frequencies."""
    examiner, _ = people(database)
    drawn = simulated(data, SEED)
    father, mother = drawn.stranger(), drawn.stranger()
    family = {"FATHER": father, "MOTHER": mother, "MISSING": drawn.child(father, mother)}
    family["SIBLING"] = drawn.child(father, mother)
    strangers = {f"S-{number:03}": drawn.stranger() for number in range(150)}
    take_in(database, examiner, as_table(strangers | family))
    with database.unit("dna.stats") as unit:
        frequencies = (data / "dna" / TABLE).read_bytes()
        service.import_population(unit, examiner, frequencies, "europe", "STRbase, European populations")
    desk = desk_over(database, tmp_path)
    capsys.readouterr()  # the seed, which is no answer of a command
    return Line("dna", cli.commands(lambda: desk), capsys)


def test_relatives_of_a_missing_person_come_first(dna: Line, database: Database) -> None:
    asked = ("dna", "kinship", "MISSING", "--as", "examiner-1")
    found = dna.ask(*asked, "--limit", "3", "--theta", "0.01")
    assert (found["population"], found["weighed"], set(found["relations"])) == ("europe", 154, set(RELATIONS))
    best = {code: [one["specimen"] for one in listed] for code, listed in found["relations"].items()}
    assert set(best["parent-child"][:2]) == {"FATHER", "MOTHER"} and best["full-siblings"][0] == "SIBLING"
    assert all(len(listed) == 3 and "MISSING" not in listed for listed in best.values())
    parent = found["relations"]["parent-child"][0]
    assert float(parent["log10_lr"]) > 4 and len(parent["loci"]) == parent["loci_compared"] == 16
    assert found["hypotheses"]["avuncular"][0] == "the two are uncle or aunt and nephew or niece"
    code, out, _ = dna.run(*asked, "--relation", "full-siblings", "--limit", "1")
    assert code == 0 and "the two are full siblings, or they are unrelated" in out and "not who it is" in out
    pair = dna.ask(*asked, "--against", "FATHER", "--relation", "parent-child")
    assert pair["relations"]["parent-child"]["log10_lr"] == next(
        one["log10_lr"] for one in found["relations"]["parent-child"] if one["specimen"] == "FATHER"
    )
    assert "FATHER as relative of MISSING" in dna.run(*asked, "--against", "FATHER")[1]
    with database.read("test.log") as unit:
        types = [entry.type for entry in log.entries(unit)]
    assert types.count("dna.relatives-sought") == 4


def test_what_goes_wrong_has_a_code(dna: Line) -> None:
    def fails(*words: str, person: str = "examiner-1") -> tuple[int, str]:
        return dna.fails("dna", "kinship", "MISSING", "--as", person, *words)

    assert fails("--relation", "cousin") == (2, "dna.relation")
    assert fails("--mutation-model", "x") == (2, "dna.mutation-model")
    assert fails("--mutation-rate", "x") == fails("--mutation-rate", "0.5") == (2, "dna.mutation")
    assert fails("--mutation-rate", "XX=0.001") == (2, "dna.locus-unknown")
    assert fails("--theta", "2") == (2, "dna.theta")
    assert fails("--population", "mars") == (2, "dna.population")
    assert fails("--against", "NOBODY") == (2, "dna.profile")
    assert fails(person="auditor-1") == (3, "access.role")
    rates = ("--mutation-rate", "0.001", "--mutation-rate", "fga=0.003", "--relation", "parent-child")
    found = dna.ask("dna", "kinship", "MISSING", "--as", "examiner-1", *rates)
    assert found["mutation"] == {"model": "stepwise", "rate": "0.001", "rates": {"FGA": "0.003"}}


def test_relatives_weigh_more_than_strangers_on_average(data: Path) -> None:
    """Over forty synthetic families, every relation's mean log ratio is above none, and strangers' below."""
    drawn = simulated(data, SEED)
    europe: Population = named(read_frequencies((data / "dna" / TABLE).read_bytes()), "europe")
    kin = rules.Kin(europe, tuple(RELATIONS.values()), Assumptions(0), Mutation())
    logs: dict[str, list[float]] = {code: [] for code in (*RELATIONS, "strangers")}
    for _ in range(40):
        for code, (one, other) in _family(drawn).items():
            weighed = rules.weigh_kin(one, other, kin)
            logs[code].append(weighed.log10_lr(code if code in RELATIONS else "half-siblings"))
    means = {code: fmean(found) for code, found in logs.items()}
    assert means.pop("strangers") < 0 < min(means.values())
    assert means["parent-child"] > means["half-siblings"] and means["full-siblings"] > means["half-siblings"]


def _family(drawn: Simulated) -> dict[str, tuple[Person, Person]]:
    grandmother, grandfather, mother, other = (drawn.stranger() for _ in range(4))
    father, uncle = drawn.child(grandmother, grandfather), drawn.child(grandmother, grandfather)
    child, sibling, half = drawn.child(father, mother), drawn.child(father, mother), drawn.child(father, other)
    return {
        "parent-child": (father, child), "full-siblings": (child, sibling), "half-siblings": (child, half),
        "grandparent": (grandmother, child), "avuncular": (uncle, child), "strangers": (mother, other),
    }  # fmt: skip


# --- mixtures ---------------------------------------------------------------------------------------------------------


def test_the_contributors_of_a_published_mixture_come_first(dna: Line, data: Path, tmp_path: Path) -> None:
    """The three references of the example first, among all strangers, from a file and from the node."""
    trace, references = data / EXAMPLES / "esx17-mixture-3p.csv", data / EXAMPLES / "esx17-refs.csv"
    dna.ask("dna", "import", str(references), "--as", "examiner-1")
    asked = ("dna", "mixture", str(trace), "--contributors", "3", "--as", "examiner-1")
    found = dna.ask(*asked)
    assert {one["specimen"] for one in found["candidates"][:3]} == {"ref1", "ref2", "ref3"}
    assert (found["weighed"], found["loci"], found["replicates"], found["left_out"]) == (157, 16, ["stain5"], [])
    assert float(found["candidates"][0]["log10_lr"]) > 7 and found["candidates"][0]["specimen"] == "ref1"
    told = dna.ask(*asked, "--candidates", str(references), "--known", "ref1")
    assert [one["specimen"] for one in told["candidates"]] == ["ref2", "ref3"]
    assert told["hypotheses"][1] == "it is of 1 known and 2 unknown persons, none of them the candidate"
    assert float(told["candidates"][0]["log10_lr"]) > float(found["candidates"][1]["log10_lr"]), "who is known helps"
    code, out, _ = dna.run(*asked, "--drop-out", "0.1", "--limit", "3")
    assert code == 0 and "1: the trace is of the candidate, 2 unknown persons." in out and "0.1 and 0.1" in out


def test_bad_traces_and_models_have_codes(dna: Line, data: Path, tmp_path: Path) -> None:
    def fails(text: str, *words: str) -> tuple[int, str]:
        (tmp_path / "trace.csv").write_text(text, encoding="utf-8")
        return dna.fails("dna", "mixture", str(tmp_path / "trace.csv"), "--as", "examiner-1", *words)

    three, good = ("--contributors", "3"), "SampleName,Marker,Allele1,Allele2\ns1,VWA,16,17\n"
    assert fails(good, "--contributors", "4") == (2, "dna.contributors")
    assert fails(good + "s2,VWA,16,18\n", *three) == (2, "dna.trace-sample")
    assert fails(good, *three, "--sample", "s3") == (2, "dna.trace-sample")
    assert fails(good + "s1,VWA,16,18\n", *three) == (2, "dna.trace-locus")
    assert fails(good + "s1,D99S1,16,18\n", *three) == (2, "dna.locus-unknown")
    assert fails(good + "s1,FGA,OL,18\n", *three) == (2, "dna.trace-allele")
    assert fails(good + "s1,FGA,x,18\n", *three) == (2, "dna.allele")
    assert fails(good + "s1,FGA\n", *three) == (2, "dna.csv-row")
    assert fails("Sample,VWA\ns1,16\n", *three) == (2, "dna.csv-header")
    assert fails("SampleName,Marker,Allele1\ns1,AMEL,X\n", *three) == (2, "dna.no-loci")
    assert fails(good + " " * (1 << 20), *three) == (2, "shell.file")
    assert fails(good, *three, "--candidates", str(tmp_path / "trace.csv"), "--known", "s9") == (2, "dna.profile")
    bad = tmp_path / "bad.csv"
    bad.write_text("specimen,VWA\nA,x\n", encoding="utf-8")
    assert fails(good, *three, "--candidates", str(bad)) == (2, "dna.candidates")
    assert dna.fails("dna", "mixture", str(bad), "--as", "auditor-1", *three) == (2, "dna.csv-header")
    (tmp_path / "trace.csv").write_text(good + "s2,VWA,16,\n", encoding="utf-8")
    both = dna.ask("dna", "mixture", str(tmp_path / "trace.csv"), "--as", "examiner-1", *three,
                   "--sample", "s1", "--sample", "s2")  # fmt: skip
    assert both["replicates"] == ["s1", "s2"]


def test_an_empty_node_says_what_to_do(
    database: Database, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examiner, _ = people(database)
    desk = desk_over(database, tmp_path)
    line = Line("dna", cli.commands(lambda: desk), capsys)
    asked = (
        "dna",
        "mixture",
        str(data / EXAMPLES / "esx17-mixture-3p.csv"),
        "--contributors",
        "3",
        "--as",
        "examiner-1",
    )
    assert line.fails(*asked) == (2, "dna.no-population")
    with database.unit("dna.stats") as unit:
        for name in ("one", "two"):
            service.import_population(unit, examiner, (data / "dna" / TABLE).read_bytes(), name, "STRbase")
    assert line.fails(*asked) == (2, "dna.which-population")
    assert line.fails(*asked, "--population", "one") == (2, "dna.no-candidates")
    take_in(database, examiner, b"specimen,VWA\nA,16/17\n")
    with database.unit("dna.kin") as unit:
        alone = service.relatives(unit, examiner, "A", KinSearch("one", most=5))
    assert (alone.weighed, {len(found) for found in alone.found.values()}) == (1, {0})
    assert "No other profile" in line.run("dna", "kinship", "A", "--population", "one", "--as", "examiner-1")[1]


def test_the_example_is_what_the_file_says(data: Path) -> None:
    rows = list(csv.DictReader((data / EXAMPLES / "esx17-mixture-3p.csv").read_text(encoding="utf-8").splitlines()))
    trace = service.read_trace((data / EXAMPLES / "esx17-mixture-3p.csv").read_bytes(), "t.csv")
    assert (len(rows), len(trace.loci), trace.loci["TH01"]) == (16, 16, (("6", "7", "8.3", "9", "9.3"),))
