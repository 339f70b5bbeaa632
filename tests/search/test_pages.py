"""Searches at a browser: the list, one query with the form of every verb, the comparison, the wizard."""

import html
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from comity.dna import service as dna
from comity.search import service
from comity.search.model import Wanted
from tests.app.visitors import Visitor
from tests.counting import counted
from tests.search.browsing import Browser, browsing
from tests.search.world import ACCOUNT, REF, World

HOSTILE = ("<script>alert(1)</script>", "\u202eevitagen", "x" * 10_000)
NOBODY = "/search/019cad00-0000-7000-8000-000000000001"


def answers(text: str) -> list[str]:
    """The kinds of answer on a page, in their order."""
    return re.findall(r'data-answer="(\w+)"', text)


def test_from_a_question_to_a_name_at_browsers(two: World) -> None:
    with browsing(two.a) as xa, browsing(two.b) as xb:
        officer, examiner = xa("officer-1"), xa("examiner-1")
        given: dict[str, Any] = {"case": "XA-2026-0117", "record": REF}
        assert "XA-2026-0117" in officer.text("/search/new") and REF in officer.text("/search/new")
        assert "TRAIN-REG" in officer.text("/search/new/basis", **given)
        assert "D21S11" in officer.text("/search/new/quality", **given)
        assert "Agency of XB" in officer.text("/search/new/partners", **given)
        checked = officer.send("/search/new/check", **given, to="XB").text
        assert "Exactly these receive the question" in checked and "Send to exactly these" in checked
        question = re.search(r'name="question" value="([\w-]+)"', checked)
        assert question and two.a.queries() == []
        sent = {**given, "to": "XB", "question": question[1]}
        page = officer.done("/search/new/send", **sent)
        assert officer.done("/search/new/send", **sent) == page and len(two.a.queries()) == 1
        assert answers(officer.text(page))[0] == "pending"
        two.post()
        text = officer.text(page)
        assert answers(text)[0] == "hit" and "XA-2026-0117" in text and "proven" in text
        (candidate,) = re.findall(r'href="(/search/[\w-]+/candidates/[^"]+)"', text)
        beside = examiner.text(candidate)
        assert "D21S11" in beside and "the same" in beside and "1 of 1 that wait for you" in beside
        assert "No population" in beside and "What the agreement weighs" not in beside
        with two.a.desk.database.unit("test.population") as unit:
            table = dna.shipped_file("frequencies/europe.csv")
            dna.import_population(unit, two.a.people["examiner-1"], table, "europe", "a made-up journal")
        weighed = examiner.text(candidate)
        assert "What the agreement weighs" in weighed and "a made-up journal" in weighed and "All together" in weighed
        verdict = {"verdict": "match", "reason": "all loci agree", "onward": "yes"}
        assert examiner.done(candidate, **verdict) == candidate
        assert "all loci agree" in examiner.text(candidate)
        assert "has already judged" in examiner.refused(candidate, 409, **verdict)
        two.post()
        number = two.a.first(page.rpartition("/")[2])
        account = {"core_number": number, "core_account": ACCOUNT}
        seen = officer.send(f"{page}/core/check", **account)
        assert seen.status_code == 200 and ACCOUNT in seen.text and "Exactly this state" in seen.text
        officer.done(f"{page}/core", **account)
        assert "core_requested" in officer.refused(f"{page}/core", 409, **account)
        two.post()
        assert ACCOUNT in xb("judge-1").text(page)
        xb("judge-1").done(f"{page}/authorisation", authorisation_granted="yes", authorisation_reference="BJ 2026/41")
        xb("approver-1").done(f"{page}/release")
        two.post()
        opened = officer.send(f"{page}/identity", identity_reason="to identify the suspect")
        assert opened.status_code == 200 and "Synthetic person K" in opened.text
        officer.done(f"{page}/outcome", outcome_kind="arrest", outcome_reason="arrested on Monday")
        officer.done(f"{page}/outcome", outcome_kind="arrest", outcome_reason="arrested on Monday")
        assert officer.text(page).count("arrested on Monday") == 1


def test_the_six_answers_are_never_merged(three: World) -> None:
    with browsing(three.a) as xa:
        officer = xa("officer-1")
        three.a.ask("XB", "XC", person="officer-1")
        sedition = three.a.open_case("XA-CC-390", "XA-2026-0121")
        political = three.a.ask("XC", case=sedition)[0].id
        three.a.does("lawyer-1", service.turn_down, political, "political_offence", "it is political")
        three.post()
        text = officer.text("/search")
        assert set(answers(text)) == {"hit", "near_match", "withheld"}
        hit = next(query for query in three.a.queries() if query.status == "hit")
        assert answers(officer.text(f"/search/{hit.id}"))[:2] == ["hit", "near_match"]
        assert answers(officer.text("/search", answer="near_match")) == ["near_match"]
        assert answers(officer.text("/search", partner="XC", stage="hits")) == ["near_match"]
        assert "No query is like that" in officer.text("/search", side="asked")
        assert answers(officer.text("/search", case="XA-2026-0121")) == ["withheld"]
        assert "no such case of yours" in officer.text("/search", case="XA-NONE")
        assert "no such case of yours" in xa("officer-2").text("/search", case="XA-2026-0121")
        for bad in ({"side": "both"}, {"answer": "maybe"}, {"after": "yesterday"}, {"stage": "x" * 20}):
            assert officer.get("/search", **bad).status_code == 400


