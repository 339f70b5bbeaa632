"""The tables of the room `legal`: imported dated tables, decisions as they were made, permits as they were given.

A decision row is written once and never changed: it is what an auditor reads years later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from comity.base.model import JsonObject
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit
from comity.legal.model import Decision, Finding, ImportedTable, Outcome, Permit, Side

legal_table = sa.Table(
    "legal_table",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

legal_decision = sa.Table(
    "legal_decision",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.Column("measure", sa.String(64), nullable=False),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("article", sa.String(64), nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("asking", sa.String(16), nullable=False),
    sa.Column("asked", sa.String(16), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("rules_hash", sa.String(64), nullable=False),
    sa.Column("facts", JsonText, nullable=False),
    sa.Column("findings", JsonText, nullable=False),
    sa.Column("requirements", JsonText, nullable=False),
)

legal_permit = sa.Table(
    "legal_permit",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("decision_id", sa.String(36), nullable=False, index=True),
    sa.Column("measure", sa.String(64), nullable=False),
    sa.Column("act_hash", sa.String(64), nullable=False, index=True),
    sa.Column("recipients", JsonText, nullable=False),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("article", sa.String(64), nullable=False),
    sa.Column("fulfilled", JsonText, nullable=False),
    sa.Column("used", sa.Text, nullable=False),  # "|match|send:search.answer|": what it has been used for
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("expires", UtcTime, nullable=False),
)

_tables, _decisions, _permits = Rows(legal_table), Rows(legal_decision), Rows(legal_permit)
_PERMIT_FIELDS = ("id", "decision_id", "measure", "act_hash", "recipients", "instrument", "article", "expires")
_USE = Prepared(  # with every message: one statement says whether the permit holds for this use, and uses it up
    sa.update(legal_permit)
    .where(
        *(legal_permit.c[n] == sa.bindparam(f"p_{n}", type_=legal_permit.c[n].type) for n in _PERMIT_FIELDS),
        legal_permit.c.used.not_like(sa.bindparam("p_before")),
    )
    .values(used=legal_permit.c.used + sa.bindparam("p_use"))
)


def add_table(unit: Unit, table: ImportedTable, data: bytes) -> None:
    """Keep an imported table with its bytes, so that its digest can be checked whenever it is read."""
    _tables.add(unit, {
        "id": table.id, "kind": table.kind, "name": table.name, "digest": table.digest, "rows": table.rows,
        "at": table.at, "by": table.by, "data": data,
    })  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """An imported table as it is stored; whether it is what was signed is for the reader to find out."""

    name: str
    digest: str
    data: bytes


def stored_tables(unit: Unit) -> dict[str, Stored]:
    """All imported tables, signed or not, by their ids."""
    columns = (legal_table.c.id, legal_table.c.name, legal_table.c.digest, legal_table.c.data)
    return {
        row.id: Stored(row.name, row.digest, plain_bytes(row.data))
        for row in unit.connection.execute(sa.select(*columns))
    }


def plain_bytes(value: object) -> bytes:
    """Bytes as either database hands them out; TypeError for a value of another kind, which SQLite keeps, too."""
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"bytes were stored, not {type(value).__name__}")
    return bytes(value)


def imported(unit: Unit) -> list[ImportedTable]:
    """What was imported, without the bytes, in the order of import."""
    columns = [legal_table.c[n] for n in ("id", "kind", "name", "digest", "rows", "at", "by")]
    rows = unit.connection.execute(sa.select(*columns).order_by(legal_table.c.at, legal_table.c.id))
    return [ImportedTable(**row) for row in rows.mappings()]


def add_decision(unit: Unit, decision: Decision) -> None:
    """Keep a decision for good."""
    unit.scratch[_noted(decision.id)] = decision
    _decisions.add(unit, {
        "id": decision.id, "at": unit.now, "outcome": decision.outcome, "measure": decision.measure,
        "instrument": decision.instrument, "article": decision.article, "side": decision.side,
        "asking": decision.asking, "asked": decision.asked, "day": decision.on, "rules_hash": decision.rules_hash,
        "facts": {"stated": decision.facts, "own": decision.own},
        "findings": [f.as_dict() for f in decision.findings], "requirements": list(decision.requirements),
    })  # fmt: skip


def decision(unit: Unit, id: str) -> Decision | None:
    """The decision as it was made, or None."""
    row = _decisions.first(unit, {"id": id})
    return None if row is None else _decision(row._asdict())


def made_here(unit: Unit, id: str) -> Decision | None:
    """The decision that this very unit has made, as it was kept, without reading it back; None for any other."""
    known = unit.scratch.get(_noted(id))
    return known if isinstance(known, Decision) else None


def _noted(id: str) -> str:
    """Under which a unit notes a decision that it has made."""
    return f"legal.decision:{id}"


def decisions(unit: Unit, limit: int) -> list[Decision]:
    """The newest decisions first."""
    query = legal_decision.select().order_by(legal_decision.c.id.desc()).limit(limit)
    return [_decision(row._asdict()) for row in unit.connection.execute(query)]


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        id=row["id"], outcome=cast(Outcome, row["outcome"]), measure=row["measure"], instrument=row["instrument"],
        article=row["article"], side=cast(Side, row["side"]), rules_hash=row["rules_hash"], on=row["day"],
        findings=tuple(Finding.from_dict(f) for f in cast(Sequence[JsonObject], row["findings"])),
        facts=row["facts"]["stated"], own=row["facts"]["own"], asking=row["asking"], asked=row["asked"],
        requirements=tuple(cast(Sequence[str], row["requirements"])),
    )  # fmt: skip


def add_permit(unit: Unit, permit: Permit, fulfilled: JsonObject) -> None:
    """Keep a permit with the proofs of the requirements it rests on."""
    row = {name: getattr(permit, name) for name in _PERMIT_FIELDS} | {"recipients": list(permit.recipients)}
    _permits.add(unit, row | {"fulfilled": fulfilled, "used": "|", "at": unit.now})


def use_permit(unit: Unit, permit: Permit, use: str) -> bool:
    """Uses the stored permit up for `use`; False when no row equals it field for field, or this use was made before."""
    given: dict[str, object] = {f"p_{name}": getattr(permit, name) for name in _PERMIT_FIELDS}
    marks = {"p_recipients": list(permit.recipients), "p_before": f"%|{use}|%", "p_use": f"{use}|"}
    return _USE.run(unit.connection, given | marks) == 1


def permit_row(unit: Unit, id: str) -> dict[str, Any] | None:
    """The stored permit's fields by the names of `model.Permit`, or None; the service compares, it makes nothing."""
    row = _permits.first(unit, {"id": id}, _PERMIT_FIELDS)
    return None if row is None else row._asdict() | {"recipients": tuple(row.recipients)}
