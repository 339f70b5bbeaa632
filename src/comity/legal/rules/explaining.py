"""A decision in plain words, for a person who must act on it."""

from typing import Final

from comity.base.model import Json
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
        lines.append(f"  before anything leaves {decision.asked}: {requirement.replace('_', ' ')}")
    lines.append(f"rules {decision.rules_hash[:16]}" + (f", decision {decision.id}" if decision.id else ""))
    return "\n".join(lines)


def _lines(finding: Finding) -> list[str]:
    article = f" (article {finding.article})" if finding.article else ""
    said = [f"{key} {_plain(value)}" for key, value in finding.values.items() if value not in (None, "", [])]
    values = ": " + ", ".join(said) if said else ""
    lines = [f"  {MARKS[finding.result]} {finding.condition.replace('_', ' ')}{article}{values}"]
    if finding.cure:
        lines.append(f"          cure: {finding.cure}")
    return lines


def _plain(value: Json) -> str:
    if isinstance(value, list):
        return "/".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return " ".join(f"{key}={_plain(inner)}" for key, inner in value.items())
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
