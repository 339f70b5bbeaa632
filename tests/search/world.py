"""Two or three agencies that search abroad for real: own databases, people, profiles, ports under mutual TLS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from comity.access import service as access
from comity.app.demo import population
from comity.app.wiring import TOPICS, handlers, log_refusal, watchers
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.dna import service as dna
from comity.dna.service import DnaMatcher
from comity.exchange import service as exchange
from comity.exchange.model import Delivery, Handling, Message
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.legal import service as legal
from comity.legal.model import JUDICIAL_AUTHORISATION, Permit, Question
from comity.log import service as log
from comity.search import service, store
from comity.search.model import Ask, Matcher, Query, VerdictKind
from comity.search.service import life
from tests.clock import FixedClock
from tests.exchange.federation import Federation, Node, act_hash, federation
from tests.people import enrol

Make = Callable[[str], Database]

STAIN = dna.shipped_file("stain-2800m.xml")
(SPECIMEN,) = dna.read_file(STAIN)[0]
REF = SPECIMEN.specimen
PLANTED = population.derivatives(SPECIMEN)
CORVIA = "declaration-xc-2026.csv"
ACCOUNT = "A body was found on 17 January; blood of a stranger on the sleeve."
FACTS: JsonObject = {
    "offence": {"state": "XA", "code": "XA-CC-101"}, "purpose": "criminal_investigation", "modality": "dna",
    "data_category": "dna_profile",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip
HOMICIDE = {"XA": "XA-CC-101", "XB": "XB-PL-1"}
CORE: JsonObject = {**FACTS, "data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
PEOPLE = {
    "officer-1": ("homicide-squad", "officer"), "officer-2": ("elsewhere", "officer"),
    "examiner-1": ("laboratory", "examiner"), "examiner-2": ("laboratory", "examiner"),
    "examiner-3": ("laboratory", "examiner"), "approver-1": ("contact-point", "approver"),
    "approver-2": ("court", "approver"), "judge-1": ("court", "judge"), "both-1": ("court", "judge", "approver"),
    "lawyer-1": ("legal-office", "lawyer"), "auditor-1": ("oversight", "auditor"),
}  # fmt: skip
UNQUALIFIED = "examiner-3"
STRANGERS = ("officer-2", "auditor-1")


@dataclass
class Agency:
    """One node with its people by name; every act of theirs is a unit of its own, as a face would open it."""

    node: Node
    desk: Desk
    people: dict[str, Issuer]
    matchers: dict[str, Matcher[Unit]] = field(default_factory=lambda: {"dna": DnaMatcher()})
    case: str = ""

    @property
    def database(self) -> Database:
        return self.node.database

    def does(self, person: str, verb: Callable[..., Any], *args: Any) -> Any:
        """`verb(unit, issuer, *args)` by that person."""
        with self.desk.acting(f"search.{verb.__name__}", self.people[person]) as unit:
            return verb(unit, self.people[person], *args)

    def open_case(self, offence: str, reference: str) -> str:
        """A case that everybody may know of but the strangers."""
        officer = self.people["officer-1"]
        with self.database.unit("test.case") as unit:
            case = cases.open_case(unit, officer, NewCase(reference, "A case", offence)).id
            for person in PEOPLE:
                if person not in STRANGERS and person != "officer-1":
                    cases.add_member(unit, officer, case, person)
        return case

    def take_in(self, data: bytes, corrected: bool = False) -> None:
        """Import a file of profiles."""
        with self.database.unit("test.import") as unit:
            acted = dna.sign_import(unit, self.people["examiner-1"], data, "profiles")
            dna.import_file(unit, acted, data, "profiles", dna.Options(corrected=corrected))

    def ask(self, *to: str, person: str = "officer-1", **changes: Any) -> list[Query]:
        """Ask abroad with the stain, in the agency's case."""
        question = Ask(**{"case": self.case, "modality": "dna", "ref": REF, "recipients": to,
                          "purpose": "criminal_investigation", **changes})  # fmt: skip
        with self.desk.acting("search.ask", self.people[person]) as unit:
            return service.ask(unit, self.matchers["dna"], self.people[person], question)

    def correct(self, query: str, ref: str) -> Query:
        with self.desk.acting("search.correct", self.people["officer-1"]) as unit:
            return service.correct(unit, self.matchers["dna"], self.people["officer-1"], query, ref)

    def review(self, query: str, facts: JsonObject, person: str = "lawyer-1") -> str:
        with self.desk.acting("search.answer", self.people[person]) as unit:
            return service.review(unit, self.matchers, self.people[person], query, facts).outcome

    def confirm(self, query: str, kind: VerdictKind = "match", person: str = "examiner-1", number: str = "") -> Query:
        judged = (number or self.first(query), kind)
        moved: Query = self.does(person, service.confirm, query, judged, "all compared loci agree")
        return moved

    def request(self, query: str, number: str = "", person: str = "officer-1") -> Query:
        number = number or self.first(query)
        moved: Query = self.does(person, service.request_core_data, query, number, ACCOUNT)
        return moved

    def release(self, query: str, person: str = "approver-1") -> Query:
        with self.desk.acting("search.release", self.people[person]) as unit:
            return service.release(unit, self.matchers["dna"], self.people[person], query)

    def open(self, query: str, person: str = "officer-1") -> JsonObject:
        data: JsonObject = self.does(person, service.open_identity, query, "to identify the suspect")
        return data

    def sees(self, query: str, person: str = "officer-1") -> Any:
        """What `search show` shows that person."""
        with self.desk.acting("search.show", self.people[person]) as unit:
            return service.seen_by(unit, query, self.people[person].actor)

    def first(self, query: str) -> str:
        """The number of the first candidate."""
        return str(self.detail(query)["candidates"][0]["number"])

    def detail(self, query: str) -> Any:
        with self.database.read("test.look") as unit:
            return service.detail(unit, query, "")

    def query(self, query: str) -> Query:
        with self.database.read("test.look") as unit:
            return service.find(unit, query)

    def queries(self) -> list[Query]:
        with self.database.read("test.look") as unit:
            return service.overview(unit)

    def where(self, query: str) -> tuple[str, str]:
        """State and answer of a query."""
        found = self.query(query)
        return found.state, found.status

    def logged(self) -> list[str]:
        """The types of all log entries, oldest first."""
        with self.database.read("test.log") as unit:
            return [entry.type for entry in log.entries(unit, limit=100_000)]

    def fate(self, message: str) -> Delivery:
        """What became of a message that this node sent."""
        with self.database.read("test.sent") as unit:
            return exchange.sent(unit, message).deliveries[0]

    def forge(self, query: Query, kind: str, body: JsonObject, measure: str = "hit_no_hit", **changes: Any) -> str:
        """Send a message that this node's software would not send, yet sealed, signed and logged as any; its id."""
        with self.database.unit("test.forge") as unit:
            act = act_hash(f"{kind}-{len(self.logged())}")
            made = Message(kind, (query.partner,), query.conversation, body, act, "criminal_investigation")
            made = replace(made, **{"handling": Handling.of(FACTS), **changes})
            if kind in exchange.FOLLOW_UPS:
                return exchange.follow_up(unit, made)
            return exchange.send(unit, self._permit(unit, made.to[0], measure, act), made)

    def _permit(self, unit: Unit, to: str, measure: str, act: str) -> Permit:
        asking, asked = (to, unit.node) if to == "XA" else (unit.node, to)
        facts = (CORE if measure == "core_data" else FACTS) | {"offence": {"state": asking, "code": HOMICIDE[asking]}}
        decision = legal.decide(unit, Question(measure, asking, asked, "TRAIN-REG", unit.now.date(), facts))
        return legal.permit(unit, decision, act, (to,), {JUDICIAL_AUTHORISATION: act})

    def check(self) -> None:
        """The log is whole, every life follows the machine, and every step names an entry about a search."""
        with self.database.read("test.check") as unit:
            assert log.verify(unit).ok
            types = {entry.index: entry.type for entry in log.entries(unit, limit=100_000)}
            machine = legal.lifecycle(life.MACHINE)
            for query in service.overview(unit):
                state = machine.start
                for step in store.transitions(unit, query.id):
                    assert (step.before, machine.steps[state, step.event].next) == (state, step.after)
                    assert types[step.entry].startswith("search.")
                    state = step.after
                assert state == query.state


