"""The SQL of evidence: items, custody lines, requests, releases, parcels. Bytes of exhibits lie in the vault.

What an item or a request says in words is sealed under the caller's data key (AES-256-GCM); the associated data is
``evidence|<table>|<row>``, so that a blob moved to another row does not open. Custody lines are kept as signed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from comity.base.errors import NotFound
from comity.base.model import DataKey, Json, JsonObject
from comity.evidence.model.flow import EvidenceRequest, Parcel, Release, Standing
from comity.evidence.model.lists import Choice
from comity.evidence.model.package import Digest
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

item_table: Final = sa.Table(
    "evidence_item",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("exhibit", sa.String(64), nullable=False),
    sa.Column("container_sha256", sa.String(64), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_item_exhibit", "case_id", "origin", "exhibit"),
    sa.Index("ix_evidence_item_case", "case_id", "id"),
)

custody_table: Final = sa.Table(
    "evidence_custody",
    metadata,
    sa.Column("item", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sa.Column("entry", sa.BigInteger),  # of this node's log, where it tells of the event
)

request_table: Final = sa.Table(
    "evidence_request",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("about", sa.String(36), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False, index=True),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", JsonText, nullable=False),
    sa.Column("basis", JsonText, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_request_case", "case_id", "id"),
    sa.Index("ix_evidence_request_side", "side", "id"),
)

release_table: Final = sa.Table(
    "evidence_release",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request", sa.String(36), nullable=False, index=True),
    sa.Column("recipient", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("items", JsonText, nullable=False),
    sa.Column("use", sa.String(32), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("expires", UtcTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("proposal", JsonText, nullable=False),
    sa.Column("package_sha256", sa.String(64), nullable=False),
    sa.Column("package_size", sa.BigInteger, nullable=False),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_release_case", "case_id", "id"),
)

parcel_table: Final = sa.Table(
    "evidence_parcel",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request", sa.String(36), nullable=False, index=True),
    sa.Column("sender", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("package_sha256", sa.String(64), nullable=False),
    sa.Column("package_size", sa.BigInteger, nullable=False),
    sa.Column("use", sa.String(32), nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_parcel_case", "case_id", "id"),
)

Condition = Callable[[sa.ColumnElement[str]], sa.ColumnElement[bool]]
"""Makes of a column with ids of cases the condition that a reader knows the case."""


def _aad(table: str, row: str) -> bytes:
    return f"evidence|{table}|{row}".encode()


# --- items ---------------------------------------------------------------------------------------------------------


def insert_item(unit: Unit, row: dict[str, Any], told: bytes, key: DataKey) -> None:
    """A new item; `told` is its record as bytes, sealed here."""
    sealed = encrypt(key.secret, told, _aad("item", row["id"]))
    unit.connection.execute(sa.insert(item_table).values(**row, sealed=sealed))


def item_row(unit: Unit, item: str) -> sa.Row[Any]:
    """One item's clear columns and its sealed record; NotFound when this node keeps no such item."""
    row = unit.connection.execute(sa.select(item_table).where(item_table.c.id == item)).first()
    if row is None:
        raise unknown("item", item)
    return row


def open_item(row: sa.Row[Any], key: DataKey) -> bytes:
    """The record that `insert_item` sealed."""
    return decrypt(key.secret, row.sealed, _aad("item", row.id))


def item_exists(unit: Unit, item: str) -> bool:
    return unit.connection.scalar(sa.select(item_table.c.id).where(item_table.c.id == item)) is not None


def item_rows(unit: Unit, case: str) -> Sequence[sa.Row[Any]]:
    """The items of a case in the order in which they came."""
    chosen = sa.select(item_table).where(item_table.c.case_id == case).order_by(item_table.c.at, item_table.c.id)
    return unit.connection.execute(chosen).all()


def same_container(unit: Unit, case: str, sha256: str) -> str | None:
    """The item of this case whose container has this hash, or None."""
    chosen = sa.select(item_table.c.id).where(item_table.c.case_id == case, item_table.c.container_sha256 == sha256)
    return unit.connection.scalar(chosen.limit(1))


def exhibit_taken(unit: Unit, case: str, origin: str, exhibit: str) -> bool:
    """Whether the exhibit number is in use in this case."""
    chosen = sa.select(item_table.c.id).where(
        item_table.c.case_id == case, item_table.c.origin == origin, item_table.c.exhibit == exhibit
    )
    return unit.connection.scalar(chosen) is not None


def count_items(unit: Unit, case: str, origin: str) -> int:
    """How many items `origin` has in this case."""
    chosen = sa.select(sa.func.count()).where(item_table.c.case_id == case, item_table.c.origin == origin)
    return unit.connection.scalar(chosen) or 0


def set_standing(unit: Unit, item: str, standing: Standing) -> None:
    unit.connection.execute(sa.update(item_table).where(item_table.c.id == item).values(standing=standing))


# --- custody -------------------------------------------------------------------------------------------------------


def append_line(unit: Unit, item: str, seq: int, line: bytes) -> None:
    """One more link; the primary key keeps two of one number apart."""
    unit.connection.execute(sa.insert(custody_table).values(item=item, seq=seq, line=line))


