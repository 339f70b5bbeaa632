"""Two agencies that negotiate: their nodes, a lawyer each, a table and a text, and letters carried by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from comity.base.errors import ComityError, NotFound
from comity.base.model import Issuer
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import VerifyKey
from comity.kit.database.unit import Database, Unit
from comity.legal import service
from comity.legal.model import Agreement, Decision, Terms
from comity.log import service as log
from tests.legal.law import ask
from tests.people import enrol, signed_in

CODE = "XA-XB-1"
DAY = 24 * 3600
FIRST, LAST = date(2026, 4, 1), date(2028, 3, 31)
TEXT = b"# Memorandum on DNA searches\n\n1. The institutes answer each other. 2. Either ends it by 90 days' notice.\n"
TABLE = """schema: "comity-instrument/1"
code: "XA-XB-1"
title: "Memorandum on DNA searches"
kind: "bilateral"
from: "2026-04-01"
until: "2028-03-31"
text: ""
articles: {entry: "3", territory: "", declarations: "", handling: "", neutrality: "", refusal: "1"}
rows:
  - measure: "hit_no_hit"
    article: "1"
    conditions:
      - {kind: "modality", article: "1", one_of: ["dna"]}
      - {kind: "purpose", article: "1", one_of: ["criminal_investigation"]}
    deadlines:
      - {clock: "notice", article: "2", days: 90, start: ["ending_notified"], effect: "ends", consequence: "it ends"}
    use_limits: [{code: "purpose_bound", article: "1"}]
    refusal_grounds: []
    channels: [{code: "node", article: "1"}]
    requirements: []
    source: "memorandum, paragraph 1"
    confidence: "V"
    status: "unreviewed"
"""


def terms(table: str = TABLE, text: bytes = TEXT, first: date = FIRST, last: date | None = LAST) -> Terms:
    return Terms("Memorandum on DNA searches", first, last, table.encode(), text)


@dataclass(frozen=True)
class Office:
    """One agency: its database and its lawyer."""

    database: Database
    find_key: service.FindKey

    @property
    def code(self) -> str:
        return self.database.node

    @contextmanager
    def acting(self, person: str = "lawyer-1") -> Iterator[tuple[Unit, Issuer]]:
        with self.database.unit("test.act") as unit:
            yield unit, signed_in(unit, person)

    def new(self, partner: str, written: Terms | None = None) -> Agreement:
        with self.acting() as (unit, issuer):
            return service.new_agreement(unit, issuer, partner, written or terms())

    def sign(self, id: str) -> Agreement:
        with self.acting() as (unit, issuer):
            return service.sign_agreement(unit, issuer, id)

    def letter(self, id: str) -> bytes:
        with self.acting() as (unit, issuer):
            return service.propose_agreement(unit, issuer, id)

    def take(self, letter: bytes) -> Agreement:
        with self.acting() as (unit, issuer):
            return service.receive_agreement(unit, issuer, letter, self.find_key)

    def refuses(self, letter: bytes) -> ComityError:
        """The error with which it refuses the letter, of which nothing is kept."""
        before = (self.count(), entries(self))
        with pytest.raises(ComityError) as caught:
            self.take(letter)
        assert (self.count(), entries(self)) == before and caught.value.todo
        return caught.value

    def found(self, id: str) -> Agreement:
        with self.database.read("test.read") as unit:
            return service.find_agreement(unit, id)

    def state(self, id: str) -> str:
        with self.database.read("test.read") as unit:
            return service.agreement_state(unit, service.find_agreement(unit, id))

    def count(self) -> int:
        with self.database.read("test.read") as unit:
            return len(service.agreements(unit))


Pair = tuple[Office, Office]


def office(database: Database, keyring: Callable[[str], KeyRing]) -> Office:
    """The agency of that database, with the people ``lawyer-1`` and ``officer-1``; it knows XA, XB and XC."""

    def find_key(unit: Unit, code: str) -> VerifyKey:
        if code not in ("XA", "XB", "XC"):
            raise NotFound("exchange.unlisted", f"{code} is not in this node's directory", todo="Look it up.")
        return keyring(code).signing.public

    with database.unit("test.people") as unit:
        enrol(unit, "lawyer-1", "lawyer")
        enrol(unit, "officer-1", "officer")
    return Office(database, find_key)


def conclude(a: Office, b: Office) -> str:
    """An agreement that `a` has written and both have signed; its id."""
    id = a.new(b.code).id
    a.sign(id)
    b.take(a.letter(id))
    b.sign(id)
    a.take(b.letter(id))
    return id


def decide(one: Office, on: date) -> Decision:
    """What that node decides on a search under the agreement, on that day."""
    with one.database.unit("test.decide") as unit:
        return service.decide(unit, ask("hit_no_hit", "XA-CC-101", instrument=CODE, on=on))


def entries(one: Office) -> list[str]:
    """The types of its log entries about agreements."""
    with one.database.read("test.log") as unit:
        return [entry.type for entry in log.entries(unit) if entry.type.startswith("legal.agreement")]
