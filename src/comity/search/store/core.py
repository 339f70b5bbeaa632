"""Requests for core data: the clock, and, sealed, the facts of the offence and what was released."""

from typing import Any

import sqlalchemy as sa

from comity.base.model import DataKey, JsonObject
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, metadata
from comity.kit.database.unit import Unit
from comity.search.store.sealing import opened, sealed

core_table = sa.Table(
    "search_core",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("decision", sa.String(36), nullable=False),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("clock", JsonText, nullable=False),
    sa.Column("account", sa.LargeBinary, nullable=True),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
)
_core = Rows(core_table)


def save_core(unit: Unit, row: dict[str, Any]) -> None:
    """Open a core-data request on a query."""
    _core.add(unit, row)


def find_core(unit: Unit, query: str) -> dict[str, Any] | None:
    """The core-data request of a query (number, decision, target, clock), if one was made."""
    row = _core.first(unit, {"query": query})
    return row._asdict() if row else None


def update_clock(unit: Unit, query: str, clock: JsonObject) -> None:
    """Replace the core-data clock of a query."""
    _core.change(unit, {"query": query}, {"clock": clock})


def seal_core(unit: Unit, query: str, data: JsonObject, key: DataKey) -> None:
    """Keep received core data sealed."""
    _core.change(unit, {"query": query}, {"sealed": sealed(key, query, "core", data)})


def open_core(unit: Unit, query: str, key: DataKey) -> JsonObject | None:
    """The opened core data of a query, or None while none has been released."""
    found = find_core(unit, query)
    return opened(key, query, "core", found["sealed"]) if found and found["sealed"] else None


def seal_account(unit: Unit, query: str, account: str, key: DataKey) -> None:
    """Keep the facts of the offence that a partner told with its request, sealed."""
    _core.change(unit, {"query": query}, {"account": sealed(key, query, "account", {"account": account})})


def open_account(unit: Unit, query: str, key: DataKey) -> str | None:
    """The opened facts of the offence of a core-data request, where this node was told them."""
    found = find_core(unit, query)
    return str(opened(key, query, "account", found["account"])["account"]) if found and found["account"] else None


def forget_core(unit: Unit, query: str) -> None:
    """Destroy what was told and released."""
    _core.change(unit, {"query": query}, {"account": None, "sealed": None})
