"""A query, an answer and what is about to leave, in words for people; programs read the JSON."""

from collections.abc import Callable
from typing import Any, Final, cast

from comity.base.model import JsonObject
from comity.base.words import in_words, name, said

Described = Callable[[JsonObject], str]
"""What a record is, in the words of its modality."""
Graded = Callable[[JsonObject], str]
"""What a candidate's quality means, in the words of its modality."""

ANSWERS: Final = {
    "pending": "no answer yet", "hit": "HIT", "near_match": "NEAR MATCH", "no_hit": "no hit",
    "unavailable": "UNAVAILABLE (no answer is not no-hit)", "partial": "PARTIAL",
}  # fmt: skip
_CLOCKS: Final = {
    "no term": "no term is set", "running": "runs until {due}", "with the judge": "stands still while a judge decides",
    "overdue": "OVERDUE since {due}", "kept": "kept: ended {ended}, due {due}",
    "breached": "BREACHED: ended {ended}, due {due}", "stopped": "stopped when the query ended",
}  # fmt: skip


def answer(found: JsonObject) -> str:
    """What the state answered; of a refusal, whose law or which person refused."""
    data: Any = found
    if data["status"] != "refused":
        return ANSWERS[data["status"]]
    reason, partner = data["reason"], data["partner"]
    person = any(f.get("condition") == "human_decision" for f in reason.get("findings", []))
    if data["by"] == "partner":
        return f"REFUSED by {'a person in ' + partner if person else partner + chr(39) + 's law'}{_basis(reason)}"
    who = f"a lawyer here ({reason.get('by')})" if person else f"own law ({reason.get('by')})"
    return f"not sent: {who} denies{_basis(data)}" if data["side"] == "asking" else f"refused by {who}{_basis(data)}"


def _basis(found: Any) -> str:
    return (
        f" under {found['instrument']} {found['article']}" if found.get("instrument") and found.get("article") else ""
    )


def short_answer(found: JsonObject) -> str:
    """`answer` for a column, with the mark of an answer to a profile that was corrected since."""
    data: Any = found
    refused = "not sent: own law" if data["side"] == "asking" else "refused here"
    text = {"own": refused, "partner": f"REFUSED by {data['partner']}"}.get(data["by"]) or ANSWERS[data["status"]]
    return f"{text}, superseded by {data['superseded_by']}" if data["superseded_by"] else text


def query(found: JsonObject, graded: Graded) -> str:
    """One query with its answer, candidates and clock."""
    data: Any = found
    basis = f", basis {data['instrument']} {data['article']}" if data["article"] else ""
    lines = [
        f"{data['partner']}: {answer(found)}",
        f"  query {data['query']}, {data['side']}, state {name(data['state'])}{basis}",
        *_succession(data), *_reason(data),
    ]  # fmt: skip
    if data["state"] == "legal_review":
        lines.append("  waits for a lawyer: `comity search answer`")
    for candidate in data.get("candidates", []):
        near = "near match" if candidate["near"] else "match"
        lines.append(f"  candidate {candidate['number']}: {near}, quality {candidate['quality']}")
        lines.append(f"    {graded(candidate)}")
    for note in data.get("notes", []):
        lines.append(f"  {note['at']} {note['node']}: {name(note['finding'])}: {note['words']}")
    lines += _core(data.get("core_data"))
    return "\n".join(lines)


def _succession(data: Any) -> list[str]:
    lines = []
    if data["superseded_by"]:
        lines.append(f"  SUPERSEDED by query {data['superseded_by']}: the profile was corrected after this was asked")
    if data["reason"].get("changed_at"):
        lines.append(
            f"  THE ANSWER WOULD BE ANOTHER ONE since {data['reason']['changed_at']}: a record was corrected there;"
            " ask again: `comity search correct`"
            if data["side"] == "asking"
            else f"  the partner was told at {data['reason']['changed_at']} that a corrected record answers otherwise"
        )
    if data["supersedes"]:
        lines.append(f"  supersedes query {data['supersedes']}, whose profile was corrected")
    for earlier in data.get("superseded", []):
        lines.append(f"  before the correction of {earlier['at']} the answer was: {name(earlier['status'])}")
    return lines


def _reason(data: Any) -> list[str]:
    lines = []
    for finding in data["reason"].get("findings", []):
        article = f" ({finding['article']})" if finding.get("article") else ""
        told = said(finding["values"])
        lines.append(f"  {name(finding['condition'])}{article}" + (f": {told}" if told else ""))
        if finding.get("cure"):
            lines.append(f"    cure: {finding['cure']}")
    if data["status"] == "unavailable":
        why, until = data["reason"].get("reason"), data["reason"].get("deadline")
        lines.append(f"  reason: {in_words(why)}; tried until {in_words(until)}")
    if isinstance(undelivered := data["reason"].get("undelivered"), dict):
        lines.append(f"  a later message did not reach the partner: {said(undelivered)}")
    return lines


