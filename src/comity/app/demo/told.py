"""What the story has shown so far; in the end the JSON that `--json` writes (schema: `demo.schema.json`)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.app.demo.federation import NODES, Federation
from comity.app.demo.transcript import Transcript


@dataclass
class Told:
    """The state of one telling; steps add to it, nothing is taken back."""

    federation: Federation
    transcript: Transcript
    case: str = ""
    profile: str = ""
    planted: bool = True
    hit: dict[str, Any] | None = None
    """XA's query that XB answered with a hit."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, Any] | None = None
    unavailable: dict[str, Any] | None = None
    permits: list[dict[str, Any]] = field(default_factory=list)
    handover: dict[str, Any] = field(default_factory=lambda: {"custody_moved": False, "receipt": None})
    package: Path | None = None
    receipt: Path | None = None
    verification: dict[str, Any] = field(default_factory=lambda: {"ok": False, "checks": []})
    logs: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    failed: str = ""
    findings_named: bool = False
    """Whether the transcript has named every condition of the law once."""

    def expect(self, holds: bool, what: str) -> None:
        """A step of the story holds, or the story says that it does not and the demo fails."""
        if not holds:
            self.broken.append(what)
            self.transcript.fact(f"THIS DID NOT HOLD: {what}")

    def decided(self, node: str, act: str, decision: dict[str, Any]) -> None:
        """Keep one legal decision for the summary."""
        self.permits.append(
            {"node": node, "act": act, "outcome": decision["decision"], "findings": decision["findings"]}
        )

    def held(self) -> bool:
        """Whether everything that was told held."""
        return not self.broken and not self.failed and all(log["ok"] for log in self.logs.values())

    def result(self, seconds: float) -> dict[str, Any]:
        """The story as JSON."""
        return {
            "nodes": list(NODES), "answers": self.answers, "refused": self.refused, "unavailable": self.unavailable,
            "permits": self.permits, "handover": self.handover,
            "package": str(self.package) if self.package else None, "directory": str(self.federation.directory),
            "root_key": self.federation.root_fingerprint, "verification": self.verification, "logs": self.logs,
            "ok": self.held(), "broken": self.broken, "failed": self.failed or None, "seconds": round(seconds, 2),
        }  # fmt: skip
