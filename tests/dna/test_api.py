"""The officer API of DNA, on a real server."""

from pathlib import Path

from comity.dna import api, service
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people
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
    assert (types.count("dna.viewed"), types.count("act.refused")) == (1, 2)