@dataclass
class World:
    """Arvenia (XA) asks; Brevania (XB) holds the stain's source, Corvia (XC) a profile one allele off."""

    agencies: dict[str, Agency]
    federation: Federation
    clock: FixedClock

    @property
    def a(self) -> Agency:
        return self.agencies["XA"]

    @property
    def b(self) -> Agency:
        return self.agencies["XB"]

    @property
    def c(self) -> Agency:
        return self.agencies["XC"]

    def post(self) -> None:
        """Carry messages and receipts until nobody has anything left to say."""
        for _ in range(30):
            stations = [agency.node.station for agency in self.agencies.values()]
            if not sum(exchange.deliver_due(s) + exchange.handle_pending(s) for s in stations):
                return
        raise AssertionError("the nodes never come to rest")

    def hit(self) -> str:
        """A query that XB answered with a hit."""
        query = self.a.ask("XB")[0].id
        self.post()
        assert self.a.where(query) == self.b.where(query) == ("candidate_hit", "hit")
        return query

    def confirmed(self) -> str:
        """A hit that XA's laboratory confirmed."""
        query = self.hit()
        self.a.confirm(query)
        self.post()
        assert self.a.where(query)[0] == self.b.where(query)[0] == "confirmed"
        return query

    def requested(self) -> str:
        """A confirmed hit of which core data were asked; XB's judge is awaited."""
        query = self.confirmed()
        self.a.request(query)
        self.post()
        assert self.a.where(query)[0] == self.b.where(query)[0] == "awaiting_judge"
        return query

    def authorised(self) -> str:
        """A core-data request that the judge granted."""
        query = self.requested()
        self.b.does("judge-1", service.authorise, query, service.Ruling(True, "BJ 2026/41", "proportionate"))
        self.post()
        assert self.a.where(query)[0] == self.b.where(query)[0] == "authorised"
        return query

    def near(self) -> str:
        """A query that XC answered with a near match."""
        query = self.a.ask("XC")[0].id
        self.post()
        assert self.a.where(query) == self.c.where(query) == ("both_laboratories", "near_match")
        return query


