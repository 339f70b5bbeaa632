"""Exhibits, requests, releases and packages."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from comity.base.model import JsonObject
from comity.client.connection import Connection, Upload


@dataclass(frozen=True)
class Exhibit:
    """What is said about an exhibit; without a number it gets the next of its case."""

    case: str
    kind: str
    source: str
    exhibit: str = ""


@dataclass(frozen=True)
class Wanted:
    """A request to a partner; `to` may stay empty where `about` names a query."""

    case: str
    wanted: str
    to: str = ""
    about: str = ""
    category: str = "exhibit"
    purpose: str = "criminal_investigation"
    instrument: str | None = None

    def body(self) -> JsonObject:
        """The request as JSON."""
        return {
            "case": self.case, "wanted": self.wanted, "to": self.to, "about": self.about, "category": self.category,
            "purpose": self.purpose, "instrument": self.instrument,
        }  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Evidence of the node, by case or by id."""

    _at: Connection

    def list(self, case: str = "") -> JsonObject:
        """A case's evidence, or the requests that partners have sent."""
        return self._at.ask("GET", "/evidence", query={"case": case})

    def take_in(self, file: Upload, about: Exhibit) -> JsonObject:
        """Take an exhibit in; its bytes are sent as they come."""
        query = {"case": about.case, "kind": about.kind, "source": about.source, "exhibit": about.exhibit}
        return self._at.upload("POST", "/evidence/items", file, query)

    def show(self, named: str) -> JsonObject:
        """One item, request, release or package: `what` tells which."""
        return self._at.ask("GET", "/evidence/{named}", {"named": named})

    def package(self, named: str) -> AbstractContextManager[Iterator[bytes]]:
        """A package, piece by piece: ``with evidence.package(id) as pieces``."""
        return self._at.download("GET", "/evidence/{named}/package", {"named": named})

    def receipt(self, named: str) -> AbstractContextManager[Iterator[bytes]]:
        """A package's receipt, piece by piece."""
        return self._at.download("GET", "/evidence/{named}/receipt", {"named": named})

    def preview(self, wanted: Wanted) -> JsonObject:
        """What a request would send, to whom, and what the law says."""
        return self._at.ask("POST", "/evidence/requests/preview", body=wanted.body())

    def request(self, wanted: Wanted) -> JsonObject:
        """Ask a partner for evidence, as information only."""
        return self._at.ask("POST", "/evidence/requests", body=wanted.body())

    def refuse_request(self, request: str, ground: str, reason: str) -> JsonObject:
        """Refuse a partner's request."""
        body = {"ground": ground, "reason": reason}
        return self._at.ask("POST", "/evidence/requests/{request_id}/refusal", {"request_id": request}, body=body)

    def offer(self, request: str, items: Sequence[str]) -> JsonObject:
        """Propose items; nothing leaves yet."""
        body = {"items": [*items]}
        return self._at.ask("POST", "/evidence/requests/{request_id}/offer", {"request_id": request}, body=body)

    def release(self, named: str) -> JsonObject:
        """Approve and send what another person offered."""
        return self._at.ask("POST", "/evidence/{named}/release", {"named": named})

    def withdraw(self, named: str, reason: str) -> JsonObject:
        """Take a proposal back."""
        return self._at.ask("POST", "/evidence/{named}/withdrawal", {"named": named}, body={"reason": reason})

    def accept(self, named: str) -> JsonObject:
        """Accept a package after the node's own re-hash."""
        return self._at.ask("POST", "/evidence/{named}/acceptance", {"named": named})

    def refuse(self, named: str, reason: str) -> JsonObject:
        """Refuse a package with a signed receipt."""
        return self._at.ask("POST", "/evidence/{named}/refusal", {"named": named}, body={"reason": reason})
