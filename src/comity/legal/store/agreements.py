"""The tables of agreements: their versions, whole and by digest, and the signatures on them."""

from dataclasses import dataclass

import sqlalchemy as sa

from comity.base.model import JsonObject
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit
from comity.legal.model import Signature, Version
from comity.legal.store.sets import IN_FORCE

legal_agreement = sa.Table(
    "legal_agreement",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("agreement", sa.String(36), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("aside", sa.Boolean, nullable=False),
    sa.Column("binds", sa.Boolean, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

legal_signature = sa.Table(
    "legal_signature",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("node", sa.String(16), primary_key=True),
    sa.Column("person", sa.String(63), nullable=False),
    sa.Column("roles", JsonText, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("act", JsonText, nullable=False),
    sa.Column("assertion", JsonText, nullable=False),
)

_BINDING = Prepared(  # with every message: what is agreed is part of the law in use
    sa.select(legal_agreement.c.digest).where(legal_agreement.c.binds).order_by(legal_agreement.c.digest)
)


@dataclass(frozen=True)
class StoredVersion:
    """A version's row: the bytes of its document, not yet read."""

    agreement: str
    number: int
    digest: str
    document: bytes
    sent: bool
    aside: bool


def binding(unit: Unit) -> tuple[str, ...]:
    """The digests of all versions that bind."""
    return tuple(row.digest for row in _BINDING.all(unit.connection, {}))


def add_version(unit: Unit, version: Version, document: bytes, *, sent: bool) -> None:
    """Keep a version for good."""
    unit.scratch.pop(IN_FORCE, None)
    unit.connection.execute(
        legal_agreement.insert().values(
            digest=version.digest, agreement=version.agreement, number=version.number, document=document, sent=sent,
            aside=False, binds=False, at=unit.now,
        )
    )  # fmt: skip


def set_version(unit: Unit, digest: str, **marks: bool) -> None:
    """Set some of the marks ``sent``, ``aside`` and ``binds``."""
    unit.scratch.pop(IN_FORCE, None)
    unit.connection.execute(legal_agreement.update().where(legal_agreement.c.digest == digest).values(**marks))


def versions(unit: Unit, agreement: str | None = None) -> list[StoredVersion]:
    """The versions of one agreement, or of all, by agreement and number; those set aside too."""
    query = legal_agreement.select().order_by(legal_agreement.c.agreement, legal_agreement.c.number)
    if agreement is not None:
        query = query.where(legal_agreement.c.agreement == agreement)
    return [
        StoredVersion(r.agreement, r.number, r.digest, bytes(r.document), r.sent, r.aside)
        for r in unit.connection.execute(query)
    ]


def add_signature(unit: Unit, digest: str, signature: Signature) -> None:
    """Keep a party's signature on the version of that digest."""
    unit.scratch.pop(IN_FORCE, None)
    roles: list[str] = list(signature.roles)
    unit.connection.execute(
        legal_signature.insert().values(
            digest=digest, node=signature.node, person=signature.person, roles=roles, key=signature.key,
            act=signature.act, assertion=signature.assertion,
        )
    )  # fmt: skip


def signatures(unit: Unit, digest: str) -> tuple[Signature, ...]:
    """The signatures on the version of that digest, by node."""
    query = legal_signature.select().where(legal_signature.c.digest == digest).order_by(legal_signature.c.node)
    return tuple(_signature(row) for row in unit.connection.execute(query))


def _signature(row: sa.Row[tuple[object, ...]]) -> Signature:
    act: JsonObject = row.act
    assertion: JsonObject = row.assertion
    return Signature(row.node, row.person, tuple(row.roles), bytes(row.key), act, assertion)
