"""The proofs at the story's end: offline verification, inclusion of every message, partners' logs that only grew."""

from typing import Any

from comity.app.demo.federation import NODES
from comity.app.demo.told import Told


def prove(told: Told) -> None:
    """Verify the package without either node, then every log, then every partner's log against stored heads."""
    told.transcript.chapter("5. The proofs")
    if told.package is not None:
        _verify_package(told)
    for node in NODES:
        told.transcript.step(node, "recomputes its whole log, and checks each message's inclusion in both logs")
        report = told.federation.ask(node, "log", "verify")
        partners = told.federation.ask(node, "partners", "--verify")
        ok = report["ok"] and all(p["ok"] for p in partners)
        told.logs[node] = {"size": report["size"], "ok": ok}
        told.transcript.fact(
            f"{report['size']} entries, {report['checkpoints']} signed checkpoints recomputed: "
            + ("all hold" if report["ok"] else "NOT ALL HOLD")
        )
        for partner in partners:
            told.transcript.fact(_partner(partner))
        told.expect(ok, f"{node}'s log and its partners' logs hold")


def _partner(found: dict[str, Any]) -> str:
    """What was shown of one partner, in words."""
    if not found["ok"]:
        return f"{found['partner']}: NOT SHOWN: {found['detail']}"
    heads = f"{found['partner']}'s log extends the {found['checked']} earlier heads kept here"
    messages = f"; {found['messages']} messages exchanged, each stands in both logs"
    return heads + (messages if found["messages"] else "")


def _verify_package(told: Told) -> None:
    told.transcript.step("court", "verifies the package offline; this trusts neither node, only the directory's root")
    federation = told.federation
    argv = [
        "verify",
        str(told.package),
        "--directory",
        str(federation.directory),
        "--root-key",
        federation.root_fingerprint,
    ]
    if told.receipt is not None:
        argv += ["--receipt", str(told.receipt)]
    found = federation.commands.ask(federation.post, *argv)
    told.verification = {"ok": found["ok"], "checks": found["checks"]}
    for check in found["checks"]:
        told.transcript.fact(f"{'ok ' if check['ok'] else 'NO '} {check['name']}: {check['detail']}")
    told.expect(bool(found["ok"]), "the package verifies offline")