def test_pages_of_a_list_in_both_orders(two: World) -> None:
    asked = sorted(two.a.ask("XB")[0].id for _ in range(7))
    viewer = two.a.people["officer-1"].actor

    def page(wanted: Wanted) -> tuple[list[str], bool, bool]:
        with two.a.database.read("test.page") as unit:
            found = service.page(unit, viewer, wanted)
        return [query.id for query in found.queries], found.before, found.after

    def at(id: str) -> tuple[datetime, str]:
        return two.a.query(id).asked_at, id

    for oldest, order in ((False, asked[::-1]), (True, asked)):
        first = Wanted(oldest_first=oldest, rows=3)
        assert page(first) == (order[:3], False, True)
        assert page(replace(first, after=at(order[2]))) == (order[3:6], True, True)
        assert page(replace(first, after=at(order[5]))) == (order[6:], True, False)
        assert page(replace(first, before=at(order[3]))) == (order[:3], False, True)


def test_a_list_takes_as_many_statements_for_one_as_for_many(two: World) -> None:
    with browsing(two.a) as xa:
        examiner = xa("examiner-1")

        def cost() -> int:
            with counted() as count:
                examiner.text("/search")
            return count.number

        two.hit()
        once = cost()
        two.hit()
        two.a.confirm(two.hit(), person="examiner-2")
        assert cost() <= once + 1  # the lives of queries that somebody else has judged


def test_blind_examiners_learn_nothing(two: World) -> None:
    query = two.hit()
    two.a.confirm(query, person="examiner-2")
    two.post()
    with browsing(two.a) as xa:
        blind, first, officer = xa("examiner-1"), xa("examiner-2"), xa("officer-1")
        number = two.a.first(query)
        for path in ("/search", f"/search/{query}", f"/search/{query}/candidates/{number}", "/search?stage=hits"):
            text = blind.text(path)
            assert "confirmed by an examiner" not in text and "examiner-2" not in text
        assert "confirmed by an examiner" in officer.text(f"/search/{query}")
        assert "Give the verdict" not in first.text(f"/search/{query}/candidates/{number}")
        assert "wait for your verdict" in blind.text("/search") and "wait for your" not in first.text("/search")
        assert number in blind.text("/search/verdicts") and "No candidate waits" in first.text("/search/verdicts")
        blind.done(f"/search/{query}/candidates/{number}", verdict="inconclusive", reason="mixture", onward="no")
        assert "examiner-2" in blind.text(f"/search/{query}/candidates/{number}")


def test_what_is_not_yours_does_not_exist(two: World) -> None:
    query = two.hit()
    number = two.a.first(query)
    with browsing(two.a) as xa, browsing(two.b) as xb:
        for stranger in (xa("officer-2"), xb("auditor-1")):
            for path in ("", f"/candidates/{number}"):
                theirs, none = (stranger.get(f"{at}{path}") for at in (f"/search/{query}", NOBODY))
                assert theirs.status_code == none.status_code == 404
                assert theirs.text.replace(query, "") == none.text.replace(NOBODY[8:], "")
            for deed in ("withdrawal", "identity", "outcome", "core/check", "correction"):
                fields = {
                    "withdrawal_reason": "x",
                    "identity_reason": "x",
                    "outcome_reason": "x",
                    "outcome_kind": "open",
                }
                account = {"core_account": "x", "core_number": number, "correction_record": REF}
                assert stranger.send(f"/search/{query}/{deed}", **fields, **account).status_code in (404, 409)
        assert xa("nobody-1").get("/search").status_code == 403
        assert "officer-1" not in xa("officer-2").text("/search") and query not in xa("officer-2").text("/search")
    assert two.a.where(query) == ("candidate_hit", "hit")


