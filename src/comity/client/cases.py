"""Case files."""

from dataclasses import dataclass

from comity.base.model import JsonObject
from comity.client.connection import Connection


@dataclass(frozen=True)
class Cases:
    """Case files, of which members alone see anything."""

    _at: Connection

    def list(self) -> JsonObject:
        """The cases of which one is a member: ``{cases: [...]}``."""
        return self._at.ask("GET", "/cases")

    def open(self, reference: str, title: str, offence: str) -> JsonObject:
        """Open a case; whoever opens it is its first member."""
        body = {"reference": reference, "title": title, "offence": offence}
        return self._at.ask("POST", "/cases", body=body)

    def show(self, case: str) -> JsonObject:
        """One case; the reading is logged."""
        return self._at.ask("GET", "/cases/{case}", {"case": case})

    def admit(self, case: str, person: str) -> JsonObject:
        """Let a person into a case."""
        return self._at.ask("POST", "/cases/{case}/members", {"case": case}, body={"person": person})

    def request_erasure(self, case: str, reason: str) -> JsonObject:
        """Ask that a case be erased."""
        return self._at.ask("POST", "/cases/{case}/erasure", {"case": case}, body={"reason": reason})

    def erase(self, case: str, reason: str) -> JsonObject:
        """Erase a case for good, as a member has asked."""
        return self._at.ask("POST", "/cases/{case}/erasure/confirmation", {"case": case}, body={"reason": reason})
