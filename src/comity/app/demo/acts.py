"""The story's acts: ask abroad (and be denied, refused, or find nobody), confirm, release, hand over."""

from typing import Any

from comity.app.demo.commands import CommandFailed
from comity.app.demo.setting import open_case
from comity.app.demo.told import Told
from comity.base.words import name, said

FACTS = "Body found on 17 January at the harbour of Arvenia; blood stain on the victim's sleeve."
WAIT = 40.0


def ask_abroad(told: Told) -> None:
    """The four questions and what becomes of each."""
    told.transcript.chapter("2. Four questions, and no two answers alike")
    _ask_the_stain(told)
    _own_deny(told)
    _refused_by_corvia(told)
    _nobody_there(told)


def _ask(told: Told, case: str, *to: str, wait: float = WAIT) -> list[dict[str, Any]]:
    argv = ["search", "ask", "--case", case, "--profile", told.profile]
    for state in to:
        argv += ["--to", state]
    preview = told.federation.ask("XA", *argv, "--preview", by="officer-1")
    for state, decision in preview["decisions"].items():
        told.decided("XA", f"search in {state}", decision)
        told.transcript.fact(
            f"law at XA for {state}: {decision['decision'].upper()} by {decision['instrument']} {decision['article']}"
        )
        _tell_findings(told, decision["findings"])
    told.transcript.fact(_recipients(preview["recipients"]))
    answer = told.federation.ask("XA", *argv, "--yes", "--wait", str(wait), by="officer-1", seconds=wait + 60)
    return list(answer["queries"])


def _recipients(states: list[str]) -> str:
    if not states:
        return "exact recipients: nobody; nothing will leave"
    return (
        f"exact recipients: {', '.join(states)}; they will see the loci and alleles, the offence's code and the "
        "purpose; no name, no case reference"
    )


def _tell_findings(told: Told, findings: list[dict[str, Any]]) -> None:
    """The conditions that were tried: all by name the first time, later only how many hold; what fails, always."""
    passed = [f"{name(f['condition'])} ({f['article']})" for f in findings if f["result"] == "pass"]
    failed = [f"{name(f['condition'])} ({f['article']})" for f in findings if f["result"] != "pass"]
    told.transcript.fact(f"   {len(passed)} of {len(findings)} conditions hold" + _named(told, passed))
    for finding in failed:
        told.transcript.fact(f"   does not hold: {finding}")


def _named(told: Told, passed: list[str]) -> str:
    if told.findings_named:
        return ""
    told.findings_named = True
    return ": " + ", ".join(passed)


def _tell_refusal(told: Told, finding: dict[str, Any]) -> None:
    shown = said({k: v for k, v in finding["values"].items() if k not in ("text", "source", "effect")})
    told.transcript.fact(f"   {name(finding['condition'])}, article {finding['article']}: {shown}")
    told.transcript.fact(f"   cure: {finding['cure']}")


def _tell(told: Told, query: dict[str, Any]) -> None:
    words = query["status"].replace("_", " ").upper()
    told.transcript.fact(f"{query['partner']} answers: {words}")
    for candidate in query["candidates"]:
        loci = candidate["comparison"].get("loci", [])
        told.transcript.fact(
            f"   candidate {candidate['number']}: quality {candidate['quality']} (1 is best), {len(loci)} loci, no name"
        )


def _ask_the_stain(told: Told) -> None:
    told.transcript.step("XA", "officer-1 asks Brevania and Corvia whether they know the stain")
    for query in _ask(told, told.case, "XB", "XC"):
        _tell(told, query)
        best = query["candidates"][0] if query["candidates"] else None
        told.answers[query["partner"]] = {
            "status": query["status"], "quality": best["quality"] if best else None,
            "candidates": len(query["candidates"]), "loci": len(best["comparison"].get("loci", [])) if best else 0,
            "query": query["query"],
        }  # fmt: skip
        if query["partner"] == "XB" and query["status"] == "hit":
            told.hit = query
        if query["status"] == "near_match":
            _offers_nothing(told, query)
    if told.planted:
        told.expect(told.answers["XB"]["status"] == "hit", "Brevania holds the stain's source and answers hit")
        told.expect(told.answers["XC"]["status"] == "near_match", "Corvia holds a profile one allele off: near match")


