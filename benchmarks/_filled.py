"""A node's database as it is after years: queries, hits, cases and a log of millions, loaded once into ``build/``.

One search between two real nodes gives the pattern: its record, its candidate, its life and verdicts are what every
query here holds, each sealed anew under its own case's key. Entries are appended as always, one checkpoint for many.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comity.app import operating, settings
from comity.app.settings import Settings
from comity.app.wiring import Node, create_node
from comity.base.clock import system_clock
from comity.base.ids import uuid7
from comity.base.model import Actor, DataKey, JsonObject
from comity.cases import service as cases
from comity.cases import store as case_store
from comity.cases.model import Case
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import KEY_BYTES, sha256
from comity.kit.database.unit import Database, Unit
from comity.kit.shell import time_left
from comity.legal import service as legal
from comity.legal.model import Question
from comity.log import service as log
from comity.log.model import Record
from comity.search import store
from comity.search.model import Candidate, FollowUp, Query, Transition, Verdict
from comity.search.service import life
from comity.search.store.outcomes import follow_up_table
from comity.search.store.queries import _sealed, candidate_table, query_table, transition_table, verdict_table
from tests.clock import FixedClock
from tests.exchange.federation import PIN, directory_file, entry
from tests.people import PASSPHRASE, enrol
from tests.schema import build_schema
from tests.search.world import FACTS, World, world

SEED = 20_261
OFFICERS = 100
YEARS = 5
PEOPLE = {
    "examiner-1": ("laboratory", ("examiner",)), "approver-1": ("contact-point", ("approver",)),
    "judge-1": ("court", ("judge",)), "auditor-1": ("oversight", ("auditor",)),
    "lawyer-1": ("legal-office", ("lawyer",)), "operator-1": ("operations", ("operator",)),
}  # fmt: skip
ANSWERS = {"no_hit": 65, "hit": 20, "refused": 10, "unavailable": 5}
STATES = {"no_hit": "closed_no_hit", "refused": "refused", "unavailable": "waiting"}
KINDS = ("search.answered", "search.queried", "search.viewed", "case.shown", "message.sent")
LOT = 8192


@dataclass(frozen=True)
class Size:
    """How much there is."""

    queries: int
    entries: int
    cases: int

    @property
    def name(self) -> str:
        """A folder's name for it."""
        return f"web-{self.queries}-{self.entries}-{self.cases}"


