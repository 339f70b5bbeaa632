"""The officer API of DNA, on a real server."""

from pathlib import Path

from comity.dna import api, service
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people, take_in
from tests.dna.populations import TABLE
from tests.faces import desk_over, serving

RAW = {"content-type": "application/octet-stream"}


def test_profiles_over_http(database: Database, tmp_path: Path) -> None:
    people(database)
    desk = desk_over(database, tmp_path)
    stain, named = service.shipped_file("stain-2800m.xml"), {"name": "stain.xml"}
    with serving(api.routes(lambda: desk)) as ask:
        sent = ask("examiner-1", "POST", "/dna/imports", params=named, content=stain, headers=RAW)
        assert (sent.status_code, sent.json()["accepted"]) == (201, 1)
        again = ask("examiner-1", "POST", "/dna/imports", params=named, content=stain, headers=RAW)
        assert again.status_code == 422 and "already held" in again.json()["refused"][0]["reason"]
        listed = ask("examiner-1", "GET", "/dna/profiles").json()
        assert (listed["count"], listed["profiles"][0]["loci"]) == (1, 17)
        shown = ask("examiner-1", "GET", f"/dna/profiles/{listed['profiles'][0]['id']}").json()
        assert (shown["specimen"], shown["kind"], shown["loci"]["SE33"]) == ("STAIN-2800M", "stain", ["15", "16"])
        broken = ask("examiner-1", "POST", "/dna/imports", params=named, content=b"<a/>", headers=RAW)
        assert (broken.status_code, broken.json()["code"]) == (400, "dna.cmf-namespace")
        assert ask("auditor-1", "POST", "/dna/imports", params=named, content=stain, headers=RAW).status_code == 403
        assert ask("examiner-1", "GET", "/dna/profiles/none").status_code == 404
        for path in ("/dna/profiles", "/dna/profiles/STAIN-2800M"):
            assert ask("auditor-1", "GET", path).status_code == 403
        assert ask("nobody-1", "GET", "/dna/profiles").json()["code"] == "access.passphrase"
    with database.read("test.log") as unit:
        types = [entry.type for entry in log.entries(unit)]
    assert (types.count("dna.viewed"), types.count("act.refused")) == (1, 3)


def test_statistics_over_http(database: Database, tmp_path: Path) -> None:
    examiner, _ = people(database)
    take_in(database, examiner, b"specimen,VWA,TH01\nA,16/17,6\nB,16/17,6\nC,18,7\n")
    desk = desk_over(database, tmp_path)
    named = {"name": "made-up", "source": "made up for tests"}
    with serving(api.statistics_routes(lambda: desk)) as ask:
        made = ask("examiner-1", "POST", "/dna/populations", params=named, content=TABLE, headers=RAW)
        assert (made.status_code, made.json()["loci"]) == (201, 2)
        again = ask("examiner-1", "POST", "/dna/populations", params=named, content=TABLE, headers=RAW)
        assert (again.status_code, again.json()["code"]) == (409, "dna.population-held")
        assert [one["name"] for one in ask("auditor-1", "GET", "/dna/populations").json()["populations"]] == ["made-up"]
        assert ask("auditor-1", "GET", "/dna/populations/made-up").json()["frequencies"]["TH01"]["9.3"] == "0.35"
        weighed = ask("examiner-1", "POST", "/dna/weights", json={"profile": "A", "theta": 0}).json()
        assert weighed["populations"][0]["lr"] == "133.3"
        kin = ask("examiner-1", "POST", "/dna/relatives", json={"profile": "A", "limit": 1}).json()
        assert {found[0]["specimen"] for found in kin["relations"].values()} == {"B"}
        pair = {"profile": "A", "against": "C", "relations": ["parent-child"], "mutation_rate": 0}
        assert ask("examiner-1", "POST", "/dna/relatives", json=pair).json()["relations"]["parent-child"]["lr"] == "0"
        trace = {"trace": "Sample,Marker,Allele1,Allele2\nS,VWA,16,17\nS,TH01,6,\n", "contributors": 2, "known": ["B"]}
        found = ask("examiner-1", "POST", "/dna/contributors", json=trace).json()
        assert [one["specimen"] for one in found["candidates"]] == ["A", "C"]
        many = ask("examiner-1", "POST", "/dna/contributors", json=trace | {"limit": 1001})
        assert (many.status_code, many.json()["code"]) == (400, "dna.most")
        for path, body in (("weights", {"profile": "A"}), ("relatives", {"profile": "A"}), ("contributors", trace)):
            assert ask("auditor-1", "POST", f"/dna/{path}", json=body).status_code == 403