def _offers_nothing(told: Told, query: dict[str, Any]) -> None:
    told.transcript.fact(
        "a near match goes back to both laboratories (typing error? relative?) and offers no core data:"
    )
    try:
        argv = ("search", "request", query["query"], "--facts-of-offence", FACTS, "--yes")
        told.federation.ask("XA", *argv, by="officer-1")
        told.expect(False, "core data of a near match cannot be requested")
    except CommandFailed as refusal:
        told.transcript.fact(f"   asking for core data all the same: {refusal.what}")


def _own_deny(told: Told) -> None:
    told.transcript.step("XA", "a second question, for a petty theft: Arvenia's own law must stop it")
    case = open_case(told, "XA-2026-0118", "Bicycle taken", "XA-CC-214")
    (query,) = _ask(told, case, "XB", wait=0)
    told.expect(
        query["status"] == "refused" and query["reason"].get("by") == "XA", "XA's own law denies, nothing leaves"
    )
    for finding in query["reason"].get("findings", []):
        _tell_refusal(told, finding)
    told.transcript.fact("nothing left the node")


def _refused_by_corvia(told: Told) -> None:
    told.transcript.step(
        "XA", "a third question, for tax fraud: Arvenia's table allows it, Corvia's newer declaration does not"
    )
    case = open_case(told, "XA-2026-0119", "Tax fraud", "XA-TC-12")
    (query,) = _ask(told, case, "XC")
    _tell(told, query)
    findings = query["reason"].get("findings", [])
    told.refused = {"node": query["partner"], "status": query["status"], "findings": findings}
    told.expect(query["status"] == "refused" and query["reason"].get("by") == "XC", "Corvia refuses, with its findings")
    for finding in findings:
        _tell_refusal(told, finding)


def _nobody_there(told: Told) -> None:
    federation = told.federation
    told.transcript.step("XC", "Corvia's node is switched off; Arvenia asks a fourth question")
    federation.stop("XC")
    case = open_case(told, "XA-2026-0120", "Second homicide", "XA-CC-101")
    (query,) = _ask(told, case, "XC")
    _tell(told, query)
    reason = query["reason"]
    told.unavailable = {
        "node": "XC",
        "status": query["status"],
        "reason": reason.get("reason"),
        "deadline": reason.get("deadline"),
    }
    told.expect(query["status"] == "unavailable", "Corvia is unavailable, which is not no-hit")
    told.transcript.fact(f"reason {reason.get('reason')}; tried again until {reason.get('deadline')}")
    told.transcript.step("XC", "Corvia's node is switched on again and answers by itself")
    federation.start("XC")
    federation.wait_ready("XC")
    argv = ("search", "show", query["query"], "--until-answered", "--wait", str(WAIT))
    later = federation.ask("XA", *argv, by="officer-1", seconds=WAIT + 60)
    _tell(told, later)
    told.unavailable["answered"] = later["status"]
    told.expect(later["status"] in ("near_match", "no_hit", "hit"), "Corvia answers once it is back")


def confirm_and_release(told: Told) -> None:
    """From hit to identity: examiner, officer, judge, approver; each with a key of his or her own."""
    assert told.hit is not None
    federation, transcript, query = told.federation, told.transcript, told.hit["query"]
    transcript.chapter("3. From a hit to a name: an examiner, an officer, a judge, an approver")
    transcript.step("XB", "Brevania's laboratory judges the candidate blind, before it hears Arvenia's verdict")
    verdict = ("--verdict", "match", "--reason", "all compared loci agree")
    federation.ask("XB", "search", "confirm", query, *verdict, by="examiner-1")
    transcript.step("XA", "examiner-1, qualified, confirms the hit; without that nobody may ask for a name")
    federation.ask("XA", "search", "confirm", query, *verdict, by="examiner-1")
    transcript.step("XA", "officer-1 asks for core data, with the facts of the offence")
    federation.ask("XA", "search", "request", query, "--facts-of-offence", FACTS, "--yes", by="officer-1")
    _closed_still(told, query)
    transcript.step("XB", "judge-1 authorises the release: Brevania's declaration demands a judge")
    federation.ask("XB", "search", "show", query, "--until", "awaiting_judge", "--wait", str(WAIT), by="judge-1")
    federation.ask(
        "XB", "search", "authorise", query, "--reference", "BJ 2026/41", "--reason", "proportionate", by="judge-1"
    )
    _closed_still(told, query)
    transcript.step("XB", "approver-1 releases: another person, another key, another unit")
    federation.ask("XB", "search", "release", query, by="approver-1")
    transcript.step("XA", "officer-1 opens the identity, for a reason that stays in the log")
    federation.ask("XA", "search", "show", query, "--until", "core_released", "--wait", str(WAIT), by="officer-1")
    data = federation.ask("XA", "search", "open", query, "--reason", "to identify the suspect", by="officer-1")
    transcript.fact(", ".join(f"{name}: {value}" for name, value in data.items()))
    transcript.fact("core data is police information, not evidence")
    for node in ("XB", "XC"):
        for decision in federation.ask(node, "legal", "decisions"):
            told.decided(node, f"{decision['measure']} for {decision['asking']}", decision)


