"""The tables of proceedings: each matter with its state, and every step that was taken, which is never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from comity.base.model import Json, JsonObject
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.legal.model import Finding, Party, Proceeding, Step

legal_proceeding = sa.Table(
    "legal_proceeding",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("machine", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(128), nullable=False, index=True),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("case", sa.String(36), nullable=True, index=True),
    sa.Column("facts", JsonText, nullable=False),
    sa.Column("state", sa.String(64), nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("opened_by", sa.String(255), nullable=False),
    sa.Column("ended_at", UtcTime, nullable=True, index=True),
)

legal_step = sa.Table(
    "legal_step",
    metadata,
    sa.Column("proceeding", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("before", sa.String(64), nullable=False),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("after", sa.String(64), nullable=False),
    sa.Column("person", sa.String(255), nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("basis", sa.String(255), nullable=False),
    sa.Column("rules_hash", sa.String(64), nullable=False),
    sa.Column("findings", JsonText, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)


def add(unit: Unit, made: Proceeding) -> None:
    """Keep a new proceeding."""
    unit.connection.execute(legal_proceeding.insert().values({name: getattr(made, name) for name in _FIELDS}))


def find(unit: Unit, id: str) -> Proceeding | None:
    """The proceeding of that id, or None."""
    row = unit.connection.execute(legal_proceeding.select().where(legal_proceeding.c.id == id)).mappings().first()
    return None if row is None else _proceeding(row)


def listed(unit: Unit, *, subject: str | None = None, ended: bool = True) -> list[Proceeding]:
    """Proceedings, oldest first; of one subject, or only those that have not ended."""
    query = legal_proceeding.select().order_by(legal_proceeding.c.id)
    if subject is not None:
        query = query.where(legal_proceeding.c.subject == subject)
    if not ended:
        query = query.where(legal_proceeding.c.ended_at.is_(None))
    return [_proceeding(row) for row in unit.connection.execute(query).mappings()]


def open_of(unit: Unit, machines: Sequence[str], mine: sa.ColumnElement[bool], most: int) -> list[Proceeding]:
    """The matters of these machines that have not ended, oldest first, at most so many: of no case, or `mine`."""
    known = sa.or_(legal_proceeding.c.case.is_(None), mine)
    chosen = legal_proceeding.c.ended_at.is_(None), legal_proceeding.c.machine.in_(machines), known
    query = legal_proceeding.select().where(*chosen).order_by(legal_proceeding.c.id).limit(most)
    return [_proceeding(row) for row in unit.connection.execute(query).mappings()]


def of_case(unit: Unit, case: str, most: int) -> list[Proceeding]:
    """The matters of a case, the newest first, at most so many."""
    query = legal_proceeding.select().where(legal_proceeding.c.case == case).order_by(legal_proceeding.c.id.desc())
    return [_proceeding(row) for row in unit.connection.execute(query.limit(most)).mappings()]


def move(unit: Unit, made: Proceeding, before: str) -> bool:
    """Put the proceeding into its new state; False when it no longer stands in the one `before`."""
    here = (legal_proceeding.c.id == made.id) & (legal_proceeding.c.state == before)
    values = {"state": made.state, "facts": made.facts, "ended_at": made.ended_at}
    return unit.connection.execute(legal_proceeding.update().where(here).values(values)).rowcount == 1


def add_step(unit: Unit, step: Step) -> None:
    """Keep a step for good."""
    values = {name: getattr(step, name) for name in Step.__dataclass_fields__}
    values["findings"] = [finding.as_dict() for finding in step.findings]
    unit.connection.execute(legal_step.insert().values(values))


def steps(unit: Unit, proceeding: str) -> tuple[Step, ...]:
    """The steps of a proceeding, in order."""
    query = legal_step.select().where(legal_step.c.proceeding == proceeding).order_by(legal_step.c.seq)
    return tuple(_step(row) for row in unit.connection.execute(query).mappings())


_FIELDS = tuple(Proceeding.__dataclass_fields__)


def _proceeding(row: sa.RowMapping) -> Proceeding:
    return Proceeding(
        id=row["id"], machine=row["machine"], subject=row["subject"], side=cast(Party, row["side"]),
        partner=row["partner"], case=row["case"], facts=cast(JsonObject, row["facts"]), state=row["state"],
        opened_at=row["opened_at"], opened_by=row["opened_by"], ended_at=cast("datetime | None", row["ended_at"]),
    )  # fmt: skip


def _step(row: sa.RowMapping) -> Step:
    found = cast(Sequence[Json], row["findings"])
    findings = tuple(Finding.from_dict(cast(JsonObject, f)) for f in found)
    return Step(**{**row, "findings": findings})
