"""Requests, ours and partners'; what is wanted is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from comity.base.model import DataKey, JsonObject
from comity.evidence.model.flow import EvidenceRequest
from comity.evidence.store.tables import aad, request_table, unknown
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.unit import Unit


def insert_request(unit: Unit, request: EvidenceRequest, key: DataKey) -> None:
    """A new request; what is wanted is sealed."""
    sealed = encrypt(key.secret, request.wanted.encode(), aad("request", request.id))
    unit.connection.execute(
        sa.insert(request_table).values(
            id=request.id, side=request.side, partner=request.partner, case_id=request.case, about=request.about,
            category=request.category, purpose=request.purpose, conversation=request.conversation,
            message=request.message, state=request.state, reason=request.reason, basis=request.basis, sealed=sealed,
            at=request.at,
        )
    )  # fmt: skip


def request_row(unit: Unit, request: str) -> sa.Row[Any]:
    row = unit.connection.execute(sa.select(request_table).where(request_table.c.id == request)).first()
    if row is None:
        raise unknown("request", request)
    return row


def request_exists(unit: Unit, request: str) -> bool:
    return unit.connection.scalar(sa.select(request_table.c.id).where(request_table.c.id == request)) is not None


def request_in(unit: Unit, conversation: str) -> str | None:
    """The request whose conversation this is, or None."""
    return unit.connection.scalar(sa.select(request_table.c.id).where(request_table.c.conversation == conversation))


def open_request(row: sa.Row[Any], key: DataKey) -> EvidenceRequest:
    """The request in a row, with what is wanted opened."""
    return EvidenceRequest(
        id=row.id, side=row.side, partner=row.partner, case=row.case_id, about=row.about,
        wanted=decrypt(key.secret, row.sealed, aad("request", row.id)).decode(), category=row.category,
        purpose=row.purpose, conversation=row.conversation, message=row.message, state=row.state, reason=row.reason,
        basis=row.basis, at=row.at,
    )  # fmt: skip


def request_rows(unit: Unit, case: str | None) -> Sequence[sa.Row[Any]]:
    """Requests of a case, or (None) those that partners have sent."""
    wanted = request_table.c.side == "asked" if case is None else request_table.c.case_id == case
    chosen = sa.select(request_table).where(wanted).order_by(request_table.c.at, request_table.c.id)
    return unit.connection.execute(chosen).all()


def update_request(unit: Unit, request: str, *, state: str, reason: JsonObject) -> None:
    changed = sa.update(request_table).where(request_table.c.id == request).values(state=state, reason=reason)
    unit.connection.execute(changed)


def set_request_message(unit: Unit, request: str, message: str) -> None:
    unit.connection.execute(sa.update(request_table).where(request_table.c.id == request).values(message=message))


def count_open(unit: Unit, most: int) -> int:
    """How many requests of partners are open, counted up to `most`."""
    chosen = sa.select(request_table.c.id).where(request_table.c.side == "asked", request_table.c.state == "open")
    return unit.connection.scalar(sa.select(sa.func.count()).select_from(chosen.limit(most).subquery())) or 0


def count_requests(unit: Unit, since: datetime, until: datetime) -> Sequence[sa.Row[Any]]:
    """Rows (side, partner, state, count) of the requests made from `since` to before `until`."""
    columns = (request_table.c.side, request_table.c.partner, request_table.c.state)
    chosen = sa.select(*columns, sa.func.count().label("requests")).group_by(*columns).order_by(*columns)
    return unit.connection.execute(chosen.where(request_table.c.at >= since, request_table.c.at < until)).all()
