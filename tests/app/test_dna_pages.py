"""The laboratory's pages at a browser, on a real node: every button, and what is wrong with what was sent."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.dna import service as dna
from comity.kit.web.browsers import FIELD, form_token
from comity.log import service as log
from tests.app.visitors import Office, Visitor, office
from tests.counting import counted
from tests.dna.populations import TABLE

PERSONS = (
    b"specimen,category,VWA,TH01,FGA\n"
    b"P-1,Convicted Offender,16/17,6/9.3,20/21\nP-2,Convicted Offender,16/18,6/7,20/22\nP-3,Missing Person,17/19,7,21\n"
    b"P-4,Staff,16/17,6/9.3,20/22\n"
)
TRACE = "SampleName,Marker,Allele1,Allele2,Allele3\nT,VWA,16,17,18\nT,TH01,6,7,9.3\n"
HOSTILE = "<script>\u202egro"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("dna") / "home") as made:
        for person, role in (("examiner-1", "examiner"), ("auditor-1", "auditor"), ("officer-1", "officer")):
            made.enrol(person, role)
        made.take_in("examiner-1", PERSONS)
        yield made


@pytest.fixture(scope="module")
def weighing(there: Office) -> Office:
    """The same node, holding a population."""
    uploaded(there.visitor("examiner-1"), "/dna/populations", TABLE, name="made-up", source="made up for tests")
    return there


def uploaded(visitor: Visitor, path: str, data: bytes, token: str = "", **fields: str) -> httpx.Response:
    cookie = visitor._cookie  # a file goes with it, which `send` has none of
    sent = {FIELD: token or form_token(visitor.session), **fields}
    return visitor.client.post(path, headers=cookie, data=sent, files={"file": ("x", data)})


def refused(there: Office) -> int:
    """How many refused acts the log tells of."""
    with there.node.database.read("test.log") as unit:
        return sum(entry.type == "act.refused" for entry in log.entries(unit))


def profile(visitor: Visitor, specimen: str) -> str:
    found = visitor.get("/dna", q=specimen)
    assert found.status_code == 303
    return str(found.headers["location"])


def test_profiles_are_listed_without_alleles_and_shown_by_name(there: Office) -> None:
    examiner = there.visitor("examiner-1")
    page = examiner.text("/dna")
    assert "P-1" in page and "Missing Person" in page and "9.3" not in page
    with counted() as count:
        assert "No profile of that name" in examiner.text("/dna", q=HOSTILE)
    assert count.number < 12
    shown = examiner.text(profile(examiner, "P-1"))
    assert "6 / 9.3" in shown and "is in the log" in shown
    assert "held here" in examiner.text("/dna/profiles/none", 404)
    assert "There are no more profiles" in examiner.text("/dna", after="z")


def test_profiles_are_for_laboratories_and_officers_alone(weighing: Office) -> None:
    auditor = weighing.visitor("auditor-1")
    before = refused(weighing)
    for path in ("/dna", "/dna/statistics", "/dna/profiles/P-1"):
        assert "6 / 9.3" not in auditor.text(path, 403)
    assert auditor.get("/dna").status_code == 403
    assert refused(weighing) == before + 3  # a list that is asked for again within a minute is told once
    assert uploaded(auditor, "/dna/import", PERSONS).status_code == 403
    assert auditor.send("/dna/mixture", trace=TRACE, contributors="2", of="made-up").status_code == 403


def test_what_a_profile_weighs_and_whom_it_is_related_to(weighing: Office) -> None:
    examiner = weighing.visitor("examiner-1")
    at = profile(examiner, "P-1")
    weighed = examiner.send(f"{at}/weights", theta="0,02", population="made-up").text
    assert "made-up" in weighed and "All together" in weighed and "(theta 0.02, 2 loci)" in weighed
    assert "the table has no frequencies for it" in weighed
    wrong = examiner.refused(f"{at}/weights", 400, theta=HOSTILE)
    assert "is no number" in wrong and f'value="{HOSTILE}"' in wrong
    assert "lies between" in examiner.refused(f"{at}/weights", 400, theta="0.9")
    related = examiner.send(f"{at}/relatives", relation="full-siblings", of="made-up").text
    assert "full siblings" in related and "P-2" in related and "half siblings" not in related
    assert "P-3" in examiner.send(f"{at}/relatives", of="made-up").text
    assert "relation" in examiner.refused(f"{at}/relatives", 400, relation=HOSTILE, of="made-up").lower()
    assert examiner.send(f"{at}/weights", "forged").status_code == 403


def test_an_own_search_and_two_profiles_side_by_side(weighing: Office) -> None:
    examiner = weighing.visitor("examiner-1")
    at = profile(examiner, "P-1")
    found = examiner.send(f"{at}/search", by="codis-low", least="3", most="0").text
    assert "P-2" in found and "Profiles that fit P-1" in found and "P-3" not in found
    assert "No profile fits" in examiner.send(f"{at}/search", by="codis-high", least="3", most="0").text
    for changes, told in (({"least": "x"}, "is no number"), ({"by": "none"}, "none"), ({"least": "99"}, "99 loci")):
        answer = examiner.send(f"{at}/search", **({"by": "codis-low"} | changes))
        assert answer.status_code in (400, 404) and told in html.unescape(answer.text)
    beside = examiner.send(f"{at}/comparison", other="P-2", rules=["pruem-2008", "codis-low"]).text
    assert "P-1 beside P-2" in beside and "one allele differs" in beside and "made-up" not in beside
    parted = examiner.send(f"{at}/comparison", other="P-4").text
    assert "would say too much" in parted and "made-up" in parted
    same = examiner.send(f"{at}/comparison", other="P-1").text
    assert "would say too much" not in same and "made-up" in same
    assert "held here" in examiner.refused(f"{at}/comparison", 404, other=HOSTILE)
    assert examiner.refused(f"{at}/comparison", 404, other="P-1", rules="none")
    assert examiner.send(f"{at}/search", "forged").status_code == 403


def test_what_was_flagged_is_decided_once(there: Office) -> None:
    examiner, officer = there.visitor("examiner-1"), there.visitor("officer-1")
    head, alleles = b"VWA,TH01,FGA,D21S11,D8S1179,D3S1358,D18S51", b"16/17,6,20/21,28/29,12/13,15/16,14/17"
    data = b"specimen,category," + head + b"\nD-1,Convicted Offender," + alleles + b"\n"
    there.take_in("examiner-1", data)
    there.take_in("examiner-1", data.replace(b"D-1", b"D-2"))
    page = examiner.text("/dna/flags")
    assert "Shown by another specimen, too" in page and "D-2" in page
    assert "An examiner says what it is" in officer.text("/dna/flags")
    flag = re.findall(r'action="(/dna/flags/[^"]+)"', page[page.index("D-2") :])[0]
    assert "To be looked at" in examiner.text(profile(examiner, "D-2"))
    kept = examiner.refused(flag, 400, finding="cleared", reason="kept words")
    assert "no finding" in kept and ">kept words</textarea>" in kept
    assert examiner.refused(flag, 400, finding="twins", reason="")
    assert officer.send(flag, finding="twins", reason="x").status_code == 403
    assert examiner.done(flag, finding="twins", reason="both were typed twice") == "/dna/flags"
    assert flag not in examiner.text("/dna/flags")
    assert "both were typed twice" in examiner.text("/dna/flags", decided="yes")
    assert examiner.refused(flag, 409, finding="error", reason="no")
    assert "monozygotic twins" in examiner.text(profile(examiner, "D-1"))


def test_who_may_be_in_a_mixture(weighing: Office) -> None:
    officer = weighing.visitor("officer-1")
    assert "drop-in" in officer.text("/dna/mixture").lower()
    given = {"trace": TRACE, "contributors": "2", "name": "T-7", "known": "P-2", "of": "made-up"}
    found = officer.send("/dna/mixture", **given).text
    assert "Contributors to T-7" in found and "P-1" in found and "1 known" in found
    for changes, told in (
        ({"contributors": "9"}, "persons"), ({"contributors": "x"}, "how many persons"), ({"trace": "x"}, ""),
        ({"drop_in": "x"}, "is no probability"), ({"known": "nobody"}, "nobody"), ({"of": "none"}, "none"),
    ):  # fmt: skip
        answer = officer.send("/dna/mixture", **(given | changes))
        assert answer.status_code in (400, 404) and told in html.unescape(answer.text), changes
        assert "T-7" in answer.text  # what was typed is kept


def test_a_file_comes_in_with_its_report(there: Office) -> None:
    examiner = there.visitor("examiner-1")
    data = b"specimen,category,VWA,TH01,FGA\nQ-1,Convicted Offender,16/17,6,20/21\nQ-2,Convicted Offender,99x,6,20\n"
    page = uploaded(examiner, "/dna/import", data, name="run 7").text
    assert "profiles were taken in" in page and "Q-2" in page and "run 7" in page
    again = uploaded(examiner, "/dna/import", data, report="yes")
    assert again.headers["content-disposition"].startswith("attachment") and b"already held" in again.content
    broken = uploaded(examiner, "/dna/import", b"", name="kept")
    assert broken.status_code == 400 and "Nothing was kept" in broken.text and 'value="kept"' in broken.text
    assert uploaded(examiner, "/dna/import", data, "forged").status_code == 403
    assert 'name="file"' in examiner.text("/dna/import")


def test_what_an_import_raises_is_shown_with_it(there: Office) -> None:
    examiner = there.visitor("examiner-1")
    head = b"specimen,category,VWA,TH01,FGA,D21S11,D8S1179,D3S1358,D18S51\n"
    alleles = b"16/18,6/9,19/24,27/30,11/13,14/18,12/20\n"
    staff = uploaded(examiner, "/dna/import", head + b"S-1,Staff," + alleles, elimination="yes", name="staff")
    assert "profiles were taken in" in staff.text and "S-1" not in examiner.text("/dna")
    page = uploaded(examiner, "/dna/import", head + b"E-1,Forensic Unknown," + alleles).text
    assert "Looks like contamination" in page and "E-1" in page and "To be looked at" in page
    odd = uploaded(examiner, "/dna/import", head + b"E-2,Convicted Offender,16/17/18,6,20,28,12,15,14\n").text
    assert "Signs of typing errors" in odd and "three values" in odd


def test_populations_come_in_and_stay(weighing: Office) -> None:
    examiner = weighing.visitor("examiner-1")
    assert "made up for tests" in examiner.text("/dna/populations")
    table = examiner.text("/dna/populations/made-up")
    assert "0.499" in table and "200" in table
    assert "held here" in examiner.text("/dna/populations/none", 404)
    again = uploaded(examiner, "/dna/populations", TABLE, name="made-up", source="x")
    assert again.status_code == 409 and "There is a problem" in again.text and "made up for tests" in again.text
    assert uploaded(examiner, "/dna/populations", b"x", name="y", source="x").status_code == 400


def test_the_database_is_counted_when_asked(there: Office, tmp_path: Path) -> None:
    examiner = there.visitor("examiner-1")
    assert examiner.done("/dna/statistics") == "/dna/statistics"
    page = examiner.text("/dna/statistics")
    assert re.search(r"Convicted Offender.*?</td>", page) and "By locus" in page and "Profiles have come" not in page
    there.take_in("examiner-1", b"specimen,category,VWA,TH01\nR-1,Staff,16/17,6\n")
    assert "Profiles have come or gone since" in examiner.text("/dna/statistics")
    assert "6 / 9.3" not in page


def test_a_populations_name_leads_to_its_table(there: Office) -> None:
    examiner = there.visitor("examiner-1")
    table = dna.shipped_file("frequencies/europe.csv")
    made = uploaded(examiner, "/dna/populations", table, name="a b/ü%2F?", source="x")
    assert made.status_code == 303 and "SE33" in examiner.text(made.headers["location"])


def test_terms_with_partners_are_seen_by_all_and_set_by_an_approver(there: Office) -> None:
    there.enrol("approver-1", "approver")
    approver, officer = there.visitor("approver-1"), there.visitor("officer-1")
    assert "No partners yet" in officer.text("/dna/partners") and "Set the terms" not in officer.text("/dna/partners")
    wrong = approver.send("/dna/partners", partner="xb", least_loci="many", source="x")
    assert wrong.status_code == 400 and "no numbers" in wrong.text and 'value="many"' in wrong.text
    assert approver.send("/dna/partners", partner="XB", least_loci="99", source="x").status_code == 400
    given = {"least_loci": "8", "profiles": "2500000", "bound": "0,02", "source": "its notice of 2 March"}
    assert approver.done("/dna/partners", partner="xb", **given) == "/dna/partners"
    page = officer.text("/dna/partners")
    assert "its notice of 2 March" in page and "XB" in page and "takes no such word" in page
    assert officer.send("/dna/partners", partner="XB", **given).status_code == 403
    untold = approver.send("/dna/partners/XB/told", tell="no")
    assert untold.status_code == 404 and "is told nothing" in untold.text
