"""Who has seen an alarm, and when; the alarms themselves lie with the partners."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from comity.exchange.model import Seen
from comity.exchange.store.partners import alarm
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

alarm_seen: Final = sa.Table(
    "exchange_alarm_seen", metadata,
    sa.Column("alarm", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(63), primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)  # fmt: skip
_seen: Final = Rows(alarm_seen)


def newest(unit: Unit, before: str, most: int) -> Sequence[Row]:
    """Alarms below the id `before` (empty: all), the newest first."""
    query = sa.select(alarm).order_by(alarm.c.id.desc()).limit(most)
    return unit.connection.execute(query.where(alarm.c.id < before) if before else query).all()


def find(unit: Unit, id: str) -> Row | None:
    """The alarm of that id."""
    return unit.connection.execute(sa.select(alarm).where(alarm.c.id == id)).first()


def seen(unit: Unit, alarms: Sequence[str]) -> dict[str, list[Seen]]:
    """Who has seen each of these alarms, the first one first."""
    query = sa.select(alarm_seen).where(alarm_seen.c.alarm.in_(alarms)).order_by(alarm_seen.c.at, alarm_seen.c.person)
    found: dict[str, list[Seen]] = {alarm: [] for alarm in alarms}
    for row in unit.connection.execute(query):
        found[row.alarm].append(Seen(row.alarm, row.person, row.note, row.at))
    return found


def count_unseen(unit: Unit, most: int) -> int:
    """How many alarms nobody has seen, counted up to `most`."""
    unseen = sa.select(alarm.c.id).where(~sa.exists().where(alarm_seen.c.alarm == alarm.c.id)).limit(most).subquery()
    return unit.connection.execute(sa.select(sa.func.count()).select_from(unseen)).scalar_one()


def add_seen(unit: Unit, one: Seen) -> bool:
    """Keep that a person has seen an alarm; False where it is kept already."""
    return _seen.add_new(unit, {"alarm": one.alarm, "person": one.person, "note": one.note, "at": one.at})