def _core(core: Any) -> list[str]:
    if not core:
        return []
    clock = core["clock"]
    told = _CLOCKS[clock["state"]].format(due=in_words(clock["due"]), ended=in_words(clock["ended"]))
    lines = [f"  core data of candidate {core['number']}: {'released' if core['released'] else 'not released'}"]
    if core.get("account"):
        lines.append(f"    facts of the offence: {core['account']}")
    return [*lines, f"    clock of {clock['article']}: {told}"]


def preview(seen: JsonObject, described: Described) -> str:
    """The findings of the law, exactly who would receive the query, and what they would learn; nothing of that last
    where nobody would receive it."""
    lines, found = findings(seen), cast(Any, seen)
    if not found["recipients"]:
        return "\n".join([*lines, "Exact recipients: nobody; nothing will leave this node."])
    lines.append(f"Exact recipients: {', '.join(found['recipients'])}")
    lines.append("They will see:")
    lines += [f"  {what:9} {told}" for what, told in _told(found["seen"], described)]
    lines.append("They will see no name, no specimen number and no case reference.")
    return "\n".join([*lines, *_chance(found["chance"])])


def _chance(told: Any) -> list[str]:
    """What is expected by chance, state by state, and a warning where it is much."""
    if told is None:
        return ["Hits by chance: no estimate, for no population's allele frequencies are held here."]
    lines = [f"Hits expected by chance ({told['basis']}):"]
    for state, one in told["states"].items():
        held = "a million profiles" if one["profiles"] is None else f"its {one['profiles']:,} profiles"
        lines.append(f"  {state}: {one['expected']} in {held}")
    if told["too_many"]:
        lines.append(
            f"WARNING: many for {', '.join(told['too_many'])}. A hit may well be chance; ask with more loci if you can."
        )
    return lines


def previews(told: JsonObject, described: Described) -> str:
    """As `preview`, for each record under its name where there are several."""
    several: Any = told.get("profiles")
    if several is None:
        return preview(told, described)
    return "\n\n".join(f"Profile {ref}\n{preview(one, described)}" for ref, one in several.items())


def request_preview(seen: JsonObject) -> str:
    """The findings of the law on core data, exactly who would be asked, and what the partner would learn."""
    lines, found = findings(seen), cast(Any, seen)
    data = found["seen"]
    if not found["recipients"]:
        return "\n".join([*lines, "Exact recipients: nobody; nothing will leave this node."])
    lines.append(f"Exact recipients: {', '.join(found['recipients'])}")
    lines.append(f"They will see that node {data['node']} asks who candidate {data['number']} is, and these facts:")
    lines.append(f"  {data['account']}")
    return "\n".join([*lines, "They will see no case reference, and no name but those that these facts give."])


_DECIDES: Final = {"deny": "fail", "refer": "unknown"}
"""The result of the findings that decided, by the decision."""


def findings(seen: JsonObject) -> list[str]:
    """Every recipient's decision with its findings and cures."""
    lines, found = [], cast(Any, seen)
    for state, decision in found["decisions"].items():
        basis = f" by {decision['instrument']} {decision['article']}" if decision["article"] else ""
        lines.append(f"{state}: {decision['decision'].upper()}{basis}")
        for finding in decision["findings"]:
            article = f" ({finding['article']})" if finding["article"] else ""
            lines.append(f"   {finding['result']:7} {name(finding['condition'])}{article}")
        wanted = _DECIDES.get(decision["decision"])
        lines += [f"   cure: {finding['cure']}" for finding in decision["findings"] if finding["result"] == wanted]
    return lines


def _told(seen: JsonObject, described: Described) -> list[tuple[str, str]]:
    data: Any = seen
    facts = dict(data["facts"])
    offence, text = facts.pop("offence", None), data.get("offence_text")
    authority = facts.pop("authority", None)
    through = f"its authority: {name(authority)}" if isinstance(authority, str) else "its own authority"
    agency = f" ({data['agency']})" if data.get("agency") else ""
    told = [
        ("offence", in_words(offence) + (f": {text}" if text else "")),
        ("purpose", f"{name(in_words(facts.pop('purpose', None)))}; urgency {data['urgency']}"),
        ("record", described(data["record"])),
        ("asked by", f"node {data['node']}{agency}, through {through}"),
        ("handling", in_words(facts.pop("handling", None))),
    ]
    for derived in ("modality", "data_category"):
        facts.pop(derived, None)
    return [*told, *((name(fact), in_words(value)) for fact, value in facts.items())]
