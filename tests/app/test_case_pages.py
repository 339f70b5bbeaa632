"""Cases at a browser, on a real node: opened, found, shared, asked to be erased, and what strangers and forgers get."""

import re
from collections.abc import Iterator

import pytest

from comity.base.model import Actor
from comity.cases import service as cases
from comity.kit.web.browsers import form_token
from comity.log import service as log
from comity.log.model import Record
from tests.app.visitors import Office, Visitor, office
from tests.counting import counted

NEW = {"title": "Homicide at the harbour", "offence": "XA-CC-101"}
HOSTILE = ("<script>alert(1)</script>", "\u202eevitagen", "x" * 10_000)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("cases") / "home") as made:
        for person, role, of in (
            ("officer-1", "officer", "squad"), ("officer-2", "officer", "elsewhere"), ("examiner-1", "examiner", "lab"),
            ("approver-1", "approver", "squad"), ("approver-2", "approver", "court"), ("operator-1", "operator", "it"),
        ):  # fmt: skip
            made.enrol(person, role, of=of)
        yield made


@pytest.fixture(scope="module")
def officer(there: Office) -> Visitor:
    return there.visitor("officer-1")


@pytest.fixture(scope="module")
def case(officer: Visitor) -> str:
    """The address of a case."""
    return officer.done("/cases", reference="XA-2026-0117", **NEW)


def test_a_case_is_opened_shown_and_found(there: Office, officer: Visitor, case: str) -> None:
    text = officer.text(case)
    assert "XA-2026-0117" in text and NEW["title"] in text and "officer-1" in text and "Case opened" in text
    for query in ("", "?q=HARBOUR", "?state=open", "?order=reference", "?q=0117&order=oldest"):
        assert f'href="{case}"' in officer.text(f"/cases{query}")
    assert f'href="{case}"' not in officer.text("/cases", q="nowhere")
    assert "No case of yours is like that" in officer.text("/cases", state="erasure_asked")
    assert "You are a member of no case" in there.visitor("approver-2").text("/cases")
    assert officer.get("/cases", order="worst").status_code == 400


def test_what_is_wrong_is_said_beside_what_was_typed(officer: Visitor, case: str) -> None:
    for fields in ({"reference": ""}, {"reference": "two\nlines"}, {"title": "x" * 201}, {"offence": "XA-CC-999"}):
        given = {"reference": "A-1", **NEW, **fields}
        text = officer.refused("/cases", 400, **given)
        assert "There is a problem" in text and given["title"] in text
    assert "reference is open already" in officer.refused("/cases", 409, reference="xa-2026-0117", **NEW)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_title_is_shown_as_text_or_refused(officer: Visitor, name: str) -> None:
    reference = f"H-{len(name)}"
    answer = officer.send("/cases", reference=reference, title=name, offence="XA-CC-101")
    assert answer.status_code == (303 if name.isprintable() and len(name) <= 200 else 400)
    assert "<script>alert" not in answer.text
    for page in (officer.text("/cases"), officer.text(answer.headers.get("location", "/cases"))):
        assert "<script>alert" not in page


def test_members_let_others_in(there: Office, officer: Visitor, case: str) -> None:
    examiner = there.visitor("examiner-1")
    unknown = examiner.text(case, 404)
    assert "There is no such case here" in unknown
    nowhere = examiner.text("/cases/019cad00-0000-7000-8000-000000000001", 404)
    changing = "(%2F|/)?cases(%2F|/)01[0-9a-f-]+|01[0-9a-f]{6}-[0-9a-f-]+|[0-9]{2}:[0-9]{2}(:[0-9]{2})?"
    same = [re.sub(changing, "", page) for page in (unknown, nowhere)]
    assert same[0] == same[1]
    assert officer.done(f"{case}/members", person="examiner-1") == case
    assert "XA-2026-0117" in examiner.text(case)
    assert "member of this case already" in officer.refused(f"{case}/members", 409, person="examiner-1")
    assert "nobody-1" in officer.refused(f"{case}/members", 404, person="nobody-1")
    assert "sees no case data" in officer.refused(f"{case}/members", 400, person="operator-1")
    assert there.visitor("officer-2").send(f"{case}/members", person="officer-2").status_code == 404


def test_a_forged_or_stale_form_does_nothing(there: Office, officer: Visitor, case: str) -> None:
    for token in ("forged", form_token("another session")):
        assert officer.send("/cases", token, reference="F-1", **NEW).status_code == 403
        assert officer.send(f"{case}/members", token, person="officer-2").status_code == 403
    assert "F-1" not in officer.text("/cases")
    nobody = Visitor(officer.client, "")
    assert nobody.get(case).headers["location"].startswith("/enter?next=")
    assert nobody.send("/cases", reference="F-1", **NEW).status_code == 403


def test_an_erasure_is_asked_for_and_carried_out(there: Office, officer: Visitor) -> None:
    gone = officer.done("/cases", reference="E-1", **NEW)
    assert "reason" in officer.refused(f"{gone}/erasure", 400, reason="")
    assert officer.done(f"{gone}/erasure", reason="retention has ended") == gone
    assert "A member has asked that this case be erased" in officer.text(gone)
    officer.refused(f"{gone}/erasure", 409, reason="again")
    id = gone.rpartition("/")[2]
    assert id not in there.visitor("approver-1").text("/cases/erasures")
    approver = there.visitor("approver-2")
    assert "1 erasure waits" in approver.text("/cases") and id in approver.text("/cases/erasures")
    assert "reason" in approver.refused("/cases/erasures", 400, case=id, reason="")
    done = approver.done("/cases/erasures", case=id, reason="retention has ended")
    assert "The case is erased" in approver.text(done)
    assert "erased already" in approver.refused("/cases/erasures", 409, case=id, reason="again")
    officer.text(gone, 404)


def test_an_examiner_sees_no_trace_of_others_verdicts(there: Office, officer: Visitor) -> None:
    case = officer.done("/cases", reference="B-1", **NEW)
    officer.done(f"{case}/members", person="examiner-1")
    id = case.rpartition("/")[2]
    other = Actor("XA", "examiner-9", "lab", frozenset({"examiner"}))
    with there.node.database.unit("test.story") as unit:
        for kind in ("search.asked", "search.judged", "search.core_requested", "message.sent"):
            log.append(unit, Record(kind, other, {"query": "q-1"}, None, id, key=cases.data_key(unit, id)))
    told = officer.text(case)
    assert "Examiner's verdict" in told and 'href="/search/q-1"' in told and "message.sent" not in told
    blind = there.visitor("examiner-1").text(case)
    assert "Search asked" in blind and "verdict" not in blind and "Core data asked for" not in blind


def test_a_case_takes_as_many_statements_as_ever(officer: Visitor) -> None:
    case = officer.done("/cases", reference="S-1", **NEW)
    numbers = []
    for number in range(2):
        with counted() as count:
            officer.text(case)
            officer.text("/cases")
        numbers.append(count.number)
        officer.done("/cases", reference=f"S-2-{number}", **NEW)
        officer.done(f"{case}/members", person="examiner-1" if number else "officer-2")
    assert numbers[0] == numbers[1]