def set_entry(unit: Unit, item: str, seq: int, entry: int) -> None:
    """Which entry of the log tells of that event."""
    changed = sa.update(custody_table).where(custody_table.c.item == item, custody_table.c.seq == seq)
    unit.connection.execute(changed.values(entry=entry))


def entries_of(unit: Unit, item: str) -> dict[int, int]:
    """The log entries that tell of the item's events, by the events' numbers."""
    chosen = sa.select(custody_table.c.seq, custody_table.c.entry)
    rows = unit.connection.execute(chosen.where(custody_table.c.item == item, custody_table.c.entry.is_not(None)))
    return {row.seq: row.entry for row in rows}


def lines(unit: Unit, item: str) -> list[bytes]:
    """The custody lines of one item, by number."""
    chosen = sa.select(custody_table.c.line).where(custody_table.c.item == item).order_by(custody_table.c.seq)
    return list(unit.connection.scalars(chosen))


# --- requests ------------------------------------------------------------------------------------------------------


def insert_request(unit: Unit, request: EvidenceRequest, key: DataKey) -> None:
    """A new request; what is wanted is sealed."""
    sealed = encrypt(key.secret, request.wanted.encode(), _aad("request", request.id))
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
        wanted=decrypt(key.secret, row.sealed, _aad("request", row.id)).decode(), category=row.category,
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


# --- releases and parcels ------------------------------------------------------------------------------------------


def insert_release(unit: Unit, release: Release) -> None:
    items: list[Json] = list(release.items)
    unit.connection.execute(
        sa.insert(release_table).values(
            id=release.id, request=release.request, recipient=release.recipient, case_id=release.case, items=items,
            use=release.use, purpose=release.purpose, expires=release.expires, state=release.state,
            target=release.target, proposal=release.proposal, package_sha256="", package_size=0,
            message=release.message, conversation=release.conversation, receipt=release.receipt, at=release.at,
        )
    )  # fmt: skip


def release_exists(unit: Unit, release: str) -> bool:
    return unit.connection.scalar(sa.select(release_table.c.id).where(release_table.c.id == release)) is not None


def find_release(unit: Unit, release: str) -> Release:
    row = unit.connection.execute(sa.select(release_table).where(release_table.c.id == release)).first()
    if row is None:
        raise unknown("release", release)
    return _release(row)


def releases(unit: Unit, **where: str) -> list[Release]:
    """Releases by equal columns (`request`, `case_id`, `state`), oldest first."""
    chosen = sa.select(release_table).filter_by(**where).order_by(release_table.c.at, release_table.c.id)
    return [_release(row) for row in unit.connection.execute(chosen)]


def proposed(unit: Unit, mine: Condition, most: int) -> list[Release]:
    """The releases of `mine` that one person has proposed and another has yet to approve, oldest first."""
    chosen = sa.select(release_table).where(release_table.c.state == "proposed", mine(release_table.c.case_id))
    return [_release(row) for row in unit.connection.execute(chosen.order_by(release_table.c.id).limit(most))]


def arrived(unit: Unit, mine: Condition, most: int) -> list[Parcel]:
    """The packages of `mine` that were received and neither accepted nor refused, oldest first."""
    chosen = sa.select(parcel_table).where(parcel_table.c.state == "received", mine(parcel_table.c.case_id))
    return [_parcel(row) for row in unit.connection.execute(chosen.order_by(parcel_table.c.id).limit(most))]


def items_named(unit: Unit, mine: Condition, start: str, most: int) -> list[tuple[str, str, str]]:
    """Id, case and exhibit number of the items of `mine` whose exhibit number or id begins with `start`, whatever its
    case."""
    column = item_table.c
    begins = sa.or_(
        sa.func.lower(column.exhibit).startswith(start, autoescape=True), column.id.startswith(start, autoescape=True)
    )
    query = sa.select(column.id, column.case_id, column.exhibit).where(mine(column.case_id), begins)
    return [(id, case, exhibit) for id, case, exhibit in unit.connection.execute(query.order_by(column.id).limit(most))]


def count_open(unit: Unit, most: int) -> int:
    """How many requests of partners are open, counted up to `most`."""
    chosen = sa.select(request_table.c.id).where(request_table.c.side == "asked", request_table.c.state == "open")
    return unit.connection.scalar(sa.select(sa.func.count()).select_from(chosen.limit(most).subquery())) or 0


def due_releases(unit: Unit, now: datetime) -> list[Release]:
    """Offers whose time is over."""
    chosen = sa.select(release_table).where(release_table.c.state == "offered", release_table.c.expires < now)
    return [_release(row) for row in unit.connection.execute(chosen.order_by(release_table.c.id))]


def mark_offered(unit: Unit, release: str, package: Digest, message: str) -> None:
    """The package has been made and handed to the exchange."""
    changed = sa.update(release_table).where(release_table.c.id == release)
    unit.connection.execute(
        changed.values(state="offered", package_sha256=package.sha256, package_size=package.size, message=message)
    )