def _each_form(officer: Visitor, page: str, word: str) -> None:
    for deed in ("withdrawal", "explained", "note", "outcome", "identity", "correction", "core/check"):
        fields = {
            f"{deed}_reason": word,
            "note_finding": word[:50],
            "note_words": word,
            "outcome_kind": word[:50],
            "correction_record": word,
            "core_account": word,
        }
        answer = officer.send(f"{page}/{deed}", **fields)
        assert answer.status_code in (400, 403, 404, 409), (deed, answer.status_code)
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("word", ["", *HOSTILE])
def test_what_is_typed_does_no_harm(two: World, word: str) -> None:
    query = two.a.ask("XB")[0].id
    with browsing(two.a) as xa:
        officer, page = xa("officer-1"), f"/search/{query}"
        text = officer.refused(f"{page}/withdrawal", 400, withdrawal_reason=" " if len(word) < 9000 else word)
        assert "There is a problem" in text
        if word != HOSTILE[0] and word != HOSTILE[1]:
            _each_form(officer, page, word)
        assert officer.send(f"{page}/withdrawal", token="0" * 64, withdrawal_reason="x").status_code == 403
        for path in ("basis", "quality", "partners"):
            answer = officer.get(f"/search/new/{path}", case=word[:500], record=word[:500])
            assert answer.status_code in (400, 404) and "<script>alert" not in answer.text
        assert officer.get("/search/new/nowhere").status_code == 404
    assert two.a.where(query)[0] == "searching"


def test_a_lawyers_forms(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    first, second = (two.a.ask("XB", case=sedition)[0].id for _ in range(2))
    with browsing(two.a) as xa, browsing(two.b) as xb:
        lawyer = xa("lawyer-1")
        text = lawyer.text(f"/search/{first}")
        assert "State what the law could not know" in text and "waits for a lawyer" in text
        assert "no NAME=VALUE" in lawyer.refused(f"/search/{first}/review", 400, review_facts="cleared")
        lawyer.done(f"/search/{first}/review", review_facts="neutrality_review=cleared\n")
        two.post()
        xb("lawyer-1").done(f"/search/{first}/review", review_facts="neutrality_review=cleared")
        assert two.b.where(first)[1] == "hit"
        refusal = {"turned-down_ground": "political_offence", "turned-down_reason": "it is political"}
        lawyer.done(f"/search/{second}/turned-down", **refusal)
        assert "it is political" in html.unescape(lawyer.text(f"/search/{second}"))


def test_refusals_withdrawals_and_corrections(corvia: World) -> None:
    near = corvia.near()
    with browsing(corvia.a) as xa, browsing(corvia.c) as xc:
        officer = xa("officer-1")
        shown = officer.text(f"/search/{near}")
        assert "A near match offers no core data" in shown
        assert "H1 · TLP:AMBER · PAP:AMBER · UNCLASSIFIED" in shown and "investigation · XA-2026-0117" in shown
        xc("examiner-1").done(f"/search/{near}/note", note_finding="typing_holds", note_words="TH01: 6, <7>")
        corvia.post()
        assert "TH01: 6, &lt;7&gt;" in officer.text(f"/search/{near}")
        xa("examiner-1").done(f"/search/{near}/explained", explained_reason="a relative")
        assert "near match explained" in officer.text(f"/search/{near}")
        query = corvia.a.ask("XC")[0].id
        corvia.post()
        successor = officer.done(f"/search/{query}/correction", correction_record=REF)
        corvia.post()
        other = corvia.a.ask("XC")[0].id
        officer.done(f"/search/{other}/withdrawal", withdrawal_reason="found at home")
        assert "Nothing, with your roles" not in officer.text(successor) and xc("officer-1").text("/search")
        assert corvia.a.where(other)[0] == "withdrawn"


def test_a_refusal_of_core_data_and_a_release_alone(two: World) -> None:
    query = two.authorised()
    with browsing(two.b) as xb:
        page = f"/search/{query}"
        assert "no threat to life" in html.unescape(
            xb("officer-1").send(f"{page}/alone", alone_reason="nobody there").text
        )
        bad = {"refusal_ground": "No!", "refusal_reason": "ours"}
        assert "code of the instrument" in xb("approver-1").refused(f"{page}/refusal", 400, **bad)
        good = {"refusal_ground": "prejudice_ongoing_case", "refusal_reason": "a case of ours"}
        xb("approver-1").done(f"{page}/refusal", **good)
        two.post()
        assert two.a.where(query)[0] == "refused"


def test_every_page_in_every_language(two: World, languages: tuple[str, ...] = ("en", "fr", "es", "ar")) -> None:
    query = two.confirmed()
    with browsing(two.a) as xa:
        _read_all(xa, query, two.a.first(query), languages)


def _read_all(xa: Browser, query: str, number: str, languages: tuple[str, ...]) -> None:
    given = f"?case=XA-2026-0117&record={REF}"
    for language in languages:
        officer = xa("officer-1")
        officer.client.cookies.clear()
        for path in (
            "/search", "/search/new", f"/search/new/basis{given}", f"/search/new/quality{given}",
            f"/search/new/partners{given}", f"/search/{query}", f"/search/{query}/candidates/{number}",
        ):  # fmt: skip
            answer = officer.client.get(
                path, headers={"Cookie": "__Host-comity=officer-1", "Accept-Language": language}
            )
            assert answer.status_code == 200 and f'lang="{language}"' in answer.text, answer.text
