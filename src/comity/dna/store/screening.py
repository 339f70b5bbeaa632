"""The tables of screening: the elimination database, and flags that examiners decide. Neither is ever searched for a
partner, nor counted among the profiles.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import Json
from comity.dna.model import Flag, Loci, Worker
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

dna_elimination: Final = sa.Table(
    "dna_elimination",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("alleles", JsonText, nullable=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.Column("kit", sa.String(128)),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("identity", sa.LargeBinary, nullable=False),
)

dna_flag: Final = sa.Table(
    "dna_flag",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("specimen", sa.String(128), nullable=False),
    sa.Column("category", sa.String(128), nullable=False),
    sa.Column("profile", sa.String(36), nullable=False),
    sa.Column("other", sa.String(36), nullable=False),
    sa.Column("told", JsonText, nullable=False),
    sa.Column("held", JsonText),
    sa.Column("identity", sa.LargeBinary),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("finding", sa.String(16), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_at", UtcTime),
    sa.Column("result", sa.String(36), nullable=False),
)

for _name in ("specimen", "profile", "other", "result"):
    sa.Index(f"dna_flag_{_name}", dna_flag.c[_name])
sa.Index("dna_flag_open", dna_flag.c.id, sqlite_where=sa.text("finding = ''"), postgresql_where=sa.text("finding = ''"))

_workers, _flags = Rows(dna_elimination), Rows(dna_flag)
_ROWS: Final = "dna.elimination"
"""Under which a unit notes the elimination database once it has read it."""
_SHOWN: Final = tuple(column.name for column in dna_flag.columns if column.name not in ("held", "identity", "source"))
_CHUNK: Final = 500


@dataclass(frozen=True)
class HeldBack:
    """What is kept with a flag of a specimen that did not come in: all that the file said, the person sealed."""

    kit: str | None
    loci: Loci
    identity: bytes | None = field(repr=False)
    source: str = ""


def add_worker(unit: Unit, number: str, kept: HeldBack, packed: bytes) -> None:
    """Keep a profile of the elimination database, in the place of the one of that number."""
    unit.scratch.pop(_ROWS, None)
    _workers.put(unit, {
        "number": number, "alleles": _texts(kept.loci), "packed": packed, "kit": kept.kit, "at": unit.now,
        "source": kept.source, "identity": kept.identity,
    }, ("number",))  # fmt: skip


def workers(unit: Unit, **which: str) -> list[Worker]:
    """The profiles of the elimination database with these values of columns, as people see them."""
    rows = _workers.all(unit, which, ("number", "alleles", "kit", "at"), order=("number",))
    return [Worker(row.number, len(row.alleles), row.kit, row.at) for row in rows]


def worker_rows(unit: Unit) -> list[tuple[str, bytes]]:
    """The number and the packed form of every profile of the elimination database, read once a unit."""
    known = unit.scratch.get(_ROWS)
    if isinstance(known, list):
        return known
    rows = _workers.all(unit, {}, ("number", "packed"), order=("number",))
    found = [(row.number, bytes(row.packed)) for row in rows]
    unit.scratch[_ROWS] = found
    return found


def worker_loci(unit: Unit, number: str) -> Loci | None:
    """The alleles of one profile of the elimination database."""
    row = _workers.first(unit, {"number": number}, ("alleles",))
    return None if row is None else _loci(row.alleles)


def worker_identity(unit: Unit, number: str) -> bytes | None:
    """Who the profile is of, sealed; None where there is none of that number."""
    row = _workers.first(unit, {"number": number}, ("identity",))
    return None if row is None else bytes(row.identity)


def drop_worker(unit: Unit, number: str) -> None:
    """Take a profile out of the elimination database for good."""
    unit.scratch.pop(_ROWS, None)
    _workers.drop(unit, {"number": number})


def raise_flags(unit: Unit, flags: Sequence[tuple[Flag, HeldBack | None]], source: str) -> None:
    """Keep new flags, of the file with the SHA-256 `source`."""
    _flags.add_all(unit, [_flag_row(flag, held, source) for flag, held in flags])


def _flag_row(flag: Flag, held: HeldBack | None, source: str) -> dict[str, Any]:
    content = None if held is None else {"kit": held.kit, "loci": _texts(held.loci)}
    return {
        "id": flag.id, "kind": flag.kind, "specimen": flag.specimen, "category": flag.category,
        "profile": flag.profile, "other": flag.other, "told": flag.told, "by": flag.by, "at": flag.at,
        "finding": flag.finding, "person": flag.person, "reason": flag.reason, "decided_at": flag.decided_at,
        "result": flag.result, "held": content, "identity": held.identity if held else None, "source": source,
    }  # fmt: skip


def decide(unit: Unit, flag: Flag) -> None:
    """Keep what was found about a flag."""
    _flags.change(unit, {"id": flag.id}, {
        "finding": flag.finding, "person": flag.person, "reason": flag.reason, "decided_at": flag.decided_at,
        "result": flag.result,
    })  # fmt: skip


def flags(unit: Unit, **which: str) -> list[Flag]:
    """The flags with these values of columns, the oldest first."""
    return [_flag(row) for row in _flags.all(unit, which, _SHOWN, order=("id",))]


def held_back(unit: Unit, id: str) -> HeldBack | None:
    """What is kept with a flag; None where its specimen was not held back."""
    row = _flags.first(unit, {"id": id}, ("held", "identity", "source"))
    if row is None or row.held is None:
        return None
    identity = bytes(row.identity) if row.identity is not None else None
    return HeldBack(row.held["kit"], _loci(row.held["loci"]), identity, row.source)


def any_held(unit: Unit) -> bool:
    """Whether any specimen was ever held back."""
    query = sa.select(dna_flag.c.id).where(dna_flag.c.held.is_not(None)).limit(1)
    return unit.connection.execute(query).first() is not None


def held_back_of(unit: Unit, specimens: Sequence[str]) -> dict[str, list[tuple[Flag, Loci]]]:
    """What of these specimens is held back, or was found to be contamination, by specimen."""
    found: dict[str, list[tuple[Flag, Loci]]] = {}
    for start in range(0, len(specimens), _CHUNK):
        query = sa.select(dna_flag).where(
            dna_flag.c.specimen.in_(specimens[start : start + _CHUNK]), dna_flag.c.held.is_not(None),
            dna_flag.c.finding != "cleared",
        )  # fmt: skip
        for row in unit.connection.execute(query):
            found.setdefault(row.specimen, []).append((_flag(row), _loci(row.held["loci"])))
    return found


def _flag(row: Row) -> Flag:
    return Flag(**{name: getattr(row, name) for name in _SHOWN})


def _texts(loci: Loci) -> dict[str, Json]:
    return {name: list(alleles) for name, alleles in loci.items()}


def _loci(stored: Mapping[str, Iterable[str]]) -> Loci:
    return {name: tuple(alleles) for name, alleles in stored.items()}
