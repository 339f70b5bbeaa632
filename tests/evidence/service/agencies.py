"""Two agencies that exchange evidence for real: own databases, vaults, people, ports under mutual TLS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from comity.app.wiring import find_key
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.evidence.model.flow import Ask, EvidenceRequest, Kept, Offer, Parcel, Release
from comity.evidence.model.package import Acquisition, Details
from comity.evidence.service import accepting, offering, receiving, releasing, requesting, sealing, settling, taking
from comity.exchange import service as exchange
from comity.kit.database.unit import Database
from comity.kit.vault.blobs import Vault
from tests.exchange.federation import Federation, Node, federation
from tests.people import enrol

REPORT = b"Laboratory report B-7: the profile was typed twice, with the same result.\n" * 40
DETAILS = Details(
    kind="laboratory_report", source="laboratory of Brevania, file 7",
    acquisition=Acquisition("export", operator="custodian-1", start="2026-03-02T08:00:00Z", end="2026-03-02T08:05:00Z"),
)  # fmt: skip


@dataclass
class Agency:
    """One node with its people (by role) and one case that all of them know."""

    node: Node
    vault: Vault
    people: dict[str, Issuer]
    case: str

    @property
    def database(self) -> Database:
        return self.node.database

    def request(self, to: str = "XB", **changes: object) -> EvidenceRequest:
        ask = replace(Ask(self.case, to, "the laboratory's report on the match", "laboratory_report"), **changes)  # type: ignore[arg-type]  # changes are fields of Ask
        with self.database.unit("evidence.request") as unit, unit.act():
            return requesting.request(unit, self.people["officer"], ask)

    def take_in(self, content: bytes = REPORT, details: Details = DETAILS) -> Kept:
        with self.database.unit("evidence.take-in") as unit, unit.act():
            return taking.take_in(unit, self.vault, self.people["custodian"], (self.case, [content]), details)

    def offer(self, request: str, *items: str, by: str = "custodian") -> Release:
        with self.database.unit("evidence.offer") as unit, unit.act():
            return offering.offer(unit, self.people[by], Offer(request, items))

    def release(self, named: str, by: str = "approver") -> Release:
        with self.database.unit("evidence.release") as unit, unit.act():
            return releasing.release(unit, self.vault, self.people[by], named)

    def accept(self, named: str, by: str = "custodian") -> Parcel:
        with self.database.unit("evidence.accept") as unit, unit.act():
            return accepting.accept(unit, self.vault, self.people[by], named)

    def refuse(self, named: str, reason: str = "not what was asked for") -> Parcel:
        with self.database.unit("evidence.refuse") as unit, unit.act():
            return accepting.refuse(unit, self.vault, self.people["examiner"], named, reason)


@dataclass
class World:
    """Arvenia (XA) asks, Brevania (XB) holds."""

    a: Agency
    b: Agency
    federation: Federation

    def post(self) -> None:
        """Carries messages and receipts until nobody has anything left to say."""
        for _ in range(20):
            moved = 0
            for agency in (self.a, self.b):
                station = agency.node.station
                moved += exchange.deliver_due(station) + exchange.handle_pending(station) + exchange.push_due(station)
            if not moved:
                return
        raise AssertionError("the two nodes never come to rest")

    def offered(self, content: bytes = REPORT) -> tuple[Kept, Release]:
        """An item of XB, requested by XA, on its way to XA."""
        item = self.b.take_in(content)
        request = self.a.request()
        self.post()
        self.b.offer(request.id, item.item.id)
        release = self.b.release(request.id)
        self.post()
        return item, release


def _agency(node: Node, folder: Path) -> Agency:
    vault = Vault(folder / node.database.node)
    (folder / node.database.node).mkdir()
    with node.database.unit("test.people") as unit:
        officer = enrol(unit, "officer-1", "officer", of="homicide-squad")
        people = {
            "officer": officer,
            "custodian": enrol(unit, "custodian-1", "custodian", of="exhibits"),
            "examiner": enrol(unit, "examiner-1", "examiner", of="laboratory"),
            "approver": enrol(unit, "approver-1", "approver", of="contact-point"),
            "stranger": enrol(unit, "custodian-2", "custodian", of="elsewhere"),
        }
        offence = "XA-CC-101" if node.database.node == "XA" else "XB-PL-1"
        case = cases.open_case(unit, officer, NewCase(f"{node.database.node}-2026/1", "A case", offence))
        for person in ("custodian-1", "examiner-1", "approver-1"):
            cases.add_member(unit, officer, case.id, person)
    return Agency(node, vault, people, case.id)


@contextmanager
def world(make_database: Callable[[str], Database], folder: Path) -> Iterator[World]:
    """The two agencies, connected."""
    vaults = {code: Vault(folder / code) for code in ("XA", "XB")}
    wiring = {
        code: {
            "handlers": {
                "evidence.request": requesting.on_request,
                "evidence.package": partial(receiving.on_package, vault=vault),
                "evidence.key": partial(receiving.on_key, vault=vault),
                "evidence.acceptance": partial(settling.on_acceptance, vault=vault),
                "evidence.countersigned": partial(accepting.on_countersigned, vault=vault),
                "refusal": requesting.on_refusal,
            },
            "vault": vault,
            "keepers": {"evidence.package": receiving.keep_package},
            "data_key": find_key,
            "watchers": {"evidence.package": sealing.on_delivery},
        }
        for code, vault in vaults.items()
    }
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as joined:
        yield World(_agency(joined.nodes["XA"], folder), _agency(joined.nodes["XB"], folder), joined)
