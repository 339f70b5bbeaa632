"""Rows of signing in at a browser: passkeys, one-time links, ceremonies under way, sessions."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from comity.access.model import Ceremony, Link, Passkey, Session
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

access_passkey: Final = sa.Table(
    "access_passkey",  # kept when it is taken back: old assertions are verified with it
    metadata,
    sa.Column("credential", sa.String(1400), primary_key=True),  # 1,023 bytes at most (Web Authentication, 4)
    sa.Column("key_id", sa.String(64), nullable=False, unique=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("handle", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("rp_id", sa.String(253), nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
)

access_link: Final = sa.Table(
    "access_link",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("expires", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

access_ceremony: Final = sa.Table(
    "access_ceremony",  # single use: whoever finishes one drops its row
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("person", sa.String(63), nullable=False),  # empty while nobody knows who signs in
    sa.Column("act", JsonText, nullable=False),
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("expires", UtcTime, nullable=False, index=True),
)

access_session: Final = sa.Table(
    "access_session",  # kept when it has ended, without its private key: what was done in it stays provable
    metadata,
    sa.Column("key_id", sa.String(64), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("person", sa.String(63), nullable=False, index=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),  # the private key under the token, which only the browser has
    sa.Column("opened_by", JsonText, nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
)

_passkeys, _links = Rows(access_passkey), Rows(access_link)
_ceremonies, _sessions = Rows(access_ceremony), Rows(access_session)
_PASSKEY, _LINK = tuple(Passkey.__dataclass_fields__), tuple(Link.__dataclass_fields__)
_CEREMONY, _SESSION = tuple(Ceremony.__dataclass_fields__), tuple(Session.__dataclass_fields__)


def insert_passkey(unit: Unit, new: Passkey) -> bool:
    """A new passkey; False where its credential is known already."""
    return _passkeys.add_new(unit, vars(new))


def passkey(unit: Unit, **where: str) -> Passkey | None:
    """The passkey with this `credential` or `key_id`."""
    row = _passkeys.first(unit, where, _PASSKEY)
    return None if row is None else Passkey(*row)


def passkeys(unit: Unit, person: str) -> list[Passkey]:
    """Every passkey that a person has or had, oldest first."""
    return [Passkey(*row) for row in _passkeys.all(unit, {"person": person}, _PASSKEY, ["made_at", "key_id"])]


def holders(unit: Unit) -> frozenset[str]:
    """Everybody who has a passkey in use."""
    chosen = sa.select(access_passkey.c.person).where(access_passkey.c.ended_at.is_(None))
    return frozenset(unit.connection.execute(chosen).scalars())


def change_passkey(unit: Unit, key_id: str, **values: object) -> None:
    """Change `count` or `ended_at`."""
    _passkeys.change(unit, {"key_id": key_id}, values)


def insert_link(unit: Unit, new: Link) -> None:
    """A new one-time link."""
    _links.add(unit, vars(new))


def link(unit: Unit, token_hash: str) -> Link | None:
    """The link with this token."""
    row = _links.first(unit, {"token_hash": token_hash}, _LINK)
    return None if row is None else Link(*row)


def end_links(unit: Unit, person: str) -> None:
    """No link of this person's that is still open opens anything any more."""
    still = sa.and_(access_link.c.person == person, access_link.c.used_at.is_(None))
    unit.connection.execute(access_link.update().where(still).values(used_at=unit.now))


def insert_ceremony(unit: Unit, new: Ceremony) -> None:
    """A ceremony under way."""
    _ceremonies.add(unit, vars(new))


def ceremony(unit: Unit, id: str) -> Ceremony | None:
    """The ceremony of that id, over or not."""
    row = _ceremonies.first(unit, {"id": id}, _CEREMONY)
    return None if row is None else Ceremony(*row)


def count_ceremonies(unit: Unit, kind: str) -> int:
    """How many of a kind are under way; those that are over go."""
    unit.connection.execute(access_ceremony.delete().where(access_ceremony.c.expires <= unit.now))
    chosen = sa.select(sa.func.count()).where(access_ceremony.c.kind == kind)
    return int(unit.connection.execute(chosen).scalar_one())


def drop_ceremony(unit: Unit, id: str) -> bool:
    """The ceremony is over; False where it was before."""
    return _ceremonies.drop(unit, {"id": id}) == 1


def insert_session(unit: Unit, new: Session) -> None:
    """A new session."""
    _sessions.add(unit, vars(new))


def session(unit: Unit, **where: str) -> Session | None:
    """The session with this `token_hash` or `key_id`."""
    row = _sessions.first(unit, where, _SESSION)
    return None if row is None else Session(*row)


def change_session(unit: Unit, key_id: str, **values: object) -> None:
    """Change `seen_at`, or `ended_at` and `sealed`."""
    _sessions.change(unit, {"key_id": key_id}, values)


def end_sessions(unit: Unit, person: str) -> None:
    """End every session of a person that is open."""
    still = sa.and_(access_session.c.person == person, access_session.c.ended_at.is_(None))
    unit.connection.execute(access_session.update().where(still).values(ended_at=unit.now, sealed=None))


def stale(unit: Unit, idle: datetime, opened: datetime) -> list[str]:
    """The key ids of open sessions last seen, or opened, before these moments."""
    old = sa.or_(access_session.c.seen_at < idle, access_session.c.opened_at < opened)
    chosen = sa.select(access_session.c.key_id).where(access_session.c.ended_at.is_(None), old)
    return list(unit.connection.execute(chosen).scalars())
