"""Releases to partners, and the parcels that came from them."""

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from comity.base.model import Json
from comity.evidence.model.flow import Parcel, Release
from comity.evidence.model.package import Digest
from comity.evidence.store.tables import Condition, parcel_table, release_table, unknown
from comity.kit.database.unit import Unit


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
