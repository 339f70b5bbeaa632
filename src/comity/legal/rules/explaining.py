"""A decision in plain words, for a person who must act on it."""

from typing import Final

from comity.base.words import name, said
from comity.legal.model import Decision, Finding

HEADS: Final = {
    "allow": "ALLOWED", "deny": "DENIED: nothing leaves", "refer": "REFERRED to a lawyer: nothing leaves until then",
}  # fmt: skip
MARKS: Final = {"pass": "ok     ", "fail": "NO     ", "unknown": "UNKNOWN"}


def explain(decision: Decision) -> str:
    """What was asked, the outcome, every finding with article and values, the cures, and which law was applied."""
    basis = (
        f"{decision.instrument} article {decision.article}" if decision.article else decision.instrument or "no basis"
    )
    lines = [
        HEADS[decision.outcome],
        f"{decision.measure} from {decision.asking} to {decision.asked} under {basis} on {decision.on}"
        f" (seen by {decision.asking if decision.side == 'asking' else decision.asked}, the {decision.side} side)",
    ]
    lines += [line for finding in decision.findings for line in _lines(finding)]
    for requirement in decision.requirements:
        lines.append(f"  before anything leaves {decision.asked}: {name(requirement)}")
    lines.append(f"rules {decision.rules_hash[:16]}" + (f", decision {decision.id}" if decision.id else ""))
    return "\n".join(lines)


def _lines(finding: Finding) -> list[str]:
    article = f" (article {finding.article})" if finding.article else ""
    told = said(finding.values)
    lines = [f"  {MARKS[finding.result]} {name(finding.condition)}{article}" + (f": {told}" if told else "")]
    if finding.cure:
        lines.append(f"          cure: {finding.cure}")
    return lines
