"""The tables of quotas: what was declared, and how much of it each day has used."""

from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.legal.model import Quota

legal_quota = sa.Table(
    "legal_quota",
    metadata,
    sa.Column("direction", sa.String(16), primary_key=True),
    sa.Column("scope", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("measure", sa.String(64), primary_key=True),
    sa.Column("per_day", sa.Integer, nullable=False),
    sa.Column("on_trip", sa.String(16), nullable=False),
    sa.Column("set_by", sa.String(255), nullable=False),
    sa.Column("set_at", UtcTime, nullable=False),
)

legal_usage = sa.Table(
    "legal_usage",
    metadata,
    sa.Column("direction", sa.String(16), primary_key=True),
    sa.Column("scope", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("measure", sa.String(64), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("used", sa.Integer, nullable=False),
)

_KEYS = ("direction", "scope", "name", "measure")
_quotas, _usages = Rows(legal_quota), Rows(legal_usage)
_LISTED: Final = "legal.quotas"
"""Under which a unit notes what `listed` read."""


def save(unit: Unit, quota: Quota) -> None:
    """Declare a quota, in the place of an earlier one for the same."""
    values = {name: getattr(quota, name) for name in Quota.__dataclass_fields__}
    unit.scratch.pop(_LISTED, None)
    _quotas.put(unit, values, _KEYS)


def drop(unit: Unit, quota: Quota) -> bool:
    """Take a quota back; False when there is none for that."""
    unit.scratch.pop(_LISTED, None)
    return _quotas.drop(unit, {name: getattr(quota, name) for name in _KEYS}) == 1


def listed(unit: Unit) -> list[Quota]:
    """The quotas declared by commands; read once a unit."""
    known = unit.scratch.get(_LISTED)
    if not isinstance(known, tuple):
        known = tuple(Quota(**row._asdict()) for row in _quotas.all(unit, {}, order=_KEYS))
        unit.scratch[_LISTED] = known
    return list(known)


def used(unit: Unit, quota: Quota, name: str, day: date) -> int:
    """How much of the quota `name` has used that day."""
    row = _usages.first(unit, _usage(quota, name, day), ["used"])
    return row.used if row else 0


def use(unit: Unit, whose: tuple[Quota, str], day: date, used: int) -> None:
    """Set how much of the quota somebody has used that day."""
    _usages.put(unit, {**_usage(*whose, day), "used": used}, (*_KEYS, "day"))


def _usage(quota: Quota, name: str, day: date) -> dict[str, Any]:
    return {
        "direction": quota.direction, "scope": quota.scope, "name": name, "measure": quota.measure, "day": day,
    }  # fmt: skip
