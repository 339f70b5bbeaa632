"""A node's database as it is after years: queries, hits, cases and a log of millions, loaded once into ``build/``.

One search between two real nodes gives the pattern: its record, its candidate, its life and verdicts are what every
query here holds, each sealed anew under its own case's key. Entries are appended as always, one checkpoint for many.
Loading goes on where it was cut, a lot at most is done again; `build_seconds` is the time of all its attempts.
"""

import json
import random
import shutil
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
from comity.cases.store import case_member
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import KEY_BYTES, sha256
from comity.kit.database.unit import Database
from comity.kit.shell import time_left
from comity.legal import service as legal
from comity.legal.model import Question
from comity.log import service as log
from comity.log.model import Record
from comity.search import store
from comity.search.model import Candidate, FollowUp, Query, Transition, Verdict
from comity.search.service import life
from comity.search.store.candidates import candidate_table
from comity.search.store.outcomes import follow_up_table
from comity.search.store.queries import query_table
from comity.search.store.sealing import sealed
from comity.search.store.steps import transition_table
from comity.search.store.verdicts import verdict_table
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
WHOLE = "whole"
"""The file that is there when everything is loaded."""


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
    """The node of that size, opened; built first, or to its end, where there is none yet."""
    home = folder / size.name
    if not (home / WHOLE).exists():
        _build(home, size)
    return create_node(settings.load(home / "node"))


def build_seconds(folder: Path, size: Size) -> float | None:
    """How long loading the node of that size took, as measured; None for a database that does not know."""
    found: Any = json.loads((folder / size.name / WHOLE).read_text())
    return found["build_s"] if isinstance(found, dict) else None


class Spent:
    """Seconds of loading so far, over all attempts; what an attempt did after its last lot is not in it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "spent"
        self._before = float(self._path.read_text()) if self._path.exists() else 0.0
        self._started = time.perf_counter()

    def keep(self) -> float:
        """Note what was spent up to now."""
        total = self._before + time.perf_counter() - self._started
        self._path.write_text(str(total))
        return total


def _build(home: Path, size: Size) -> None:
    _found(home, size)
    spent, made = Spent(home), create_node(settings.load(home / "node"))
    known = _known(made.database)
    _queries(made.database, size.queries, (_pattern(made.database), known), spent)
    _entries(made.database, size.entries, known, spent)
    with made.database.unit("benchmark.analyze") as unit:
        unit.connection.execute(sa.text("ANALYZE"))
    made.close()
    (home / WHOLE).write_text(json.dumps({"build_s": round(spent.keep())}))


def _found(home: Path, size: Size) -> None:
    """The node with its people and cases, where an earlier attempt has not made them."""
    if (home / "founded").exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    spent = Spent(home)
    made = operating.init(
        Settings(home / "node", "XA", "Arvenia", training=True, officer_port=8440),
        operating.FirstPerson("admin-1", "unit-1", PASSPHRASE),
    )
    _people(made, home)
    _cases(made.database, random.Random(SEED), size.cases)
    made.close()
    spent.keep()
    (home / "founded").touch()


# --- the pattern ---------------------------------------------------------------------------------------------------


def _pattern(database: Database) -> Pattern:
    """The pattern, resting on a decision of this node."""
    found = _confirmed()
    basis = found.query.basis | {"decision": _decision(database)}
    return replace(found, query=replace(found.query, basis=basis))


def _confirmed() -> Pattern:
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


def _cases(database: Database, chance: random.Random, count: int) -> None:
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


def _known(database: Database) -> list[Kept]:
    with database.read("benchmark.cases") as unit:
        columns = case_member.c
        members: dict[str, list[str]] = {}
        rows = unit.connection.execute(
            sa.select(columns.case_id, columns.person).order_by(columns.case_id, columns.seq)
        )
        for id, person in rows:
            members.setdefault(id, []).append(person)
        return [Kept(id, cases.data_key(unit, id), (*people,)) for id, people in members.items()]


def _decision(database: Database) -> str:
    with database.unit("benchmark.decision") as unit:
        return legal.decide(unit, Question("hit_no_hit", "XA", "XB", "TRAIN-REG", unit.now.date(), FACTS)).id


# --- queries -------------------------------------------------------------------------------------------------------


def _queries(database: Database, count: int, like: tuple[Pattern, list[Kept]], spent: Spent) -> None:
    pattern, known = like
    own, started = database.keys.data_key("search"), time.perf_counter()
    with database.read("benchmark.count") as unit:
        first = unit.connection.scalar(sa.select(sa.func.count()).select_from(query_table)) or 0
    for done in range(first, count, LOT):
        chance, rows = random.Random(f"{SEED} queries {done}"), dict[sa.Table, list[dict[str, Any]]]()
        for _ in range(min(LOT, count - done)):
            for table, row in _query(chance, pattern, chance.choice(known) if chance.random() < 0.6 else None, own):
                rows.setdefault(table, []).append(row)
        with database.unit("benchmark.queries") as unit:
            for table, lot in rows.items():
                unit.connection.execute(sa.insert(table), lot)
        spent.keep()
        _progress("queries", (first, done, count), started)


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
    yield query_table, row | {"body": sealed(key, id, "body", pattern.body), "answered_in": 2}
    steps = pattern.steps if confirmed else pattern.steps[:-1] if status == "hit" else pattern.steps[:2]
    for step in steps:
        moved = replace(step, query=id, at=at + timedelta(seconds=step.seq), entry=chance.randrange(1, 1000))
        yield transition_table, asdict(moved)
    if status != "hit":
        return
    shown = pattern.candidate
    inside: JsonObject = {"comparison": shown.comparison, "record": shown.record}
    yield candidate_table, {
        "query": id, "number": shown.number, "rank": 0, "quality": shown.quality, "near": shown.near,
        "sealed": sealed(key, f"{id}|{shown.number}", "candidate", inside),
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


def _entries(database: Database, count: int, known: list[Kept], spent: Spent) -> None:
    """Entries until the log has `count`, those of founding among them."""
    started = time.perf_counter()
    with database.read("benchmark.count") as unit:
        first = log.head(unit).size
    for done in range(first, count, LOT):
        source = _records(random.Random(f"{SEED} entries {done}"), known)
        with database.unit("benchmark.entries") as unit:
            for record in islice(source, min(LOT, count - done)):
                log.append(unit, record)
        spent.keep()
        _progress("entries", (first, done, count), started)


def _progress(what: str, at: tuple[int, int, int], started: float) -> None:
    """Now and then how far it is; `at` is where this attempt began, where it is, and how many there will be."""
    first, done, of = at
    if done > first and ((done - first) // LOT) % 16 == 0:
        left = time_left(done - first, of - first, time.perf_counter() - started)
        print(f"  {what} {done:,} of {of:,}, {left}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps({"home": str(Path("build") / Size(*map(int, sys.argv[1:4])).name)}))
    node(Path("build"), Size(*map(int, sys.argv[1:4]))).close()