def update_release(unit: Unit, release: str, *, state: str, receipt: bytes) -> None:
    changed = sa.update(release_table).where(release_table.c.id == release).values(state=state, receipt=receipt)
    unit.connection.execute(changed)


def _release(row: sa.Row[Any]) -> Release:
    return Release(
        id=row.id, request=row.request, recipient=row.recipient, case=row.case_id,
        items=tuple(cast(list[str], row.items)), use=row.use, purpose=row.purpose, expires=row.expires,
        state=row.state, target=row.target, proposal=row.proposal,
        package=Digest(row.package_sha256, row.package_size) if row.package_sha256 else None, message=row.message,
        conversation=row.conversation, receipt=row.receipt, at=row.at,
    )  # fmt: skip


def insert_parcel(unit: Unit, parcel: Parcel) -> None:
    unit.connection.execute(
        sa.insert(parcel_table).values(
            id=parcel.id, request=parcel.request, sender=parcel.sender, case_id=parcel.case, state=parcel.state,
            package_sha256=parcel.package.sha256, package_size=parcel.package.size, use=parcel.use,
            problem=parcel.problem, message=parcel.message, conversation=parcel.conversation, receipt=parcel.receipt,
            at=parcel.at,
        )
    )  # fmt: skip


def parcel_exists(unit: Unit, parcel: str) -> bool:
    return unit.connection.scalar(sa.select(parcel_table.c.id).where(parcel_table.c.id == parcel)) is not None


def find_parcel(unit: Unit, parcel: str) -> Parcel:
    row = unit.connection.execute(sa.select(parcel_table).where(parcel_table.c.id == parcel)).first()
    if row is None:
        raise unknown("package", parcel)
    return _parcel(row)


def parcels(unit: Unit, **where: str) -> list[Parcel]:
    """Parcels by equal columns (`request`, `case_id`), oldest first."""
    chosen = sa.select(parcel_table).filter_by(**where).order_by(parcel_table.c.at, parcel_table.c.id)
    return [_parcel(row) for row in unit.connection.execute(chosen)]


def update_parcel(unit: Unit, parcel: str, *, state: str, receipt: bytes) -> None:
    changed = sa.update(parcel_table).where(parcel_table.c.id == parcel).values(state=state, receipt=receipt)
    unit.connection.execute(changed)


def _parcel(row: sa.Row[Any]) -> Parcel:
    return Parcel(
        id=row.id, request=row.request, sender=row.sender, case=row.case_id, state=row.state,
        package=Digest(row.package_sha256, row.package_size), use=row.use, problem=row.problem, message=row.message,
        conversation=row.conversation, receipt=row.receipt, at=row.at,
    )  # fmt: skip


def count_requests(unit: Unit, since: datetime, until: datetime) -> Sequence[sa.Row[Any]]:
    """Rows (side, partner, state, count) of the requests made from `since` to before `until`."""
    columns = (request_table.c.side, request_table.c.partner, request_table.c.state)
    chosen = sa.select(*columns, sa.func.count().label("requests")).group_by(*columns).order_by(*columns)
    return unit.connection.execute(chosen.where(request_table.c.at >= since, request_table.c.at < until)).all()


# --- lists ---------------------------------------------------------------------------------------------------------

_LISTED: Final = {
    "item": (item_table, item_table.c.standing, item_table.c.origin),
    "request": (request_table, request_table.c.state, request_table.c.partner),
    "release": (release_table, release_table.c.state, release_table.c.recipient),
    "parcel": (parcel_table, parcel_table.c.state, parcel_table.c.sender),
}
"""By list: its table, and the columns by which `Choice.state` and `Choice.partner` choose."""
_HEAVY: Final = frozenset({"sealed", "receipt", "proposal", "basis", "reason", "items"})


def listed(unit: Unit, what: str, mine: Condition | None, choice: Choice, most: int) -> Sequence[sa.Row[Any]]:
    """Up to `most` rows of a list, by falling id, of the cases for which `mine` holds, and of `choice.case` alone where
    that names one by its id; without `mine`, what partners ask for, which has no case yet.

    Only light columns are read: none that holds sealed values, receipts or reasons.
    """
    table, state, partner = _LISTED[what]
    chosen = sa.select(*(column for column in table.c if column.name not in _HEAVY)).order_by(table.c.id.desc())
    chosen = chosen.where(mine(table.c.case_id) if mine else request_table.c.side == "asked").limit(most)
    if what == "request" and choice.without_hits:
        chosen = chosen.where(request_table.c.about == "")
    for column, value in ((state, choice.state), (partner, choice.partner), (table.c.case_id, choice.case)):
        chosen = chosen.where(column == value) if value else chosen
    return unit.connection.execute(chosen.where(table.c.id < choice.before) if choice.before else chosen).all()


def unknown(what: str, id: str) -> NotFound:
    """No item, request, release or package (`what`) has that id here."""
    return NotFound(f"evidence.{what}-unknown", f"This node keeps no evidence {what} of that id", where=id[:80],
                    todo="See `comity evidence show`.")  # fmt: skip
