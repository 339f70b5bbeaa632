"""The operator's acts: make a node, bring its database to this release, write its entry for its federation."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from comity.access import service as access
from comity.access.model import NewPerson
from comity.app.homes import new_home
from comity.app.migrations import revisions, upgrading
from comity.app.settings import Settings, check, save
from comity.app.wiring import Node, create_node, token_of
from comity.base.clock import system_clock
from comity.base.errors import ComityError, Conflict, Misconfigured
from comity.base.model import Actor, JsonObject
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.tokens import Token
from comity.kit.shell import write_file
from comity.log import service as log
from comity.log.model import Record

ENTRY: Final = "entry.json"
"""Where the file for the federation's office goes, in the home, unless another one is named."""


@dataclass(frozen=True)
class FirstPerson:
    """The node's first person, its security administrator."""

    id: str
    unit: str
    passphrase: str = field(repr=False)


def init(settings: Settings, first: FirstPerson) -> Node:
    """Make a node in an empty home: keys, database, first person, settings; all of it or nothing.

    Conflict when the home or the database is used already, BadInput for settings or a person that cannot be.
    """
    check(settings)
    token = token_of(settings)
    with new_home(settings.home), _nothing_left_in(token):
        KeyRing.create(settings.keys_folder, settings.code, system_clock, token)
        with founding(settings, token) as node, node.database.unit("node.init") as unit:
            upgrading.upgrade(unit.connection)
            admin = NewPerson(first.id, first.unit, frozenset({"security_admin"}), first.passphrase)
            access.add_person(unit, admin, None)
    return node


@contextmanager
def _nothing_left_in(token: Token | None) -> Iterator[None]:
    """On any exception, the keys that were made in the token are destroyed."""
    try:
        yield
    except BaseException:
        if token is not None:
            with suppress(ComityError):  # it is away: the error that is on its way says so
                token.destroy_made()
        raise


@contextmanager
def founding(settings: Settings, token: Token | None = None) -> Iterator[Node]:
    """A node over a database without tables, to be filled; its settings are written last, when all else holds."""
    node = create_node(settings, token=token)
    try:
        require_unused(node)
        yield node
        save(settings)
    except BaseException:
        node.close()
        raise


def require_unused(node: Node) -> None:
    """Conflict when the database holds tables already, of this node or of anything else."""
    with node.database.read("node.empty") as unit:
        used = sa.inspect(unit.connection).get_table_names()
    if used:
        raise Conflict(
            "node.database-used", f"The database is not empty: it has the table {used[0]}",
            where=sa.make_url(node.settings.database_url).render_as_string(hide_password=True),
            todo="Name an empty database with --database.",
        )  # fmt: skip


def upgrade(node: Node) -> tuple[str | None, str]:
    """Bring the node's database to this release's schema; the revisions before and after. It is safe to run again.

    A node that is sealed (restored from a backup) is upgraded too: what it has said stays as it is.
    """
    node.database.sealed = False
    with node.database.unit("node.upgrade") as unit:
        before = revisions.revision(unit.connection)
        upgrading.upgrade(unit.connection)
    return before, revisions.NEWEST


def renew(node: Node, kind: exchange.Kind, out: Path | None) -> tuple[str, Path]:
    """The fingerprint of the next certificate or key, and the file for the office whose entry announces it."""
    with node.database.unit("keys.renew") as unit:
        made = exchange.renew(unit, kind)
    return made, write_entry(node, out)


def switch(node: Node, kind: exchange.Kind, out: Path | None) -> tuple[str, Path]:
    """The fingerprint of the certificate or key that is used from now on, and the file whose entry says so."""
    with node.database.unit("keys.switch") as unit:
        made = exchange.switch(unit, kind)
    return made, write_entry(node, out)


def move_kek(node: Node) -> int:
    """Seal the key-encryption key in the node's token and wrap every case's key there; how many of these. Logged.

    1. The sealed file is written beside the open one. 2. Case keys are wrapped anew, with the entry, in one
    transaction. 3. The open file is destroyed. Whoever is interrupted does it again: it goes on where it was.
    """
    if node.settings.token is None:
        raise Misconfigured("keys.token-none", "The settings of this node name no token", where="comity.toml",
                            todo="Write `token_module` and `token_label` there.")  # fmt: skip
    if node.keys.kek.cipher is not None and not node.keys.kek.is_open:
        raise Conflict("keys.moved", "The key-encryption key is in the token already", todo="See `comity keys show`.")
    node.database.keys = keys = node.keys.seal_kek()
    with node.database.unit("keys.move") as unit:
        count = cases.rewrap(unit)
        log.append(unit, Record("keys.moved", Actor.system(unit.node), {"kek": node.settings.token.label}, None))
    keys.kek.destroy_open(keys.token)
    return count


def write_entry(node: Node, out: Path | None) -> Path:
    """Write this node's entry anew for its federation's office; Misconfigured before it has joined one."""
    file = out or node.settings.home / ENTRY
    node.database.keys = node.keys.reloaded()  # some of them may just have been replaced
    said = own_entry(node)
    with node.database.read("federation.entry") as unit:
        made = exchange.join(unit, said)
    write_file(file, made)
    return file


def own_entry(node: Node) -> JsonObject:
    """What the node says of itself in the federation's directory: public keys as they are now, addresses."""
    settings, keys = node.settings, node.database.keys
    officer = "" if settings.is_relay else settings.officer_address
    role = exchange.Role(("relay",) if settings.is_relay else (), settings.relay)
    made = exchange.member_entry(keys, settings.name, settings.partner_endpoint, officer=officer, role=role)
    with node.database.read("federation.entry") as unit:
        return made | {"log": log.verifier(unit).format()}