def _agency(node: Node, folder: Path, matchers: dict[str, Matcher[Unit]]) -> Agency:
    people: dict[str, Issuer] = {}
    with node.database.unit("test.people") as unit:
        for person, (of, *roles) in PEOPLE.items():
            until = date(2027, 1, 1) if "examiner" in roles and person != UNQUALIFIED else None
            people[person] = enrol(unit, person, *roles, of=of, until=until)
    desk = Desk(node.database.node, folder, node.database, Vault(folder), access.enter, log_refusal)
    return Agency(node, desk, people, matchers)


@contextmanager
def world(make: Make, clock: FixedClock, folder: Path, codes: tuple[str, ...] = ("XA", "XB")) -> Iterator[World]:
    """The agencies of `codes`, connected, with their people, profiles and law."""
    matchers: dict[str, dict[str, Matcher[Unit]]] = {code: {"dna": DnaMatcher()} for code in codes}
    wiring = {}
    for code in codes:
        (folder / code).mkdir()
        tasks = handlers(matchers[code], Vault(folder / code))
        wiring[code] = {"handlers": tasks, "watchers": watchers(), "topics": TOPICS}
    with federation(make, codes, listening=codes, wiring=wiring) as joined:
        agencies = {code: _agency(joined.nodes[code], folder / code, matchers[code]) for code in codes}
        agencies["XA"].case = agencies["XA"].open_case("XA-CC-101", "XA-2026-0117")
        agencies["XA"].take_in(STAIN)
        for code, planted in (("XB", PLANTED.source), ("XC", PLANTED.near)):
            if code in codes:
                agencies[code].take_in(planted.encode())
        if "XC" in codes:
            _declare(agencies["XC"])
        made = World(agencies, joined, clock)
        yield made
        for agency in agencies.values():
            agency.check()


def _declare(corvia: Agency) -> None:
    """Corvia's newer declaration, which Arvenia has not imported."""
    data = legal.shipped_file(f"training/{CORVIA}")
    with corvia.database.unit("test.declaration") as unit:
        legal.import_table(unit, corvia.people["lawyer-1"], data, CORVIA)
