"""The verbs of the law, the room's only door: decide, permit, check; tables; life cycles; explain.

A verb of another room goes: `decide` -> (refuse, or) `permit` -> act -> `exchange.send`, which calls `check`. The
caller's own log record cites the decision's id and `rules_hash`, so that one act makes one entry. Permits are made
here and nowhere else, and every check believes the store, not the object that it was handed.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from comity.access.model import Acted
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import (
    DatedTable,
    Deadline,
    Decision,
    Due,
    Finding,
    ImportedTable,
    Instrument,
    Lifecycle,
    Permit,
    Question,
    Side,
    Tables,
    Use,
)
from comity.legal.rules import clocks, engine, explaining, lifecycles
from comity.legal.rules import tables as tabling
from comity.legal.wire import questions
from comity.legal.wire.dated import read_table
from comity.legal.wire.instruments import read_instrument
from comity.legal.wire.lifecycles import read_lifecycle
from comity.log import service as log
from comity.log.model import Record

PERMIT_HOURS: Final = 24
"""How long a permit lives: long enough for an approver's shift, short enough that law and facts are still those."""

SHIPPED_TABLES: Final = ("participations.csv", "declarations.csv", "offences.csv")

READERS: Final = frozenset({"officer", "lawyer", "auditor"})
"""Roles of which one is needed to read a decision's facts and this node's own judgements."""

IMPORTERS: Final = frozenset({"lawyer", "operator"})
"""Roles of which one is needed to import a table."""

_built: dict[tuple[str, ...], Tables] = {}
_building = threading.Lock()


def decide(unit: Unit, question: Question) -> Decision:
    """Decide as this node's state, which must be one side of the question, and keep the decision with its findings.

    Never raises for a no: deny and refer are answers. NotAllowed for a node that is neither side.
    """
    if unit.node not in (question.asking, question.asked):
        raise NotAllowed(
            "legal.not-concerned", f"{unit.node} is neither {question.asking} nor {question.asked}",
            todo="Ask about an act in which this node takes part.",
        )  # fmt: skip
    made = replace(consider(unit, question), id=uuid7(unit.now))
    store.add_decision(unit, made)
    return made


def consider(unit: Unit, question: Question) -> Decision:
    """The same decision without keeping it (its `id` stays empty, no permit can rest on it): for looking ahead."""
    side: Side = "asked" if unit.node == question.asked else "asking"
    return engine.decide(tables(unit), question, side)


def permit(
    unit: Unit, decision: Decision, act_hash: str, recipients: tuple[str, ...],
    fulfilled: Mapping[str, str] | None = None,
) -> Permit:  # fmt: skip
    """A permit for the act with this hash (64 hex characters), for the decision's partner only.

    On the asked side every requirement of the decision must be `fulfilled`: requirement -> the hash of the act that
    fulfilled it (such as the judge's signed act). NotAllowed unless the stored decision is an allow and all holds.
    """
    stored = find_decision(unit, decision.id)
    _may_be_permitted(stored, recipients, act_hash)
    proofs: JsonObject = {code: proof for code, proof in (fulfilled or {}).items() if proof}
    missing = [code for code in stored.requirements if code not in proofs]
    if stored.side == "asked" and missing:
        raise NotAllowed(
            "legal.requirement", f"not yet fulfilled: {', '.join(missing)}",
            where=f"{stored.instrument} {stored.article}",
            todo="Have the act done by the person whom the article names, then try again.",
        )  # fmt: skip
    made = Permit(
        id=uuid7(unit.now), decision_id=stored.id, measure=stored.measure, act_hash=act_hash,
        recipients=tuple(recipients), instrument=stored.instrument, article=stored.article,
        expires=unit.now + timedelta(hours=PERMIT_HOURS),
    )  # fmt: skip
    store.add_permit(unit, made, proofs)
    return made


def _may_be_permitted(stored: Decision, recipients: tuple[str, ...], act_hash: str) -> None:
    if stored.outcome != "allow":
        raise NotAllowed(
            "legal.no-permit", f"the decision is {stored.outcome}: " + "; ".join(f.condition for f in stored.reasons),
            where=f"{stored.instrument} {stored.article}".strip(), todo="Cure what the findings name, then ask again.",
        )  # fmt: skip
    if not recipients or set(recipients) != {stored.partner}:
        raise NotAllowed(
            "legal.recipients", f"decided for {stored.partner}, not for {', '.join(recipients) or 'nobody'}",
            todo="Decide once for each recipient.",
        )  # fmt: skip
    if len(act_hash) != 64 or set(act_hash) - set("0123456789abcdef"):
        raise BadInput("legal.act-hash", "an act's hash is 64 hexadecimal characters", todo="Pass acted.act_hash.")


