"""The main job as persons do it, step by step: from the search abroad to the countersigned hand-over.

Each step is one command of one person, repeated as a person would repeat it whose node died meanwhile, and ends when
both nodes are at rest and where the step should have brought them.
"""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from comity.evidence import service as evidence
from comity.exchange.store.inbox import inbox
from comity.exchange.store.sent import outbox
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.search import service as search
from comity.search.model import Query
from tests.journeys.federation import Federation
from tests.journeys.nodes import LiveNode

REPORT: Final = b"Laboratory report, training data. Reference sample XB-7: typed twice, both agree.\n" * 30
ACCOUNT: Final = "Body found at the harbour; blood stain on the victim's sleeve."
MATCH: Final = {"verdict": "match", "reason": "all compared loci agree"}
_SETTLED: Final = ("delivered", "handled", "rejected", "non_delivery")


# --- looking -------------------------------------------------------------------------------------------------------


def look(node: LiveNode, what: Callable[[Unit], Any]) -> Any:
    """`what` of the node's database, without acting there."""
    with node.eyes.database.read("test.look") as unit:
        return what(unit)


def queries(node: LiveNode, **which: str) -> list[Query]:
    """The node's queries, oldest first."""
    found: list[Query] = look(node, search.overview)
    return [q for q in found if all(getattr(q, name) == value for name, value in which.items())]


def query(node: LiveNode, id: str) -> Query:
    """One of them."""
    return next(q for q in queries(node) if q.id == id)


def candidate(node: LiveNode, id: str) -> str:
    """The number of the query's best candidate."""
    found = look(node, lambda unit: search.detail(unit, id, ""))
    return str(found["candidates"][0]["number"])


def stage(node: LiveNode, named: str) -> str:
    """Where a request for evidence stands; empty when the node does not know it."""
    requests = look(node, lambda unit: unit.connection.scalars(sa.text("SELECT id FROM evidence_request")).all())
    return str(look(node, lambda unit: evidence.progress(unit, named))["stage"]) if named in requests else ""


def custody(node: LiveNode, named: str) -> str:
    """The agency with which the custody of a request's items is, as this node knows it."""
    return str(look(node, lambda unit: evidence.progress(unit, named))["custody"])


def rest(federation: Federation) -> None:
    """Return when no message, receipt or handling is under way at any node that is up."""
    federation.bell.until(lambda: _sizes(federation) == _sizes(federation) is not None, "the nodes come to rest")


def _sizes(federation: Federation) -> list[int] | None:
    """The sizes of the logs, if nothing is under way; None otherwise."""
    sizes = []
    for node in federation.nodes.values():
        busy, size = look(node, lambda unit: (_busy(unit), log.head(unit).size))
        if busy or not node.up.is_set():
            return None
        sizes.append(size)
    return sizes


def _busy(unit: Unit) -> bool:
    owed = sa.select(outbox.c.n).where(outbox.c.state.not_in(_SETTLED)).limit(1)
    unread = sa.select(inbox.c.id).where(inbox.c.state == "accepted").limit(1)
    return any(unit.connection.execute(query).first() is not None for query in (owed, unread))


# --- acting --------------------------------------------------------------------------------------------------------


class Story:
    """The main job between XA and XB; every method is one chapter of it."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.a, self.b = federation["XA"], federation["XB"]
        self.scene = federation.scene
        self.query = ""
        self.item = ""
        self.request = ""

    def tell(self) -> None:
        """All of it."""
        self.ask()
        self.judge()
        self.name()
        self.hand_over()

    def ask(self) -> None:
        """XA's officer asks XB; the answer is a hit."""
        body = {"case": self.scene.case["homicide"], "profile": self.scene.profile, "to": ["XB"]}
        self.a.insist("officer-1", "/searches", body, done=lambda: queries(self.a))
        self.query = queries(self.a)[0].id
        self.settle(lambda: query(self.a, self.query).status == "hit", "a hit")

    def judge(self) -> None:
        """Both laboratories judge blind, first the one that holds the profile."""
        for node in (self.b, self.a):
            number = candidate(node, self.query)
            node.insist("examiner-1", f"/searches/{self.query}/verdicts", {"candidate": number, **MATCH})
            self.settle()
        self.both("confirmed", "confirmed")

    def name(self) -> None:
        """Core data: requested, authorised by the judge, released by the approver, opened for a reason."""
        path, number = f"/searches/{self.query}", candidate(self.a, self.query)
        asked = {"candidate": number, "facts_of_offence": ACCOUNT}
        self.a.insist("officer-1", f"{path}/core-data-request", asked)
        self.both("awaiting_judge", "awaiting_judge")
        self.b.insist("judge-1", f"{path}/authorisation", {"reference": "BJ 2026/41", "reason": "proportionate"})
        self.both("authorised", "authorised")
        self.b.insist("approver-1", f"{path}/release")
        self.both("core_released", "core_released")
        self.a.insist("officer-1", f"{path}/identity", {"reason": "to identify the suspect"})

    def hand_over(self) -> None:
        """The laboratory's report: taken in, requested, offered, released, accepted, countersigned."""
        self.take_in()
        self.ask_for_evidence()
        self.offer()
        self.accept()

    def take_in(self, report: bytes = REPORT) -> None:
        """XB's custodian takes the report in."""
        case = self.scene.case["exhibits"]
        path = f"/evidence/items?case={case}&kind=laboratory_report&source=laboratory&exhibit=XB-7"
        self.b.insist("custodian-1", path, report, done=lambda: _ids(self.b, "evidence_item"))
        (self.item,) = _ids(self.b, "evidence_item")

    def ask_for_evidence(self) -> None:
        """XA's officer requests it as information only."""
        body = {"case": self.scene.case["homicide"], "about": self.query, "wanted": "the report on the match",
                "category": "laboratory_report"}  # fmt: skip
        self.a.insist("officer-1", "/evidence/requests", body, done=lambda: _ids(self.a, "evidence_request"))
        self.request = _ids(self.a, "evidence_request")[-1]
        self.settle(lambda: stage(self.b, self.request) == "open", "the request is there")

    def offer(self) -> None:
        """XB's custodian offers, the approver releases; the package arrives."""
        self.b.insist("custodian-1", f"/evidence/requests/{self.request}/offer", {"items": [self.item]})
        self.b.insist("approver-1", f"/evidence/{self.request}/release")
        self.settle(lambda: stage(self.a, self.request) == "received", "the package is there")

    def accept(self) -> None:
        """XA's custodian re-hashes and accepts; both sides have signed."""
        self.a.insist("examiner-1", f"/evidence/{self.request}/acceptance")
        self.settle(lambda: stage(self.a, self.request) == "countersigned", "both have signed")

    def both(self, at_a: str, at_b: str) -> None:
        """Both sides of the query come to these states."""
        there = lambda: (query(self.a, self.query).state, query(self.b, self.query).state) == (at_a, at_b)  # noqa: E731
        self.settle(there, f"{at_a} at XA and {at_b} at XB")

    def settle(self, there: Callable[[], bool] = lambda: True, what: str = "") -> None:
        """`there` is reached, and both nodes are at rest."""
        self.federation.bell.until(there, what)
        rest(self.federation)


def _ids(node: LiveNode, table: str) -> list[str]:
    found: list[str] = look(
        node, lambda unit: unit.connection.scalars(sa.text(f"SELECT id FROM {table} ORDER BY id")).all()
    )
    return found