@dataclass(frozen=True)
class Pattern:
    """A confirmed hit as both nodes kept it."""

    query: Query
    body: JsonObject
    candidate: Candidate
    steps: tuple[Transition, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Kept:
    """A case with the key that its contents are sealed under."""

    id: str
    key: DataKey
    members: tuple[str, ...]


def node(folder: Path, size: Size) -> Node:
    """The node of that size, opened; built first where there is none yet."""
    home = folder / size.name
    if not (home / "whole").exists():
        started = time.perf_counter()
        _build(home, size)
        (home / "whole").write_text(f"{time.perf_counter() - started:.0f}\n")
        print(f"built in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return create_node(settings.load(home / "node"))


def _build(home: Path, size: Size) -> None:
    pattern = _pattern()
    chance = random.Random(SEED)
    made = operating.init(
        Settings(home / "node", "XA", "Arvenia", training=True, officer_port=8440),
        operating.FirstPerson("admin-1", "unit-1", PASSPHRASE),
    )
    _people(made, home)
    known = _cases(made.database, chance, size.cases)
    basis = pattern.query.basis | {"decision": _decision(made.database)}
    pattern = replace(pattern, query=replace(pattern.query, basis=basis))
    _queries(made.database, chance, size.queries, (pattern, known))
    _entries(made.database, chance, size.entries, known)
    with made.database.unit("benchmark.analyze") as unit:
        unit.connection.execute(sa.text("ANALYZE"))
    made.close()


# --- the pattern ---------------------------------------------------------------------------------------------------


def _pattern() -> Pattern:
    with tempfile.TemporaryDirectory() as folder:
        place, clock = Path(folder), FixedClock()

        def make(code: str) -> Database:
            url = f"sqlite:///{place / code}.db"
            build_schema(url)
            return Database(
                url, node=code, keys=KeyRing.create(place / f"{code}-keys", code, system_clock), clock=clock
            )

        (place / "rooms").mkdir()
        with world(make, clock, place / "rooms") as two:
            return _read(two, two.confirmed())


def _read(two: World, id: str) -> Pattern:
    with two.a.database.read("benchmark.pattern") as unit:
        query = store.find_query(unit, id)
        key = life.key_of(unit, query)
        return Pattern(
            query, store.body(unit, id, key), store.candidates(unit, id, key)[0], tuple(store.transitions(unit, id)),
            tuple(store.verdicts(unit, query)),
        )  # fmt: skip


# --- people, cases, law --------------------------------------------------------------------------------------------


def _people(made: Node, home: Path) -> None:
    others = [KeyRing.create(home / code, code, system_clock) for code in ("XB", "XC")]
    data = directory_file([entry(keys) for keys in (made.keys, *others)], 1, system_clock())
    with made.database.unit("benchmark.people") as unit:
        exchange.import_directory(unit, data, PIN)
        for number in range(1, OFFICERS + 1):
            enrol(unit, f"officer-{number}", "officer", of=f"squad-{number % 10}")
        for person, (of, roles) in PEOPLE.items():
            until = date(2099, 1, 1) if "examiner" in roles else None
            enrol(unit, person, *roles, of=of, until=until)


def _cases(database: Database, chance: random.Random, count: int) -> list[Kept]:
    found = []
    with database.unit("benchmark.cases") as unit:
        for number in range(count):
            members = (*chance.sample([f"officer-{n}" for n in range(1, OFFICERS + 1)], 3), "examiner-1")
            at = unit.now - timedelta(days=chance.random() * 365 * YEARS)
            id = uuid7(at)
            key = DataKey(cases.key_id(id), chance.randbytes(KEY_BYTES))
            case = Case(id, f"C-{number}", f"Case number {number}", "XA-CC-101", "squad-1", members, at, "open")
            case_store.insert_case(unit, case, cases._hash(unit, case.reference), key, unit.keys.wrap(key))
            for member in members:
                case_store.insert_member(unit, id, member, members[0], at)
            found.append(Kept(id, key, members))
    return found


def _decision(database: Database) -> str:
    with database.unit("benchmark.decision") as unit:
        return legal.decide(unit, Question("hit_no_hit", "XA", "XB", "TRAIN-REG", unit.now.date(), FACTS)).id


# --- queries -------------------------------------------------------------------------------------------------------


def _queries(database: Database, chance: random.Random, count: int, like: tuple[Pattern, list[Kept]]) -> None:
    pattern, known = like
    own, started = database.keys.data_key("search"), time.perf_counter()
    for done in range(0, count, LOT):
        rows: dict[sa.Table, list[dict[str, Any]]] = {}
        for _ in range(min(LOT, count - done)):
            for table, row in _query(chance, pattern, chance.choice(known) if chance.random() < 0.6 else None, own):
                rows.setdefault(table, []).append(row)
        with database.unit("benchmark.queries") as unit:
            for table, lot in rows.items():
                unit.connection.execute(sa.insert(table), lot)
        _progress("queries", done, count, started)


def _query(
    chance: random.Random, pattern: Pattern, case: Kept | None, own: DataKey
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    at = system_clock() - timedelta(days=chance.random() * 365 * YEARS)
    status: Any = chance.choices(list(ANSWERS), list(ANSWERS.values()))[0]
    confirmed = status == "hit" and chance.random() < 0.5
    state = STATES.get(status) or ("confirmed" if confirmed else "candidate_hit")
    key, id = case.key if case else own, uuid7(at)
    query = replace(
        pattern.query, id=id, question=uuid7(at), side="asking" if case else "asked",
        partner=chance.choice(("XB", "XC")), case=case.id if case else None, ref=pattern.query.ref if case else None,
        state=state, status=status, conversation=uuid7(at), message=uuid7(at), asked_at=at,
        deadline=at + timedelta(hours=8),
    )  # fmt: skip
    row = {name: getattr(query, name) for name in Query.__dataclass_fields__}
    yield query_table, row | {"body": _sealed(key, id, "body", pattern.body), "answered_in": 2}
    steps = pattern.steps if confirmed else pattern.steps[:-1] if status == "hit" else pattern.steps[:2]
    for step in steps:
        moved = replace(step, query=id, at=at + timedelta(seconds=step.seq), entry=chance.randrange(1, 1000))
        yield transition_table, asdict(moved)
    if status != "hit":
        return
    shown = pattern.candidate
    sealed = _sealed(key, f"{id}|{shown.number}", "candidate", {"comparison": shown.comparison, "record": shown.record})
    yield candidate_table, {
        "query": id, "number": shown.number, "rank": 0, "quality": shown.quality, "near": shown.near, "sealed": sealed,
    }  # fmt: skip
    if confirmed:
        for verdict in pattern.verdicts:
            yield verdict_table, asdict(replace(verdict, query=id, round=query.message, at=at))
        if case:
            due = at + timedelta(days=30)
            yield follow_up_table, vars(FollowUp(id, query.partner, case.id, at, due, None))


# --- the log -------------------------------------------------------------------------------------------------------


def _records(chance: random.Random, known: list[Kept]) -> Iterator[Record]:
    while True:
        case = chance.choice(known) if chance.random() < 0.6 else None
        person = chance.choice(case.members) if case else f"officer-{chance.randrange(1, OFFICERS + 1)}"
        digest = chance.randbytes(32).hex()
        yield Record(
            chance.choice(KINDS), Actor("XA", person, "squad-1", frozenset({"officer"})), {"query": digest[:36]},
            {"digest": digest}, case=case.id if case else None, key=case.key if case else None,
            peer=chance.choice(("XB", "XC")), legal_basis="TRAIN-REG:5(1)", auth_hash=sha256(digest.encode()).hex(),
        )  # fmt: skip


def _entries(database: Database, chance: random.Random, count: int, known: list[Kept]) -> None:
    source, started = _records(chance, known), time.perf_counter()
    for done in range(0, count, LOT):
        with database.unit("benchmark.entries") as unit:
            _append(unit, islice(source, min(LOT, count - done)))
        _progress("entries", done, count, started)


def _append(unit: Unit, source: Iterator[Record]) -> None:
    for record in source:
        log.append(unit, record)


def _progress(what: str, done: int, of: int, started: float) -> None:
    if done and (done // LOT) % 16 == 0:
        spent = time.perf_counter() - started
        print(f"  {what} {done:,} of {of:,}, {time_left(done, of, spent)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps({"home": str(Path("build") / Size(*map(int, sys.argv[1:4])).name)}))
    node(Path("build"), Size(*map(int, sys.argv[1:4]))).close()