def _closed_still(told: Told, query: str) -> None:
    try:
        told.federation.ask("XA", "search", "open", query, "--reason", "to see whether it opens", by="officer-1")
        told.expect(False, "the identity is closed before the release")
    except CommandFailed as refusal:
        told.transcript.fact(f"officer-1 tries to open the identity now: {refusal.what}")


def hand_over(told: Told) -> None:
    """An evidence package, information only: requested, offered, released, re-hashed, accepted, signed by both."""
    assert told.hit is not None
    federation, transcript = told.federation, told.transcript
    transcript.chapter("4. The laboratory report changes hands")
    transcript.step("XB", "custodian-1 takes the laboratory report in: hashed, sealed, custody begins")
    item = _take_in(told)
    transcript.step("XA", "officer-1 requests it, as information only (evidence proper needs a request for assistance)")
    argv = ("--about", told.hit["query"], "--case", told.case, "--category", "laboratory_report", "--yes")
    asked = federation.ask("XA", "evidence", "request", *argv, by="officer-1")["request"]
    transcript.step("XB", "custodian-1 offers the item, approver-1 releases it: two persons of two units")
    federation.ask("XB", "evidence", "show", asked, "--wait", str(WAIT))
    federation.ask("XB", "evidence", "offer", asked, "--item", item, by="custodian-1")
    federation.ask("XB", "evidence", "release", asked, by="approver-1")
    transcript.step("XA", "examiner-1, custodian, re-hashes everything and accepts; both sides sign the transfer")
    federation.ask("XA", "evidence", "show", asked, "--until", "received", "--wait", str(WAIT))
    federation.ask("XA", "evidence", "accept", asked, by="examiner-1")
    done = federation.ask("XA", "evidence", "show", asked, "--until", "countersigned", "--wait", str(WAIT))
    _export(told, asked)
    told.handover = {"custody_moved": done["custody"] == "XA", "receipt": str(told.receipt)}
    told.expect(told.handover["custody_moved"], "custody moved to XA by both signatures")
    transcript.fact(f"package {told.package}, co-signed receipt {told.receipt}")
    for node, person in (("XA", "officer-1"), ("XB", "approver-1")):
        life = federation.ask(node, "search", "show", told.hit["query"], by=person)
        transcript.fact(f"{node}'s query ends as {life['state']}, {len(life['life'])} steps on record")
        told.expect(life["state"] == "released", f"the query's life ends as released at {node}")


def _export(told: Told, asked: str) -> None:
    told.package, told.receipt = told.federation.post / "package.zip", told.federation.post / "receipt.dsse"
    files = ("--out", str(told.package), "--receipt", str(told.receipt))
    told.federation.ask("XA", "evidence", "export", asked, *files, by="examiner-1")


def _take_in(told: Told) -> str:
    """Brevania's own case and exhibit."""
    federation = told.federation
    case = federation.ask(
        "XB", "case", "open", "XB-2026-0007", "--title", "For Arvenia", "--offence", "XB-PL-1", by="custodian-1"
    )["id"]
    federation.ask("XB", "case", "admit", "approver-1", "--case", case, by="custodian-1")
    report = federation.post / "XB-laboratory-report.txt"
    report.write_text(
        "Laboratory report, training data. Reference sample XB-7: typed twice, both agree.\n", encoding="utf-8"
    )
    argv = ("--case", case, "--kind", "laboratory_report", "--source", "laboratory of Brevania", "--exhibit", "XB-7")
    return str(federation.ask("XB", "evidence", "take-in", str(report), *argv, by="custodian-1")["item"])
