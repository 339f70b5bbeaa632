"""A decision as plain text: what was asked, the outcome, every finding, what would cure a no, which law was applied.

In a language that is written from right to left, and around words that are, codes and numbers stand between isolates
(Unicode UAX #9, FSI and PDI), so that no terminal shuffles them.
"""

from dataclasses import dataclass

from comity.legal.model import Decision, Finding, Result
from comity.legal.rules.explaining.pieces import Piece, Pieces, joined, mark, runs_right_to_left, words
from comity.legal.rules.explaining.wording import Wording

_FSI, _PDI = "\u2068", "\u2069"


def plain(decision: Decision, wording: Wording) -> str:
    """The whole decision, one line for each finding and each cure."""
    said = [
        wording.phrase("outcome", decision.outcome), summary(decision, wording),
        *(line for finding in decision.findings for line in _finding(finding, wording)),
        *(_before(decision, code, wording) for code in decision.requirements), _law(decision, wording),
    ]  # fmt: skip
    return "\n".join(_written(line, wording) for line in said)


@dataclass(frozen=True)
class ToldFinding:
    """One finding for a page: the condition in words, its result as a code, where it stands, what was compared, and
    what would cure a no."""

    condition: str
    result: Result
    article: str
    values: tuple[str, ...]
    cure: str


def told(finding: Finding, wording: Wording) -> ToldFinding:
    """A finding in the words of a language, without markup."""
    values = [wording.page("pair", name=name, value=value) for name, value in wording.values(finding)]
    return ToldFinding(
        _written(wording.term(finding.condition), wording), finding.result, finding.article,
        tuple(_written(value, wording) for value in values),
        _written(wording.cure(finding.cure), wording) if finding.cure else "",
    )  # fmt: skip


def summary(decision: Decision, wording: Wording) -> Pieces:
    """Who asked what of whom, under which basis, on which day, seen by whom."""
    state = decision.asking if decision.side == "asking" else decision.asked
    return wording.page(
        "summary", measure=wording.label(decision.measure, "measures"), asking=mark(decision.asking),
        asked=mark(decision.asked), basis=wording.basis(decision), day=mark(decision.on.isoformat()),
        state=mark(state), side=wording.phrase("side", decision.side),
    )  # fmt: skip


def _finding(finding: Finding, wording: Wording) -> list[Pieces]:
    results = wording.catalogue.texts["result"]
    width = max(map(len, results.values()))
    line: list[Piece] = [*words(f"  {results[finding.result].ljust(width)} "), *wording.term(finding.condition)]
    if finding.article:
        line += (*words(" ("), *wording.article(finding.article), *words(")"))
    told = [wording.page("pair", name=name, value=value) for name, value in wording.values(finding)]
    if told:
        line += (*words(": "), *joined(told, wording.page("between")))
    cured = (*words(" " * (width + 3)), *wording.page("cured_by", cure=wording.cure(finding.cure)))
    return [tuple(line), cured] if finding.cure else [tuple(line)]


def _before(decision: Decision, requirement: str, wording: Wording) -> Pieces:
    told = wording.page("before_release", state=mark(decision.asked), requirement=wording.requirement(requirement))
    return (*words("  "), *told)


def _law(decision: Decision, wording: Wording) -> Pieces:
    parts = [wording.page("rules", hash=mark(decision.rules_hash[:16]))]
    if decision.id:
        parts.append(wording.page("decision", id=mark(decision.id)))
    return joined(parts, wording.page("separator"))


def _written(pieces: Pieces, wording: Wording) -> str:
    return "".join(_one(piece, wording) for piece in pieces)


def _one(piece: Piece, wording: Wording) -> str:
    text = wording.catalogue.say("page", "quoted", text=piece.text) if piece.kind == "free" else piece.text
    apart = piece.kind in ("mark", "day", "free") and (wording.right_to_left or runs_right_to_left(text))
    return f"{_FSI}{text}{_PDI}" if apart else text