def check(unit: Unit, permit: Permit, use: Use) -> None:
    """Verify a permit against the store and the act at hand, and use it up for `use.kind`.

    1. It is stored, field for field; 2. it has not expired; 3. same measure; 4. same act; 5. same recipients:
    NotAllowed ``legal.permit`` says which binding failed. 6. Nothing of this kind was done under it before: NotAllowed
    ``legal.permit-used``. The use is kept in the caller's transaction, so an act that fails has not used it.
    """
    broken = _unfit(unit, permit, use)
    if not broken and store.use_permit(unit, permit, use.kind):
        return
    row = store.permit_row(unit, permit.id)
    if row is None or row != asdict(permit):
        broken = "not a permit of this node"
    if not broken:
        raise NotAllowed(
            "legal.permit-used", f"the permit was used before for {use.kind}", where=permit.id,
            todo="Each act needs a permit of its own: decide on this one and ask for a permit.",
        )  # fmt: skip
    raise NotAllowed(
        "legal.permit", f"the permit does not cover this act: {broken}", where=permit.id,
        todo="Decide again on the act as it is now and ask for a new permit.",
    )  # fmt: skip


def _unfit(unit: Unit, permit: Permit, use: Use) -> str:
    """Why the permit, as it was handed over, does not fit the act; empty where it does."""
    return (
        "expired" if unit.now >= permit.expires
        else f"given for {permit.measure}, used for {use.measure}" if permit.measure != use.measure
        else "given for another act" if permit.act_hash != use.act_hash
        else "given for other recipients" if set(permit.recipients) != set(use.recipients)
        else ""
    )  # fmt: skip


def find_decision(unit: Unit, id: str) -> Decision:
    """The decision as it was made here; NotFound when this node made none of that id."""
    found = store.decision(unit, id)
    if found is None:
        raise NotFound("legal.decision", f"no decision {id or 'without an id'}", todo="See `comity legal show`.")
    return found


def refuse_by_person(unit: Unit, decision: Decision, ground: str, reason: str) -> Decision:
    """Keep a person's refusal as a decision of its own: a deny whose deciding finding is the ground and the reason."""
    finding = Finding(
        condition="human_decision", result="fail", article=decision.article,
        values={"ground": ground, "reason": reason},
        cure="Consult the executing authority; ask again when the ground has ended.",
    )  # fmt: skip
    findings = (*decision.findings, finding)
    made = replace(decision, id=uuid7(unit.now), outcome="deny", findings=findings, requirements=())
    store.add_decision(unit, made)
    return made


def explain(decision: Decision) -> str:
    """The decision as plain text in English: what was asked, the outcome, every finding, what would cure a no."""
    return explaining.explain(decision)


def read_question(unit: Unit, data: bytes) -> Question:
    """The question in a JSON file; this node asks, and today, unless the file says otherwise."""
    return question_from(unit, parse_object(data, where="question"))


def question_from(unit: Unit, value: JsonObject) -> Question:
    """The question in a JSON object; BadInput names the key that is wrong."""
    return questions.read_question(value, unit.node, unit.now.date())


def deadlines(unit: Unit, decision: Decision) -> tuple[Deadline, ...]:
    """The time limits of the row on which the decision rests, with their own clocks; none for no row."""
    rows = tables(unit).rows.get(decision.measure, ())
    return next(
        (row.deadlines for i, row in rows if (i.code, row.article) == (decision.instrument, decision.article)), ()
    )


def due(
    deadline: Deadline, events: Mapping[str, datetime], delays: Mapping[str, Iterable[clocks.Span]],
    done: datetime | None, now: datetime,
) -> Due:  # fmt: skip
    """Where the clock stands: `events` such as ``match_confirmed`` start it, `delays` such as
    ``judicial_authorisation`` (from, until or None while it lasts) extend it without a breach."""
    return clocks.due(deadline, events, delays, done, now)


def tables(unit: Unit) -> Tables:
    """All tables that this node knows: those shipped for the training states and those imported, indexed.

    Built once for each set of imported digests; Tampered when stored bytes no longer have theirs.
    """
    known = store.digests(unit)
    found = _built.get(known)
    if found is None:
        found = _build(_shipped_tables() + tuple(_stored_tables(unit)))
        with _building:
            _built[known] = found
    return found


def rules_hash(unit: Unit) -> str:
    """SHA-256 (hex) over the canonical form of every row and the engine's version: which law was applied."""
    return tables(unit).rules_hash


