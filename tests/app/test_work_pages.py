"""My work, quick find and the path of a threat to life at a browser, on a real node whose partners are away."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from comity.dna import service as dna
from tests.app.visitors import Office, office
from tests.counting import counted

STAIN = dna.shipped_file("stain-2800m.xml")
(SPECIMEN,) = dna.read_file(STAIN)[0]
HOSTILE = ("<script>alert(1)</script>", "\u202eevitagen", "x" * 10_000)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("work")
    with office(folder / "home") as made:
        made.join(folder)
        for person, role in (
            ("officer-1", "officer"), ("officer-2", "officer"), ("examiner-1", "examiner"), ("approver-1", "approver"),
            ("operator-1", "operator"),
        ):  # fmt: skip
            made.enrol(person, role)
        made.take_in("examiner-1", STAIN)
        made.visitor("officer-1").done("/cases", reference="XA-1", title="Harbour", offence="XA-CC-101")
        yield made


def asked(there: Office, **changes: Any) -> dict[str, Any]:
    fresh = re.search(r'name="question" value="([^"]+)"', there.visitor("officer-1").text("/emergency"))
    assert fresh
    return {
        "question": fresh[1], "case": "XA-1", "record": SPECIMEN.specimen, "to": ["XB", "XC"], "why": "a captive girl",
        **changes,
    }  # fmt: skip


def reviews(page: str) -> list[str]:
    """Where the forms of reviews lead."""
    return re.findall(r'action="(/emergency/[^"]+)"', page)


def test_an_empty_day_says_what_will_stand_there(there: Office) -> None:
    operator = there.visitor("operator-1")
    assert "Nothing waits for you" in operator.text("/work")
    assert operator.get("/").headers["location"] == "/work"


def test_a_threat_to_life_from_one_screen_to_its_review(there: Office) -> None:
    officer, approver = there.visitor("officer-1"), there.visitor("approver-1")
    others = set(reviews(approver.text("/emergency")))
    given = asked(there, oral="yes")
    done = officer.done("/emergency", **given)
    again = officer.done("/emergency", **given)  # a double click
    assert done == again
    page = officer.text(done)
    assert page.count('href="/search/') >= 2 and "within 24 hours" in page and "a captive girl" in page
    assert page.count("Another person must do this.") >= 2  # the review for each state
    assert "Acts in emergencies to be reviewed" in approver.text("/work")
    page = approver.text("/emergency")
    assert "Ask at once" not in page and "a captive girl" in page
    assert len(set(reviews(page)) - others) == 4
    events = dict(zip(reviews(page), re.findall(r'value="(\w+)" data-variant="primary"', page), strict=True))
    review = next(path for path, event in events.items() if event == "confirm" and path not in others)
    assert "reason" in approver.refused(review, 409, event="confirm", reason="").lower()
    assert ">kept words</textarea>" in approver.refused(review, 409, event="written", reason="kept words")
    assert officer.send(review, event="confirm", reason="it was I").status_code == 403
    assert approver.done(review, event="confirm", reason="a life was in danger") == "/emergency"
    assert approver.send(review, event="confirm", reason="again").status_code == 409
    assert approver.send(review, "forged", event="confirm", reason="x").status_code == 403
    assert len(set(reviews(approver.text("/emergency"))) - others) == 3


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"why": ""}, 400, "why a life is in danger"), ({"to": []}, 400, "Nobody was chosen"),
        ({"record": "none"}, 404, ""), ({"case": "XA-9"}, 404, "no such case"), ({"to": ["XZ"]}, 404, "directory"),
        ({"instrument": "NONE"}, 404, "instrument"), ({"why": HOSTILE[2]}, 400, "longer than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_kept(there: Office, changes: dict[str, Any], status: int, told: str) -> None:
    officer = there.visitor("officer-1")
    text = officer.refused("/emergency", status, **asked(there, **changes))
    assert ("There is a problem" in text and told in text and 'value="XC" checked' in text) or "to" in changes


def test_somebody_elses_case_is_none(there: Office) -> None:
    stranger = there.visitor("officer-2")
    assert "no such case" in stranger.refused("/emergency", 404, **asked(there))
    assert there.visitor("operator-1").send("/emergency", **asked(there)).status_code in (403, 404)


@pytest.mark.parametrize("why", HOSTILE[:2])
def test_hostile_reasons_are_shown_as_text(there: Office, why: str) -> None:
    officer = there.visitor("officer-1")
    officer.send("/emergency", **asked(there, why=why))
    assert "<script>alert" not in there.visitor("approver-1").text("/emergency")


def test_quick_find(there: Office) -> None:
    officer = there.visitor("officer-1")
    assert officer.get("/find", q="xa-1").headers["location"].startswith("/cases/")
    assert officer.get("/find", q="XB").headers["location"] == "/partners/XB"
    assert "Only what you need to know" in there.visitor("officer-2").text("/find", q="xa-1")
    assert "What you look for" in officer.text("/find")
    page = officer.text("/find", q="officer")
    assert "officer-1" in page and "officer-2" in page
    assert "<script>" not in officer.text("/find", q=HOSTILE[0]).replace('<script type="module"', "")
    assert officer.get("/find", q=HOSTILE[2]).status_code == 400
    assert officer.get("/find", q="\x00").status_code == 200


def test_where_i_was_leads_back(there: Office) -> None:
    officer = there.visitor("officer-1")
    officer.done("/emergency", **asked(there))
    case = officer.get("/find", q="xa-1").headers["location"]
    officer.text(case)
    spine = officer.text(case)
    assert spine.count('href="/search/') >= 2 and "no answer yet" in spine and "Search asked" in spine
    page = officer.text("/work")
    assert "Where I was" in page and f'href="{case}"' in page and "Deadlines, the soonest first" in page


def test_pages_take_as_many_statements_as_ever(there: Office) -> None:
    officer = there.visitor("officer-1")
    numbers: list[int] = []
    case = officer.get("/find", q="xa-1").headers["location"]
    for _ in range(2):
        officer.done("/emergency", **asked(there))
        with counted() as count:
            officer.text("/work")
            officer.text("/emergency")
            officer.text(case)
        numbers.append(count.number)
    assert numbers[0] == numbers[1]
