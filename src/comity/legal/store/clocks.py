"""The registry of clocks: one row for each clock of each matter, and when somebody must next be told of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.model import Json
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.legal.model import Alarm, Watch

legal_clock = sa.Table(
    "legal_clock",
    metadata,
    sa.Column("holder", sa.String(128), primary_key=True),
    sa.Column("clock", sa.String(64), primary_key=True),
    sa.Column("title", sa.String(255), nullable=False),
    sa.Column("article", sa.String(255), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("started", UtcTime, nullable=False),
    sa.Column("due", UtcTime, nullable=True),
    sa.Column("effect", sa.String(16), nullable=False),
    sa.Column("consequence", sa.Text, nullable=False),
    sa.Column("turn", sa.String(16), nullable=False),
    sa.Column("alarms", JsonText, nullable=False),
    sa.Column("case", sa.String(36), nullable=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("next_at", UtcTime, nullable=True, index=True),
    sa.Column("ended_at", UtcTime, nullable=True, index=True),
    sa.Index("ix_legal_clock_case_due", "case", "ended_at", "due"),
)
"""`next_at` is when the next alarm is due; NULL where none is."""


_clocks = Rows(legal_clock)


def save(unit: Unit, watch: Watch, next_at: datetime | None) -> None:
    """Keep the clock as it stands now, in the place of what was kept of it before."""
    values = {name: getattr(watch, name) for name in Watch.__dataclass_fields__}
    values["alarms"] = [_plain(alarm) for alarm in watch.alarms]
    values["next_at"] = next_at
    _clocks.put(unit, values, ("holder", "clock"))


def find(unit: Unit, holder: str, clock: str) -> Watch | None:
    """The clock of that name of that matter, or None."""
    row = _clocks.first(unit, {"holder": holder, "clock": clock})
    return None if row is None else _watch(row._asdict())


def of(unit: Unit, holder: str) -> list[Watch]:
    """All clocks of one matter."""
    return [_watch(row._asdict()) for row in _clocks.all(unit, {"holder": holder}, order=["clock"])]


def listed(unit: Unit, *, ended: bool) -> list[Watch]:
    """The clocks that run, or all with those that have ended; the soonest first, those without an end last."""
    late = legal_clock.c.due.is_(None)
    query = legal_clock.select().order_by(late, legal_clock.c.due, legal_clock.c.holder, legal_clock.c.clock)
    if not ended:
        query = query.where(legal_clock.c.ended_at.is_(None))
    return [_watch(row._asdict()) for row in unit.connection.execute(query)]


def of_case(unit: Unit, case: str, most: int) -> list[Watch]:
    """The running clocks of a case, the soonest first, those without an end last: at most so many with and without."""
    mine = legal_clock.select().where(legal_clock.c.case == case, legal_clock.c.ended_at.is_(None)).limit(most)
    known = mine.where(legal_clock.c.due.is_not(None)).order_by(legal_clock.c.due)
    unknown = mine.where(legal_clock.c.due.is_(None))
    rows = [*unit.connection.execute(known), *unit.connection.execute(unknown)]
    return [_watch(row._asdict()) for row in rows]


def soonest(unit: Unit, mine: sa.ColumnElement[bool], most: int, *, free: bool) -> list[Watch]:
    """The running clocks with an end, the soonest first: those of which `mine` holds and, if `free`, those that belong
    to no case."""
    running = sa.select(legal_clock).where(legal_clock.c.ended_at.is_(None), legal_clock.c.due.is_not(None))
    streams = [running.where(mine), *([running.where(legal_clock.c.case.is_(None))] if free else [])]
    cut = [sa.select(one.order_by(legal_clock.c.due).limit(most).subquery()) for one in streams]
    together = sa.union_all(*cut).subquery()
    query = sa.select(together).order_by(together.c.due, together.c.holder, together.c.clock).limit(most)
    return [_watch(row._asdict()) for row in unit.connection.execute(query)]


def ends_of(unit: Unit, holders: Sequence[str]) -> dict[str, datetime]:
    """By holder, the soonest end of its running clocks."""
    if not holders:
        return {}
    chosen = legal_clock.c.holder.in_(holders), legal_clock.c.ended_at.is_(None), legal_clock.c.due.is_not(None)
    query = sa.select(legal_clock.c.holder, legal_clock.c.due).where(*chosen).order_by(legal_clock.c.due.desc())
    return {row.holder: row.due for row in unit.connection.execute(query)}


def ringing(unit: Unit, now: datetime) -> list[Watch]:
    """The clocks of which somebody must be told by now, the soonest first."""
    query = legal_clock.select().where(legal_clock.c.next_at <= now).order_by(legal_clock.c.next_at)
    return [_watch(row._asdict()) for row in unit.connection.execute(query)]


def _plain(alarm: Alarm) -> Json:
    return {"at": rfc3339(alarm.at), "level": alarm.level, "to": list[Json](alarm.to), "text": alarm.text}


def _watch(row: Mapping[str, Any]) -> Watch:
    alarms = tuple(
        Alarm(parse_rfc3339(a["at"]), a["level"], tuple(a["to"]), a["text"])
        for a in cast("Sequence[dict[str, Any]]", row["alarms"])
    )
    return Watch(**{**{k: v for k, v in row.items() if k != "next_at"}, "alarms": alarms})