def import_table(unit: Unit, acted: Acted, data: bytes, name: str) -> ImportedTable:
    """Take a dated CSV table (participations, declarations or offences) into use from now on; logged.

    BadInput names file, row and reason (unknown code, overlap, missing article or source); nothing is kept then.
    Conflict when the same bytes were imported before.
    """
    digest = sha256(data).hexdigest()
    if acted.act.get("subject") != import_subject(data, name):
        raise NotAllowed("legal.import", "the act is about another file", where=name, todo="Sign the import again.")
    if digest in store.digests(unit):
        raise Conflict("legal.table-known", f"{name} was imported before", todo="Nothing needs to be done.")
    table = read_table(data, name)
    _build((*_shipped_tables(), *_stored_tables(unit), table))
    made = ImportedTable(
        id=uuid7(unit.now), kind=table.kind, name=name, digest=digest, rows=len(table), at=unit.now,
        by=acted.actor.person,
    )  # fmt: skip
    store.add_table(unit, made, data)
    payload: JsonObject = {"kind": made.kind, "name": name, "digest": digest, "rows": made.rows}
    log.append(
        unit,
        Record(
            type="legal.imported", actor=acted.actor, subject={"table": made.id}, payload=payload,
            policy_hash=rules_hash(unit), auth_hash=acted.auth_hash,
        ),
    )  # fmt: skip
    return made


def import_subject(data: bytes, name: str) -> JsonObject:
    """What a person signs when importing: the file's name and the hash of its bytes."""
    return {"table": name, "digest": sha256(data).hexdigest()}


def imported_tables(unit: Unit) -> list[ImportedTable]:
    """What this agency imported, oldest first."""
    return store.imported(unit)


def decisions(unit: Unit, limit: int = 50) -> list[Decision]:
    """The newest decisions of this node, newest first."""
    return store.decisions(unit, limit)


@cache
def lifecycle(name: str) -> Lifecycle:
    """The life cycle of that name as shipped, checked: all states reachable, no dead end. NotFound otherwise."""
    file = _data() / "lifecycles" / f"{name}.yaml"
    if not name.isidentifier() or not file.is_file():
        raise NotFound("legal.lifecycle", f"no life cycle {name!r}", todo="The first release ships `query`.")
    return lifecycles.check(read_lifecycle(file.read_bytes(), file.name))


def advance(lifecycle: Lifecycle, state: str, event: str, *, human: bool) -> str:
    """The state after `event`; Conflict ``legal.transition`` when the machine has no such step from `state`,
    or when the step is a human decision and nobody (`human` False) has taken it."""
    return lifecycles.advance(lifecycle, state, event, human=human)


def shipped_file(name: str) -> bytes:
    """A shipped text or table, such as ``instruments/TRAIN-REG.md`` or ``training/declaration-xc-2026.csv``."""
    folder, _, file = name.partition("/")
    found = {entry.name: entry for entry in (_data() / folder).iterdir()} if folder in _FOLDERS else {}
    if file not in found:
        raise NotFound("legal.file", f"no shipped file {name!r}", todo="See `comity legal show`.")
    return found[file].read_bytes()


_FOLDERS: Final = ("instruments", "training", "lifecycles")


def _data() -> Traversable:
    return resources.files("comity.legal") / "data"


@cache
def _shipped_instruments() -> tuple[Instrument, ...]:
    files = sorted((_data() / "instruments").iterdir(), key=lambda f: f.name)
    return tuple(read_instrument(f.read_bytes(), f.name) for f in files if f.name.endswith(".yaml"))


@cache
def _shipped_tables() -> tuple[DatedTable, ...]:
    return tuple(read_table(shipped_file(f"training/{name}"), name) for name in SHIPPED_TABLES)


def _stored_tables(unit: Unit) -> list[DatedTable]:
    read = []
    for name, digest, data in store.table_bytes(unit):
        if sha256(data).hexdigest() != digest:
            raise Tampered(
                "legal.table-changed", f"the stored table {name} is not what was imported",
                todo="Restore the node from a backup, then import the table again.",
            )  # fmt: skip
        read.append(read_table(data, name))
    return read


def _build(dated: tuple[DatedTable, ...]) -> Tables:
    instruments = _shipped_instruments()
    texts: JsonObject = {i.text: sha256(shipped_file(f"instruments/{i.text}")).hexdigest() for i in instruments}
    rows: list[Json] = tabling.plain(instruments, dated)
    digest = sha256(canonical({"engine": engine.VERSION, "texts": texts, "tables": rows})).hexdigest()
    return tabling.build(instruments, dated, digest)
