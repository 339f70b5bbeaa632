"""`comity search` as people and programs meet it, from the question to the name."""

import io
from typing import Any

import pytest

from comity.search import api, cli, service
from tests.faces import Line, serving
from tests.search.test_capacity import review
from tests.search.world import REF, Agency, World

ASK = ("search", "ask", "--profile", REF, "--to", "XB", "--as", "officer-1")
MATCH = ("--verdict", "match", "--reason", "all loci agree", "--as", "examiner-1")


def line(agency: Agency, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line("search", cli.commands(lambda: agency.desk, lambda: agency.matchers), capsys)


@pytest.fixture
def xa(two: World, capsys: pytest.CaptureFixture[str]) -> Line:
    return line(two.a, capsys)


@pytest.fixture
def xb(two: World, capsys: pytest.CaptureFixture[str]) -> Line:
    return line(two.b, capsys)


def asked(xa: Line, two: World) -> str:
    data = xa.ask(*ASK, "--case", two.a.case, "--yes")
    (query,) = data["queries"]
    assert (query["status"], query["state"], query["question"]) == ("pending", "searching", data["question"])
    two.post()
    return str(query["query"])


def test_from_question_to_name(xa: Line, xb: Line, two: World) -> None:
    query = asked(xa, two)
    assert xa.ask("search", "show", query, "--until-answered", "--as", "officer-1")["status"] == "hit"
    xb.ask("search", "confirm", query, *MATCH)
    assert xa.ask("search", "confirm", query, *MATCH)["state"] == "confirmed"
    two.post()
    xa.ask("search", "request", query, "--facts-of-offence", "blood on the sleeve", "--yes", "--as", "officer-1")
    two.post()
    assert xb.ask("search", "show", query, "--until", "awaiting_judge", "--as", "judge-1")["core_data"]["account"]
    refused = xa.fails("search", "open", query, "--reason", "to see", "--as", "officer-1")
    assert refused == (3, "search.not-released")
    xb.ask("search", "authorise", query, "--reference", "BJ 2026/41", "--as", "judge-1")
    assert xb.ask("search", "release", query, "--as", "approver-1")["state"] == "core_released"
    two.post()
    code, out, _ = xa.run("search", "open", query, "--reason", "to identify the suspect", "--as", "officer-1")
    assert code == 0 and "name: Synthetic person K" in out


def test_a_preview_sends_nothing(xa: Line, two: World) -> None:
    seen = xa.ask(*ASK, "--case", two.a.case, "--preview")
    assert (seen["recipients"], seen["withheld"]) == (["XB"], [])
    assert seen["decisions"]["XB"]["decision"] == "allow"
    code, out, _ = xa.run(*ASK, "--case", two.a.case, "--preview")
    assert code == 0 and "Exact recipients: XB\n" in out
    for told in (
        "offence   state XA, code XA-CC-101: intentional homicide", "purpose   criminal investigation; urgency normal",
        "a stain's DNA profile with the alleles of 16 loci (", "asked by  node XA", "through its own authority",
        "handling  code H1, tlp AMBER", "no name, no specimen number and no case reference",
    ):  # fmt: skip
        assert told in out
    assert "format" not in out and "rule_set" not in out
    assert two.a.queries() == []


def test_nothing_is_sent_unasked(xa: Line, two: World) -> None:
    assert xa.fails(*ASK, "--case", two.a.case) == (2, "shell.agree")
    code, _, err = xa.run(*ASK, "--case", two.a.case)
    assert code != 0 and "Exact recipients: XB" in err
    assert two.a.queries() == []


def test_a_no_is_a_decision_and_no_interruption(
    xa: Line, two: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, err = xa.run(*ASK, "--case", two.a.case)
    assert (code, out.strip()) == (0, "") and err.endswith("Nothing was sent.\n")
    query = two.confirmed()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, _, err = xa.run("search", "request", query, "--facts-of-offence", "blood on the sleeve", "--as", "officer-1")
    assert code == 0 and err.endswith("Nothing was sent.\n")
    assert "XB: ALLOW by TRAIN-REG 8(1)" in err and "Exact recipients: XB\n" in err and "blood on the sleeve" in err
    assert two.a.where(query)[0] == "confirmed"


@pytest.mark.parametrize(
    ("argv", "code", "known"),
    [
        (("--to", "XQ"), "search.unknown-state", "It lists: XB."),
        (("--instrument", "NOPE"), "search.unknown-instrument", "TRAIN-CONV, TRAIN-MOU, TRAIN-REG"),
    ],
)
def test_a_state_or_instrument_that_nobody_knows_is_no_question_of_law(
    xa: Line, two: World, argv: tuple[str, str], code: str, known: str
) -> None:
    before = len(two.a.logged())
    assert xa.fails(*ASK, *argv, "--case", two.a.case, "--yes") == (2, code)
    assert xa.fails(*ASK, *argv, "--case", two.a.case, "--preview") == (2, code)
    ended, _, err = xa.run(*ASK, *argv, "--case", two.a.case, "--yes")
    assert ended == 2 and known in err
    assert two.a.queries() == [] and len(two.a.logged()) == before


def test_words_for_people(xa: Line, xb: Line, two: World) -> None:
    assert "No queries yet" in xa.run("search", "list", "--as", "officer-1")[1]
    query = asked(xa, two)
    _, out, _ = xa.run("search", "show", query, "--as", "officer-1")
    assert out.startswith("XB: HIT\n") and "match, quality 1" in out and "TRAIN-REG 5(1)" in out
    meaning = (
        "quality 1 on a scale from 1 (best) to 4: every locus that both profiles hold is equal [Prüm 2008: Council"
    )
    assert meaning in out
    for face, side in ((xa, "asking"), (xb, "asked")):
        _, out, _ = face.run("search", "list", "--side", side, "--as", "officer-1")
        assert out.splitlines()[0].startswith("QUERY") and query in out
        assert (
            face.ask("search", "list", "--side", "asked" if side == "asking" else "asking", "--as", "officer-1") == []
        )
    _, out, _ = xa.run("search", "explain", query, "--candidate", two.a.first(query), "--as", "officer-1")
    assert "match of quality 1" in out
    _, out, _ = xa.run("search", "withdraw", query, "--reason", "found", "--as", "officer-1")
    assert out == "Withdrawn; XB is told.\n"


def test_a_refusal_shows_article_and_cure(xa: Line, two: World) -> None:
    theft = two.a.open_case("XA-CC-214", "XA-2026-0118")
    code, out, err = xa.run(*ASK, "--case", theft, "--yes")
    assert code == 0 and out.startswith("XB: not sent: own law (XA) denies under TRAIN-REG 5(1)\n")
    assert "offence scope (5(2)): " in out and "offence XA-CC-214" in out and "cure:" in out
    assert "nobody; nothing will leave this node" in err and "They will see" not in err
    assert "{" not in out + err and "True" not in out + err and "None" not in out + err
    (denied,) = xa.ask("search", "list", "--as", "officer-1")
    assert (denied["status"], denied["by"], denied["reason"]["by"]) == ("refused", "own", "XA")
    assert "not sent: own law" in xa.run("search", "list", "--as", "officer-1")[1]


def test_a_partners_refusal_is_named_as_the_partners(corvia: World, capsys: pytest.CaptureFixture[str]) -> None:
    xa, xc = line(corvia.a, capsys), line(corvia.c, capsys)
    fraud = corvia.a.open_case("XA-TC-12", "XA-2026-0119")
    (query,) = xa.ask("search", "ask", "--profile", REF, "--to", "XC", "--as", "officer-1", "--case", fraud, "--yes")[
        "queries"
    ]
    corvia.post()
    _, out, _ = xa.run("search", "show", query["query"], "--as", "officer-1")
    assert out.startswith("XC: REFUSED by XC's law under TRAIN-REG ") and "{" not in out and "True" not in out
    assert xa.ask("search", "show", query["query"], "--as", "officer-1")["by"] == "partner"
    assert "REFUSED by XC" in xa.run("search", "list", "--as", "officer-1")[1]
    _, out, _ = xc.run("search", "show", query["query"], "--as", "lawyer-1")
    assert out.startswith("XA: refused by own law (XC) denies under") is False and "XA: refused by own law (XC)" in out


def test_an_answer_to_a_profile_that_was_corrected_is_marked(xa: Line, two: World) -> None:
    query = two.hit()
    successor = xa.ask("search", "correct", query, "--profile", REF, "--as", "officer-1")["query"]
    _, out, _ = xa.run("search", "show", query, "--as", "officer-1")
    assert f"SUPERSEDED by query {successor}" in out
    assert f"HIT, superseded by {successor}" in xa.run("search", "list", "--as", "officer-1")[1]
    assert f"supersedes query {query}" in xa.run("search", "show", successor, "--as", "officer-1")[1]


def test_while_a_judge_decides_an_approver_is_told_who_may_deny(xb: Line, two: World) -> None:
    query = two.requested()
    refuse = ("search", "refuse", query, "--ground", "prejudice_ongoing_case", "--reason", "y", "--as", "approver-1")
    assert xb.fails(*refuse) == (4, "search.before-judge")
    assert f"comity search authorise {query} --deny" in xb.run(*refuse)[2]
    deny = ("--deny", "--reference", "BJ 2026/42", "--reason", "not proportionate", "--as", "judge-1")
    assert xb.ask("search", "authorise", query, *deny)["state"] == "refused"


def test_nobody_waits_for_a_name_that_was_refused(xa: Line, xb: Line, two: World) -> None:
    query, opening = two.requested(), ("--reason", "to see", "--as", "officer-1")
    assert xa.fails("search", "open", query, *opening) == (3, "search.not-released")
    shown = xa.run("search", "show", query, "--as", "officer-1")[1]
    assert "clock of TRAIN-REG 8(1): stands still while a judge decides" in shown
    deny = ("--deny", "--reference", "BJ 2026/42", "--reason", "not proportionate", "--as", "judge-1")
    xb.ask("search", "authorise", query, *deny)
    two.post()
    two.clock.advance(90 * 24 * 3600)
    assert xa.fails("search", "open", query, *opening) == (3, "search.core-refused")
    _, _, err = xa.run("search", "open", query, *opening)
    assert "XB refused the core data: judicial authorisation refused (" in err and "not proportionate" in err
    assert ": kept: ended " in xa.run("search", "show", query, "--as", "officer-1")[1]


def test_an_officer_releases_alone_only_in_a_threat_to_life(xb: Line, two: World) -> None:
    alone = ("--alone", "--reason", "the approver is not reached", "--as", "officer-1")
    assert xb.fails("search", "release", two.authorised(), *alone) == (3, "search.no-emergency")
    (asked,) = two.a.ask("XB", emergency=True)
    two.post()
    review(two.a, asked.id, "approver-1")
    two.a.confirm(asked.id)
    two.post()
    two.a.request(asked.id)
    two.post()
    two.b.does("judge-1", service.authorise, asked.id, service.Ruling(True, "BJ 2026/43", "a child's life"))
    assert xb.fails("search", "release", asked.id, "--alone", "--as", "officer-1") == (2, "search.reason")
    assert xb.fails("search", "release", asked.id, "--as", "officer-1")[0] == 3
    with serving(api.routes(lambda: two.b.desk, lambda: two.b.matchers)) as send:
        told = send("approver-1", "POST", f"/searches/{asked.id}/release-alone", json={"reason": "x"})
        assert (told.status_code, told.json()["code"]) == (403, "search.role")
    assert xb.ask("search", "release", asked.id, *alone)["state"] == "core_released"


def test_a_clock_stops_with_its_query(xa: Line, two: World) -> None:
    query = two.authorised()
    assert "runs until" in xa.run("search", "show", query, "--as", "officer-1")[1]
    xa.ask("search", "withdraw", query, "--reason", "solved", "--as", "officer-1")
    two.clock.advance(90 * 24 * 3600)
    assert "stopped when the query ended" in xa.run("search", "show", query, "--as", "officer-1")[1]
    assert xa.fails("search", "open", query, "--reason", "x", "--as", "officer-1") == (3, "search.ended")


def test_lawyers_judges_and_laboratories(xa: Line, xb: Line, two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    (query,) = xa.ask(*ASK, "--case", sedition, "--yes")["queries"]
    assert "waits for a lawyer" in xa.run("search", "show", query["query"], "--as", "officer-1")[1]
    cleared = ("--fact", "neutrality_review=cleared", "--as", "lawyer-1")
    for face in (xa, xb):
        assert face.ask("search", "answer", query["query"], *cleared)["decision"] == "allow"
        two.post()
    xa.ask("search", "confirm", query["query"], *MATCH)
    two.post()
    xa.ask("search", "request", query["query"], "--facts-of-offence", "a pamphlet", "--yes", "--as", "officer-1")
    two.post()
    denied = ("--deny", "--reference", "BJ 2026/42", "--reason", "not proportionate", "--as", "judge-1")
    assert xb.ask("search", "authorise", query["query"], *denied)["state"] == "refused"
    two.post()
    assert "not proportionate" in xa.run("search", "show", query["query"], "--as", "officer-1")[1]
    assert xb.fails("search", "refuse", query["query"], "--ground", "x", "--reason", "y", "--as", "approver-1")[0] == 4


def test_a_lawyer_refuses_in_words(xa: Line, two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    (query,) = xa.ask(*ASK, "--case", sedition, "--yes")["queries"]
    answer = ("search", "answer", query["query"], "--as", "lawyer-1")
    ground, reason = ("--refuse", "political_offence"), ("--reason", "the matter is political")
    for wrong in ((*ground, *reason, "--fact", "x=y"), reason):
        assert xa.fails(*answer, *wrong) == (2, "search.answer")
    assert xa.fails(*answer, *ground) == (2, "search.reason")
    assert xa.ask(*answer, *ground, *reason)["decision"] == "deny"
    assert "the matter is political" in xa.run("search", "show", query["query"], "--as", "officer-1")[1]


def test_corrections_and_explanations_of_a_near_match(corvia: World, capsys: pytest.CaptureFixture[str]) -> None:
    xa, xc = line(corvia.a, capsys), line(corvia.c, capsys)
    query = corvia.near()
    assert xa.ask("search", "correct", query, "--profile", REF, "--as", "officer-1")["state"] == "searching"
    corvia.post()
    request = ("search", "request", query, "--facts-of-offence", "blood", "--yes", "--as", "officer-1")
    assert xa.fails(*request) == (4, "search.near-match")
    note = ("search", "note", query, "--finding", "relative", "--words", "a brother", "--as", "examiner-1")
    assert xa.ask(*note)["finding"] == "relative"
    corvia.post()
    assert xc.ask("search", "show", query, "--as", "examiner-1")["notes"][0]["words"] == "a brother"
    explained = ("search", "explained", query, "--reason", "a relative", "--as", "examiner-1")
    for face in (xa, xc):
        assert face.ask(*explained)["state"] == "closed_near_match"


def test_an_examiner_awaits_only_what_he_or_she_may_know(xa: Line, two: World) -> None:
    query = two.confirmed()
    show = ("search", "show", query, "--wait", "0.1")
    assert xa.ask(*show, "--until", "confirmed", "--as", "officer-1")["state"] == "confirmed"
    assert xa.fails(*show, "--until", "confirmed", "--as", "examiner-2") == (6, "search.waiting")
    assert xa.ask(*show, "--until", "candidate_hit", "--as", "examiner-2")["state"] == "candidate_hit"
    for state in ("confirmed", "candidate_hit"):
        assert xa.fails(*show, "--until", state, "--as", "officer-2") == (2, "search.unknown-query")
        assert xa.fails(*show, "--until", state, "--as", "nobody-1") == (3, "access.passphrase")
    assert two.a.logged().count("act.refused") == 2
    (listed,) = xa.ask("search", "list", "--as", "examiner-2")
    assert listed["state"] == "candidate_hit"


def bad(two: World, query: str) -> dict[str, tuple[tuple[str, ...], tuple[int, str]]]:
    case = ("--case", two.a.case, "--yes")
    officer = ("--as", "officer-1")
    nobody = "019cad00-0000-7000-8000-000000000001"
    return {
        "no such query": (("show", nobody, *officer), (2, "search.unknown-query")),
        "awaiting no such query": (("show", nobody, "--until", "refused", *officer), (2, "search.unknown-query")),
        "explaining no such query": (("explain", nobody, *officer), (2, "search.unknown-query")),
        "no such modality": ((*ASK[1:], *case, "--modality", "iris"), (2, "search.modality")),
        "no such urgency": ((*ASK[1:], *case, "--urgency", "now"), (2, "search.urgency")),
        "no such case": ((*ASK[1:], "--case", "none", "--yes"), (2, "cases.unknown")),
        "ourselves": ((*ASK[1:], *case, "--to", "XA"), (2, "search.recipients")),
        "no fact": ((*ASK[1:], *case, "--fact", "territory"), (2, "search.fact")),
        "a lawyer's judgement": ((*ASK[1:], *case, "--fact", "neutrality_review=cleared"), (2, "search.judgement")),
        "no such side": (("list", "--side", "both", *officer), (2, "search.side")),
        "no verdict": (("confirm", query, "--verdict", "yes", *MATCH[2:]), (2, "search.verdict")),
        "no candidate": (("confirm", query, "--candidate", "XB-0", *MATCH), (2, "search.no-candidate")),
        "no reason": (("withdraw", query, "--reason", " ", *officer), (2, "search.reason")),
        "too early": (("request", query, "--facts-of-offence", "x", "--yes", *officer), (4, "search.state")),
        "not in time": (("show", query, "--until", "released", "--wait", "0", *officer), (6, "search.waiting")),
        "not our query to release": (("release", query, "--as", "approver-1"), (4, "search.no-request")),
        "no near match": (("explained", query, "--reason", "x", "--as", "examiner-1"), (4, "search.state")),
        "nothing to review": (("answer", query, "--as", "lawyer-1"), (4, "search.state")),
        "no need to know": (("show", query, "--as", "officer-2"), (2, "search.unknown-query")),
        "nobody": (("show", query, "--as", "nobody-1"), (3, "access.passphrase")),
    }


def test_bad_input_says_what_is_wrong(xa: Line, two: World) -> None:
    query = two.hit()
    wrong: dict[str, Any] = {}
    for what, (argv, expected) in bad(two, query).items():
        told = xa.fails("search", *argv)
        if told != expected:
            wrong[what] = told
    assert wrong == {}
    assert two.a.where(query)[0] == "candidate_hit" and len(two.a.queries()) == 1


def test_a_missing_id_is_named_as_missing(xa: Line) -> None:
    assert xa.fails("search", "show", "", "--as", "officer-1") == (2, "search.no-id")
    assert xa.run("search", "show", " ", "--as", "officer-1")[2].startswith("Error: The id of a query is missing.")
