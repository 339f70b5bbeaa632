"""A query, its answer or its refusal as a paper: what is handed to a court, a colleague or the defence.

No paper holds a profile, a name or an identity; what it says is what `showing.seen_by` shows that very person.
"""

from collections.abc import Mapping
from typing import Any, Final

from comity.access import service as access
from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.base.papers import Draw, Fact, Grid, Paper, Said, Value, to_say
from comity.base.words import name, said
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import SealedPaper
from comity.search import rules, store
from comity.search.service import life, showing

PAPERS: Final = {
    "query": to_say("Query to a partner"),
    "answer": to_say("Answer to a query"),
    "refusal": to_say("Refusal of a query"),
}
_ANSWERED: Final = {
    "query": frozenset({"pending", "hit", "near_match", "no_hit", "refused", "unavailable", "partial"}),
    "answer": frozenset({"hit", "near_match", "no_hit", "unavailable", "partial"}),
    "refusal": frozenset({"refused"}),
}
_STATUS: Final = {
    "pending": to_say("No answer yet"),
    "hit": to_say("Hit"),
    "near_match": to_say("Near match"),
    "no_hit": to_say("No hit"),
    "refused": to_say("Refused"),
    "unavailable": to_say("Unavailable: no answer is not no-hit"),
    "partial": to_say("Partial: not everything was searched"),
}
_CANDIDATES: Final = (to_say("Candidate"), to_say("Kind"), to_say("Quality"))
_LIFE: Final = (to_say("Time"), to_say("Step"), to_say("By"), to_say("Log entry"))
_WHY: Final = (to_say("Condition"), to_say("Article"), to_say("Finding"), to_say("What would cure it"))
_REMARK: Final = to_say(
    "A candidate is a proposal of a machine and no identification: an examiner confirms it, "
    "and an approver releases who it is."
)
_CODES: Final = to_say("Findings and steps are stated in the codes and words of the signed record.")


def issue_paper(
    unit: Unit, issuer: Issuer, query_id: str, wanted: tuple[str, str], draw: Draw
) -> tuple[SealedPaper, bytes]:
    """The act of issuing the query as a paper, `wanted` being its kind and language; logged with the file's hash.

    BadInput for a kind that there is not, or that does not fit how the query was answered.
    """
    kind, language = wanted
    made = _paper(unit, issuer, query_id, kind)
    issued = log.issue(unit, made, language)
    file = draw(made, issued)
    subject = log.sealing(made, issued, file)
    acted = access.act(unit, issuer, "search.paper", subject, rules.READERS)
    query = store.find_query(unit, query_id)
    return log.seal_paper(unit, acted, subject, query.case, life.key_of(unit, query)), file


def _paper(unit: Unit, issuer: Issuer, query_id: str, kind: str) -> Paper:
    found: Any = showing.seen_by(unit, query_id, issuer.actor)
    if found["status"] not in _ANSWERED.get(kind, ()):
        raise BadInput(
            "search.paper", f"No {kind[:20]} can be printed of a query that is {name(found['status'])}",
            where=query_id[:40], todo=f"Choose one of: {', '.join(_fitting(found['status']))}.",
        )  # fmt: skip
    grids = [_why(found)] if kind == "refusal" else [_candidates(found)] if kind == "answer" else []
    remarks = (Said(_REMARK),) if kind == "answer" and found["candidates"] else ()
    return Paper(
        f"search.{kind}", found["query"], PAPERS[kind], _facts(found, kind),
        tuple(grid for grid in (*grids, _life(found)) if grid.rows), (*remarks, Said(_CODES)),
    )  # fmt: skip


def _fitting(status: str) -> list[str]:
    return [kind for kind, statuses in _ANSWERED.items() if status in statuses]


def _facts(found: Mapping[str, Any], kind: str) -> tuple[Fact, ...]:
    ours = found["side"] == "asking"
    facts: list[tuple[str, Value | None]] = [
        (to_say("Asked by us of") if ours else to_say("Asked of us by"), found["partner"]),
        (to_say("Kind of record"), found["modality"]),
        (to_say("Asked"), parse_rfc3339(found["asked_at"])),
        (to_say("Legal basis"), _basis(found)),
        (to_say("Rules in force (hash)"), found["rules_hash"]),
        (to_say("Answer"), Said(_STATUS[found["status"]]) if kind != "query" else None),
        (to_say("Answer wanted by"), parse_rfc3339(found["deadline"])),
        (to_say("Replaces the query"), found["supersedes"]),
        (to_say("Replaced by the query"), found["superseded_by"]),
    ]
    return tuple(Fact(label, value) for label, value in facts if value)


def _basis(found: Mapping[str, Any]) -> str:
    return " ".join(part for part in (found["instrument"], found["article"]) if part)


def _candidates(found: Mapping[str, Any]) -> Grid:
    kinds = {True: Said(_STATUS["near_match"]), False: Said(to_say("Match"))}
    rows = tuple((one["number"], kinds[bool(one["near"])], str(one["quality"])) for one in found["candidates"])
    return Grid(to_say("Candidates"), _CANDIDATES, rows)


def _why(found: Mapping[str, Any]) -> Grid:
    findings: list[JsonObject] = found["reason"].get("findings", [])
    rows = tuple((name(str(f.get("condition", ""))), str(f.get("article", "")), _values(f), str(f.get("cure", "")))
                 for f in findings)  # fmt: skip
    return Grid(to_say("Why"), _WHY, rows)


def _values(finding: JsonObject) -> str:
    values = finding.get("values")
    return said(values) if isinstance(values, dict) else ""


def _life(found: Mapping[str, Any]) -> Grid:
    rows = tuple(
        (parse_rfc3339(step["at"]), f"{name(step['event'])}: {name(step['to'])}", step["person"] or "–", step["entry"])
        for step in found["life"]
    )  # fmt: skip
    return Grid(to_say("Life of the query"), _LIFE, rows)
